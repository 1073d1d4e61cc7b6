//! Each form, and how it is read: a folder of `tests/fixtures/terraform` is a repository, and has a snapshot.

use std::path::{Path, PathBuf};

use crate::outline;
use entra_manifest::{FileId, Read, Source, Unit};

use crate::repository::{Opened, Repository};

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

#[test]
fn plans_and_states_are_read() {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/terraform-recorded");
    for (name, bytes) in Repository::on_disk(&root).files {
        let source = Source::decode(FileId::new(1), name.clone(), bytes).unwrap();
        let read = entra_manifest::read(Unit::file(&source));
        if let Read::Manifest(manifest) = &read {
            assert!(!manifest.is_editable());
        }
        let opened = Opened {
            sources: vec![source],
            wanted: Vec::new(),
            read,
        };
        insta::assert_snapshot!(format!("recorded-{name}"), outline::unit(&opened));
    }
}
