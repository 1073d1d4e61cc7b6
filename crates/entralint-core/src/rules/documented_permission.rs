//! Rule `documented-permission`: prose says that the app needs more than its calls do.

use msgraph_permissions::{PermissionName, RequestedVerdict};

use super::{Findings, Rule, RuleInfo, words};
use crate::assess::Assessment;
use crate::finding::{Confidence, Fix, Severity};
use crate::text;

declare_rule! {
    /// # What it does
    ///
    /// Finds prose that tells its readers to grant more than the app's calls need: the prerequisites of a deployment
    /// template, comment-based help, a README.
    ///
    /// # Why is this bad?
    ///
    /// Of the playbooks that revoke sessions most state their grant in prose only. People grant what they read.
    ///
    /// It is a note: what prose says is not a grant. Tables of all permissions and lists of what is not used are no
    /// requests, and are not read as such.
    ///
    /// # Example
    ///
    /// Call: `POST /users/{id}/revokeSignInSessions`
    ///
    /// ```markdown
    /// # Revoke sign-in sessions
    ///
    /// The managed identity requires the application permission `Directory.ReadWrite.All` of Microsoft Graph.
    /// ```
    ///
    /// # Use instead
    ///
    /// Call: `POST /users/{id}/revokeSignInSessions`
    ///
    /// ```markdown
    /// # Revoke sign-in sessions
    ///
    /// The managed identity requires the application permission `User.RevokeSessions.All` of Microsoft Graph.
    /// ```
    ///
    /// # References
    ///
    /// - [user: revokeSignInSessions](https://learn.microsoft.com/graph/api/user-revokesigninsessions)
    DocumentedPermission {
        id: "documented-permission",
        summary: "prose says that the app needs more than its calls do",
        severity: Note,
        security_severity: "3.0",
    }
}

impl Rule for DocumentedPermission {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check_app(&self, app: &Assessment<'_>, findings: &mut Findings) {
        if !app.is_documented() || !app.knows_calls() {
            return;
        }
        for view in &app.views {
            for (name, verdict) in &view.verdicts {
                let RequestedVerdict::Broader { calls, instead } = verdict else {
                    continue;
                };
                let Some(request) = app.requests_for(name, view.permission_type).next() else {
                    continue;
                };
                if words::blocked(app, view, name).is_some()
                    || words::withheld(app, instead).is_some()
                    || super::broader_permission::is_replaced_by_wider(app, view, name, instead)
                {
                    continue;
                }
                let names: Vec<&str> = instead.iter().map(PermissionName::as_str).collect();
                let subject = app.subject(name, view.permission_type);
                let title = format!("write {} instead of {name}", text::and(&names));
                let swap = match instead.as_slice() {
                    [one] => words::permission_text(app.catalog, one, view.permission_type),
                    _ => None,
                };
                let changes = swap.map(|with| {
                    vec![entra_manifest::Change::Replace {
                        app: app.index,
                        requested: request.index,
                        with,
                        permission_type: None,
                    }]
                });
                let finding = app
                    .finding(
                        &INFO,
                        format!(
                            "the documentation says that {name} ({}) is required: {} {} enough for the calls",
                            text::permission_type(view.permission_type),
                            text::and(&names),
                            if names.len() == 1 { "is" } else { "are" },
                        ),
                        request.span(),
                        words::measured(&subject),
                    )
                    .severity(Severity::Note)
                    .confidence(view.confidence(&app.calls, calls).min(Confidence::Medium))
                    .about(subject)
                    .instead(
                        instead
                            .iter()
                            .map(|n| app.subject(n, view.permission_type))
                            .collect(),
                    );
                let finding = words::called_here(app, finding, calls);
                findings.push(match changes {
                    Some(changes) if app.manifest.is_editable() => {
                        finding.fix(words::unsafe_fix(title, changes))
                    }
                    _ => finding.fix(Fix::display_only(title)),
                });
            }
        }
    }
}
