//! What the rules that judge permissions share.

use entra_manifest::{Change, MICROSOFT_GRAPH, PermissionText};
use msgraph_calls::Certainty;
use msgraph_permissions::{Catalog, PermissionName, PermissionType, is_oidc_scope};

use crate::assess::{Assessment, Blocker, Request, View};
use crate::finding::{Applicability, Finding, Fix, Subject};
use crate::operations::OperationFacts;
use crate::text;

/// `User.RevokeSessions.All (application): privilege level 3 of 5, unlocks 4 operations`.
pub(super) fn measured(subject: &Subject) -> String {
    let level = match subject.privilege_level {
        Some(level) => format!("privilege level {level} of 5"),
        None => "no published privilege level".to_owned(),
    };
    format!(
        "{} ({}): {level}, unlocks {}",
        text::shown(subject.permission.as_str()),
        text::permission_type(subject.permission_type),
        text::count(subject.operations, "operation"),
    )
}

/// What the portal and OpenID Connect add to every registration says nothing of its calls.
pub(super) fn is_for_sign_in(name: &PermissionName) -> bool {
    name.as_str() == "User.Read" || is_oidc_scope(name.as_str())
}

/// Whether a permission such as `Mail.Send.Shared` may be for a call that the data lists for `Mail.Send` alone: with it
/// users reach in `/users/{id}` what others share with them (its description in the permissions reference).
pub(super) fn reaches_shared(app: &Assessment<'_>, name: &PermissionName) -> bool {
    name.as_str().strip_suffix(".Shared").is_some_and(|own| {
        app.calls.calls.iter().any(|call| {
            call.answers(PermissionType::Delegated)
                .flat_map(|answer| &answer.accepted)
                .any(|bundle| bundle.permission.as_str() == own)
        })
    })
}

/// The operations of some calls of the app, each once.
pub(super) fn operations(app: &Assessment<'_>, calls: &[usize]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for at in calls {
        let operation = app.call(*at).operation();
        if !all.contains(&operation) {
            all.push(operation);
        }
    }
    all
}

/// Shows where some calls are made: the first places of the first calls.
pub(super) fn called_here(app: &Assessment<'_>, mut finding: Finding, calls: &[usize]) -> Finding {
    /// More would hide the finding.
    const MOST: usize = 3;
    let places = calls
        .iter()
        .flat_map(|at| {
            let call = app.call(*at);
            call.origins
                .iter()
                .filter_map(|origin| Some((origin.location()?, origin)))
                .map(move |(at, origin)| (at, origin, call.operation()))
        })
        .take(MOST);
    for (at, origin, operation) in places {
        // A refusal shows that the app wanted the permission, and that it was not granted.
        let how = if origin.is_refused() {
            "refused with 403"
        } else if origin.is_recorded() {
            "recorded"
        } else if origin.is_named() {
            "declared"
        } else {
            "called"
        };
        finding = finding.related(at.clone(), format!("{how} here: {operation}"));
    }
    finding
}

/// The doubts about the answers that a verdict rests on, a sentence each.
pub(super) fn doubts(app: &Assessment<'_>, view: &View, calls: &[usize]) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    for call in calls.iter().map(|at| app.call(*at)) {
        if let Some(days) = call.unseen_days {
            let days = text::count(usize::try_from(days).unwrap_or_default(), "day");
            notes.push(format!(
                "{}: recordings of {days} hold no such request",
                call.operation()
            ));
        }
    }
    for answer in view.answers(&app.calls, calls) {
        let Some(least) = &answer.least else {
            continue;
        };
        let mut call = answer.call.clone();
        call.scheme = None;
        let call = text::shown(&call.to_string());
        let doubts = answer
            .doubts
            .iter()
            .map(|doubt| format!("{call}: {} {doubt}", least.permission));
        let fallback = answer.fallback.iter().map(|f| format!("{call}: {f}"));
        for note in doubts.chain(fallback) {
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    notes
}

/// What may be for a call that is not known: a sentence that says why nothing is fixed.
pub(super) fn blocked(app: &Assessment<'_>, view: &View, name: &PermissionName) -> Option<String> {
    if let Some(property) = crate::properties::needing(&app.calls.properties, name) {
        return Some(format!(
            "not decided: the code names {property}, which is returned with {name} or a permission like it only"
        ));
    }
    let blockers = view.blockers_of(app.catalog, &app.calls, name);
    if let [Blocker::Call(at)] = blockers.as_slice()
        && app.call(*at).is_answered()
        && app.call(*at).certainty() > Certainty::Possible
    {
        return Some(format!(
            "not decided: what {} needs depends on its body, and {name} is for some bodies",
            blockers[0].describe(&app.calls)
        ));
    }
    if blockers.is_empty() {
        return None;
    }
    let shown: Vec<String> = blockers
        .iter()
        .map(|blocker| blocker.describe(&app.calls))
        .collect();
    Some(format!(
        "not decided: {} {} not known well enough, and may need it",
        text::some(&shown, 3),
        if shown.len() == 1 { "is" } else { "are" }
    ))
}

/// Why narrower permissions may not be enough although they unlock the calls: a sentence, where the code names a property
/// that one of them does not return.
pub(super) fn withheld(app: &Assessment<'_>, instead: &[PermissionName]) -> Option<String> {
    instead.iter().find_map(|name| {
        let property = crate::properties::lacking(&app.calls.properties, name)?;
        Some(format!(
            "not decided: the code names {property}, which is not returned with {name}"
        ))
    })
}

/// A permission as a manifest writes it; `None` where the catalog has no id for it or the service does not have it.
pub fn permission_text(
    catalog: &Catalog,
    name: &PermissionName,
    permission_type: PermissionType,
) -> Option<PermissionText> {
    let id = catalog.id_of(name, permission_type)?;
    catalog
        .in_service(name, permission_type)
        .then(|| PermissionText {
            id: id.as_uuid(),
            name: name.to_string(),
        })
}

pub(super) fn remove(app: &Assessment<'_>, request: &Request<'_>) -> Change {
    Change::Remove {
        app: app.index,
        requested: request.index,
    }
}

pub(super) fn add(
    app: &Assessment<'_>,
    permission: PermissionText,
    permission_type: PermissionType,
) -> Change {
    Change::Add {
        app: app.index,
        resource_app_id: MICROSOFT_GRAPH,
        permission,
        permission_type,
    }
}

/// A fix that changes what is granted.
pub(super) fn unsafe_fix(title: String, changes: Vec<Change>) -> Fix {
    if changes.is_empty() {
        Fix::display_only(title)
    } else {
        Fix::new(title, Applicability::Unsafe, changes)
    }
}

/// Whether the app calls an operation that revokes sign-in sessions.
pub(super) fn revokes_sessions(app: &Assessment<'_>) -> bool {
    app.calls.calls.iter().any(|call| {
        let path = call.call.path.as_str().to_ascii_lowercase();
        let path = path
            .split('?')
            .next()
            .unwrap_or(&path)
            .trim_end_matches('/');
        path.ends_with("/revokesigninsessions") || path.ends_with("/invalidateallrefreshtokens")
    })
}

/// Whether Microsoft's documentation of 2019 named a permission for revoking sign-in sessions.
pub(super) fn is_formerly_documented(
    name: &PermissionName,
    permission_type: PermissionType,
) -> bool {
    OperationFacts::all().iter().any(|facts| {
        let former = match permission_type {
            PermissionType::Delegated => facts.former_delegated,
            PermissionType::Application => facts.former_application,
        };
        former.contains(&name.as_str())
    })
}
