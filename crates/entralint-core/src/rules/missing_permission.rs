//! Rule `missing-permission`: a call will fail, since no requested permission allows it.

use msgraph_calls::Certainty;
use msgraph_permissions::{PermissionName, PermissionType, Verdict};

use super::{Findings, Rule, RuleInfo, words};
use crate::assess::{Assessment, View};
use crate::calls::CallSet;
use crate::finding::{Confidence, Finding, Fix, Severity};
use crate::text;

declare_rule! {
    /// # What it does
    ///
    /// Finds a call that no requested permission of the app allows, and names the least privileged one that would.
    ///
    /// # Why is this bad?
    ///
    /// Microsoft Graph answers such a call with `403 Authorization_RequestDenied`. Under pressure people then grant the
    /// first broad permission that makes the error go away.
    ///
    /// A call without a named type (delegated or application) is judged in each type in which the app already requests
    /// something that the call accepts. Where there is none, it is reported once, with the answer for each type: only you
    /// know whether a user is signed in. A call that is certain gives an error, a likely one a warning, a possible one a
    /// note. Nothing is reported missing for calls that may be another app's. Where the documentation names two permissions
    /// together and one of them is requested, the other is a warning.
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
    /// Unsafe: it requests one more permission. Shown only where the type is not known, or where something in the manifest
    /// that could not be read may already request it.
    ///
    /// # References
    ///
    /// - [Resolve authorization errors](https://learn.microsoft.com/graph/resolve-auth-errors)
    MissingPermission {
        id: "missing-permission",
        summary: "no requested permission allows a call that the app makes",
        severity: Error,
        security_severity: "3.0",
    }
}

impl Rule for MissingPermission {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check_app(&self, app: &Assessment<'_>, findings: &mut Findings) {
        if app.is_documented() || app.is_wholly_unread() {
            return;
        }
        for view in &app.views {
            for (name, calls) in &view.missing {
                let own: Vec<usize> = calls
                    .iter()
                    .filter(|at| !app.call(**at).shared)
                    .copied()
                    .collect();
                if !own.is_empty() && !is_there_anyway(app, name) {
                    findings.push(in_type(app, view, name, &own));
                }
            }
        }
        for at in &app.open {
            let call = app.call(*at);
            let is_there = call
                .answers
                .iter()
                .filter_map(|answer| answer.least.as_ref())
                .any(|least| is_there_anyway(app, &least.permission));
            if !call.shared && !is_there && !super::me_without_user::applies(app, call) {
                findings.push(in_either(app, *at));
            }
        }
    }
}

/// Whether a permission that is not requested is there: PowerShell's own app always has `User.Read` (`Get-MgContext` lists
/// it for every user), and `Mail.Send.Shared` reaches what `Mail.Send` does, of others who share it.
fn is_there_anyway(app: &Assessment<'_>, name: &PermissionName) -> bool {
    let signed_in = app.asks_at_sign_in() && app.is_script() && words::is_for_sign_in(name);
    let shared = PermissionName::new(&format!("{name}.Shared"));
    signed_in || app.views.iter().any(|view| view.requested.contains(&shared))
}

/// A call that is only likely or possible does not make an error.
fn severity(app: &Assessment<'_>, calls: &[usize]) -> Severity {
    match calls.iter().map(|at| app.call(*at).certainty()).max() {
        Some(Certainty::Certain) | None => Severity::Error,
        Some(Certainty::Likely) => Severity::Warning,
        Some(Certainty::Possible) => Severity::Note,
    }
}

/// What happens to calls without the permission. What a sign-in asks for adds to what was consented to before.
fn fails(app: &Assessment<'_>, calls: usize) -> &'static str {
    match (app.asks_at_sign_in(), calls) {
        (false, _) => "will fail with 403",
        (true, 1) => "fails with 403 unless consent was given before",
        (true, _) => "fail with 403 unless consent was given before",
    }
}

fn in_type(app: &Assessment<'_>, view: &View, name: &PermissionName, calls: &[usize]) -> Finding {
    let t = text::permission_type(view.permission_type);
    let subject = app.subject(name, view.permission_type);
    let finding = app
        .finding(
            &INFO,
            format!(
                "{name} ({t}) is missing: {} {}",
                text::some(&words::operations(app, calls), 3),
                fails(app, calls.len()),
            ),
            app.span(),
            "add it here",
        )
        .severity(severity(app, calls))
        .note(words::measured(&subject))
        .notes(words::doubts(app, view, calls))
        .notes(
            crate::properties::lacking(&app.calls.properties, name)
                .map(|property| format!("the code names {property}, which {name} does not return")),
        )
        .confidence(view.confidence(&app.calls, calls))
        .about(subject);
    let finding = match companion(view, &app.calls, name, calls) {
        // Where the rest of what a call takes is there, practice and documentation differ now and then.
        Some(main) => {
            let severity = finding.severity.min(Severity::Warning);
            finding
                .severity(severity)
                .confidence(Confidence::Medium)
                .note(format!("Microsoft documents it together with {main}, which is requested"))
        }
        None => finding,
    };
    let finding = words::called_here(app, finding, calls);
    with_fix(app, finding, &[(view.permission_type, name.clone())])
}

/// The requested permission that unlocks these calls only together with another, which is the one that is missing.
fn companion(
    view: &View,
    calls: &CallSet,
    name: &PermissionName,
    of: &[usize],
) -> Option<PermissionName> {
    let mut main = None;
    for answer in view.answers(calls, of) {
        let bundle = answer.accepted.iter().find(|bundle| {
            view.requested.contains(&bundle.permission) && bundle.also_requires.contains(name)
        })?;
        main = Some(bundle.permission.clone());
    }
    main
}

fn in_either(app: &Assessment<'_>, at: usize) -> Finding {
    let call = app.call(at);
    let mut answers: Vec<(PermissionType, PermissionName)> = Vec::new();
    let mut notes = Vec::new();
    let mut subjects = Vec::new();
    for answer in &call.answers {
        let permission_type = answer.scheme.permission_type();
        let t = text::permission_type(permission_type);
        match (&answer.least, answer.verdict) {
            (Some(least), _) => {
                if answers.iter().any(|(t, name)| *t == permission_type && *name == least.permission) {
                    continue;
                }
                let subject = app.subject(&least.permission, permission_type);
                let mut note = words::measured(&subject);
                if !least.also_requires.is_empty() {
                    let also: Vec<&str> =
                        least.also_requires.iter().map(PermissionName::as_str).collect();
                    note.push_str(&format!(", together with {}", text::or(&also)));
                }
                notes.push(note);
                subjects.push(subject);
                answers.push((permission_type, least.permission.clone()));
            }
            (None, Verdict::UnsupportedScheme) => {
                notes.push(format!("it cannot be made with {t} permissions"));
            }
            (None, verdict) => notes.push(format!("{t}: {verdict}")),
        }
    }
    let names: Vec<String> = answers
        .iter()
        .map(|(t, name)| format!("{name} ({})", text::permission_type(*t)))
        .collect();
    let finding = app
        .finding(
            &INFO,
            format!(
                "{} {}: no requested permission allows it. Least privileged: {}",
                call.operation(),
                fails(app, 1),
                text::or(&names)
            ),
            app.span(),
            "add it here",
        )
        .severity(severity(app, &[at]))
        .notes(notes)
        .instead(subjects)
        .key(call.operation());
    let finding = words::called_here(app, finding, &[at]);
    with_fix(app, finding, &answers)
}

/// Adds the fix where there is one answer and nothing unread that may already request it.
fn with_fix(
    app: &Assessment<'_>,
    finding: Finding,
    answers: &[(PermissionType, PermissionName)],
) -> Finding {
    let finding = if app.asks_at_sign_in() && !app.is_script() {
        // What a program may do stands in its registration, which this repository does not have.
        finding
            .severity(Severity::Note)
            .confidence(Confidence::Low)
            .note("the code asks for other scopes at sign-in; the app's registration is not declared here, and may have it")
    } else if app.unread {
        let severity = finding.severity.min(Severity::Warning);
        finding
            .severity(severity)
            .confidence(Confidence::Low)
            .note("part of the declaration could not be read, and may request it")
    } else {
        finding
    };
    if let [(permission_type, name)] = answers {
        let title = format!("add {name} ({})", text::permission_type(*permission_type));
        if app.unread {
            return finding.fix(Fix::display_only(title));
        }
        let changes = words::permission_text(app.catalog, name, *permission_type)
            .map(|text| vec![words::add(app, text, *permission_type)]);
        return finding.fix(words::unsafe_fix(title, changes.unwrap_or_default()));
    }
    let names: Vec<String> = answers
        .iter()
        .map(|(t, name)| format!("{name} ({})", text::permission_type(*t)))
        .collect();
    finding.fix(Fix::display_only(format!(
        "write how the call is made, as in `application POST …`, or add {}",
        text::or(&names)
    )))
}
