//! Rule `nonstandard-syntax`: syntax that other tools may reject or read differently.

use entra_manifest::{Change, Manifest, Means, PermissionRef, ProblemKind};

use super::{Findings, Rule, RuleInfo, words};
use crate::assess::{Assessment, Files, Resolution};
use crate::finding::{Applicability, Finding, Fix, Severity};
use crate::text;

declare_rule! {
    /// # What it does
    ///
    /// Points at syntax that is tolerated: comments and trailing commas (which JSON does not have), a
    /// property that appears twice, a property of the wrong type.
    ///
    /// # Why is this bad?
    ///
    /// Other tools stop there, or take the other of two values.
    ///
    /// # Example
    ///
    /// ```json
    /// {
    ///   "requiredResourceAccess": [
    ///     {
    ///       "resourceAppId": "00000003-0000-0000-c000-000000000000",
    ///       "resourceAccess": [
    ///         { "id": "77f3a031-c388-4f99-b373-dc68676a979e", "type": "Role" },
    ///       ]
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// # Use instead
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
    NonstandardSyntax {
        id: "nonstandard-syntax",
        summary: "syntax that other tools may reject or read differently",
        severity: Note,
        security_severity: "1.0",
    }
}

impl Rule for NonstandardSyntax {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check_app(&self, app: &Assessment<'_>, findings: &mut Findings) {
        for request in &app.requests {
            let (Resolution::Known { name, permission_type }, PermissionRef::Name { name: written, .. }) =
                (&request.resolution, &request.requested.permission)
            else {
                continue;
            };
            if written == name.as_str() || request.requested.means != Means::Requested {
                continue;
            }
            let changes = words::permission_text(app.catalog, name, *permission_type)
                .map(|with| {
                    vec![Change::Replace {
                        app: app.index,
                        requested: request.index,
                        with,
                        permission_type: None,
                    }]
                })
                .unwrap_or_default();
            let title = format!("write {name}");
            findings.push(
                app.finding(
                    &INFO,
                    format!("{} is published as {name}", text::shown(written)),
                    request.span(),
                    "other letter case",
                )
                .key(written.clone())
                .fix(if changes.is_empty() {
                    Fix::display_only(title)
                } else {
                    Fix::new(title, Applicability::Safe, changes)
                }),
            );
        }
    }

    fn check_manifest(&self, manifest: &Manifest, files: Files<'_>, findings: &mut Findings) {
        // A module that several units deploy has its problem once.
        let mut seen = std::collections::HashSet::new();
        for problem in &manifest.problems {
            if !seen.insert((problem.span, problem.kind, &problem.message)) {
                continue;
            }
            if findings.is_full(&INFO) {
                findings.count(&INFO);
                continue;
            }
            // What is not read may hold any permission: that is no question of style.
            let unread = matches!(problem.kind, ProblemKind::NotRead | ProblemKind::Syntax);
            let mut finding = Finding::new(&INFO, text::shown(&problem.message))
                // Where nothing else speaks of permissions, what is not read seldom does.
                .severity(if unread && !manifest.apps.is_empty() {
                    Severity::Warning
                } else {
                    Severity::Note
                })
                .key(problem.message.clone());
            if let Some(source) = files.of(problem.span) {
                finding = finding.at(
                    source,
                    problem.span,
                    match problem.kind {
                        _ if unread => "not read",
                        ProblemKind::Generated => "generated",
                        _ => "tolerated",
                    },
                );
                finding.fingerprint.app.file = text::path(source.name());
            }
            findings.push(finding);
        }
    }
}
