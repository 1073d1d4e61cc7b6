//! The language server: the bench example of entralint-lsp.

use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::Context;

pub(super) fn run(context: &Context) -> Result<()> {
    let status = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--release", "--package", "entralint-lsp"])
        .args(["--example", "bench"])
        .current_dir(context.root)
        .status()
        .context("cannot run cargo")?;
    if !status.success() {
        bail!("the bench failed: {status}");
    }
    Ok(())
}
