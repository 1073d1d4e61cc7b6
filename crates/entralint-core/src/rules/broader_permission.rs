//! The app asks for more than its calls need.

use entra_manifest::Change;
use msgraph_permissions::PermissionName;

use super::{Rule, RuleInfo, words};
use crate::assess::{Assessment, Excess, Held, KindView};
use crate::finding::Finding;
use crate::fix;
use crate::text;

declare_rule! {
    /// # What it does
    ///
    /// Finds a permission that one of the app's calls accepts, where narrower permissions cover
    /// the same calls.
    ///
    /// # Why is this bad?
    ///
    /// Whoever steals the app's credential can do everything that the app was granted. With
    /// `Directory.ReadWrite.All` that is to rewrite most of the tenant; with
    /// `User.RevokeSessions.All` it is to sign people out.
    ///
    /// A permission is broader when its privilege level is higher than that of every permission
    /// that would replace it, or when it unlocks more operations than they do together. The
    /// verdict is over all calls of the app at once: an app that also updates users needs
    /// `User.ReadWrite.All` anyway, and then that is not broader than needed.
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
    /// Unsafe: it narrows what the app is granted. If the app makes a call that was not named,
    /// that call will be refused.
    ///
    /// # References
    ///
    /// - [Permissions reference](https://learn.microsoft.com/graph/permissions-reference)
    /// - [user: revokeSignInSessions](https://learn.microsoft.com/graph/api/user-revokesigninsessions)
    BroaderPermission {
        id: "broader-permission",
        summary: "a narrower permission covers the same calls",
        severity: Error,
        security_severity: "8.0",
    }
}

impl Rule for BroaderPermission {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check_app(&self, app: &Assessment<'_>, findings: &mut Vec<Finding>) {
        for view in &app.views {
            // Each new permission is written once, by the first that it replaces.
            let mut written: Vec<PermissionName> = Vec::new();
            for name in &view.held {
                let Some(held) = app.requests(name, view.kind).next() else {
                    continue;
                };
                let Some(Excess::Broader { calls, instead }) = view.excess(name) else {
                    continue;
                };
                let new: Vec<PermissionName> = instead
                    .iter()
                    .filter(|n| !view.held.contains(*n) && !written.contains(n))
                    .cloned()
                    .collect();
                let subject = app.subject(name, view.kind);
                let narrower: Vec<_> = instead.iter().map(|n| app.subject(n, view.kind)).collect();
                let names: Vec<&str> = instead.iter().map(PermissionName::as_str).collect();
                let title = if !new.is_empty() {
                    format!("replace {name} with {}", text::and(&names))
                } else {
                    let is = if names.len() == 1 { "is" } else { "are" };
                    let held = instead.iter().all(|n| view.held.contains(n));
                    let how = if held {
                        "already asked for"
                    } else {
                        "asked for in place of another permission above"
                    };
                    format!("remove {name}: {} {is} {how}", text::and(&names))
                };
                let changes = changes(app, view, held, &new);
                let unwritable = changes.is_none();
                if !unwritable {
                    written.extend(new.iter().cloned());
                }
                let (fix, mut held_back) =
                    words::narrowing(view, title, changes.unwrap_or_default());
                if unwritable {
                    held_back = Some(format!(
                        "not fixed for you: the catalogue holds no id for {}",
                        text::and(&without_id(app, view, &new))
                    ));
                }
                findings.push(
                    Finding::new(
                        &INFO,
                        format!(
                            "{name} ({}) is broader than the calls need: {} {} enough",
                            text::kind(view.kind),
                            text::and(&names),
                            if names.len() == 1 { "is" } else { "are" },
                        ),
                    )
                    .at(held.span(), words::measured(&subject))
                    .notes(narrower.iter().map(words::measured))
                    .note(format!(
                        "covers {}",
                        text::some(&words::operations(&calls), 4)
                    ))
                    .notes(words::doubts(&calls))
                    .notes(held_back)
                    .confidence(view.confidence(&calls))
                    .about(subject)
                    .instead(narrower)
                    .fix(fix)
                    .key(format!("{name}/{}", text::kind(view.kind))),
                );
            }
        }
    }
}

/// The first new permission takes the place of the old one; others are added. `None` where one of
/// them has no id that a manifest could hold: half a replacement would leave a call uncovered.
fn changes(
    app: &Assessment<'_>,
    view: &KindView<'_>,
    held: &Held<'_>,
    new: &[PermissionName],
) -> Option<Vec<Change>> {
    let mut texts = new
        .iter()
        .map(|name| fix::permission_text(app.catalog(), name, view.kind))
        .collect::<Option<Vec<_>>>()?
        .into_iter();
    let mut changes = match texts.next() {
        Some(first) => vec![Change::Replace {
            app: app.index,
            requested: held.index,
            with: first,
            permission_type: None,
        }],
        None => vec![words::remove(app, held)],
    };
    changes.extend(texts.map(|text| fix::add(app.index, text, view.kind)));
    Some(changes)
}

fn without_id(app: &Assessment<'_>, view: &KindView<'_>, names: &[PermissionName]) -> Vec<String> {
    names
        .iter()
        .filter(|name| fix::permission_text(app.catalog(), name, view.kind).is_none())
        .map(ToString::to_string)
        .collect()
}
