//! The catalog and the solver: the bench example of msgraph-permissions, on the published data if it is here.

use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::Context;

pub(super) fn run(context: &Context) -> Result<()> {
    let data = context.root.join("../shared/data");
    let files = [
        data.join("permissions.json"),
        data.join("provisioningInfo.json"),
    ];
    let mut command = Command::new(env!("CARGO"));
    command
        .args([
            "run",
            "--quiet",
            "--release",
            "--package",
            "msgraph-permissions",
        ])
        .args(["--example", "bench", "--"])
        .current_dir(context.root);
    if files.iter().all(|file| file.is_file()) {
        command.args(&files);
    } else {
        println!("skipped: the published data is not in ../shared/data; on the embedded catalog:");
    }
    let status = command.status().context("cannot run cargo")?;
    if !status.success() {
        bail!("the bench failed: {status}");
    }
    Ok(())
}
