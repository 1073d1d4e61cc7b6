//! Every example of the documentation about answers is true.
//!
//! Each line of an `answers` block is a call and what it needs; `together` is what the calls above it in the
//! block need.

mod common;

use common::{call, names};
use msgraph_permissions::{Answer, Catalog, Doubt, LookupOptions};

struct Block {
    page: &'static str,
    line: usize,
    lines: Vec<String>,
}

fn page(name: &'static str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(name);
    std::fs::read_to_string(path).expect("the page is in the repository")
}

fn blocks(name: &'static str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut inside = false;
    for (number, line) in (1..).zip(page(name).lines()) {
        if line == "```answers" {
            inside = true;
            blocks.push(Block {
                page: name,
                line: number,
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
fn every_example_of_the_pages_about_answers_is_true() {
    for name in ["answers.md", "microsoft-api.md"] {
        for block in blocks(name) {
            is_true(&block, Catalog::embedded());
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
fn the_count_of_pairs_that_dropping_leaves_uncovered_is_the_one_in_the_page() {
    let page = page("microsoft-api.md");
    let catalog = Catalog::embedded();
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
