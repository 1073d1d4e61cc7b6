//! Which source files are worth reading.

use crate::formats::scripts::scopes::HOSTS;

/// Whether a text can hold what is read here. Cheap, and run on every source file of a project.
pub(in super::super) fn worth(text: &str) -> bool {
    let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    let scopes = (has("cope") || has("COPE") || has("oken"))
        && (has(".Read") || has(".read") || has(".Send") || has(".AccessAsUser") || has(".send"));
    scopes || HOSTS.iter().any(|host| has(host)) || has("esourceAccess") || has("resource_access")
}

/// Whether a file is a test or a mock, by its name.
pub(in super::super) fn is_test(name: &camino::Utf8Path) -> bool {
    let file = name.file_name().unwrap_or_default().to_ascii_lowercase();
    [
        ".test.",
        ".spec.",
        "_test.",
        ".tests.",
        ".mock.",
        ".mocks.",
        ".stub.",
        ".stories.",
        "tests.cs",
        "test.java",
    ]
    .iter()
    .any(|mark| file.contains(mark))
        || file.starts_with("test_")
        || name.components().any(|component| {
            matches!(
                component.as_str().to_ascii_lowercase().as_str(),
                "test"
                    | "tests"
                    | "__tests__"
                    | "spec"
                    | "mocks"
                    | "__mocks__"
                    | "fixtures"
                    | "node_modules"
                    | "vendor"
                    | "dist"
            )
        })
}
