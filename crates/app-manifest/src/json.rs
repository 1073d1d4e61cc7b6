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
use crate::outcome::{NotAManifest, ParseError, Parsed};
use crate::source::Source;

pub(crate) use labels::{
    attached_comments, begins_line, is_exactly_a_permission, is_label_comment, permission_words,
};
pub(crate) use layout::{AppLayout, Dialect, Layout, ListForm, ObjectLayout};
use syntax::{SyntaxError, with_document};

/// The words of which every declaration and every known shape holds at least one.
const MARKERS: &[&str] = &[
    "requiredresource",
    "required_resource_access",
    "resourceaccess",
    "resourceappid",
    "signinaudience",
    "webapipermissionrequests",
    "resourcespecific",
    "microsoft.graph/",
    "microsoft.logic/workflows",
    "approleassignment",
    "approleid",
    "oauth2permissiongrant",
    // An escaped letter can hide any of the others.
    r"\u00",
];

static MARKER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        .ascii_case_insensitive(true)
        .build(MARKERS)
        .ok()
});

/// Whether the text can be a declaration at all: a scan that costs next to nothing.
fn may_declare(text: &str) -> bool {
    MARKER.as_ref().is_none_or(|marker| marker.is_match(text))
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
        Err(SyntaxError::SeveralDocuments) => Parsed::NotReadYet(crate::Shape::JsonLines),
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
