//! Code actions: the fixes of findings, and all safe ones of a file at once.
//!
//! A fix is offered only after it was made in memory from the texts as they are now: the changed files are read again and
//! must declare the same apps, with the same calls unlocked. What `--fix` would drop is not offered.

use entralint_core::finding::{Applicability, Finding, locate};
use entralint_project::workspace::Changed;
use serde_json::{Value, json};
use source_text::Source;

use crate::adapters;
use crate::context::Context;
use crate::diagnostics;

/// The request for them.
pub(crate) const METHOD: &str = "textDocument/codeAction";

/// The kind of the fix of one finding.
pub(crate) const QUICK_FIX: &str = "quickfix";

/// The kind of all safe fixes of a file.
pub(crate) const FIX_ALL: &str = "source.fixAll.entralint";

/// The actions for a range of a file.
pub(crate) fn actions(context: &Context<'_>, parameters: &Value) -> Value {
    let mut actions = Vec::new();
    let wanted = &parameters["context"]["only"];
    if wants(wanted, QUICK_FIX) {
        let here: Vec<&Finding> = in_range(context, &parameters["range"]).collect();
        actions.extend(
            here.iter()
                .filter_map(|finding| quick_fix(context, finding)),
        );
        actions.extend(
            here.iter()
                .flat_map(|finding| adapters::allow(context, finding)),
        );
    }
    // For a file as a whole only where the editor requests it: it takes longer.
    if wanted.is_array() && wants(wanted, FIX_ALL) {
        actions.extend(fix_all(context));
    }
    Value::Array(actions)
}

/// Whether an editor wants actions of a kind: a kind stands for those below it, and none for all.
fn wants(wanted: &Value, kind: &str) -> bool {
    let Some(kinds) = wanted.as_array() else {
        return true;
    };
    kinds.iter().filter_map(Value::as_str).any(|wanted| {
        wanted.is_empty()
            || kind
                .strip_prefix(wanted)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// The findings whose lines a range touches.
fn in_range<'c>(context: &'c Context<'_>, range: &Value) -> impl Iterator<Item = &'c Finding> {
    let line = |end: &str| range[end]["line"].as_u64().unwrap_or(0);
    let (first, last) = (line("start"), line("end"));
    context.findings.iter().filter(move |finding| {
        finding.place.as_ref().is_some_and(|mark| {
            mark.at.start.line as u64 <= last.saturating_add(1) && mark.at.end.line as u64 > first
        })
    })
}

/// The quick fix of a finding; `None` where a person has to make it.
fn quick_fix(context: &Context<'_>, finding: &Finding) -> Option<Value> {
    let fix = finding.fix.as_ref()?;
    if fix.changes.is_empty() || fix.applicability == Applicability::DisplayOnly {
        return None;
    }
    let changed = context.workspace.fix(context.source.name(), finding)?;
    let title = match fix.applicability {
        Applicability::Unsafe => format!("{} (unsafe: changes what is granted)", fix.title),
        Applicability::Safe | Applicability::DisplayOnly => fix.title.clone(),
    };
    let root = &context.workspace.project().root;
    let diagnostic = finding
        .place
        .as_ref()
        .map(|mark| diagnostics::diagnostic(context.client, root, finding, mark));
    Some(json!({
        "title": title,
        "kind": QUICK_FIX,
        "diagnostics": diagnostic.into_iter().collect::<Vec<_>>(),
        "edit": edit(context, &changed)?,
    }))
}

/// All safe fixes of the file, and of those that it is read with.
fn fix_all(context: &Context<'_>) -> Option<Value> {
    let changed = context.workspace.fix_all(context.source.name())?;
    Some(json!({
        "title": "apply all safe fixes of entralint",
        "kind": FIX_ALL,
        "edit": edit(context, &changed)?,
    }))
}

/// The edit that makes new texts of old ones.
fn edit(context: &Context<'_>, changed: &Changed) -> Option<Value> {
    let root = &context.workspace.project().root;
    let positions = context.client.abilities.positions;
    let documents: Option<Vec<Value>> = changed
        .iter()
        .map(|(old, new)| {
            let path = root.open(old.name());
            let edits: Vec<Value> = edits(old, new)
                .into_iter()
                .map(|(span, text)| {
                    json!({ "range": positions.range(&locate(old, span)), "newText": text })
                })
                .collect();
            Some(json!({
                "textDocument": {
                    "uri": context.client.uri(&path)?,
                    "version": context.client.version(&path),
                },
                "edits": edits,
            }))
        })
        .collect();
    Some(json!({ "documentChanges": documents? }))
}

/// What changed, line by line: of each group of lines only the part that differs.
fn edits(old: &Source, new: &Source) -> Vec<(source_text::Span, String)> {
    let (old_lines, new_lines) = (lines(old.text()), lines(new.text()));
    let ops = similar::capture_diff_slices(similar::Algorithm::Myers, &old_lines, &new_lines);
    let (old_starts, new_starts) = (starts(&old_lines), starts(&new_lines));
    ops.iter()
        .filter(|op| op.tag() != similar::DiffTag::Equal)
        .map(|op| {
            let (before, after) = (op.old_range(), op.new_range());
            let (start, end) = (old_starts[before.start], old_starts[before.end]);
            let old_text = &old.text()[start..end];
            let new_text = &new.text()[new_starts[after.start]..new_starts[after.end]];
            // Words are replaced whole: half an id does not show what changes.
            let is_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
            let from = same(old_text.chars(), new_text.chars());
            let from = old_text[..from].trim_end_matches(is_word).len();
            let (old_rest, new_rest) = (&old_text[from..], &new_text[from..]);
            let behind = same(old_rest.chars().rev(), new_rest.chars().rev());
            let behind = old_rest[old_rest.len() - behind..]
                .trim_start_matches(is_word)
                .len();
            let to = old_text.len();
            let text = new_rest[..new_rest.len() - behind].to_owned();
            (old.span(start + from, start + to - behind), text)
        })
        .collect()
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Where each line begins, and the last one ends.
fn starts(lines: &[&str]) -> Vec<usize> {
    let mut at = 0;
    let mut starts = vec![at];
    for line in lines {
        at += line.len();
        starts.push(at);
    }
    starts
}

/// How many bytes of characters two texts begin with alike.
fn same(old: impl Iterator<Item = char>, new: impl Iterator<Item = char>) -> usize {
    old.zip(new)
        .take_while(|(old, new)| old == new)
        .map(|(char, _)| char.len_utf8())
        .sum()
}

#[cfg(test)]
mod tests {
    use source_text::{Encoding, FileId};

    use super::*;

    #[test]
    fn a_kind_stands_for_those_below_it() {
        assert!(wants(&Value::Null, QUICK_FIX));
        assert!(wants(&json!(["source"]), FIX_ALL));
        assert!(wants(&json!(["refactor", "source.fixAll"]), FIX_ALL));
        assert!(wants(&json!([FIX_ALL]), FIX_ALL));
        assert!(!wants(&json!(["source.fixAll.ent"]), FIX_ALL));
        assert!(!wants(&json!(["source"]), QUICK_FIX));
    }

    proptest::proptest! {
        #[test]
        fn edits_make_the_new_text(old in "[abä\n]{0,30}", new in "[abä\n]{0,30}") {
            let source = |text: &str| {
                Source::new(FileId::default(), "a", text.to_owned(), Encoding::Utf8)
            };
            let mut made = old.clone();
            for (span, text) in edits(&source(&old), &source(&new)).into_iter().rev() {
                made.replace_range(span.range(), &text);
            }
            proptest::prop_assert_eq!(made, new);
        }
    }
}
