//! What stands at a position: a request for a permission, an API, a call, a rule, or a permission by name or id.

use entra_manifest::{PermissionRef, Requested, ResourceRef};
use entralint_core::calls::{DeclaredCall, Origin};
use entralint_core::rules::{self, RuleInfo};
use msgraph_permissions::{Call, PermissionId, PermissionName, PermissionType};
use source_text::Span;

use crate::view::View;

/// What stands at a position.
pub(crate) enum Subject<'a> {
    /// Requests that name their permission with this text: several where several apps share it.
    Requests(Vec<Request<'a>>),
    /// The API of an entry.
    Resource(&'a ResourceRef),
    /// Calls that this piece of code makes.
    Calls(Vec<&'a DeclaredCall>),
    /// A call that a person names.
    Named(Box<Call>),
    /// A rule.
    Rule(&'static RuleInfo),
    /// A permission by name or id, in these types.
    Permission(Vec<(PermissionName, PermissionType)>),
}

/// A request of the file's manifest.
#[derive(Clone, Copy)]
pub(crate) struct Request<'a> {
    /// The app's place in the manifest.
    pub(crate) app: usize,
    /// The request.
    pub(crate) requested: &'a Requested,
    /// The API that it is about.
    pub(crate) resource: Option<&'a ResourceRef>,
}

/// What stands at an offset of the file, and where it begins and ends.
pub(crate) fn at<'a>(view: &View<'a>, offset: usize) -> Option<(Span, Subject<'a>)> {
    if let Some((span, rule)) = inline_rule(view, offset) {
        return Some((span, Subject::Rule(rule)));
    }
    if view.is_config {
        return in_config(view, offset);
    }
    requests(view, offset)
        .or_else(|| calls(view, offset))
        .or_else(|| resource(view, offset))
        .or_else(|| bare(view, offset))
}

/// The requests whose permission or label stands at an offset.
fn requests<'a>(view: &View<'a>, offset: usize) -> Option<(Span, Subject<'a>)> {
    let (_, manifest) = view.unit?;
    let mut found: Vec<Request<'a>> = Vec::new();
    let mut place: Option<Span> = None;
    for (app, declared) in manifest.apps.iter().enumerate() {
        for requested in &declared.requested {
            let own = Some(requested.permission.span()).filter(|span| {
                // Where nothing names the permission, its place is the whole element.
                !matches!(requested.permission, PermissionRef::Unresolved { .. })
                    || span.len() <= LONGEST
            });
            let label = requested.label.as_ref().map(|label| label.span);
            let spans = [own, label, requested.used_at];
            let Some(span) = spans
                .into_iter()
                .flatten()
                .find(|span| view.is_at(*span, offset))
            else {
                continue;
            };
            // The smallest place is the one that is meant.
            match place {
                Some(known) if known.len() < span.len() => continue,
                Some(known) if known != span => found.clear(),
                _ => {}
            }
            place = Some(span);
            found.push(Request {
                app,
                requested,
                resource: declared
                    .resources
                    .get(requested.resource)
                    .map(|resource| &resource.id),
            });
        }
    }
    Some((place?, Subject::Requests(found)))
}

fn resource<'a>(view: &View<'a>, offset: usize) -> Option<(Span, Subject<'a>)> {
    let (_, manifest) = view.unit?;
    manifest
        .apps
        .iter()
        .flat_map(|app| &app.resources)
        .filter(|resource| resource.id.well_known().is_some())
        .find(|resource| view.is_at(resource.id.span(), offset))
        .map(|resource| (resource.id.span(), Subject::Resource(&resource.id)))
}

/// The calls that the code at an offset makes; or else those that were read by way of it.
fn calls<'a>(view: &View<'a>, offset: usize) -> Option<(Span, Subject<'a>)> {
    let evidence = view.evidence?;
    let own = |call: &'a DeclaredCall| {
        let at = call.origin.location()?;
        view.is_at_location(at, offset).then_some((at.span, call))
    };
    let by_step = |call: &'a DeclaredCall| {
        let Origin::Found(found) = &call.origin else {
            return None;
        };
        let (_, at) = found
            .steps
            .iter()
            .find(|(_, at)| view.is_at_location(at, offset))?;
        Some((at.span, call))
    };
    let mut found: Vec<(Span, &DeclaredCall)> = evidence.calls.iter().filter_map(own).collect();
    if found.is_empty() {
        found = evidence.calls.iter().filter_map(by_step).collect();
    }
    let smallest = found.iter().map(|(span, _)| span.len()).min()?;
    found.retain(|(span, _)| span.len() == smallest);
    let (span, _) = *found.first()?;
    let calls = found.into_iter().map(|(_, call)| call).collect();
    Some((span, Subject::Calls(calls)))
}

/// The rule in a comment `entralint: allow(rule) reason`.
fn inline_rule(view: &View<'_>, offset: usize) -> Option<(Span, &'static RuleInfo)> {
    const MARK: &str = "entralint: allow(";
    let text = view.source.text();
    let (start, end) = word(text, offset)?;
    let rule = rules::find(&text[start..end])?;
    // A comment with more rules than this in front is none that a person wrote.
    let from = floor(text, start.saturating_sub(400));
    let before = text[from..start].rsplit('\n').next().unwrap_or_default();
    let (_, names) = before.rsplit_once(MARK)?;
    (!names.contains(')')).then(|| (view.source.span(start, end), rule))
}

/// A rule, a permission or a call of the configuration.
fn in_config<'a>(view: &View<'a>, offset: usize) -> Option<(Span, Subject<'a>)> {
    let text = view.source.text();
    if let Some((start, end)) = word(text, offset) {
        let written = &text[start..end];
        let span = view.source.span(start, end);
        if let Some(rule) = rules::find(written) {
            return Some((span, Subject::Rule(rule)));
        }
        if let Some(permission) = view.catalog().permission(written) {
            let types = permission
                .types()
                .map(|permission_type| (permission.name(), permission_type))
                .collect();
            return Some((span, Subject::Permission(types)));
        }
    }
    let (start, end) = quoted(text, offset)?;
    let call: Call = text[start..end].parse().ok()?;
    Some((view.source.span(start, end), Subject::Named(Box::new(call))))
}

/// A permission that stands anywhere else: in a comment, in a part that is not read, or in a text that cannot be parsed.
/// A name counts in the catalog's spelling only: `user.read` is code.
fn bare<'a>(view: &View<'a>, offset: usize) -> Option<(Span, Subject<'a>)> {
    let text = view.source.text();
    let (start, end) = word(text, offset)?;
    let written = &text[start..end];
    let span = view.source.span(start, end);
    if let Ok(id) = written.parse::<PermissionId>() {
        let known = view.catalog().by_id(id);
        return (!known.is_empty()).then_some((span, Subject::Permission(known)));
    }
    let permission = view.catalog().permission(written)?;
    if !written.contains('.') || permission.name() != *written {
        return None;
    }
    let types = permission
        .types()
        .map(|permission_type| (permission.name(), permission_type))
        .collect();
    Some((span, Subject::Permission(types)))
}

/// The longest word that is looked at: no name and no id is nearly as long.
const LONGEST: usize = 200;

/// The word at an offset, in bytes: letters, digits, `.`, `-` and `_`, without a full stop at its end.
pub(crate) fn word(text: &str, offset: usize) -> Option<(usize, usize)> {
    let (start, mut end) = letters(text, offset);
    while end > start && text.as_bytes()[end - 1] == b'.' {
        end -= 1;
    }
    (start < end && offset <= end).then_some((start, end))
}

/// The same with full stops at its end; empty where no word is.
pub(crate) fn letters(text: &str, offset: usize) -> (usize, usize) {
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let bytes = text.as_bytes();
    let offset = floor(text, offset);
    let before = bytes[..offset].iter().rev().take(LONGEST);
    let after = bytes[offset..].iter().take(LONGEST);
    (
        offset - before.take_while(is_part).count(),
        offset + after.take_while(is_part).count(),
    )
}

/// What stands between the quotes around an offset, within its line.
pub(crate) fn quoted(text: &str, offset: usize) -> Option<(usize, usize)> {
    /// No call is longer.
    const LINE: usize = 2_000;
    let offset = floor(text, offset);
    let from = floor(text, offset.saturating_sub(LINE));
    let line = text[from..offset]
        .rfind('\n')
        .map_or(from, |at| from + at + 1);
    let open = text[line..offset].rfind(['"', '\''])? + line;
    let quote = text.as_bytes()[open];
    let to = floor(text, (offset + LINE).min(text.len()));
    let close = text[offset..to]
        .bytes()
        .position(|byte| byte == quote || byte == b'\n')?
        + offset;
    (text.as_bytes()[close] == quote).then_some((open + 1, close))
}

/// The nearest character boundary at or before an offset, within the text.
pub(crate) fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_ends_where_its_letters_do() {
        let text = "uses User.Read.All. é";
        for offset in [5, 9, 18] {
            assert_eq!(word(text, offset), Some((5, 18)), "{offset}");
        }
        assert_eq!(word(text, 19), None);
        assert_eq!(word("", 0), None);
        assert_eq!(quoted("a = \"GET /me\" # x", 7), Some((5, 12)));
        assert_eq!(quoted("a = \"GET /me\n\"", 7), None);
    }

    proptest::proptest! {
        #[test]
        fn no_offset_is_outside_of_the_text(text in "[a-z.\"' \né]{0,40}", offset in 0_usize..60) {
            if let Some((start, end)) = word(&text, offset) {
                proptest::prop_assert!(text.get(start..end).is_some());
            }
            if let Some((start, end)) = quoted(&text, offset) {
                proptest::prop_assert!(text.get(start..end).is_some());
            }
        }
    }
}
