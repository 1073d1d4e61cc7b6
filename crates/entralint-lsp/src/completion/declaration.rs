//! Permissions in declarations. Which are proposed, and whether by name or by id, the manifest says where it could be
//! read, and the text around the cursor otherwise.

use entra_manifest::{MICROSOFT_GRAPH, PermissionRef, TypeRef};
use msgraph_permissions::PermissionType;

use super::Completion;
use super::permissions::{Form, Wanted, fitting};
use super::slot::{Slot, rfind_word};
use crate::subject::{self, Subject};
use crate::view::View;

pub(super) fn at(view: &View<'_>, offset: usize) -> Option<Completion> {
    let slot = Slot::at(view.source.text(), offset);
    let wanted = by_text(view, &slot)
        .map(|wanted| by_manifest(view, offset, wanted))
        .or_else(|| by_beginning(view, &slot))?;
    let (items, is_cut) = fitting(view, wanted, slot.typed);
    Some(Completion {
        span: view.source.span(slot.start, slot.end),
        items,
        is_cut,
    })
}

/// Keys of lists of permissions' names, and their type.
///
/// Sources: Microsoft.Graph.Authentication (`Connect-MgGraph`), PnP.PowerShell (`Register-PnPEntraIDApp`), the CLI for
/// Microsoft 365 (`entra app add`), the azuread provider of Terraform, the Microsoft Graph Bicep extension, MSAL, and
/// the words that people give variables for them.
const LISTS: [(&str, Option<PermissionType>); 18] = [
    ("-Scopes", Some(PermissionType::Delegated)),
    ("--scopes", Some(PermissionType::Delegated)),
    ("--scope", Some(PermissionType::Delegated)),
    ("scopes", Some(PermissionType::Delegated)),
    ("scope", Some(PermissionType::Delegated)),
    ("claim_values", Some(PermissionType::Delegated)),
    ("delegated_permissions", Some(PermissionType::Delegated)),
    ("delegatedPermissions", Some(PermissionType::Delegated)),
    ("-GraphDelegatePermissions", Some(PermissionType::Delegated)),
    ("--apisDelegated", Some(PermissionType::Delegated)),
    (
        "-GraphApplicationPermissions",
        Some(PermissionType::Application),
    ),
    ("--apisApplication", Some(PermissionType::Application)),
    ("application_permissions", Some(PermissionType::Application)),
    ("applicationPermissions", Some(PermissionType::Application)),
    ("app_roles", Some(PermissionType::Application)),
    ("roles", Some(PermissionType::Application)),
    ("graph_permissions", None),
    ("permissions", None),
];

/// What the text around the cursor wants.
fn by_text(view: &View<'_>, slot: &Slot<'_>) -> Option<Wanted> {
    use PermissionType::{Application, Delegated};
    match slot.index_of() {
        Some("app_role_ids") => return Some(Wanted::new(Some(Application), Form::Name)),
        Some("oauth2_permission_scope_ids") => {
            return Some(Wanted::new(Some(Delegated), Form::Name));
        }
        _ => {}
    }
    let is_yaml = matches!(view.source.name().extension(), Some("yaml" | "yml"));
    if let Some(key) = slot.key()
        // Without quotes stands an expression.
        && (slot.is_in_quotes() || is_yaml)
    {
        let is = |word: &str| key.eq_ignore_ascii_case(word);
        if is("id") && is_below(slot, &["resourceAccess", "resource_access"]) {
            return is_graphs(slot).then(|| Wanted::new(sibling_type(slot), Form::Id));
        }
        if is("app_role_id") || is("appRoleId") {
            return Some(Wanted::new(Some(Application), Form::Id));
        }
        if is("name") && is_below(slot, &["resourceSpecific"]) {
            return Some(Wanted {
                resource_specific: true,
                ..Wanted::new(sibling_type(slot), Form::Name)
            });
        }
    }
    if slot.is_in_list_of("--api-permissions") {
        return Some(Wanted::new(None, Form::Id));
    }
    // `New-MgServicePrincipalAppRoleAssignment`
    if slot.is_in_list_of("-AppRoleId") {
        return Some(Wanted::new(Some(Application), Form::Id));
    }
    let (key, permission_type) = LISTS.iter().find(|(key, _)| slot.is_in_list_of(key))?;
    // Options name a command's own parameter; a word such as `scope` is used for much else.
    let is_meant = key.starts_with('-')
        || ((is_yaml || slot.is_in_quotes())
            && (is_about_graph(view) || begins_a_name(view, slot.typed)));
    is_meant.then(|| Wanted::new(*permission_type, Form::Name))
}

/// Whether the file declares permissions, calls Microsoft Graph, or speaks of it.
fn is_about_graph(view: &View<'_>) -> bool {
    /// What imports it or names its host does so early in a file.
    const HEAD: usize = 64 * 1024;
    let head = view.source.text().as_bytes();
    view.unit.is_some()
        || view.evidence.is_some_and(|found| !found.calls.is_empty())
        || head[..head.len().min(HEAD)]
            .windows(5)
            .any(|window| window.eq_ignore_ascii_case(b"graph"))
}

/// Whether a permission's name begins like this, with its first part whole.
fn begins_a_name(view: &View<'_>, typed: &str) -> bool {
    let begins = |name: &str| {
        name.get(..typed.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(typed))
    };
    typed
        .split_once('.')
        .is_some_and(|(first, _)| !first.is_empty())
        && view
            .catalog()
            .permissions()
            .any(|permission| begins(permission.name().as_str()))
}

/// Corrects what the text says by what was read there.
fn by_manifest(view: &View<'_>, offset: usize, mut wanted: Wanted) -> Wanted {
    if let Some((_, Subject::Requests(requests))) = subject::at(view, offset)
        && let Some(first) = requests.first()
        && let TypeRef::Known {
            permission_type, ..
        } = first.requested.permission_type
    {
        wanted.permission_type = Some(permission_type);
    }
    // The format also takes names in place of ids: the app's other requests show it.
    if wanted.form == Form::Id
        && let Some((_, manifest)) = view.unit
    {
        let mut others = manifest
            .apps
            .iter()
            .flat_map(|app| &app.requested)
            .filter(|other| !view.is_at(other.permission.span(), offset))
            .take(50)
            .peekable();
        let by_name = |other: &entra_manifest::Requested| {
            matches!(other.permission, PermissionRef::Name { .. })
        };
        if others.peek().is_some() && others.all(by_name) {
            wanted.form = Form::Name;
        }
    }
    wanted
}

/// A string that begins as a permission's name does, in a file that declares permissions or calls Microsoft Graph.
fn by_beginning(view: &View<'_>, slot: &Slot<'_>) -> Option<Wanted> {
    (is_about_graph(view) && slot.is_in_quotes() && begins_a_name(view, slot.typed))
        .then(|| Wanted::new(None, Form::Name))
}

/// Whether one of these keys stands above the word, nearer than another list's.
fn is_below(slot: &Slot<'_>, keys: &[&str]) -> bool {
    const OTHERS: [&str; 6] = [
        "appRoles",
        "app_role",
        "oauth2PermissionScopes",
        "oauth2_permission_scope",
        "optionalClaims",
        "keyCredentials",
    ];
    let last = |words: &[&str]| {
        words
            .iter()
            .filter_map(|word| rfind_word(slot.before, word))
            .max()
    };
    last(keys).is_some_and(|at| last(&OTHERS).is_none_or(|other| other < at))
}

/// The type that the same object or block names.
fn sibling_type(slot: &Slot<'_>) -> Option<PermissionType> {
    let (before, after) = slot.object();
    [before, after].into_iter().find_map(|part| {
        let at = rfind_word(part, "type")?;
        let value = part[at + "type".len()..]
            .trim_start_matches(['"', '\'', ':', '=', ' ', '\t', '\\'])
            .split(|c: char| !c.is_ascii_alphabetic())
            .next()?;
        PermissionType::ALL.into_iter().find(|permission_type| {
            value.eq_ignore_ascii_case(permission_type.as_manifest())
                || value.eq_ignore_ascii_case(&permission_type.to_string())
        })
    })
}

/// Whether the entry around the word is Microsoft Graph's, as far as it says.
fn is_graphs(slot: &Slot<'_>) -> bool {
    let last = ["resourceAppId", "resource_app_id"]
        .into_iter()
        .filter_map(|key| Some(rfind_word(slot.before, key)? + key.len()))
        .max();
    let Some(at) = last else {
        return true;
    };
    let value = slot.before[at..].trim_start_matches(['"', '\'', ':', '=', ' ', '\t', '\\']);
    let id: String = value
        .chars()
        .take_while(|c| c.is_ascii_hexdigit() || *c == '-')
        .collect();
    // What is not a literal id may be Microsoft Graph.
    id.len() < 36 || id.eq_ignore_ascii_case(&MICROSOFT_GRAPH.to_string())
}
