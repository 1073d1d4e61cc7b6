//! The examples of `docs/formats/terraform.md` and `docs/formats/yaml.md` say what is read.

use std::path::Path;

use entra_manifest::{Encoding, FileId, Source, Unit};

use crate::outline;
use crate::repository::{Opened, Repository};

/// The blocks of this language, in order.
fn blocks<'t>(page: &'t str, language: &str) -> Vec<&'t str> {
    let fence = format!("```{language}\n");
    page.split(fence.as_str())
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect()
}

fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs/formats")
        .join(name);
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn the_examples_of_the_page_about_yaml_are_true() {
    let page = page("yaml.md");
    let (examples, outlines) = (blocks(&page, "yaml"), blocks(&page, "text"));
    assert!(!examples.is_empty());
    assert_eq!(examples.len(), outlines.len());
    for (example, expected) in examples.iter().zip(outlines) {
        let source = Source::new(
            FileId::new(1),
            "main.yaml",
            (*example).to_owned(),
            Encoding::Utf8,
        );
        let read = entra_manifest::read(Unit::file(&source));
        let opened = Opened {
            sources: vec![source],
            wanted: Vec::new(),
            read,
        };
        assert_eq!(outline::unit(&opened), *expected, "{example}");
    }
}

#[test]
fn the_examples_of_the_page_are_true() {
    let page = page("terraform.md");
    let (examples, outlines) = (blocks(&page, "terraform"), blocks(&page, "text"));
    assert!(examples.len() > 2);
    assert_eq!(examples.len(), outlines.len());
    for (example, expected) in examples.iter().zip(outlines) {
        let opened = Repository::new(&[("main.tf", example)]).open("".into());
        assert_eq!(outline::unit(&opened), *expected, "{example}");
    }
}
