//! Output format `markdown`: for a comment on a pull request, GitHub's step summary and the summary of an Azure run.

use std::fmt::Write as _;

use msgraph_permissions::PermissionType;

use super::view::{FindingView, PermissionView, View};
use crate::finding::Severity;
use crate::text;

/// Findings in full up to this number, and fewer where they are long.
const MOST: usize = 100;

/// GitHub refuses a comment of more than 65,536 characters; a few are left for who embeds the report.
const COMMENT: usize = 65_000;

/// The most that GitHub takes as the summary of one step, in bytes: "Job summaries", docs.github.com. A larger one is
/// not shown at all.
const STEP_SUMMARY: usize = 1024 * 1024;

/// The report for a step's summary to which something may have been written already.
pub fn step_summary(view: &View, written: u64) -> String {
    let mut out = render(view);
    let left = STEP_SUMMARY.saturating_sub(usize::try_from(written).unwrap_or(usize::MAX));
    if out.len() >= left {
        // Names from files can be long; a table that is cut within a row would swallow the rest of the summary.
        out = format!(
            "## entralint: {}\n\nThe report does not fit into the summary of this step: it is in the other formats of this run.\n",
            view.headline()
        );
    }
    if out.len() >= left {
        out.clear();
    }
    out
}

/// The report as GitHub-flavoured Markdown, short enough for a comment.
pub fn render(view: &View) -> String {
    let mut most = MOST;
    loop {
        let out = with_most(view, most);
        if most == 0 || out.chars().count() <= COMMENT {
            return out;
        }
        most /= 2;
    }
}

/// The report with so many rows in each of its lists.
fn with_most(view: &View, most: usize) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "## entralint: {}\n", view.headline());
    let findings = view.by_severity();
    if !findings.is_empty() {
        out.push_str("| | place | app | finding |\n|---|---|---|---|\n");
        for finding in findings.iter().take(most) {
            row(&mut out, finding);
        }
        if findings.len() > most {
            let _ = writeln!(
                out,
                "\n{} more are in the other formats of this run.",
                text::count(findings.len() - most, "finding")
            );
        }
        out.push('\n');
    }
    apps(&mut out, view, most);
    if !view.notices.is_empty() {
        let _ = writeln!(
            out,
            "<details><summary>{} not checked</summary>\n",
            text::count(view.notices.len(), "place")
        );
        for notice in view.notices.iter().take(most) {
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

fn apps(out: &mut String, view: &View, most: usize) {
    if view.apps.is_empty() {
        return;
    }
    out.push_str("<details><summary>What each app requests and needs</summary>\n\n");
    out.push_str("| app | requests | needs |\n|---|---|---|\n");
    for app in view.apps.iter().take(most) {
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
    fn a_comment_of_many_long_findings_is_short_enough() {
        let mut view = sample::view();
        let mut finding = view.findings[1].clone();
        finding.message = "x".repeat(2000);
        view.findings = vec![finding; 5000];
        view.apps = vec![view.apps[0].clone(); 5000];
        let out = super::render(&view);
        assert!(out.chars().count() <= super::COMMENT, "{}", out.len());
        assert!(out.contains(&view.headline()));
    }

    #[test]
    fn a_summary_stays_within_the_limit_of_a_step() {
        let view = sample::view();
        assert_eq!(super::step_summary(&view, 0), super::render(&view));
        let nearly = u64::try_from(super::STEP_SUMMARY - 500).unwrap_or(u64::MAX);
        let short = super::step_summary(&view, nearly);
        assert!(
            short.len() < 500 && short.contains(&view.headline()),
            "{short}"
        );
        let full = u64::try_from(super::STEP_SUMMARY).unwrap_or(u64::MAX);
        assert_eq!(super::step_summary(&view, full - 10), "");
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
