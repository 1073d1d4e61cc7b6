//! The record that `entralint catalog fetch` writes next to the files: where they came from, and when.

use camino::Utf8Path;
use serde::{Deserialize, Serialize};

/// What is written next to the files: where they came from, and how to recognise them.
pub(super) const RECORD: &str = "catalog.lock.json";

/// The record of a fetch.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) permissions: Option<Fetched>,
    pub(super) provisioning: Option<Fetched>,
}

/// One fetched file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fetched {
    pub(super) url: String,
    /// What the server calls this version of the file.
    pub(super) etag: Option<String>,
    /// In hex.
    pub(super) sha256: String,
    /// The file's size.
    pub(super) bytes: usize,
    /// The day on which this version was first fetched, in UTC.
    pub(super) fetched: String,
}

/// The day on which this catalog was fetched, if the record next to it is about these bytes.
pub(super) fn date_of(permissions: &Utf8Path, sha256: &str) -> Option<String> {
    let folder = permissions.parent().unwrap_or(Utf8Path::new(""));
    let fetched = read_record(folder).ok()?.permissions?;
    (fetched.sha256 == sha256).then_some(fetched.fetched)
}

/// Reads the record of a folder; an empty one where there is none.
///
/// # Errors
///
/// Why it cannot be read.
pub(super) fn read_record(folder: &Utf8Path) -> Result<Record, String> {
    let path = folder.join(RECORD);
    match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map_err(|error| format!("{path}: {error}: remove it to fetch anew")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Record::default()),
        Err(error) => Err(format!("cannot read {path}: {error}")),
    }
}
