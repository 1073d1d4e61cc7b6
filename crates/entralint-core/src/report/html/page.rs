//! The body of the page.

use std::collections::HashMap;
use std::fmt::Write as _;

use msgraph_permissions::PermissionType;

use super::levels::{Levels, excess};
use super::{escaped, worst};
use crate::finding::{Applicability, Severity};
use crate::report::view::{AppView, FindingView, PermissionView, PlaceView, View};
use crate::text;

pub(super) fn body(out: &mut String, view: &View) {
    let _ = writeln!(
        out,
        "<header><h1>Microsoft Graph permissions</h1><p class=\"headline\">{}</p></header>\n<main>",
        escaped(&view.headline())
    );
    tiles(out, view);
    let levels = Levels::of(view);
    out.push_str("<div class=\"two\">\n");
    if levels.apps > 0 {
        out.push_str(
            "<section aria-labelledby=\"levels\"><h2 id=\"levels\">Before and after</h2>\n",
        );
        levels.table(out);
        out.push_str("</section>\n");
    }
    worst::list(out, view);
    out.push_str("</div>\n");
    apps(out, view);
    findings(out, view);
    notices(out, view);
    footer(out, view);
    out.push_str("</main>\n");
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
        ("of them with known calls", known, ""),
        ("errors", counts.errors, "error"),
        ("warnings", counts.warnings, "warning"),
        ("notes", counts.notes, "note"),
        (
            "apps that request control of the tenant",
            requested,
            "error",
        ),
        ("apps that need it", needed, ""),
    ] {
        let class = if value == 0 { "" } else { class };
        let _ = writeln!(
            out,
            "<div class=\"{class}\"><dt>{name}</dt><dd>{value}</dd></div>"
        );
    }
    out.push_str("</dl>\n");
}

fn apps(out: &mut String, view: &View) {
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
    out.push_str("<section aria-labelledby=\"apps\"><h2 id=\"apps\">Apps</h2>\n<table class=\"data\" id=\"apps-table\"><thead><tr><th scope=\"col\">App</th><th scope=\"col\">Requests</th><th scope=\"col\">Needs</th><th scope=\"col\" class=\"number\">Excess</th><th scope=\"col\" class=\"number\">Findings</th></tr></thead><tbody>\n");
    for (at, app) in view.apps.iter().enumerate() {
        let _ = write!(
            out,
            "<tr id=\"app-{at}\"><th scope=\"row\">{}<div class=\"where\">{}{} · {}</div></th><td>{}{}</td><td>",
            escaped(&app.name),
            app.address
                .as_deref()
                .filter(|address| *address != app.name)
                .map(|address| format!("<code>{}</code> · ", escaped(address)))
                .unwrap_or_default(),
            place(&app.place),
            escaped(&app.format),
            permissions(&app.requested),
            match app.unresolved {
                0 => String::new(),
                n => format!(
                    "<p class=\"where\">{} unresolved</p>",
                    text::count(n, "request")
                ),
            },
        );
        needs(out, app);
        let _ = writeln!(
            out,
            "</td><td class=\"number\">{}</td><td class=\"number\">{}</td></tr>",
            excess(app).map_or_else(|| "–".to_owned(), |n| n.to_string()),
            by_app.get(app.name.as_str()).copied().unwrap_or(0),
        );
    }
    out.push_str("</tbody></table>\n<p class=\"where\">Excess: the privilege levels requested less those needed; a permission that leads to control of the tenant counts double.</p></section>\n");
}

fn needs(out: &mut String, app: &AppView) {
    let Some(needed) = &app.needed else {
        out.push_str("<span class=\"where\">no calls known</span>");
        return;
    };
    out.push_str(&permissions(needed));
    if app.calls.is_empty() {
        return;
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
            escaped(&call.needs.join(" and "))
        };
        let _ = write!(
            out,
            "<li><code>{}</code>{origin}<br>{needs}</li>",
            escaped(&call.call)
        );
    }
    out.push_str("</ul></details>");
}

fn findings(out: &mut String, view: &View) {
    let findings = view.by_severity();
    out.push_str("<section aria-labelledby=\"findings\"><h2 id=\"findings\">Findings</h2>\n");
    if findings.is_empty() {
        out.push_str("<p>None.</p></section>\n");
        return;
    }
    out.push_str("<table class=\"data\" id=\"findings-table\"><thead><tr><th scope=\"col\">Severity</th><th scope=\"col\">Rule</th><th scope=\"col\">App</th><th scope=\"col\">Place</th><th scope=\"col\">Finding</th></tr></thead><tbody>\n");
    for finding in findings {
        row(out, finding);
    }
    out.push_str("</tbody></table></section>\n");
}

fn row(out: &mut String, finding: &FindingView) {
    let (word, order) = match finding.severity {
        Severity::Error => ("error", 0),
        Severity::Warning => ("warning", 1),
        Severity::Note => ("note", 2),
    };
    let _ = write!(
        out,
        "<tr><td data-sort=\"{order}\"><span class=\"severity {word}\">{word}</span></td><td><a href=\"{}\">{}</a></td><td>{}</td><td>{}</td><td>{}",
        escaped(&finding.rule_url),
        finding.rule,
        finding.app.as_deref().map(escaped).unwrap_or_default(),
        finding.place.as_ref().map(place).unwrap_or_default(),
        escaped(&finding.message),
    );
    for note in &finding.notes {
        let _ = write!(out, "<p class=\"where\">{}</p>", escaped(note));
    }
    if !finding.related.is_empty() {
        out.push_str("<ul class=\"where\">");
        for (at, label) in &finding.related {
            let _ = write!(out, "<li>{}: {}</li>", escaped(label), place(at));
        }
        out.push_str("</ul>");
    }
    if let Some(fix) = &finding.fix {
        let how = match fix.applicability {
            Applicability::Safe => "<code>--fix</code>",
            Applicability::Unsafe => "<code>--fix --unsafe-fixes</code>",
            Applicability::DisplayOnly => "by hand",
        };
        let _ = write!(out, "<p>Fix ({how}): {}</p>", escaped(&fix.title));
    }
    out.push_str("</td></tr>\n");
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

fn place(place: &PlaceView) -> String {
    format!("<code>{}:{}</code>", escaped(&place.file), place.start.line)
}

fn permissions(list: &[PermissionView]) -> String {
    if list.is_empty() {
        return "<span class=\"where\">nothing</span>".to_owned();
    }
    let mut out = String::from("<ul class=\"permissions\">");
    for permission in list {
        let level = permission.level.map_or(0, |level| level.min(5));
        let what = match permission.permission_type {
            Some(PermissionType::Application) => "application",
            Some(PermissionType::Delegated) => "delegated",
            None => "unknown type",
        };
        let said = match level {
            0 => "no published level".to_owned(),
            n => format!("level {n}"),
        };
        let tenant = if permission.privileged {
            "<span class=\"tenant\" title=\"leads to control of the tenant\">tenant</span>"
        } else {
            ""
        };
        let _ = write!(
            out,
            "<li><span class=\"level l{level}\" title=\"{said}\">{}</span> <code>{}</code> {tenant}<span class=\"where\">{what}</span></li>",
            if level == 0 {
                "?".to_owned()
            } else {
                level.to_string()
            },
            escaped(&permission.name)
        );
    }
    out.push_str("</ul>");
    out
}
