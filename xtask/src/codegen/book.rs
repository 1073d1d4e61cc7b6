//! The generated parts of the book: a page for each rule, and the schemas of what programs read.

use anyhow::{Context, Result};

use super::{Contents, Output};

pub(super) fn outputs() -> Result<Vec<Output>> {
    let files = entralint::generated_docs().context("cannot write the book")?;
    Ok(files
        .into_iter()
        .map(|(path, contents)| Output {
            path: format!("docs/{path}"),
            contents: Contents::Text(contents),
        })
        .collect())
}
