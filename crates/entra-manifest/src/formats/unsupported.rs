//! Format: code that registers apps or grants permissions in a way that is not read. A file is announced by what is not
//! read in it, so that it does not pass in silence.
//!
//! Of source code the scopes at sign-in and entries of `requiredResourceAccess` with literal ids are read; a file comes here
//! when it has neither and still calls the operations that register and grant, with what it computes when it runs.

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

/// What is not read, so that "… is not supported yet" follows; and the endings of such files.
const LANGUAGES: &[(&str, &[&str])] = &[
    (
        "this way of requesting or granting permissions in YAML",
        &["yml", "yaml"],
    ),
    (
        "requesting or granting permissions by code in C#",
        &["cs", "csx"],
    ),
    (
        "requesting or granting permissions by code in TypeScript",
        &["ts", "mts", "cts", "tsx"],
    ),
    (
        "requesting or granting permissions by code in JavaScript",
        &["js", "mjs", "cjs", "jsx"],
    ),
    (
        "requesting or granting permissions by code in Python",
        &["py"],
    ),
    ("requesting or granting permissions by code in Go", &["go"]),
    (
        "requesting or granting permissions by code in Java",
        &["java"],
    ),
    (
        "requesting or granting permissions by code in Kotlin",
        &["kt", "kts"],
    ),
    ("reading the cells of a Jupyter notebook", &["ipynb"]),
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
        // The schema of a resource of Kubernetes declares its members and no application.
        let is_schema = || text.contains("kind: CustomResourceDefinition");
        self.names(name) && MARKER.is_match(text) && !is_schema()
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
                "requesting or granting permissions by code in Kotlin",
            ),
            (
                "main.go",
                "RequiredResourceAccess: access",
                "requesting or granting permissions by code in Go",
            ),
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
