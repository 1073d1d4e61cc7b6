//! Hover: what a permission, a call or a rule is, and what it is to the app at hand.

mod call;
mod permission;
#[cfg(test)]
mod tests;

use entralint_core::rules::{self, RuleInfo};
use entralint_core::text;
use source_text::Span;

use crate::markdown::{code, link, plain};
use crate::subject::{self, Subject};
use crate::view::View;

/// What is shown, and for which piece of the text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Hover {
    /// The piece.
    pub(crate) span: Span,
    /// What is known of it, as Markdown.
    pub(crate) markdown: String,
}

/// What is known of what stands at an offset.
pub(crate) fn at(view: &View<'_>, offset: usize) -> Option<Hover> {
    let (span, subject) = subject::at(view, offset)?;
    let markdown = match &subject {
        Subject::Requests(requests) => permission::requested(view, requests)?,
        Subject::Permission(types) => permission::named(view.catalog(), types),
        Subject::Resource(resource) => {
            let known = resource.well_known()?;
            format!(
                "**{}**, {}",
                plain(known.name),
                code(&known.app_id.to_string())
            )
        }
        Subject::Calls(calls) => call::found(view, calls),
        Subject::Named(call) => call::named(view, call),
        Subject::Rule(rule) => of_rule(rule),
    };
    Some(Hover { span, markdown })
}

fn of_rule(rule: &'static RuleInfo) -> String {
    format!(
        "**{}** ({})\n\n{}. {}",
        rule.id,
        rule.severity.as_str(),
        plain(&text::capital(rule.summary)),
        link("The rule's page", Some(rules::url(rule))),
    )
}
