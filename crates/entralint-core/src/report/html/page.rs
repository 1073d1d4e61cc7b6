//! The body of the page.

use std::fmt::Write as _;

use super::levels::{Levels, excess, is_for_sign_in, known};
use super::{apps, escaped, findings, worst};
use crate::report::view::{AppView, PermissionView, PlaceView, View};
use crate::text;

pub(super) fn body(out: &mut String, view: &View) {
    let _ = writeln!(
        out,
        "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n<header><h1>Microsoft Graph permissions: requested and needed</h1><p class=\"headline\">{}</p><nav aria-label=\"Sections\">",
        escaped(&verdict(view))
    );
    for (id, name, is_there) in [
        ("rules", "Rules", view.open().next().is_some()),
        ("apps", "Apps", !view.apps.is_empty()),
        ("findings", "Findings", true),
        ("notices", "Not checked", !view.notices.is_empty()),
    ] {
        if is_there {
            let _ = write!(out, "<a href=\"#{id}\">{name}</a> ");
        }
    }
    out.push_str("</nav></header>\n<main id=\"main\" tabindex=\"-1\">\n");
    tiles(out, view);
    let levels = Levels::of(view);
    out.push_str("<div class=\"two\">\n<div>\n");
    if levels.apps > 0 {
        out.push_str(
            "<section aria-labelledby=\"levels\"><h2 id=\"levels\">Before and after</h2>\n",
        );
        levels.table(out);
        out.push_str("</section>\n");
    }
    findings::rules(out, view);
    out.push_str("</div>\n");
    worst::list(out, view);
    out.push_str("</div>\n");
    apps::section(out, view);
    findings::section(out, view);
    notices(out, view);
    footer(out, view);
    out.push_str("</main>\n");
}

/// What the page comes to, in a sentence; the counts of findings where no app's calls are known.
fn verdict(view: &View) -> String {
    let (mut requested, mut unneeded, mut apps) = (0, 0, 0);
    for app in &view.apps {
        if excess(app).is_none() {
            continue;
        }
        apps += 1;
        for permission in app.requested.iter().filter(|p| !is_for_sign_in(p)) {
            requested += 1;
            unneeded += usize::from(is_unneeded(app, permission));
        }
    }
    let headline = view.headline();
    if apps == 0 {
        return headline;
    }
    format!(
        "{headline}. Not needed by the calls: {unneeded} of {} ({} with known calls)",
        text::count(requested, "requested permission"),
        text::count(apps, "app"),
    )
}

/// Whether an app's calls, all of them answered, need other permissions than this one.
pub(super) fn is_unneeded(app: &AppView, permission: &PermissionView) -> bool {
    !is_for_sign_in(permission) && known(app).is_some_and(|needed| !needed.contains(permission))
}

fn tiles(out: &mut String, view: &View) {
    let counts = view.counts();
    let privileged = |apps: &mut dyn Iterator<Item = &[PermissionView]>| {
        apps.filter(|list| list.iter().any(|p| p.privileged))
            .count()
    };
    let requested = privileged(&mut view.apps.iter().map(|app| app.requested.as_slice()));
    let needed = privileged(&mut view.apps.iter().filter_map(|app| app.needed.as_deref()));
    let known = view.apps.iter().filter(|app| app.needed.is_some()).count();
    out.push_str("<dl class=\"tiles\">\n");
    for (name, value, class) in [
        ("apps", view.apps.len(), ""),
        ("with known calls", known, ""),
        ("errors", counts.errors, "error"),
        ("warnings", counts.warnings, "warning"),
        ("notes", counts.notes, "note"),
        ("apps request control of the tenant", requested, "error"),
        ("of them need it", needed, ""),
    ] {
        let class = if value == 0 { "" } else { class };
        let _ = writeln!(
            out,
            "<div class=\"{class}\"><dt>{name}</dt><dd>{value}</dd></div>"
        );
    }
    out.push_str("</dl>\n");
}

fn notices(out: &mut String, view: &View) {
    if view.notices.is_empty() {
        return;
    }
    out.push_str("<section aria-labelledby=\"notices\"><h2 id=\"notices\">Not checked</h2>\n<table class=\"data\"><thead><tr><th scope=\"col\">What</th><th scope=\"col\">File</th><th scope=\"col\">Why</th></tr></thead><tbody>\n");
    for notice in &view.notices {
        let _ = writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
            notice.kind,
            notice
                .file
                .as_deref()
                .map(|file| format!("<code>{}</code>", escaped(file)))
                .unwrap_or_default(),
            escaped(&notice.message)
        );
    }
    out.push_str("</tbody></table></section>\n");
}

fn footer(out: &mut String, view: &View) {
    out.push_str("<footer>");
    for remark in &view.remarks {
        let _ = writeln!(out, "<p>{}</p>", escaped(remark));
    }
    if let Some(all) = view.cut_from {
        let _ = writeln!(
            out,
            "<p>{} of {all} findings are shown.</p>",
            view.findings.len()
        );
    }
    let _ = writeln!(
        out,
        "<p>entralint {} · {}</p></footer>",
        escaped(&view.version),
        escaped(&view.catalog)
    );
}

pub(super) fn place(place: &PlaceView) -> String {
    format!("<code>{}:{}</code>", escaped(&place.file), place.start.line)
}
