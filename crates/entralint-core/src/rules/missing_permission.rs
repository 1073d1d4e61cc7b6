//! A call will be refused.

use msgraph_permissions::{PermissionName, Verdict};

use super::{Rule, RuleInfo, words};
use crate::assess::{Assessment, KindView};
use crate::calls::AnsweredCall;
use crate::finding::{Applicability, Confidence, Finding, Fix, Severity};
use crate::fix;
use crate::text;

declare_rule! {
    /// # What it does
    ///
    /// Finds a call that no permission of the app covers, and names the least privileged one
    /// that would.
    ///
    /// # Why is this bad?
    ///
    /// Microsoft Graph answers such a call with `403 Authorization_RequestDenied`. Under pressure
    /// people then grant the first broad permission that makes the error go away.
    ///
    /// A call without a named type (delegated or application) is judged in each type in which the
    /// app already requests something that the call accepts. Where there is none, it is reported
    /// once, with the answer for each type: only you know whether a signed-in user is there.
    /// Nothing is ever reported as missing while the calls are assumed.
    ///
    /// # Example
    ///
    /// Call: `application POST /users/{id}/revokeSignInSessions`
    ///
    /// ```json
    /// {
    ///   "requiredResourceAccess": [
    ///     {
    ///       "resourceAppId": "00000003-0000-0000-c000-000000000000",
    ///       "resourceAccess": []
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// Call: `application POST /users/{id}/revokeSignInSessions`
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
    /// Safe: it asks for more and takes nothing away. Shown only where the type is not known, or
    /// where a placeholder in the manifest may already stand for the permission.
    ///
    /// # References
    ///
    /// - [Resolve authorization errors](https://learn.microsoft.com/graph/resolve-auth-errors)
    MissingPermission {
        id: "missing-permission",
        summary: "no permission of the app covers a call that it makes",
        severity: Error,
        security_severity: "3.0",
    }
}

impl Rule for MissingPermission {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check_app(&self, app: &Assessment<'_>, findings: &mut Vec<Finding>) {
        if app.calls.assumed {
            return;
        }
        for view in &app.views {
            findings.extend(in_kind(app, view));
        }
        findings.extend(
            app.open
                .iter()
                .filter(|call| !super::app_only_me::applies(app, call))
                .map(|call| in_either(app, call)),
        );
    }
}

fn in_kind(app: &Assessment<'_>, view: &KindView<'_>) -> Vec<Finding> {
    view.missing()
        .into_iter()
        .map(|(name, calls)| {
            let subject = app.subject(&name, view.kind);
            let finding = Finding::new(
                &INFO,
                format!(
                    "{name} ({}) is missing: {} would be refused",
                    text::kind(view.kind),
                    text::some(&words::operations(&calls), 3),
                ),
            )
            .at(app.span(), "not asked for here")
            .note(words::measured(&subject))
            .notes(words::doubts(&calls))
            .confidence(view.confidence(&calls))
            .about(subject)
            .key(format!("{name}/{}", text::kind(view.kind)));
            with_fix(app, finding, &[(view.kind, name)])
        })
        .collect()
}

fn in_either(app: &Assessment<'_>, call: &AnsweredCall) -> Finding {
    let mut answers: Vec<(msgraph_permissions::PermissionType, PermissionName)> = Vec::new();
    let mut notes = Vec::new();
    let mut subjects = Vec::new();
    for answer in &call.answers {
        let kind = answer.scheme.permission_type();
        match (&answer.least, answer.verdict) {
            (Some(least), _) => {
                let subject = app.subject(&least.permission, kind);
                let mut note = words::measured(&subject);
                if !least.also_requires.is_empty() {
                    let also: Vec<&str> =
                        least.also_requires.iter().map(PermissionName::as_str).collect();
                    note.push_str(&format!(", together with {}", text::or(&also)));
                }
                notes.push(note);
                subjects.push(subject);
                answers.push((kind, least.permission.clone()));
            }
            (None, Verdict::UnsupportedScheme) => notes.push(format!(
                "{} permissions are not supported for it",
                text::kind(kind)
            )),
            (None, verdict) => notes.push(format!("{}: {verdict}", text::kind(kind))),
        }
    }
    let names: Vec<String> = answers
        .iter()
        .map(|(kind, name)| format!("{name} ({})", text::kind(*kind)))
        .collect();
    let finding = Finding::new(
        &INFO,
        format!(
            "{} would be refused: the app asks for nothing that it accepts; the least privileged is {}",
            call.operation(),
            text::or(&names)
        ),
    )
    .at(app.span(), "not asked for here")
    .notes(notes)
    .instead(subjects)
    .key(call.operation());
    with_fix(app, finding, &answers)
}

/// Adds the fix where there is one answer and nothing unread in which it may already stand.
fn with_fix(
    app: &Assessment<'_>,
    finding: Finding,
    answers: &[(msgraph_permissions::PermissionType, PermissionName)],
) -> Finding {
    let shown = |title: String| Fix {
        title,
        applicability: Applicability::DisplayOnly,
        changes: Vec::new(),
    };
    if let [(kind, name)] = answers {
        let title = format!("add {name} ({})", text::kind(*kind));
        if app.unread {
            return finding
                .severity(Severity::Warning)
                .confidence(Confidence::Low)
                .note("part of the declaration could not be read, and may ask for it")
                .fix(Some(shown(title)));
        }
        return match fix::permission_text(app.catalog(), name, *kind) {
            Some(text) => finding.fix(Some(Fix {
                title,
                applicability: Applicability::Safe,
                changes: vec![fix::add(app.index, text, *kind)],
            })),
            None => finding.fix(Some(shown(title))),
        };
    }
    let names: Vec<String> = answers
        .iter()
        .map(|(kind, name)| format!("{name} ({})", text::kind(*kind)))
        .collect();
    finding.fix(Some(shown(format!(
        "say how the call is made, as in `--calls 'application POST …'`, or add {}",
        text::or(&names)
    ))))
}
