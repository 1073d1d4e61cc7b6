//! Rule `broader-permission`: narrower permissions unlock the same calls.

use entra_manifest::Change;
use msgraph_permissions::{PermissionName, PermissionType, RequestedVerdict};

use super::{Findings, Rule, RuleInfo, words};
use crate::assess::{Assessment, Request, View};
use crate::calls::Owner;
use crate::finding::{Confidence, Fix, Severity};
use crate::text;

declare_rule! {
    /// # What it does
    ///
    /// Finds a permission that one of the app's calls accepts, where narrower permissions unlock the same calls.
    ///
    /// # Why is this bad?
    ///
    /// Anyone who steals the app's credential can do everything that the app was granted. With
    /// `Directory.ReadWrite.All` that is to rewrite most of the tenant; with `User.RevokeSessions.All` it is to sign
    /// people out.
    ///
    /// A permission is broader when it unlocks more operations, or more writing operations, than all permissions that
    /// would replace it together, or when it writes and its calls only read. The verdict is over all calls of the app at
    /// once: an app that also updates users needs `User.ReadWrite.All` in any case, and then that is not broader than
    /// needed.
    ///
    /// A call that could not be resolved or answered keeps the verdict open for every permission that may be for it: the
    /// finding is then a note, and nothing is fixed.
    ///
    /// Where no calls are known, one question remains: does the app only revoke sign-in sessions? If it does,
    /// `User.RevokeSessions.All` is enough. The finding says so with low confidence and no fix. It is a warning where
    /// everything that the app requests of Microsoft Graph is for revoking or for signing in, else a note.
    ///
    /// # Example
    ///
    /// Call: `POST /users/{id}/revokeSignInSessions`
    ///
    /// ```json
    /// {
    ///   "requiredResourceAccess": [
    ///     {
    ///       "resourceAppId": "00000003-0000-0000-c000-000000000000",
    ///       "resourceAccess": [
    ///         { "id": "19dbc75e-c2e2-444c-a770-ec69d8559fc7", "type": "Role" }
    ///       ]
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// Call: `POST /users/{id}/revokeSignInSessions`
    ///
    /// ```json
    /// {
    ///   "requiredResourceAccess": [
    ///     {
    ///       "resourceAppId": "00000003-0000-0000-c000-000000000000",
    ///       "resourceAccess": [
    ///         { "id": "77f3a031-c388-4f99-b373-dc68676a979e", "type": "Role" }
    ///       ]
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// # Fix
    ///
    /// Unsafe: it narrows what the app is granted. If the app makes a call that is not known, that call will fail.
    ///
    /// # References
    ///
    /// - [Permissions reference](https://learn.microsoft.com/graph/permissions-reference)
    /// - [user: revokeSignInSessions](https://learn.microsoft.com/graph/api/user-revokesigninsessions)
    BroaderPermission {
        id: "broader-permission",
        summary: "a narrower permission unlocks the same calls",
        severity: Error,
        security_severity: "8.0",
    }
}

/// What an app that revokes sign-in sessions, and does nothing else, calls.
const REVOKING: [&str; 2] = [
    "POST /me/revokeSignInSessions",
    "POST /users/{id}/revokeSignInSessions",
];

/// What is enough for that.
const REVOKE: &str = "User.RevokeSessions.All";

impl Rule for BroaderPermission {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check_app(&self, app: &Assessment<'_>, findings: &mut Findings) {
        if app.is_documented() {
            return;
        }
        if knows_nothing(app) {
            if_it_only_revokes(app, findings);
            return;
        }
        for view in &app.views {
            // Each new permission is written once, by the first that it replaces.
            let mut written: Vec<PermissionName> = Vec::new();
            for (name, verdict) in &view.verdicts {
                let Some(request) = app.requests_for(name, view.permission_type).next() else {
                    continue;
                };
                match verdict {
                    // What else the app needs, and lacks, may be broader still and unlock the same. To request that is
                    // another matter than to replace this.
                    RequestedVerdict::Broader { instead, .. }
                        if is_replaced_by_wider(app, view, name, instead) => {}
                    RequestedVerdict::Broader { calls, instead } => {
                        findings.push(broader(app, view, request, name, calls, instead, &mut written));
                    }
                    RequestedVerdict::Unused => {
                        findings_of_older_docs(app, view, request, name, findings);
                    }
                    _ => {}
                }
            }
        }
    }
}

/// Whether nothing is known of what the app itself calls: calls that may be other apps' count only where it requests
/// something for them.
fn knows_nothing(app: &Assessment<'_>) -> bool {
    if app.calls.has_own_unresolved {
        return false;
    }
    match app.calls.owner {
        Owner::Unknown => true,
        Owner::Shared => app.views.iter().flat_map(|view| &view.verdicts).all(|(_, verdict)| {
            matches!(verdict, RequestedVerdict::Unused | RequestedVerdict::SignIn)
        }),
        Owner::App => false,
    }
}

/// Whether one of the permissions that would replace another is not requested and is broader than it.
pub(super) fn is_replaced_by_wider(
    app: &Assessment<'_>,
    view: &View,
    name: &PermissionName,
    instead: &[PermissionName],
) -> bool {
    let this = app.subject(name, view.permission_type);
    instead
        .iter()
        .filter(|other| !view.requested.contains(*other))
        .map(|other| app.subject(other, view.permission_type))
        .any(|other| match (other.privilege_level, this.privilege_level) {
            (Some(other), Some(this)) if other != this => other > this,
            _ => other.operations > this.operations,
        })
}

fn broader(
    app: &Assessment<'_>,
    view: &View,
    request: &Request<'_>,
    name: &PermissionName,
    calls: &[usize],
    instead: &[PermissionName],
    written: &mut Vec<PermissionName>,
) -> crate::finding::Finding {
    let t = text::permission_type(view.permission_type);
    let subject = app.subject(name, view.permission_type);
    let narrower: Vec<_> = instead
        .iter()
        .map(|n| app.subject(n, view.permission_type))
        .collect();
    // What is requested already stays; what takes this one's place is what matters.
    let mut names: Vec<&str> = instead
        .iter()
        .filter(|n| !view.requested.contains(*n))
        .map(PermissionName::as_str)
        .collect();
    let mut beside: Vec<&str> = instead
        .iter()
        .filter(|n| view.requested.contains(*n))
        .map(PermissionName::as_str)
        .collect();
    if names.is_empty() {
        names = std::mem::take(&mut beside);
    }
    let are = if names.len() == 1 { "is" } else { "are" };
    let new: Vec<PermissionName> = instead
        .iter()
        .filter(|n| !view.requested.contains(*n) && !written.contains(n))
        .cloned()
        .collect();
    let title = if new.is_empty() {
        let how = if instead.iter().all(|n| view.requested.contains(n)) {
            "already requested"
        } else {
            "requested in place of another permission above"
        };
        format!("remove {name}: {} {are} {how}", text::and(&names))
    } else {
        format!("replace {name} with {}", text::and(&names))
    };
    let blocked = words::blocked(app, view, name).or_else(|| words::withheld(app, instead));
    let message = if blocked.is_some() {
        format!(
            "{name} ({t}) may be broader than needed: of the calls that are known it unlocks {}, which need{} {}",
            text::some(&words::operations(app, calls), 2),
            if calls.len() == 1 { "s only" } else { " only" },
            text::and(&names),
        )
    } else {
        format!(
            "{name} ({t}) is broader than the calls need: {} {are} enough",
            text::and(&names)
        )
    };
    let mut finding = app
        .finding(&INFO, message, request.span(), words::measured(&subject))
        .notes(narrower.iter().map(words::measured))
        .notes((!beside.is_empty()).then(|| {
            format!("together with {}, which the app requests and needs", text::and(&beside))
        }))
        .note(format!(
            "unlocks {}",
            text::some(&words::operations(app, calls), 4)
        ))
        .notes(former(app, name, view.permission_type))
        .notes(words::doubts(app, view, calls))
        .confidence(view.confidence(&app.calls, calls))
        .about(subject)
        .instead(narrower);
    finding = words::called_here(app, finding, calls);
    if app.calls.calls.iter().any(|call| call.shared) {
        finding = finding.note("judged by all calls that may be this app's");
    }
    match (blocked, changes(app, view, request, &new)) {
        (Some(why), _) => finding
            .severity(Severity::Note)
            .confidence(Confidence::Low)
            .note(why)
            .fix(Fix::display_only(title)),
        (None, Some(changes)) => {
            written.extend(new);
            finding.fix(words::unsafe_fix(title, changes))
        }
        (None, None) => finding
            .note(format!(
                "not fixed automatically: no id that a manifest can hold is published for {}",
                text::and(&without_id(app, view, &new))
            ))
            .fix(Fix::display_only(title)),
    }
}

/// The first new permission takes the place of the old one; others are added. `None` where one of them has no id that
/// a manifest could hold: half a replacement would leave a call locked.
fn changes(
    app: &Assessment<'_>,
    view: &View,
    request: &Request<'_>,
    new: &[PermissionName],
) -> Option<Vec<Change>> {
    let mut texts = new
        .iter()
        .map(|name| words::permission_text(app.catalog, name, view.permission_type))
        .collect::<Option<Vec<_>>>()?
        .into_iter();
    let mut changes = match texts.next() {
        Some(first) => vec![Change::Replace {
            app: app.index,
            requested: request.index,
            with: first,
            permission_type: None,
        }],
        None => vec![words::remove(app, request)],
    };
    changes.extend(texts.map(|text| words::add(app, text, view.permission_type)));
    Some(changes)
}

fn without_id(app: &Assessment<'_>, view: &View, names: &[PermissionName]) -> Vec<String> {
    names
        .iter()
        .filter(|name| words::permission_text(app.catalog, name, view.permission_type).is_none())
        .map(ToString::to_string)
        .collect()
}

/// A permission that Microsoft's documentation of 2019 named for revoking sessions, and that the data of today does
/// not accept for it: guides still copy it.
fn findings_of_older_docs(
    app: &Assessment<'_>,
    view: &View,
    request: &Request<'_>,
    name: &PermissionName,
    findings: &mut Findings,
) {
    let revoke = PermissionName::new(REVOKE);
    if !is_of_older_docs(app, view, name) || words::blocked(app, view, name).is_some() {
        return;
    }
    let subject = app.subject(name, view.permission_type);
    let instead = app.subject(&revoke, view.permission_type);
    let changes = if view.requested.contains(&revoke) {
        Some(vec![words::remove(app, request)])
    } else {
        changes(app, view, request, std::slice::from_ref(&revoke))
    };
    findings.push(
        app.finding(
            &INFO,
            format!(
                "{name} ({}) does not unlock revoking sign-in sessions: {REVOKE} is enough",
                text::permission_type(view.permission_type)
            ),
            request.span(),
            words::measured(&subject),
        )
        .note(words::measured(&instead))
        .notes(former(app, name, view.permission_type))
        .about(subject)
        .instead(vec![instead])
        .fix(words::unsafe_fix(
            format!("replace {name} with {REVOKE}"),
            changes.unwrap_or_default(),
        )),
    );
}

/// Whether this rule reports a permission that no call needs, since older documentation named it for revoking.
pub(super) fn is_of_older_docs(app: &Assessment<'_>, view: &View, name: &PermissionName) -> bool {
    former(app, name, view.permission_type).is_some()
        && view.target.contains(&PermissionName::new(REVOKE))
}

/// That older documentation named the permission for revoking.
fn former(
    app: &Assessment<'_>,
    name: &PermissionName,
    permission_type: PermissionType,
) -> Option<String> {
    let named = words::revokes_sessions(app)
        && words::is_formerly_documented(name, permission_type);
    named.then(|| {
        format!("Microsoft's documentation of 2019 named {name} for revoking sign-in sessions; today it names {REVOKE}")
    })
}

/// With no calls known: what would be enough if the app only revokes sign-in sessions.
///
/// On 126 real repositories the unconditional verdict was right in none of 10 cases, since most apps that request
/// User.ReadWrite.All do other work; so the sentence is conditional and nothing is fixed.
fn if_it_only_revokes(app: &Assessment<'_>, findings: &mut Findings) {
    let revoke = PermissionName::new(REVOKE);
    let accepts = |name: &PermissionName, permission_type: PermissionType| {
        REVOKING.iter().any(|call| {
            let call = call.parse().expect("the calls above are calls");
            app.catalog
                .lookup(&call, permission_type.scheme(), Default::default())
                .accepted
                .iter()
                .any(|bundle| bundle.permission == *name)
        })
    };
    // Looked up once for each permission of the app, and only for apps whose calls are not known.
    let judged: Vec<(&Request<'_>, &PermissionName, PermissionType, bool)> = app
        .requests
        .iter()
        .filter_map(|request| {
            let (name, permission_type) = request.meant()?;
            Some((request, name, permission_type, accepts(name, permission_type)))
        })
        .collect();
    let only_revoking = judged.len() == app.requests.len()
        && judged
            .iter()
            .all(|(_, name, _, accepted)| *accepted || words::is_for_sign_in(name));
    let mut seen: Vec<(&PermissionName, PermissionType)> = Vec::new();
    for (request, name, permission_type, accepted) in judged {
        if !accepted || *name == revoke || seen.contains(&(name, permission_type)) {
            continue;
        }
        seen.push((name, permission_type));
        let subject = app.subject(name, permission_type);
        let instead = app.subject(&revoke, permission_type);
        if subject.operations <= instead.operations {
            continue;
        }
        findings.push(
            app.finding(
                &INFO,
                format!(
                    "if this app only revokes sign-in sessions, {REVOKE} ({}) is enough",
                    text::permission_type(permission_type)
                ),
                request.span(),
                words::measured(&subject),
            )
            .severity(if only_revoking {
                Severity::Warning
            } else {
                Severity::Note
            })
            .confidence(Confidence::Low)
            .note(words::measured(&instead))
            .note("no calls of this app are known: name them with --calls, or with `calls` in entralint.toml")
            .about(subject)
            .instead(vec![instead])
            .fix(Fix::display_only(format!(
                "replace {name} with {REVOKE}, if the app does nothing else"
            ))),
        );
    }
}
