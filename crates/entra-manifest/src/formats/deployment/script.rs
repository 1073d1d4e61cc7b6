//! Deployment scripts: PowerShell or shell text inside a deployment that grants permissions by calls.
//!
//! A script that posts an app role assignment writes the id of the role next to the word `appRoleId`, as a literal or
//! by a variable that was given one. Everything else that a script does to grant permissions is said to be there and
//! not read.

use source_text::Span;
use uuid::Uuid;

use super::elements::Placed;
use super::grants::Whose;
use super::graph::{Owner, Reader};
use super::program::Resource as Declared;
use super::requests;
use super::symbolic::Instance;
use super::value::{Data, Piece, Value};
use crate::PermissionType;
use crate::model::{Means, PermissionRef, Resource, ResourceRef, TypeRef, Unresolved};
use crate::resource::MICROSOFT_GRAPH;

/// Words of which a script that grants or requests permissions holds at least one.
const GRANTS: &[&str] = &[
    "approleassign",
    "oauth2permissiongrant",
    "requiredresourceaccess",
    "required-resource-accesses",
    "app permission add",
    "app permission grant",
    "admin-consent",
];

/// Reads the content of a deployment script.
pub(super) fn read(
    reader: &mut Reader<'_, '_>,
    instance: &Instance,
    declared: &Declared,
    content: &Value,
    text: &str,
    condition: Option<Span>,
) {
    let lower = text.to_ascii_lowercase();
    if !GRANTS.iter().any(|word| lower.contains(word)) {
        return;
    }
    let graph = lower.contains("graph.microsoft")
        || lower.contains("00000003-0000-0000-c000-000000000000")
        || lower.contains("mgserviceprincipal");
    let found = if graph { roles(text) } else { Vec::new() };
    let owner = Whose::of(Owner::Name(requests::symbol(reader.evaluator, instance)));
    let at = reader.building(&owner, declared);
    let mut app = std::mem::replace(&mut reader.apps[at].app, crate::App::new(declared.span));
    let id = if graph {
        ResourceRef::Implied {
            uuid: MICROSOFT_GRAPH,
            span: declared.name_span,
        }
    } else {
        ResourceRef::Unresolved {
            text: String::new(),
            span: declared.name_span,
            reason: Unresolved::Unknown("is named by a script that is not read".into()),
        }
    };
    let resource = app.push_resource(Resource::new(declared.span, id));
    let placed = Placed {
        resource,
        element: declared.span,
        item: None,
        objects: false,
        siblings: &[],
        condition,
    };
    let ty = || TypeRef::implied(PermissionType::Application);
    if found.is_empty() {
        let permission = PermissionRef::Unresolved {
            text: String::new(),
            span: content.span,
            reason: Unresolved::Unknown("is granted by a script in a way that is not read".into()),
        };
        let ty = TypeRef::Unresolved {
            text: None,
            span: content.span,
            reason: Unresolved::Missing,
        };
        let new = reader.request(&mut app, permission, ty, false, &placed);
        app.requested[new].means = Means::Granted;
    }
    for (uuid, range) in found {
        let span = place(content, range).unwrap_or(content.span);
        let permission = PermissionRef::Id { uuid, span };
        let new = reader.request(&mut app, permission, ty(), true, &placed);
        app.requested[new].means = Means::Granted;
        // Nothing but the whole script says what a grant belongs to.
        app.requested[new].layout.place = None;
        if span == content.span {
            app.requested[new].layout.fixed = Some("the script is one string with escapes");
        }
    }
    reader.apps[at].app = app;
}

/// Where a part of a text stands in the file, if the file holds the text as it is.
fn place(content: &Value, range: std::ops::Range<usize>) -> Option<Span> {
    let Data::Text(text) = &content.data else {
        return None;
    };
    let mut before = 0;
    for piece in &text.pieces {
        let Piece::Known {
            text, span, exact, ..
        } = piece
        else {
            return None;
        };
        if range.end <= before + text.len() {
            let start = span.start as usize + (range.start - before);
            return exact.then(|| Span::new(span.file, start, start + range.len()));
        }
        before += text.len();
    }
    None
}

/// The ids that stand behind `appRoleId`, by themselves or by a variable. Each once.
fn roles(text: &str) -> Vec<(Uuid, std::ops::Range<usize>)> {
    let mut found: Vec<(Uuid, std::ops::Range<usize>)> = Vec::new();
    let lower = text.to_ascii_lowercase();
    let mut from = 0;
    while let Some(at) = lower[from..].find("approleid") {
        let start = from + at;
        from = start + "approleid".len();
        if in_comment(text, start) {
            continue;
        }
        let behind = &text[from..];
        let value = behind.trim_start_matches(['"', '\'', '\\', ' ', '\t', '=', ':']);
        let offset = from + (behind.len() - value.len());
        // `-eq` compares, and grants nothing.
        if value.starts_with('-') {
            continue;
        }
        let range = match value.strip_prefix('$') {
            Some(name) => variable(text, word(name)),
            None => guid_at(text, offset),
        };
        let Some(range) = range else { continue };
        let Ok(uuid) = text[range.clone()].parse::<Uuid>() else {
            continue;
        };
        if !found.iter().any(|(known, _)| *known == uuid) {
            found.push((uuid, range));
        }
    }
    found
}

fn word(text: &str) -> &str {
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    &text[..end]
}

/// The id that a variable is given: `$name = "…"`, `name="…"`.
fn variable(text: &str, name: &str) -> Option<std::ops::Range<usize>> {
    if name.is_empty() {
        return None;
    }
    let mut from = 0;
    while let Some(at) = text[from..].find(name) {
        let start = from + at;
        from = start + name.len();
        let before = text[..start].chars().next_back();
        if before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') || in_comment(text, start)
        {
            continue;
        }
        let behind = text[from..].trim_start_matches([' ', '\t']);
        let Some(value) = behind.strip_prefix('=') else {
            continue;
        };
        let value = value.trim_start_matches([' ', '\t', '"', '\'']);
        if let Some(range) = guid_at(text, text.len() - value.len()) {
            return Some(range);
        }
    }
    None
}

fn guid_at(text: &str, start: usize) -> Option<std::ops::Range<usize>> {
    let end = start + 36;
    text.get(start..end)?
        .parse::<Uuid>()
        .ok()
        .map(|_| start..end)
}

/// Whether a `#` begins a comment before this place of its line.
fn in_comment(text: &str, at: usize) -> bool {
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    text[line..at].trim_start().starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_by_its_variable_is_found_once() {
        let text = "$roleId = \"7ab1d382-f21e-4acd-a863-ba3e13f7da61\"\n\
            if ($x.appRoleId -eq $roleId) {}\n\
            $body = @{ appRoleId = $roleId }\n# appRoleId = '00000000-0000-0000-0000-000000000001'";
        let found = roles(text);
        assert_eq!(found.len(), 1);
        assert_eq!(
            &text[found[0].1.clone()],
            "7ab1d382-f21e-4acd-a863-ba3e13f7da61"
        );
    }
}

impl Reader<'_, '_> {
    pub(super) fn scripts(&mut self, scope: usize, index: usize, resource: &Declared) {
        for (instance, condition) in self.evaluator.instances(scope, index, resource) {
            let body = self.evaluator.body(&instance);
            let of = |name: &str| {
                body.member(name)
                    .or_else(|| body.member("properties")?.member(name))
                    .cloned()
            };
            let Some(content) = of("scriptContent") else {
                continue;
            };
            let Some(text) = content.as_text() else {
                continue;
            };
            read(self, &instance, resource, &content, &text, condition);
        }
    }
}
