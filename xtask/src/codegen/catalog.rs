//! The embedded catalog: spec/catalog and the lists beside it, compiled into the form that needs no parsing.

use std::path::Path;

use anyhow::{Context, Result};
use msgraph_permissions::{Catalog, EmbedInput};

use super::{Contents, Output, read_input};
use crate::catalog::published;

/// The arrays and the text, in that order.
pub(super) fn outputs(root: &Path) -> Result<Vec<Output>> {
    let published = published(root)?;
    let list = |name: &str| read_input(root, &format!("spec/{name}.toml"));
    let (words, text) = Catalog::compile(&EmbedInput {
        permissions: published.permissions.as_bytes(),
        provisioning: published.provisioning.as_bytes(),
        sha256: &published.source.permissions_sha256,
        commit: &published.source.commit,
        date: &published.source.date,
        overrides: &list("overrides")?,
        ids: &list("ids")?,
        not_in_service: &list("not-in-service")?,
        doubts: &list("doubts")?,
        privileged: &list("privileged")?,
        formerly_documented: &list("formerly-documented")?,
    })
    .context("cannot compile spec/catalog")?;
    let file = |name: &str, contents: Vec<u8>| Output {
        path: format!("crates/msgraph-permissions/data/{name}"),
        contents: Contents::Bytes(contents),
    };
    Ok(vec![
        file("catalog.bin", words),
        file("catalog.txt", text.into_bytes()),
    ])
}
