//! The pages of the rules: their examples are run.

use entra_manifest::{Read, Unit};
use msgraph_permissions::Catalog;

use super::*;
use crate::config::Config;
use crate::testing;
use crate::unit::Judge;

/// A code block of a page: the calls named before it, its language, its text.
struct Block {
    calls: Vec<String>,
    language: String,
    text: String,
}

/// The code blocks below a heading of a page.
fn examples(page: &str, heading: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut calls: Vec<String> = Vec::new();
    let mut below = false;
    let mut inside = false;
    for line in page.lines().map(|l| l.strip_prefix(' ').unwrap_or(l)) {
        if let Some(language) = line.strip_prefix("```") {
            inside = below && !inside;
            if inside {
                blocks.push(Block {
                    calls: calls.clone(),
                    language: language.to_owned(),
                    text: String::new(),
                });
            }
        } else if inside && let Some(block) = blocks.last_mut() {
            block.text.push_str(line);
            block.text.push('\n');
        } else if let Some(title) = line.strip_prefix("# ") {
            below = title == heading;
            calls.clear();
        } else if line.starts_with("Call: ") || line.starts_with("Calls: ") {
            calls = line
                .split('`')
                .skip(1)
                .step_by(2)
                .map(str::to_owned)
                .collect();
        }
    }
    blocks
}

/// The rules that report something of a block.
fn reported(block: &Block) -> Vec<&'static str> {
    let config = Config::default();
    let plan = testing::plan(Catalog::embedded(), &config, &block.calls);
    let judge = Judge::new(&plan);
    let ids = |findings: Vec<Finding>| findings.iter().map(|f| f.rule.id).collect();
    match block.language.as_str() {
        "json" | "markdown" => {
            let name = if block.language == "json" {
                "app.json"
            } else {
                "README.md"
            };
            let source = testing::source(name, &block.text);
            match entra_manifest::read(Unit::file(&source)) {
                Read::Manifest(_) => ids(testing::findings(&judge, name, &block.text)),
                Read::Broken(errors) => errors
                    .iter()
                    .map(|error| {
                        invalid_manifest::finding(&source, error.span, &error.message)
                            .rule
                            .id
                    })
                    .collect(),
                other => panic!("{other:?}: {}", block.text),
            }
        }
        "toml" => match Config::parse(&testing::source("entralint.toml", &block.text)) {
            Ok(_) => Vec::new(),
            Err(findings) => ids(findings),
        },
        "text" => match crate::calls::of_lines(&testing::source("calls.txt", &block.text)) {
            Ok(_) => Vec::new(),
            Err(findings) => ids(findings),
        },
        other => panic!("an example in {other}"),
    }
}

/// What a configuration makes of an app: the rules that report something under it, unused exceptions included.
fn reported_under(blocks: &[Block]) -> Vec<&'static str> {
    let of = |language: &str| {
        blocks
            .iter()
            .find(|block| block.language == language)
            .expect("the example has a configuration and an app")
    };
    let config = Config::parse(&testing::source("entralint.toml", &of("toml").text))
        .expect("the configuration is right");
    let plan = testing::plan(Catalog::embedded(), &config, &of("json").calls);
    let judge = Judge::new(&plan);
    let mut ids: Vec<&'static str> = testing::findings(&judge, "app.json", &of("json").text)
        .iter()
        .filter(|finding| finding.is_open())
        .map(|finding| finding.rule.id)
        .collect();
    ids.extend(config.policy.unused_allows().map(|_| unused_allow::INFO.id));
    ids
}

/// Rules that are about the configuration's policy: their examples are a configuration and an app.
const OF_POLICY: [&str; 2] = ["forbidden-permission", "unused-allow"];

/// Rules whose examples need files on disk, or formats that are tested with the whole program: see `tests/`.
const ELSEWHERE: [&str; 3] = [
    "invalid-catalog",
    "call-not-resolved",
    "documented-permission",
];

#[test]
fn the_example_of_each_page_is_reported_and_the_other_is_clean() {
    for rule in RULES {
        let info = rule.info();
        if ELSEWHERE.contains(&info.id) {
            continue;
        }
        if OF_POLICY.contains(&info.id) {
            assert!(reported_under(&examples(info.page, "Example")).contains(&info.id));
            assert!(!reported_under(&examples(info.page, "Use instead")).contains(&info.id));
            continue;
        }
        let bad = examples(info.page, "Example");
        assert!(!bad.is_empty(), "{} has no example", info.id);
        for block in bad {
            let reported = reported(&block);
            assert!(reported.contains(&info.id), "{}: {reported:?}", info.id);
        }
        for block in examples(info.page, "Use instead") {
            let reported = reported(&block);
            assert!(
                !reported.contains(&info.id),
                "{}: {reported:?}\n{}",
                info.id,
                block.text
            );
        }
    }
}

#[test]
fn every_rule_has_the_sections_of_a_page_and_a_severity_that_services_read() {
    for rule in RULES {
        let info = rule.info();
        for section in ["# What it does", "# Why is this bad?", "# Example"] {
            assert!(info.page.contains(section), "{}: {section}", info.id);
        }
        let severity: f32 = info.security_severity.parse().expect("it is a number");
        assert!((0.1..=10.0).contains(&severity), "{}", info.id);
        assert!(
            info.id
                .split('-')
                .map(crate::text::capital)
                .collect::<String>()
                == info.name,
            "{} is named {}",
            info.id,
            info.name
        );
    }
}
