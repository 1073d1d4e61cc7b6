//! Each quirk, and how it is read.

mod common;

use common::{fixtures, outline};

#[track_caller]
fn outlines(folder: &str) -> Vec<(String, String)> {
    fixtures(folder)
        .into_iter()
        .map(|(name, bytes)| {
            let outline = outline(&name, bytes);
            (name, outline)
        })
        .collect()
}

#[test]
fn declarations_are_read_with_their_places() {
    for (name, outline) in outlines("") {
        insta::assert_snapshot!(format!("read-{name}"), outline);
    }
}

#[test]
fn files_that_only_hold_the_words_are_no_manifests() {
    let lines: String = outlines("not")
        .into_iter()
        .map(|(name, outline)| format!("{name}: {outline}"))
        .collect();
    insta::assert_snapshot!("not", lines);
}

#[test]
fn known_shapes_that_are_not_read_are_named() {
    let lines: String = outlines("unread")
        .into_iter()
        .map(|(name, outline)| format!("{name}: {outline}"))
        .collect();
    insta::assert_snapshot!("unread", lines);
}

#[test]
fn broken_declarations_have_a_place() {
    let lines: String = outlines("broken")
        .into_iter()
        .map(|(name, outline)| format!("{name}: {outline}"))
        .collect();
    insta::assert_snapshot!("broken", lines);
}

#[test]
fn bytes_that_are_no_text_have_a_place() {
    let lines: String = outlines("undecodable")
        .into_iter()
        .map(|(name, outline)| format!("{name}: {outline}"))
        .collect();
    insta::assert_snapshot!("undecodable", lines);
}
