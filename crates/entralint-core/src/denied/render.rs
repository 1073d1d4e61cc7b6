//! The result for people.

use std::fmt::Write as _;

use super::model::{Denial, Denied, Verdict, word};
use crate::text;

/// Writes what a text says of denied calls, a paragraph for each.
pub fn render(denied: &Denied) -> String {
    let mut out = String::new();
    for denial in &denied.denials {
        one(&mut out, denial);
        out.push('\n');
    }
    if denied.more > 0 {
        let _ = writeln!(
            out,
            "{} more {} not shown.",
            text::count(denied.more, "denied call"),
            if denied.more == 1 { "is" } else { "are" }
        );
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn one(out: &mut String, denial: &Denial) {
    let call = denial.call.as_deref().map_or_else(
        || "a call that the text does not name".to_owned(),
        text::escaped,
    );
    let times = match denial.times {
        0 | 1 => String::new(),
        times => format!(" ({times} times)"),
    };
    let _ = writeln!(out, "{call}{times}");
    let answer: Vec<String> = denial
        .status
        .map(|status| status.to_string())
        .into_iter()
        .chain(denial.code.as_deref().map(text::shown))
        .collect();
    if !answer.is_empty() {
        let _ = writeln!(out, "  answered: {}", answer.join(" "));
    }
    if !denial.token_had.is_empty() {
        let of = denial
            .permission_type
            .map(|permission_type| format!(" ({})", word(permission_type)))
            .unwrap_or_default();
        let _ = writeln!(out, "  token had{of}: {}", names(&denial.token_had));
    }
    if !denial.token_enough.is_empty() {
        let _ = writeln!(out, "  which is enough: {}", names(&denial.token_enough));
    }
    if !denial.listed.is_empty() {
        let _ = writeln!(out, "  message lists: {}", names(&denial.listed));
    }
    for least in &denial.least {
        let _ = writeln!(
            out,
            "  least privileged, {}: {}",
            word(least.permission_type),
            text::and(&least.permissions)
        );
    }
    let _ = writeln!(out, "  verdict: {}", verdict(denial));
    for advice in &denial.advice {
        let _ = writeln!(out, "  - {advice}");
    }
    if denial.causes.is_empty() {
        return;
    }
    let certain = denial.causes.iter().any(|cause| cause.certain);
    let _ = writeln!(
        out,
        "  {}:",
        if certain {
            "cause"
        } else if denial.verdict == Verdict::MissingPermission {
            "or else"
        } else {
            "possible causes"
        }
    );
    for cause in &denial.causes {
        let _ = writeln!(out, "  - {} {}", cause.meaning, cause.advice);
        let _ = writeln!(out, "    {}", cause.source);
    }
}

const fn verdict(denial: &Denial) -> &'static str {
    match denial.verdict {
        Verdict::MissingPermission => "the token has no permission that the call accepts",
        Verdict::AnotherCause => "something else than a missing permission",
        Verdict::Unclear => "the text does not say what the token had",
    }
}

fn names(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| text::shown(name)).collect();
    names.join(", ")
}
