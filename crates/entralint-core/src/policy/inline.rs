//! Exceptions in the file itself: a comment `entralint: allow(rule) reason` on the line of an element or on the line
//! above it accepts the findings of that rule about the whole element.

use source_text::{Source, Span};

use super::{Suppression, Used};
use crate::finding::{Finding, Location, locate};
use crate::rules::{self, invalid_config};
use crate::text;

/// What begins the words of an exception.
const MARK: &str = "entralint: allow(";

/// What opens a comment in the formats that have them: JSON with comments, Terraform, Bicep, scripts, YAML, Markdown.
const OPENERS: [&str; 5] = ["//", "#", "/*", "<!--", "<#"];

/// What closes one on the same line; it is no part of the reason.
const CLOSERS: [&str; 3] = ["*/", "-->", "#>"];

/// One such comment.
#[derive(Clone, Debug)]
pub struct InlineAllow {
    rules: Vec<&'static str>,
    reason: String,
    at: Location,
    pub(super) used: Used,
}

impl InlineAllow {
    pub(super) fn accepts(&self, finding: &Finding) -> bool {
        if !self.rules.contains(&finding.rule.id) {
            return false;
        }
        let Some(place) = finding.place.as_ref().map(|mark| &mark.at) else {
            return false;
        };
        let line = self.at.start.line;
        let element = finding.element.as_ref().unwrap_or(place);
        place.file == self.at.file
            && (line == place.start.line
                || line + 1 == place.start.line
                || (element.file == self.at.file
                    && (line + 1 == element.start.line
                        || (element.start.line <= line && line <= element.end.line))))
    }

    pub(super) fn suppression(&self) -> Suppression {
        Suppression {
            reason: self.reason.clone(),
            owner: None,
            expires: None,
            at: self.at.clone(),
            in_source: true,
        }
    }

    /// Whether it accepted no finding of the run.
    pub fn is_unused(&self) -> bool {
        !self.used.is_marked()
    }

    /// Where it stands.
    pub fn at(&self) -> &Location {
        &self.at
    }

    /// The rules that it names.
    pub fn rules(&self) -> &[&'static str] {
        &self.rules
    }
}

/// The exceptions in a file, and a finding for each that names no rule or gives no reason: it accepts nothing.
pub fn inline_allows(source: &Source) -> (Vec<InlineAllow>, Vec<Finding>) {
    let mut allows = Vec::new();
    let mut findings = Vec::new();
    let text = source.text();
    let mut from = 0;
    while let Some(found) = text[from..].find(MARK) {
        let start = from + found;
        from = start + MARK.len();
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        if !OPENERS
            .iter()
            .any(|opener| text[line_start..start].contains(opener))
        {
            continue;
        }
        let rest = text[from..line_end].trim_end();
        let span = source.span(start, start + MARK.len() + rest.len());
        match one(source, rest, span) {
            Ok(allow) => allows.push(allow),
            Err(message) => findings.push(invalid_config::finding(source, span, message)),
        }
    }
    (allows, findings)
}

fn one(source: &Source, rest: &str, span: Span) -> Result<InlineAllow, String> {
    let Some((names, reason)) = rest.split_once(')') else {
        return Err(
            "this exception has no closing bracket: write `entralint: allow(rule) reason`"
                .to_owned(),
        );
    };
    let mut known = Vec::new();
    for name in names.split(',').map(str::trim) {
        match rules::find(name) {
            Some(rule) => known.push(rule.id),
            None => return Err(rules::unknown(name)),
        }
    }
    let mut reason = reason.trim();
    for closer in CLOSERS {
        reason = reason.trim_end_matches(closer).trim_end();
    }
    let reason = reason.trim_start_matches([':', '-']).trim();
    if reason.is_empty() {
        return Err(format!(
            "this exception gives no reason: write `entralint: allow({}) reason`",
            text::shown(names.trim())
        ));
    }
    Ok(InlineAllow {
        rules: known,
        reason: reason.to_owned(),
        at: locate(source, span),
        used: Used::default(),
    })
}
