//! Declarations written in JSON.

mod depth;
mod find;
mod labels;
mod layout;
mod literal;
mod oddities;
mod read;
mod shape;
mod syntax;
mod template_tags;
mod tree;

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::model::Manifest;
use crate::outcome::{NotAManifest, ParseError, Parsed, Shape};
use crate::source::Source;

pub(crate) use labels::{
    attached_comments, begins_line, is_exactly_a_permission, is_label_comment, permission_words,
};
pub(crate) use layout::{AppLayout, Dialect, Layout, ListForm, ObjectLayout};
use syntax::{SyntaxError, with_document};

/// The words of which every declaration and every known shape holds at least one. The first [`STRONG`] of them stand
/// in declarations only: where they occur, a text that cannot be read is a broken declaration.
const MARKERS: &[&str] = &[
    "requiredresource",
    "resourceaccess",
    "webapipermissionrequests",
    "required_resource_access",
    "resourceappid",
    "signinaudience",
    "resourcespecific",
    "microsoft.graph/",
    "microsoft.logic/workflows",
    "approleassignment",
    "approleid",
    "oauth2permissiongrant",
    // An escaped letter can hide any of the others.
    r"\u00",
];
const STRONG: usize = 3;

static MARKER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| marker(MARKERS));
static STRONG_MARKER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| marker(&MARKERS[..STRONG]));

fn marker(words: &[&str]) -> Option<AhoCorasick> {
    AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        .ascii_case_insensitive(true)
        .build(words)
        .ok()
}

/// Whether the text can be a declaration at all: a scan that costs next to nothing.
fn may_declare(text: &str) -> bool {
    MARKER.as_ref().is_none_or(|marker| marker.is_match(text))
}

fn looks_like_declaration(text: &str) -> bool {
    STRONG_MARKER
        .as_ref()
        .is_none_or(|marker| marker.is_match(text))
}

pub(crate) fn parse(source: &Source) -> Parsed {
    let text = source.text();
    if !may_declare(text) {
        return Parsed::NotAManifest(if text.trim().is_empty() {
            NotAManifest::Empty
        } else {
            NotAManifest::NoDeclaration
        });
    }
    match with_document(text, |document| find::classify(text, document)) {
        Ok(Ok((manifest, _))) => Parsed::Manifest(manifest),
        Ok(Err(parsed)) => parsed,
        Err(SyntaxError::Empty) => Parsed::NotAManifest(NotAManifest::Empty),
        Err(SyntaxError::NotJson) => Parsed::NotAManifest(NotAManifest::NotJson),
        Err(_) if !looks_like_declaration(text) => Parsed::NotAManifest(NotAManifest::NotJson),
        Err(SyntaxError::SeveralDocuments) => Parsed::NotReadYet(Shape::JsonLines),
        Err(SyntaxError::At(error)) => Parsed::Invalid(error),
    }
}

/// The manifest together with the places that editing needs.
pub(crate) fn parse_with_layout(source: &Source) -> Option<(Manifest, Layout)> {
    let text = source.text();
    with_document(text, |document| find::classify(text, document).ok())
        .ok()
        .flatten()
}

pub(crate) fn syntax_error(source: &Source) -> Option<ParseError> {
    syntax::error(source.text())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Encoding;

    fn parsed(text: &str) -> Parsed {
        parse(&Source::new(text.to_owned(), Encoding::Utf8))
    }

    #[test]
    fn a_broken_file_is_a_broken_declaration_only_if_it_declares() {
        assert!(matches!(
            parsed(r#"{"requiredResourceAccess": ["#),
            Parsed::Invalid(_)
        ));
        for text in [
            r#"{"text": "\u00e4", "#,
            r#"{"signInAudience": "#,
            "{\"signInAudience\": 1}\n{\"signInAudience\": 1}\n",
        ] {
            assert_eq!(
                parsed(text),
                Parsed::NotAManifest(NotAManifest::NotJson),
                "{text}"
            );
            assert!(syntax_error(&Source::new(text.to_owned(), Encoding::Utf8)).is_some());
        }
    }

    #[test]
    fn an_escaped_letter_does_not_hide_a_declaration() {
        let text = r#"{"\u0072equiredResourceAcc\u0065ss": []}"#;
        assert!(matches!(parsed(text), Parsed::Manifest(_)));
    }

    #[test]
    fn the_deepest_nesting_is_read_on_a_small_stack() {
        let nested = |depth: usize| {
            let list = "\"requiredResourceAccess\": []";
            let open = format!("{{{list}, \"value\": ").repeat(depth);
            format!("{open}null{}", "}".repeat(depth))
        };
        let run = move || {
            let Parsed::Manifest(manifest) = parsed(&nested(depth::MAX_DEPTH - 1)) else {
                panic!("a manifest");
            };
            assert_eq!(manifest.apps.len(), depth::MAX_DEPTH - 1);
            assert!(matches!(
                parsed(&nested(depth::MAX_DEPTH + 1)),
                Parsed::Invalid(_)
            ));
        };
        // Half of what a thread gets by default.
        std::thread::Builder::new()
            .stack_size(1 << 20)
            .spawn(run)
            .unwrap()
            .join()
            .unwrap();
    }
}
