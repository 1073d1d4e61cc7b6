//! Format: languages in which permissions are declared and which are not read. A file is announced by its language's
//! name, so that it does not pass in silence.
//!
//! A language that gets a reader of its own loses its line here.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use camino::Utf8Path;

use super::Format;
use crate::about::{About, Types};
use crate::read::{Read, Unit, WhyNot};

/// Languages that are known and not read.
pub(crate) struct Unsupported;

static ABOUT: About = About {
    id: "unsupported",
    name: "languages that are not supported",
    files: &[],
    generated: false,
    types: Types::Both,
    docs: "",
};

/// A language's name for people, and the endings of its files.
const LANGUAGES: &[(&str, &[&str])] = &[
    ("YAML", &["yml", "yaml"]),
    ("C#", &["cs", "csx"]),
    ("TypeScript", &["ts", "mts", "cts", "tsx"]),
    ("JavaScript", &["js", "mjs", "cjs", "jsx"]),
    ("Python", &["py"]),
    ("Go", &["go"]),
    ("Java", &["java"]),
    ("Kotlin", &["kt", "kts"]),
    ("Jupyter notebook", &["ipynb"]),
];

/// What such a file holds if it declares permissions of an app. Each of them names an operation on a registration or a
/// grant; a name or id of a permission alone says nothing.
static MARKER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build([
            "requiredresourceaccess",
            "required_resource_access",
            "required-resource-access",
            "required_resource_accesses",
            "requiredresourceaccesses",
            "azuread_app_role_assignment",
            "azuread_application_api_access",
            "azuread_service_principal_delegated_permission_grant",
            "ad app permission",
            "connect-mggraph",
            "approleassignedto",
            "serviceprincipalapproleassignment",
            "serviceapproleassignment",
            "oauth2permissiongrant",
        ])
        .expect("the words are few and short")
});

impl Format for Unsupported {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn names(&self, name: &Utf8Path) -> bool {
        language(name).is_some()
    }

    fn claims(&self, name: &Utf8Path, text: &str) -> bool {
        self.names(name) && MARKER.is_match(text)
    }

    fn read(&self, unit: Unit<'_>) -> Read {
        unit.sources
            .iter()
            .find_map(|source| language(source.name()))
            .map_or(Read::Nothing(WhyNot::NoDeclaration), Read::Unsupported)
    }
}

fn language(name: &Utf8Path) -> Option<&'static str> {
    let ending = name.extension()?.to_ascii_lowercase();
    LANGUAGES
        .iter()
        .find(|(_, endings)| endings.contains(&ending.as_str()))
        .map(|(language, _)| *language)
}

#[cfg(test)]
mod tests {
    use source_text::{Encoding, FileId, Source};

    use crate::read::{Read, Unit, read};

    fn of(name: &str, text: &str) -> Read {
        let source = Source::new(FileId::default(), name, text.to_owned(), Encoding::Utf8);
        read(Unit::file(&source))
    }

    #[test]
    fn a_language_without_a_reader_is_named() {
        for (name, text, language) in [
            (
                "Grant.kt",
                "servicePrincipals().byId(id).appRoleAssignedTo()",
                "Kotlin",
            ),
            ("main.go", "RequiredResourceAccess: access", "Go"),
        ] {
            assert_eq!(of(name, text), Read::Unsupported(language));
        }
    }

    #[test]
    fn other_files_of_the_language_are_not() {
        for (name, text) in [
            ("main.go", "package main // User.Read.All"),
            ("notes.txt", "requiredResourceAccess"),
        ] {
            assert!(matches!(of(name, text), Read::Nothing(_)), "{name}");
        }
    }
}
