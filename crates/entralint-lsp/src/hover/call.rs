//! A call: what it needs in each type of permission, and how it was read.

use entralint_core::calls::{DeclaredCall, Origin};
use entralint_core::explain::least_in_words;
use entralint_core::text;
use msgraph_permissions::{Answer, Call, LookupOptions, Scheme, Verdict};

use crate::markdown::{code, link, plain};
use crate::view::View;

/// Calls that are shown where one piece of code makes several.
const MOST_CALLS: usize = 4;

/// Calls of code.
pub(super) fn found(view: &View<'_>, calls: &[&DeclaredCall]) -> String {
    let mut pages: Vec<String> = calls
        .iter()
        .take(MOST_CALLS)
        .map(|declared| {
            let mut page = named(view, &declared.call);
            if let Origin::Found(found) = &declared.origin {
                page.push_str(&format!(
                    "\n\nHow it was read ({}, {}):\n",
                    found.kind.as_str(),
                    found.certainty.as_str()
                ));
                for (step, at) in &found.steps {
                    page.push_str(&format!(
                        "1. {} at {}\n",
                        plain(step),
                        link(&at.shown(), (view.link)(at))
                    ));
                }
            }
            page.trim_end().to_owned()
        })
        .collect();
    if calls.len() > MOST_CALLS {
        pages.push(format!("and {} more calls", calls.len() - MOST_CALLS));
    }
    pages.join("\n\n---\n\n")
}

/// A call by itself.
pub(super) fn named(view: &View<'_>, call: &Call) -> String {
    const SCHEMES: [(Scheme, &str); 3] = [
        (Scheme::DelegatedWork, "delegated"),
        (Scheme::DelegatedPersonal, "delegated, personal account"),
        (Scheme::Application, "application"),
    ];
    let mut shown = call.clone();
    shown.scheme = None;
    let mut out = format!("**{}** needs\n\n", code(&shown.to_string()));
    let mut notes: Vec<String> = Vec::new();
    for (scheme, words) in SCHEMES {
        if call.scheme.is_some_and(|named| named != scheme) {
            continue;
        }
        let answer = view
            .catalog()
            .lookup(call, scheme, LookupOptions::default());
        // Few apps have personal accounts, and most calls do not support them.
        if scheme == Scheme::DelegatedPersonal
            && call.scheme.is_none()
            && answer.verdict == Verdict::UnsupportedScheme
        {
            continue;
        }
        out.push_str(&format!("- {words}: {}\n", least(&answer)));
        let doubts = answer.doubts.iter().map(|doubt| {
            let least = answer.least.as_ref().map(ToString::to_string);
            format!(
                "{words}: {} {}",
                code(&least.unwrap_or_default()),
                plain(&doubt.to_string())
            )
        });
        let nearest: Vec<String> = answer.supported.nearest.iter().map(|t| code(t)).collect();
        let meant = (!nearest.is_empty()).then(|| format!("Did you mean {}?", text::or(&nearest)));
        for note in doubts.chain(meant) {
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    for note in notes {
        out.push_str(&format!("\n{}\n", text::capital(&note)));
    }
    out.trim_end().to_owned()
}

fn least(answer: &Answer) -> String {
    match &answer.least {
        Some(least) => code(&least.to_string()),
        None => plain(&least_in_words(answer)),
    }
}
