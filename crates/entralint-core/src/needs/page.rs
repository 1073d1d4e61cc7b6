//! The answer for people.

use std::fmt::Write as _;

use msgraph_permissions::{Answer, Catalog, Exactness, Verdict};

use super::{Answered, accepted};
use crate::text;

/// For people: each call, then what they need together.
pub(super) fn page(catalog: &Catalog, groups: &[Answered]) -> String {
    let mut out = String::new();
    // Writing to a String does not fail.
    for group in groups {
        for (index, answer) in group.answers.iter().enumerate() {
            let _ = call_lines(&mut out, group, index, answer);
        }
        let minimal: Vec<&str> = group.solution.minimal.iter().map(|n| n.as_str()).collect();
        let _ = writeln!(
            out,
            "needed in all ({}): {}{}",
            group.scheme,
            if minimal.is_empty() {
                "nothing that the catalog knows of".to_owned()
            } else {
                text::and(&minimal)
            },
            if group.solution.exactness == Exactness::Exact {
                ""
            } else {
                " (the search reached its bound: a smaller set may exist)"
            }
        );
        if !group.solution.unanswered.is_empty() {
            let open: Vec<String> = group
                .solution
                .unanswered
                .iter()
                .filter_map(|index| group.answers.get(*index))
                .map(|answer| text::shown(&answer.call.to_string()))
                .collect();
            let _ = writeln!(out, "without an answer: {}", text::and(&open));
        }
        out.push('\n');
    }
    let info = catalog.info();
    let _ = writeln!(
        out,
        "catalog: {}, {}, {}",
        text::escaped(&info.source),
        text::count(info.permissions, "permission"),
        text::count(info.operations, "operation")
    );
    out
}

fn call_lines(
    out: &mut String,
    group: &Answered,
    index: usize,
    answer: &Answer,
) -> std::fmt::Result {
    let mut call = answer.call.clone();
    call.scheme = None;
    writeln!(out, "{} ({})", text::shown(&call.to_string()), group.scheme)?;
    let template = answer.template.as_deref().unwrap_or_default();
    match (&answer.least, answer.verdict) {
        (Some(least), verdict) => {
            writeln!(out, "  least:      {least} ({verdict})")?;
            let accepted = accepted(answer);
            if accepted.len() > 1 {
                writeln!(out, "  accepted:   {}", accepted.join(", "))?;
            }
            writeln!(out, "  covered by: {}", text::and(&group.covered_by(index)))?;
            writeln!(out, "  template:   {}", text::shown(template))?;
        }
        (None, Verdict::UnknownPath) => {
            writeln!(out, "  no answer:  the catalog does not know this path")?;
            if !answer.supported.nearest.is_empty() {
                writeln!(out, "  near it:    {}", answer.supported.nearest.join(", "))?;
            }
        }
        (None, Verdict::UnknownMethod) => {
            let methods: Vec<String> = answer
                .supported
                .methods
                .iter()
                .map(ToString::to_string)
                .collect();
            writeln!(
                out,
                "  no answer:  the catalog knows {} with {}",
                text::shown(template),
                text::or(&methods)
            )?;
        }
        (None, _) => {
            let schemes: Vec<String> = answer
                .supported
                .schemes
                .iter()
                .map(ToString::to_string)
                .collect();
            writeln!(
                out,
                "  no answer:  not supported with {} permissions{}",
                group.scheme,
                if schemes.is_empty() {
                    String::new()
                } else {
                    format!(" (with {} permissions it is)", text::or(&schemes))
                }
            )?;
        }
    }
    if let (Some(least), Verdict::Ambiguous) = (&answer.least, answer.verdict)
        && group.answers.len() == 1
        && !group
            .covered_by(index)
            .contains(&least.permission.to_string())
    {
        writeln!(
            out,
            "  note:       several are marked; alone the call is best made with {least}, and a set is chosen by privilege level, then by operations unlocked"
        )?;
    }
    if let Some(fallback) = &answer.fallback {
        writeln!(out, "  fallback:   {fallback}")?;
    }
    if !answer.overrides.is_empty() {
        writeln!(out, "  corrected:  {}", answer.overrides.join(", "))?;
    }
    if let Some(least) = &answer.least {
        for doubt in &answer.doubts {
            writeln!(out, "  doubt:      {} {doubt}", least.permission)?;
        }
    }
    out.push('\n');
    Ok(())
}
