//! From a report to the view that most output formats are written from.

use std::sync::Arc;

use super::view::{
    AppView, CallView, EditView, FindingView, FixView, Notice, PermissionView, PlaceView, Position,
    View,
};
use super::{AppReport, PermissionReport, Report};
use crate::calls::{CallSet, Origin};
use crate::finding::{Finding, Location, Mark};
use crate::{rules, text};

/// The line that says which permissions data a report rests on.
pub(super) fn catalog_line(info: &msgraph_permissions::CatalogInfo) -> String {
    format!(
        "catalog: {}, {}, {} (sha256 {})",
        text::escaped(&info.source),
        text::count(info.permissions, "permission"),
        text::count(info.operations, "operation"),
        info.sha256.get(..12).unwrap_or(&info.sha256),
    )
}

impl From<&Report> for View {
    fn from(report: &Report) -> Self {
        let path = |path: &camino::Utf8Path| text::path(path);
        let mut notices: Vec<Notice> = report
            .not_checked()
            .map(|(file, message)| Notice {
                kind: match file.outcome.as_str() {
                    "not-read" => "unreadable",
                    other => other,
                },
                file: Some(path(&file.path)),
                message,
            })
            .collect();
        notices.extend(report.errors.iter().map(|error| Notice {
            kind: "unreadable",
            file: None,
            message: error.clone(),
        }));
        let more: usize = report.more.iter().map(|(_, more)| more).sum();
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            catalog: report
                .catalog
                .as_ref()
                .map(catalog_line)
                .unwrap_or_default(),
            findings: report.findings.iter().map(finding).collect(),
            apps: report.apps.iter().map(app).collect(),
            checked: report.counts.apps,
            notices,
            remarks: report.remarks.clone(),
            cut_from: (more > 0).then(|| report.findings.len() + more),
        }
    }
}

fn finding(finding: &Finding) -> FindingView {
    FindingView {
        rule: finding.rule.id,
        rule_url: rules::url(finding.rule),
        severity: finding.severity,
        confidence: finding.confidence,
        message: finding.message.clone(),
        notes: finding.notes.clone(),
        app: finding
            .app
            .as_ref()
            .and_then(|app| app.shown())
            .map(str::to_owned),
        permission: finding
            .subject
            .as_ref()
            .map(|subject| subject.permission.to_string()),
        permission_type: finding
            .subject
            .as_ref()
            .map(|subject| subject.permission_type),
        place: finding.place.as_ref().map(|mark| place(&mark.at)),
        related: finding
            .related
            .iter()
            .map(|Mark { at, label }| (place(at), label.clone()))
            .collect(),
        fix: finding.fix.as_ref().map(|fix| FixView {
            title: fix.title.clone(),
            applicability: fix.applicability,
            edits: fix
                .edits
                .iter()
                .map(|edit| EditView {
                    place: place(&edit.at),
                    new: edit.new.clone(),
                })
                .collect(),
        }),
        fingerprint: finding.fingerprint.hash(),
        baseline: finding.baseline,
        suppressed: finding
            .suppressed
            .as_ref()
            .map(|suppression| suppression.reason.clone()),
    }
}

fn place(at: &Location) -> PlaceView {
    let position = |position: crate::finding::Position| Position {
        line: position.line,
        column: position.column,
        column_utf16: position.column_utf16,
    };
    PlaceView {
        file: text::path(&at.path),
        start: position(at.start),
        end: position(at.end),
        line_text: at.excerpt.text.clone(),
    }
}

fn app(app: &AppReport) -> AppView {
    let name = app
        .label
        .shown()
        .map_or_else(|| app.key.file.clone(), str::to_owned);
    AppView {
        name,
        address: app.label.address.clone(),
        place: place(&app.at),
        format: app.format.to_owned(),
        requested: app.requested.iter().map(permission).collect(),
        needed: app
            .needed
            .as_ref()
            .map(|needed| needed.iter().map(permission).collect()),
        calls: calls(&app.calls),
        unresolved: app.unresolved,
    }
}

fn permission(report: &PermissionReport) -> PermissionView {
    PermissionView {
        name: report.subject.permission.to_string(),
        permission_type: Some(report.subject.permission_type),
        level: report.subject.privilege_level,
        privileged: report.privileged,
    }
}

fn calls(set: &Arc<CallSet>) -> Vec<CallView> {
    set.calls
        .iter()
        .map(|call| CallView {
            call: call.call.to_string(),
            origin: call
                .origins
                .iter()
                .find_map(Origin::location)
                .map(Location::shown),
            needs: call
                .answers
                .iter()
                .filter_map(|answer| answer.least.as_ref())
                .map(ToString::to_string)
                .fold(Vec::new(), |mut needs, answer| {
                    if !needs.contains(&answer) {
                        needs.push(answer);
                    }
                    needs
                }),
        })
        .collect()
}
