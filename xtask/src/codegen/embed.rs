//! Copies of spec/ inside the crates that embed them: a published crate holds only its own folder.

use std::path::Path;

use anyhow::Result;

use super::{Contents, Output, read_input};

/// From a file of spec/ to where it is embedded.
const COPIES: &[(&str, &str)] = &[
    (
        "spec/overrides.toml",
        "crates/msgraph-permissions/data/overrides.toml",
    ),
    (
        "spec/cmdlets.toml",
        "crates/msgraph-calls/data/cmdlets.toml",
    ),
    (
        "spec/legacy-cmdlets.tsv",
        "crates/msgraph-calls/data/legacy-cmdlets.tsv",
    ),
    (
        "spec/privileged.toml",
        "crates/msgraph-permissions/data/privileged.toml",
    ),
    (
        "spec/formerly-documented.toml",
        "crates/msgraph-permissions/data/formerly-documented.toml",
    ),
    ("spec/ids.toml", "crates/msgraph-permissions/data/ids.toml"),
    (
        "spec/not-in-service.toml",
        "crates/msgraph-permissions/data/not-in-service.toml",
    ),
    (
        "spec/doubts.toml",
        "crates/msgraph-permissions/data/doubts.toml",
    ),
];

pub(super) fn outputs(root: &Path) -> Result<Vec<Output>> {
    COPIES
        .iter()
        .map(|(from, to)| {
            Ok(Output {
                path: (*to).to_owned(),
                contents: Contents::Text(read_input(root, from)?),
            })
        })
        .collect()
}
