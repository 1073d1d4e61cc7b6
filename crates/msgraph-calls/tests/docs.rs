//! Runs the examples of docs/evidence: each code block gives what the block after it lists.

use std::fmt::Write as _;
use std::path::Path;

use msgraph_calls::{Api, Helpers, Options, scan};
use msgraph_permissions::Catalog;
use source_text::{Encoding, FileId, Source};

/// The name of a file whose language a block's word means.
fn file(language: &str) -> &'static str {
    match language {
        "csharp" => "a.cs",
        "typescript" => "a.ts",
        "javascript" => "a.js",
        "python" => "a.py",
        "go" => "a.go",
        "java" => "a.java",
        "kotlin" => "a.kt",
        "php" => "a.php",
        "powershell" => "a.ps1",
        "sh" => "a.sh",
        "bicep" => "a.bicep",
        "rust" => "a.rs",
        other => panic!("no language `{other}`"),
    }
}

/// The fenced blocks of a page: word and text.
fn blocks(page: &str) -> Vec<(String, String)> {
    let mut blocks: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        if let Some(word) = line.strip_prefix("```") {
            inside = !inside;
            if inside {
                blocks.push((word.to_owned(), String::new()));
            }
        } else if inside {
            let (_, text) = blocks.last_mut().expect("a block was opened");
            text.push_str(line);
            text.push('\n');
        }
    }
    blocks
}

fn found(api: &Api, language: &str, text: &str) -> String {
    let source = Source::new(
        FileId::default(),
        file(language),
        text.to_owned(),
        Encoding::Utf8,
    );
    let evidence = scan(&source, api, &Helpers::default(), &Options::default());
    let mut lines = Vec::new();
    for call in &evidence.calls {
        let line = source.line_column(call.span.start).0;
        lines.push((
            line,
            format!("{line} {} {} {}", call.method, call.path, call.certainty),
        ));
    }
    for place in &evidence.unresolved {
        let line = source.line_column(place.span.start).0;
        let root = place.root.as_deref().unwrap_or("-");
        lines.push((
            line,
            format!("{line} unresolved {root} {}", place.missing.as_str()),
        ));
    }
    lines.sort_by_key(|(line, _)| *line);
    lines.into_iter().fold(String::new(), |mut out, (_, line)| {
        let _ = writeln!(out, "{line}");
        out
    })
}

#[test]
fn examples_give_what_the_pages_say() {
    let api = Api::of(Catalog::embedded());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/evidence");
    let mut wrong = String::new();
    let mut examples = 0;
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("an entry").path();
        let page = std::fs::read_to_string(&path).expect("a page");
        let blocks = blocks(&page);
        for pair in blocks.windows(2) {
            if let [(language, text), (word, expected)] = pair
                && word == "calls"
            {
                examples += 1;
                let found = found(&api, language, text);
                if found != *expected {
                    let _ = writeln!(
                        wrong,
                        "{} {language}\n--- page\n{expected}--- found\n{found}",
                        path.display()
                    );
                }
            }
        }
    }
    assert!(examples > 20, "{examples} examples");
    assert!(wrong.is_empty(), "{wrong}");
}
