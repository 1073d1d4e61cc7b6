//! Output format `markdown`: for a comment on a pull request, GitHub's step summary and the summary of an Azure run.

use std::fmt::Write as _;

use msgraph_permissions::PermissionType;

use super::view::{FindingView, PermissionView, View};
use crate::finding::Severity;
use crate::text;

/// Findings in full up to this number: GitHub cuts a comment at 65,536 characters.
const MOST: usize = 100;

/// The report as GitHub-flavoured Markdown.
pub fn render(view: &View) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "## entralint: {}\n", view.headline());
    let findings = view.by_severity();
    if !findings.is_empty() {
        out.push_str("| | place | app | finding |\n|---|---|---|---|\n");
        for finding in findings.iter().take(MOST) {
            row(&mut out, finding);
        }
        if findings.len() > MOST {
            let _ = writeln!(
                out,
                "\n{} more are in the other formats of this run.",
                text::count(findings.len() - MOST, "finding")
            );
        }
        out.push('\n');
    }
    apps(&mut out, view);
    if !view.notices.is_empty() {
        let _ = writeln!(
            out,
            "<details><summary>{} not checked</summary>\n",
            text::count(view.notices.len(), "place")
        );
        for notice in view.notices.iter().take(MOST) {
            let file = notice
                .file
                .as_deref()
                .map(|file| format!("{} ", code(file)));
            let _ = writeln!(
                out,
                "- {}: {}{}",
                notice.kind,
                file.unwrap_or_default(),
                escaped(&notice.message)
            );
        }
        out.push_str("\n</details>\n\n");
    }
    for remark in &view.remarks {
        let _ = writeln!(out, "{}\n", escaped(remark));
    }
    let _ = writeln!(out, "<sub>{}</sub>", escaped(&view.catalog));
    out
}

fn row(out: &mut String, finding: &FindingView) {
    let mark = match finding.severity {
        Severity::Error => "❌ error",
        Severity::Warning => "⚠️ warning",
        Severity::Note => "ℹ️ note",
    };
    let place = finding
        .place
        .as_ref()
        .map(|place| code(&format!("{}:{}", place.file, place.start.line)))
        .unwrap_or_default();
    let mut what = format!(
        "{} ([{}]({}))",
        escaped(&finding.message),
        finding.rule,
        finding.rule_url
    );
    if let Some(fix) = &finding.fix {
        let _ = write!(what, "<br>Fix: {}", escaped(&fix.title));
    }
    for (place, label) in finding.related.iter().take(5) {
        let _ = write!(
            what,
            "<br>{}: {}",
            escaped(label),
            code(&format!("{}:{}", place.file, place.start.line))
        );
    }
    let app = finding.app.as_deref().map(escaped).unwrap_or_default();
    let _ = writeln!(out, "| {mark} | {place} | {app} | {what} |");
}

fn apps(out: &mut String, view: &View) {
    if view.apps.is_empty() {
        return;
    }
    out.push_str("<details><summary>What each app requests and needs</summary>\n\n");
    out.push_str("| app | requests | needs |\n|---|---|---|\n");
    for app in view.apps.iter().take(MOST) {
        let needed = app
            .needed
            .as_deref()
            .map_or_else(|| "no calls known".to_owned(), permissions);
        let _ = writeln!(
            out,
            "| {} | {} | {needed} |",
            escaped(&app.name),
            permissions(&app.requested)
        );
    }
    out.push_str("\n</details>\n\n");
}

fn permissions(list: &[PermissionView]) -> String {
    if list.is_empty() {
        return "nothing".to_owned();
    }
    let shown: Vec<String> = list
        .iter()
        .map(|permission| {
            let kind = match permission.permission_type {
                Some(PermissionType::Application) => " (application)",
                Some(PermissionType::Delegated) => " (delegated)",
                None => "",
            };
            format!("{}{kind}", code(&permission.name))
        })
        .collect();
    shown.join("<br>")
}

/// Text that is text: no emphasis, link, mention, HTML or end of a table cell comes out of a file's words.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text::escaped(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // A mention notifies people; the entity shows the same character and does not.
            '@' => out.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

/// A code span in a table cell. A backtick cannot be escaped inside one, so it is left out.
fn code(text: &str) -> String {
    let inner = text::escaped(text).replace('`', "'").replace('|', "\\|");
    format!("`{inner}`")
}

#[cfg(test)]
mod tests {
    use crate::report::sample;

    #[test]
    fn a_comment_for_a_pull_request() {
        insta::assert_snapshot!(super::render(&sample::view()));
    }

    #[test]
    fn words_of_a_file_are_no_markup() {
        let mut view = sample::view();
        view.findings[0].message =
            "<img src=x> @everyone [a](http://evil) | **b** `c`\n# d".to_owned();
        let out = super::render(&view);
        let row = out
            .lines()
            .find(|line| line.contains("evil"))
            .unwrap_or_default();
        assert!(!row.contains("<img") && !row.contains("@everyone") && !row.contains("[a]("));
        assert!(!out.lines().any(|line| line.starts_with("# d")));
    }
}
