//! The table of all apps: what each requests, what its calls need, and what it could give up.

use std::collections::HashMap;
use std::fmt::Write as _;

use msgraph_permissions::PermissionType;

use super::escaped;
use super::levels::{excess, is_for_sign_in};
use super::page::{is_unneeded, place};
use crate::report::view::{AppView, PermissionView, View};
use crate::text;

/// The section, with the apps that could give up most first; nothing where a run has no apps.
pub(super) fn section(out: &mut String, view: &View) {
    if view.apps.is_empty() {
        return;
    }
    // Findings belong to an app by its name; several apps may share one, as a file may hold two of the same name.
    let mut by_app: HashMap<&str, usize> = HashMap::new();
    for finding in view.open() {
        if let Some(app) = &finding.app {
            *by_app.entry(app).or_default() += 1;
        }
    }
    let mut apps: Vec<(usize, &AppView)> = view.apps.iter().enumerate().collect();
    apps.sort_by_key(|(at, app)| (std::cmp::Reverse(excess(app)), *at));
    out.push_str("<section aria-labelledby=\"apps\"><h2 id=\"apps\">Apps</h2>\n<p class=\"where\">The number before a permission is its privilege level, from 1 to 5 (? where none is published). Excess: the levels requested less those needed; a permission that leads to control of the tenant counts double.</p>\n<table class=\"data\" id=\"apps-table\"><thead><tr><th scope=\"col\">App</th><th scope=\"col\">Requests</th><th scope=\"col\">Needs</th><th scope=\"col\" class=\"number\" aria-sort=\"descending\">Excess</th><th scope=\"col\" class=\"number\">Findings</th></tr></thead><tbody>\n");
    for (at, app) in apps {
        row(
            out,
            at,
            app,
            by_app.get(app.name.as_str()).copied().unwrap_or(0),
        );
    }
    out.push_str("</tbody></table></section>\n");
}

fn row(out: &mut String, at: usize, app: &AppView, findings: usize) {
    let excess = excess(app);
    let mut marks = Vec::new();
    if excess.is_none() {
        marks.push("unknown");
    }
    if excess.is_some_and(|excess| excess > 0) {
        marks.push("excess");
    }
    if app.requested.iter().any(|permission| permission.privileged) {
        marks.push("tenant");
    }
    let _ = write!(
        out,
        "<tr id=\"app-{at}\" data-has=\"{}\"><th scope=\"row\">{}<div class=\"where\">{}{} · {}</div></th><td>",
        marks.join(" "),
        escaped(&app.name),
        app.address
            .as_deref()
            .filter(|address| *address != app.name)
            .map(|address| format!("<code>{}</code> · ", escaped(address)))
            .unwrap_or_default(),
        place(&app.place),
        escaped(&app.format),
    );
    permissions(out, &app.requested, |permission| {
        is_unneeded(app, permission).then_some(("drop", "not needed"))
    });
    if app.unresolved > 0 {
        let _ = write!(
            out,
            "<p class=\"where\">{} unresolved</p>",
            text::count(app.unresolved, "request")
        );
    }
    out.push_str("</td><td>");
    needs(out, app);
    let findings = if findings == 0 {
        "0".to_owned()
    } else {
        format!(
            "<a href=\"#findings\" data-app=\"{}\">{findings}</a>",
            escaped(&app.name)
        )
    };
    let _ = writeln!(
        out,
        "</td><td class=\"number\">{}</td><td class=\"number\">{findings}</td></tr>",
        excess.map_or_else(|| "–".to_owned(), |n| n.to_string()),
    );
}

fn needs(out: &mut String, app: &AppView) {
    let Some(needed) = &app.needed else {
        out.push_str("<span class=\"where\">no calls known</span>");
        return;
    };
    permissions(out, needed, |permission| {
        let is_new = !app.requested.contains(permission) && !is_for_sign_in(permission);
        is_new.then_some(("add", "not requested"))
    });
    if app.calls.is_empty() {
        return;
    }
    let open = app
        .calls
        .iter()
        .filter(|call| call.needs.is_empty())
        .count();
    if open > 0 {
        let _ = write!(
            out,
            "<p class=\"where\">{} without an answer</p>",
            text::count(open, "call")
        );
    }
    let _ = write!(
        out,
        "<details><summary>{}</summary><ul>",
        text::count(app.calls.len(), "call")
    );
    for call in &app.calls {
        let origin = call
            .origin
            .as_deref()
            .map(|origin| format!(" <span class=\"where\">{}</span>", escaped(origin)))
            .unwrap_or_default();
        let needs = if call.needs.is_empty() {
            "no answer".to_owned()
        } else {
            escaped(&call.needs.join(" or "))
        };
        let _ = write!(
            out,
            "<li><code>{}</code>{origin}<br>{needs}</li>",
            escaped(&call.call)
        );
    }
    out.push_str("</ul></details>");
}

/// A list of permissions; `mark` gives a class and a word for those that change.
fn permissions(
    out: &mut String,
    list: &[PermissionView],
    mark: impl Fn(&PermissionView) -> Option<(&'static str, &'static str)>,
) {
    if list.is_empty() {
        out.push_str("<span class=\"where\">nothing</span>");
        return;
    }
    out.push_str("<ul class=\"permissions\">");
    for permission in list {
        let level = permission.level.map_or(0, |level| level.min(5));
        let what = match permission.permission_type {
            Some(PermissionType::Application) => "application",
            Some(PermissionType::Delegated) => "delegated",
            None => "unknown type",
        };
        let shown = match level {
            0 => "?".to_owned(),
            level => level.to_string(),
        };
        let (class, word) = match mark(permission) {
            Some((class, word)) => (format!(" class=\"{class}\""), format!(" <b>{word}</b>")),
            None => (String::new(), String::new()),
        };
        let tenant = if permission.privileged {
            " <i title=\"leads to control of the tenant\">tenant</i>"
        } else {
            ""
        };
        let _ = write!(
            out,
            "<li{class}><span class=\"l{level}\">{shown}</span> <code>{}</code>{tenant} <small>{what}</small>{word}</li>",
            escaped(&permission.name)
        );
    }
    out.push_str("</ul>");
}
