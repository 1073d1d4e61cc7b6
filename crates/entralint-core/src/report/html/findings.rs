//! The table of all findings, and the table of the rules that have some.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::escaped;
use super::page::place;
use crate::finding::{Applicability, Severity};
use crate::report::view::{FindingView, View};

/// All findings, the most severe first.
pub(super) fn section(out: &mut String, view: &View) {
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

const fn word(severity: Severity) -> (&'static str, u8) {
    match severity {
        Severity::Error => ("error", 0),
        Severity::Warning => ("warning", 1),
        Severity::Note => ("note", 2),
    }
}

fn row(out: &mut String, finding: &FindingView) {
    let (word, order) = word(finding.severity);
    let _ = write!(
        out,
        "<tr><td data-sort=\"{order}\"><span class=\"severity {word}\">{word}</span></td><td><a href=\"#rule-{rule}\">{rule}</a></td><td>{}</td><td>{}</td><td>{}",
        finding.app.as_deref().map(escaped).unwrap_or_default(),
        finding.place.as_ref().map(place).unwrap_or_default(),
        escaped(&finding.message),
        rule = finding.rule,
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
        let _ = write!(
            out,
            "<p class=\"fix\">Fix ({how}): {}</p>",
            escaped(&fix.title)
        );
    }
    out.push_str("</td></tr>\n");
}

/// The rules that have findings, with their pages.
pub(super) fn rules(out: &mut String, view: &View) {
    let mut rules: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
    for finding in view.open() {
        rules
            .entry(finding.rule)
            .or_insert((finding.rule_url.as_str(), 0))
            .1 += 1;
    }
    if rules.is_empty() {
        return;
    }
    out.push_str("<section aria-labelledby=\"rules\"><h2 id=\"rules\">Rules</h2>\n<table class=\"rules\"><thead><tr><th scope=\"col\">Rule</th><th scope=\"col\" class=\"number\">Findings</th></tr></thead><tbody>\n");
    for (rule, (url, count)) in rules {
        let _ = writeln!(
            out,
            "<tr id=\"rule-{rule}\"><th scope=\"row\"><a href=\"{}\">{rule}</a></th><td class=\"number\">{count}</td></tr>",
            escaped(url)
        );
    }
    out.push_str("</tbody></table></section>\n");
}
