//! The examples of `docs/formats/terraform.md` say what is read.

use std::path::Path;

use crate::outline;
use crate::repository::Repository;

/// The blocks of this language, in order.
fn blocks<'t>(page: &'t str, language: &str) -> Vec<&'t str> {
    let fence = format!("```{language}\n");
    page.split(fence.as_str())
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect()
}

#[test]
fn the_examples_of_the_page_are_true() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/formats/terraform.md");
    let page = std::fs::read_to_string(path).unwrap();
    let (examples, outlines) = (blocks(&page, "terraform"), blocks(&page, "text"));
    assert!(examples.len() > 2);
    assert_eq!(examples.len(), outlines.len());
    for (example, expected) in examples.iter().zip(outlines) {
        let opened = Repository::new(&[("main.tf", example)]).open("".into());
        assert_eq!(outline::unit(&opened), *expected, "{example}");
    }
}
