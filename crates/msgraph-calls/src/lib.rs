//! Finds the Microsoft Graph calls that source code, scripts, workflows and recordings make.
//!
//! [`scan`] reads one file and gives its [`Evidence`]: calls with their places and how they were read, and the places that
//! call Microsoft Graph in a way that cannot be read. [`worth_scanning`] says beforehand, from the bytes alone, whether a file
//! can hold a call. Functions of the project that send a path which they are given are collected with [`collect_helpers`]
//! in a first pass. No I/O.

mod address;
mod api;
mod cmdlets;
mod engine;
mod helpers;
mod json;
mod model;
#[cfg(test)]
mod pipeline_tests;
#[cfg(test)]
mod project_tests;
pub mod records;
mod skip;
#[cfg(test)]
mod testing;
mod workflows;
mod worth;

use source_lex::{Code, Language};
use source_text::{Source, Span};

pub use api::Api;
pub use helpers::Helpers;
pub use model::{
    Certainty, Evidence, Found, Kind, Missing, Options, Outcome, SkipReason, Skipped, Step,
    Unresolved, Version,
};

use engine::Place;

/// The calls that a file makes. What it is, its name and its text say.
pub fn scan(source: &Source, api: &Api, helpers: &Helpers, options: &Options) -> Evidence {
    if workflows::claims(source) {
        return workflows::read(source, api).unwrap_or_default();
    }
    if skip::is_other_language(source.name()) {
        let mut evidence = Evidence::default();
        if worth::has_sign(source.text().as_bytes()) {
            let reason = skip::reason(source.name(), source.text(), options.include_tests);
            evidence.skipped.add(reason.unwrap_or(SkipReason::Language));
        }
        return evidence;
    }
    let Some(language) = language(source) else {
        return scan_scripts(source, api, helpers, options);
    };
    if !worth::has_sign(source.text().as_bytes()) && helpers.is_empty() {
        return Evidence::default();
    }
    if let Some(reason) = skip::reason(source.name(), source.text(), options.include_tests) {
        let mut evidence = Evidence::default();
        evidence.skipped.add(reason);
        return evidence;
    }
    let code = engine::with_constants(Code::new(source.text(), language), helpers);
    let mut evidence = engine::scan(
        &code,
        Place::At(source.id(), 0),
        source.name().as_str(),
        api,
        helpers,
    );
    if workflows::bicep::claims(source) {
        evidence.merge(workflows::read_bicep(source, api));
    }
    evidence
}

/// The calls of the scripts that stand in a pipeline, a Dockerfile or a Makefile.
fn scan_scripts(source: &Source, api: &Api, helpers: &Helpers, options: &Options) -> Evidence {
    let mut evidence = Evidence::default();
    if !worth::has_sign(source.text().as_bytes()) && helpers.is_empty() {
        return evidence;
    }
    let scripts = source_lex::scripts::scripts(source);
    if scripts.is_empty() {
        return evidence;
    }
    if let Some(reason) = skip::reason(source.name(), source.text(), options.include_tests) {
        evidence.skipped.add(reason);
        return evidence;
    }
    for script in scripts {
        evidence.merge(scan_block(
            source,
            script.span,
            script.language,
            api,
            helpers,
        ));
    }
    evidence
}

/// The calls of a piece of a file that is written in another language: the script of a pipeline step. Spans are the
/// file's.
pub fn scan_block(
    source: &Source,
    span: Span,
    language: Language,
    api: &Api,
    helpers: &Helpers,
) -> Evidence {
    let code = engine::with_constants(Code::new(source.slice(span), language), helpers);
    engine::scan(
        &code,
        Place::At(source.id(), span.start),
        source.name().as_str(),
        api,
        helpers,
    )
}

/// The calls of a text that was decoded from a string of a file, all shown at that string.
pub fn scan_text(
    text: &str,
    at: Span,
    language: Language,
    api: &Api,
    helpers: &Helpers,
) -> Evidence {
    let code = Code::new(text, language);
    engine::scan(&code, Place::Within(at), "", api, helpers)
}

/// The functions of a file that send a path which they are given. Merged over a project they let [`scan`] read calls of
/// helpers that stand in other files.
pub fn collect_helpers(source: &Source, api: &Api) -> Helpers {
    let mut helpers = Helpers::default();
    if let Some(language) = language(source)
        && worth::has_sign(source.text().as_bytes())
        && skip::reason(source.name(), source.text(), false).is_none()
    {
        let code = Code::new(source.text(), language);
        engine::helpers(&code, source.name().as_str(), api, &mut helpers);
    }
    helpers
}

/// Whether a file can hold a call: its name is that of a programming language or of a format that is read, and a sign of
/// Microsoft Graph stands in its bytes.
pub fn worth_scanning(name: &camino::Utf8Path, bytes: &[u8]) -> bool {
    let known = Language::of_name(name.as_str()).is_some()
        || skip::is_other_language(name)
        || name.extension().is_none_or(|extension| {
            ["json", "yml", "yaml"]
                .iter()
                .any(|known| extension.eq_ignore_ascii_case(known))
        });
    // UTF-16 hides every sign behind zeros.
    let wide = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    known && (wide || worth::has_sign(bytes))
}

fn language(source: &Source) -> Option<Language> {
    Language::of_name(source.name().as_str()).or_else(|| {
        source
            .name()
            .extension()
            .is_none()
            .then(|| Language::of_shebang(source.text()))
            .flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(name: &str, text: &str) -> Evidence {
        let source = testing::source(name, text);
        scan(
            &source,
            &testing::api(),
            &Helpers::default(),
            &Options::default(),
        )
    }

    #[test]
    fn a_language_that_is_not_read_is_counted_where_it_speaks_of_microsoft_graph() {
        let text = "get('https://graph.microsoft.com/v1.0/users')";
        for name in ["sync.rb", "lib/Sync.swift", "sync.lua"] {
            let found = evidence(name, text);
            assert!(found.calls.is_empty());
            assert_eq!(found.skipped.count(SkipReason::Language), 1, "{name}");
            assert!(worth_scanning(name.into(), text.as_bytes()), "{name}");
        }
        assert!(evidence("sync.rb", "puts 'users'").is_empty());
        assert_eq!(
            evidence("spec/sync_spec.rb", text)
                .skipped
                .count(SkipReason::Language),
            0
        );
    }

    #[test]
    fn functions_that_other_programs_can_call_with_any_path_are_counted() {
        let sends = "fetch(`https://graph.microsoft.com/v1.0${path}`)";
        let of = |name: &str, text: &str| evidence(name, text).exported;
        let exported = format!("export async function graph(path) {{ return {sends}; }}");
        assert_eq!(of("a.js", &exported), 1);
        let own = format!("async function graph(path) {{ return {sends}; }}\ngraph('/me');");
        assert_eq!(of("a.js", &own), 0);
        let go = "package graph\nfunc Get(path string) { http.Get(\"https://graph.microsoft.com/v1.0\" + path) }";
        assert_eq!(of("a.go", go), 1);
        assert_eq!(of("a.go", &go.replace("func Get", "func get")), 0);
        let python = "__all__ = [\"get\"]\ndef get(path):\n    return requests.get(\"https://graph.microsoft.com/v1.0\" + path)\n";
        assert_eq!(of("a.py", python), 1);
        assert_eq!(of("a.py", &python.replace("[\"get\"]", "[]")), 0);
        let shell = "get() { curl \"https://graph.microsoft.com/v1.0$1\"; }\nexport -f get\n";
        assert_eq!(of("a.sh", shell), 1);
        assert_eq!(of("a.sh", &shell.replace("export -f get", "")), 0);
    }
}
