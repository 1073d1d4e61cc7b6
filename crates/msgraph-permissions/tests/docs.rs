//! Every example of the documentation about answers is true.
//!
//! An `answers` block names its catalog, `embedded` or `published`. Each line is a call and what it needs;
//! `together` is what the calls above it in the block need.

#![allow(clippy::print_stdout, reason = "what is skipped is said")]

mod common;

use common::{call, names, published};
use msgraph_permissions::{Answer, Catalog, Doubt, LookupOptions};

struct Block {
    page: &'static str,
    line: usize,
    catalog: String,
    lines: Vec<String>,
}

fn page(name: &'static str) -> Option<String> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(name);
    let text = std::fs::read_to_string(path).ok();
    if text.is_none() {
        println!("skipped: ../../docs/{name} is not here");
    }
    text
}

fn blocks(name: &'static str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut inside = false;
    for (number, line) in (1..).zip(page(name).unwrap_or_default().lines()) {
        if let Some(catalog) = line.strip_prefix("```answers ") {
            inside = true;
            blocks.push(Block {
                page: name,
                line: number,
                catalog: catalog.to_owned(),
                lines: Vec::new(),
            });
        } else if line.starts_with("```") {
            inside = false;
        } else if inside && let Some(block) = blocks.last_mut() {
            block.lines.push(line.to_owned());
        }
    }
    blocks
}

/// An answer as the pages write it.
fn written(answer: &Answer) -> String {
    let mut text = match &answer.least {
        Some(least) => format!("{least} ({})", answer.verdict),
        None => answer.verdict.to_string(),
    };
    if let Some(fallback) = &answer.fallback {
        text.push_str(&format!(", {fallback}"));
    }
    for id in &answer.overrides {
        text.push_str(&format!(", corrected by {id}"));
    }
    // That several are marked is what `ambiguous` says.
    for doubt in answer
        .doubts
        .iter()
        .filter(|doubt| **doubt != Doubt::SeveralMarked)
    {
        text.push_str(&format!(", {}", doubt.as_str()));
    }
    text
}

fn is_true(block: &Block, catalog: &Catalog) {
    let mut answers = Vec::new();
    for line in &block.lines {
        let (question, expected) = line
            .rsplit_once(" => ")
            .expect("a line is `call => answer`");
        let place = format!("{} line {}: {question}", block.page, block.line);
        if question == "together" {
            assert_eq!(
                names(&catalog.solve(&answers).minimal).join(" "),
                expected,
                "{place}"
            );
        } else {
            let call = call(question);
            let scheme = call.scheme.expect("an example names its type");
            let answer = catalog.lookup(&call, scheme, LookupOptions::default());
            assert_eq!(written(&answer), expected, "{place}");
            answers.push(answer);
        }
    }
}

#[test]
#[ignore = "needs the published data"]
fn every_example_of_the_pages_about_answers_is_true() {
    for name in ["answers.md", "microsoft-api.md"] {
        for block in blocks(name) {
            match block.catalog.as_str() {
                "embedded" => is_true(&block, Catalog::embedded()),
                "published" => is_true(&block, &published().catalog),
                other => panic!("{name} line {}: no catalog `{other}`", block.line),
            }
        }
    }
}

/// Whether the rule that drops a call for another's permission leaves one of a pair uncovered.
fn dropping_leaves_a_gap(a: &Answer, b: &Answer) -> bool {
    let (Some(least_a), Some(least_b)) = (&a.least, &b.least) else {
        return false;
    };
    if least_a.permission == least_b.permission {
        return false;
    }
    let does_for = |least: &msgraph_permissions::Bundle, other: &Answer| {
        // The other permissions of a bundle are not looked at.
        other
            .accepted
            .iter()
            .any(|bundle| bundle.permission == least.permission)
    };
    does_for(least_b, a) && does_for(least_a, b)
}

#[test]
#[ignore = "needs the published data"]
fn the_count_of_pairs_that_dropping_leaves_uncovered_is_the_one_in_the_page() {
    let (published, page) = (published(), page("microsoft-api.md").unwrap());
    let catalog = &published.catalog;
    let mut operations: Vec<_> = catalog.operations().collect();
    operations.sort_by_key(|operation| {
        (
            operation.scheme,
            operation.template.to_lowercase(),
            operation.method,
        )
    });
    let answers: Vec<Answer> = operations
        .iter()
        .map(|operation| {
            let call = call(&format!("{} {}", operation.method, operation.template));
            catalog.lookup(&call, operation.scheme, LookupOptions::default())
        })
        .collect();
    let pairs: Vec<&[Answer]> = answers
        .windows(2)
        .filter(|pair| pair[0].scheme == pair[1].scheme)
        .collect();
    let mut gaps = 0;
    for pair in &pairs {
        gaps += usize::from(dropping_leaves_a_gap(&pair[0], &pair[1]));
        let solution = catalog.solve(pair);
        assert!(solution.unanswered.is_empty() && solution.covered.len() == 2);
    }
    let counts = format!(
        "{gaps} of {},{:03}",
        pairs.len() / 1_000,
        pairs.len() % 1_000
    );
    assert!(
        page.contains(&format!(
            "<!-- uncovered pairs -->{counts}<!-- /uncovered pairs -->"
        )),
        "the page should say {counts}"
    );
}
