//! Format: declarations written in JSON, in all shapes that people and tools give them.

mod application;
mod dialect;
mod element;
mod find;
mod grants;
mod inherited;
mod named;
pub(crate) mod notation;
mod read;
mod shape;
mod shapes;

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use camino::Utf8Path;
use source_text::Source;

use super::Format;
use crate::about::About;
use crate::amend::notation::Notation;
use crate::json::{self, SyntaxError, with_document};
use crate::label;
use crate::read::{ParseError, Read, Unit, WhyNot};

/// Declarations written in JSON.
pub(crate) struct Json;

impl Format for Json {
    fn about(&self) -> &'static About {
        &shapes::JSON
    }

    fn shapes(&self) -> &'static [&'static About] {
        shapes::ALL
    }

    fn names(&self, name: &Utf8Path) -> bool {
        let file = name.file_name().unwrap_or_default().to_ascii_lowercase();
        // Templates of manifests keep the ending before their own: `aad.template.json.tpl`.
        let is_template = file.contains(".json.") || file.ends_with(".template");
        let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
        is_template || matches!(ending, "json" | "jsonc" | "json5" | "jsonl" | "ndjson")
    }

    // Standard input has no ending, and a manifest can have any: then its first byte decides.
    fn claims(&self, name: &Utf8Path, text: &str) -> bool {
        let begins_like_json = || text.trim_start().starts_with(['{', '[']);
        (self.names(name) || begins_like_json()) && may_declare(text)
    }

    fn read(&self, unit: Unit<'_>) -> Read {
        match unit.sources {
            [source] => read_file(source),
            _ => Read::Nothing(WhyNot::NoDeclaration),
        }
    }

    fn notation(&self) -> Option<&'static dyn Notation> {
        Some(&notation::JsonNotation)
    }

    fn syntax_error(&self, source: &Source) -> Option<ParseError> {
        json::error(source)
    }
}

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
    "microsoft.logic/workflows",
    "approleassignment",
    "approleid",
    "oauth2permissiongrant",
    "consenttype",
    "delegatedpermissions",
    "applicationpermissions",
    "inheritable",
    "customblueprintpermissions",
    "microsoft graph",
    "microsoftgraph",
    "graph.microsoft",
    "00000003-0000-0000-c000",
    // An escaped letter can hide any of the others.
    r"\u00",
];
const STRONG: usize = 3;

/// Further words that make a text that cannot be read a broken declaration, if it names a permission too.
const LISTS: &[&str] = &[
    "delegatedpermissions",
    "applicationpermissions",
    "approleassignments",
    "customblueprintpermissions",
    "inheritablescopes",
    "inheritableroles",
];

static MARKER: LazyLock<AhoCorasick> = LazyLock::new(|| marker(MARKERS));
static STRONG_MARKER: LazyLock<AhoCorasick> = LazyLock::new(|| marker(&MARKERS[..STRONG]));
static LIST_MARKER: LazyLock<AhoCorasick> = LazyLock::new(|| marker(LISTS));

fn marker(words: &[&str]) -> AhoCorasick {
    AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        .ascii_case_insensitive(true)
        .build(words)
        .expect("the words are few and short")
}

/// Whether the text can be a declaration at all: a scan that costs next to nothing.
fn may_declare(text: &str) -> bool {
    MARKER.is_match(text)
}

/// Whether a text holds a word that stands in declarations only.
fn names_a_list(text: &str) -> bool {
    STRONG_MARKER.is_match(text)
}

/// Whether a text that cannot be read was meant to declare permissions, by its words.
fn was_meant(text: &str) -> bool {
    (names_a_list(text) || LIST_MARKER.is_match(text)) && label::names_a_permission(text)
}

fn read_file(source: &Source) -> Read {
    let text = source.text();
    match with_document(source, |document| find::classify(source, document)) {
        Ok(read) => read,
        Err(SyntaxError::Empty) => Read::Nothing(WhyNot::Empty),
        Err(SyntaxError::SeveralDocuments) if names_a_list(text) || was_meant(text) => {
            Read::Unsupported("several JSON documents in one file")
        }
        // `package.nls.json.lcl`: translations of texts that speak of permissions.
        Err(_) if text.trim_start().starts_with("<?xml") => Read::Nothing(WhyNot::NotJson),
        Err(SyntaxError::At(error)) if names_a_list(text) || was_meant(text) => {
            Read::Broken(vec![error])
        }
        // The output of a console, a page that an API answered: what names a permission was meant to be JSON.
        Err(SyntaxError::NotJson) if was_meant(text) => match json::error(source) {
            Some(error) => Read::Broken(vec![error]),
            None => Read::Nothing(WhyNot::NotJson),
        },
        Err(_) => Read::Nothing(WhyNot::NotJson),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_text::{Encoding, FileId};

    use crate::json::MAX_DEPTH;
    use crate::read::{read, syntax_error};

    fn source(text: &str) -> Source {
        Source::new(FileId::default(), "x.json", text.to_owned(), Encoding::Utf8)
    }

    fn parsed(text: &str) -> Read {
        read(Unit::file(&source(text)))
    }

    #[test]
    fn a_broken_file_is_a_broken_declaration_only_if_it_declares() {
        assert!(matches!(
            parsed(r#"{"requiredResourceAccess": ["#),
            Read::Broken(_)
        ));
        for text in [
            r#"{"text": "\u00e4", "#,
            r#"{"signInAudience": "#,
            "{\"signInAudience\": 1}\n{\"signInAudience\": 1}\n",
        ] {
            assert_eq!(parsed(text), Read::Nothing(WhyNot::NotJson), "{text}");
            assert!(syntax_error(&source(text)).is_some());
        }
    }

    #[test]
    fn an_escaped_letter_does_not_hide_a_declaration() {
        let text = r#"{"\u0072equiredResourceAcc\u0065ss": []}"#;
        assert!(matches!(parsed(text), Read::Manifest(_)));
    }

    #[test]
    fn the_deepest_nesting_is_read_on_a_small_stack() {
        let nested = |depth: usize| {
            let list = "\"requiredResourceAccess\": []";
            let open = format!("{{{list}, \"value\": ").repeat(depth);
            format!("{open}null{}", "}".repeat(depth))
        };
        let run = move || {
            let Read::Manifest(manifest) = parsed(&nested(MAX_DEPTH - 1)) else {
                panic!("a manifest");
            };
            assert_eq!(manifest.apps.len(), MAX_DEPTH - 1);
            assert!(matches!(parsed(&nested(MAX_DEPTH + 1)), Read::Broken(_)));
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
