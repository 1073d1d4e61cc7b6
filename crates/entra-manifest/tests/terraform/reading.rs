//! Each form, and how it is read: a folder of `tests/fixtures/terraform` is a repository, and has a snapshot.

use std::path::{Path, PathBuf};

use crate::outline;
use crate::repository::Repository;

pub(crate) fn fixtures() -> Vec<(String, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/terraform");
    let mut all: Vec<(String, PathBuf)> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path))
        .collect();
    all.sort();
    assert!(!all.is_empty());
    all
}

#[test]
fn every_fixture_is_read_as_its_snapshot_says() {
    for (name, path) in fixtures() {
        let repository = Repository::on_disk(&path);
        insta::assert_snapshot!(name, outline::repository(&repository));
    }
}
