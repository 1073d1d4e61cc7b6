//! A report for the renderers' tests: two apps, one of them clean, findings of each severity, and something not read.

use msgraph_permissions::PermissionType;

use super::view::{
    AppView, CallView, EditView, FindingView, FixView, Notice, PermissionView, PlaceView, Position,
    View,
};
use crate::finding::{Applicability, Confidence, Severity};

pub(crate) fn place(file: &str, line: usize, from: usize, to: usize) -> PlaceView {
    let position = |column| Position {
        line,
        column,
        column_utf16: column,
    };
    PlaceView {
        file: file.to_owned(),
        start: position(from),
        end: position(to),
        line_text: r#"          "id": "19dbc75e-c2e2-444c-a770-ec69d8559fc7","#.to_owned(),
    }
}

fn permission(name: &str, level: u8, privileged: bool) -> PermissionView {
    PermissionView {
        name: name.to_owned(),
        permission_type: Some(PermissionType::Application),
        level: Some(level),
        privileged,
    }
}

pub(crate) fn view() -> View {
    let finding = |rule: &'static str, severity, message: &str| FindingView {
        rule,
        rule_url: format!("https://example.org/rules/{rule}"),
        severity,
        confidence: Confidence::High,
        message: message.to_owned(),
        notes: Vec::new(),
        app: Some("Helpdesk, tier 1".to_owned()),
        permission: None,
        permission_type: None,
        place: None,
        related: Vec::new(),
        fix: None,
        fingerprint: format!("{rule}-0123456789abcdef"),
        baseline: None,
        suppressed: None,
    };
    View {
        version: "0.1.0".to_owned(),
        catalog: "catalog: embedded, 2026-08-07".to_owned(),
        findings: vec![
            FindingView {
                place: Some(place("apps/help desk.json", 3, 5, 9)),
                ..finding(
                    "label-mismatch",
                    Severity::Note,
                    "the comment says User.Read.All, the id is Sites.FullControl.All",
                )
            },
            FindingView {
                permission: Some("Directory.ReadWrite.All".to_owned()),
                permission_type: Some(PermissionType::Application),
                place: Some(place("apps/help desk.json", 16, 17, 55)),
                related: vec![(place("src/revoke.ts", 12, 9, 40), "called here".to_owned())],
                notes: vec!["covers POST /users/{id}/revokeSignInSessions".to_owned()],
                fix: Some(FixView {
                    title: "replace Directory.ReadWrite.All with User.RevokeSessions.All"
                        .to_owned(),
                    applicability: Applicability::Unsafe,
                    edits: vec![EditView {
                        place: place("apps/help desk.json", 16, 17, 55),
                        new: "\"77f3a031-c388-4f99-b373-dc68676a979e\"".to_owned(),
                    }],
                }),
                ..finding(
                    "broader-permission",
                    Severity::Error,
                    "Directory.ReadWrite.All (application) is broader than the calls need: User.RevokeSessions.All is enough",
                )
            },
            FindingView {
                app: None,
                ..finding(
                    "unknown-call",
                    Severity::Warning,
                    "GET /nothing is not in the catalog",
                )
            },
        ],
        apps: vec![
            AppView {
                name: "Helpdesk, tier 1".to_owned(),
                address: None,
                place: place("apps/help desk.json", 1, 1, 2),
                format: "Microsoft Graph application".to_owned(),
                requested: vec![permission("Directory.ReadWrite.All", 5, true)],
                needed: Some(vec![permission("User.RevokeSessions.All", 3, false)]),
                calls: vec![CallView {
                    call: "POST /users/{id}/revokeSignInSessions".to_owned(),
                    origin: Some("src/revoke.ts:12".to_owned()),
                    needs: vec!["User.RevokeSessions.All".to_owned()],
                }],
                unresolved: 0,
            },
            AppView {
                name: "Reader".to_owned(),
                address: Some("azuread_application.reader".to_owned()),
                place: place("infra/main.tf", 4, 1, 2),
                format: "Terraform".to_owned(),
                requested: vec![permission("User.Read.All", 3, false)],
                needed: None,
                calls: Vec::new(),
                unresolved: 1,
            },
        ],
        checked: 2,
        notices: vec![Notice {
            kind: "unsupported",
            file: Some("infra/pulumi.ts".to_owned()),
            message: "Pulumi programs are not supported yet".to_owned(),
        }],
        remarks: Vec::new(),
        cut_from: None,
    }
}
