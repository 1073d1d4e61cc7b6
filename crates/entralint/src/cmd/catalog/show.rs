//! `entralint catalog show` and `entralint catalog overrides`.

use std::fmt::Write as _;

use msgraph_permissions::{OverrideState, Scheme};

use crate::cli::CatalogArgs;
use crate::cmd;
use entralint_core::text;
use entralint_project::catalog::Loaded;

/// The date of the published data that the embedded catalog was taken from, as
/// spec/PROVENANCE.md has it: microsoft-graph-devx-content, commit 6cbd6bb.
const EMBEDDED_DATE: &str = "2026-08-07";

/// Says which data a run would judge by, and how much there is of it.
///
/// # Errors
///
/// What is wrong with the configuration or the catalog.
pub(crate) fn run(args: &CatalogArgs) -> Result<u8, String> {
    let loaded = cmd::open(args, &[])?.catalog;
    let catalog = loaded.get();
    let info = catalog.info();
    let mut out = String::new();
    // Writing to a String does not fail.
    let _ = writeln!(out, "source:       {}", text::escaped(&info.source));
    let _ = writeln!(out, "sha256:       {}", info.sha256);
    let _ = writeln!(out, "date:         {}", date(&loaded, &info.sha256));
    let _ = writeln!(
        out,
        "complete:     {}",
        if info.complete {
            "yes"
        } else {
            "no: what it does not hold may still exist"
        }
    );
    let _ = writeln!(out, "permissions:  {}", info.permissions);
    let _ = writeln!(out, "paths:        {}", info.templates);
    let _ = writeln!(
        out,
        "operations:   {}; with the corrections:",
        info.operations
    );
    for scheme in [
        Scheme::DelegatedWork,
        Scheme::DelegatedPersonal,
        Scheme::Application,
    ] {
        let count = catalog.operations().filter(|o| o.scheme == scheme).count();
        let _ = writeln!(out, "  {:<12}{count}", scheme.to_string());
    }
    let _ = writeln!(
        out,
        "corrections:  {}{}",
        catalog.overrides().len(),
        match catalog.stale_overrides().count() {
            0 => String::new(),
            stale => format!(", {stale} that the data has caught up with"),
        }
    );
    let _ = writeln!(out, "bad entries:  {}", catalog.problems().len());
    cmd::print(&out)?;
    for problem in catalog.problems() {
        cmd::say(&format!("warning: {problem}"));
    }
    Ok(cmd::OK)
}

/// When the data is from: of the embedded one when it was taken from Microsoft's, of a fetched one
/// when it was fetched, and of any other file when it was last written.
fn date(loaded: &Loaded, sha256: &str) -> String {
    let Some(path) = loaded.permissions_path() else {
        return format!("{EMBEDDED_DATE}, of the published data that it was taken from");
    };
    if let Some(fetched) = super::record::date_of(path, sha256) {
        return format!("{fetched}, fetched");
    }
    let modified = std::fs::metadata(path)
        .and_then(|metadata| metadata.modified())
        .ok()
        .and_then(|time| jiff::Timestamp::try_from(time).ok());
    match modified {
        Some(time) => format!("{}, file last written", time.strftime("%Y-%m-%d")),
        None => "unknown".to_owned(),
    }
}

/// Lists the corrections to the published data, with their sources.
///
/// # Errors
///
/// What is wrong with the configuration or the catalog.
pub(crate) fn overrides(args: &CatalogArgs) -> Result<u8, String> {
    let loaded = cmd::open(args, &[])?.catalog;
    let mut out = String::new();
    for (correction, state) in loaded.get().overrides() {
        let _ = writeln!(
            out,
            "{}\n  {}\n  source: {} (read {})\n  here:   {}\n",
            correction.id,
            correction.reason,
            correction.source,
            correction.checked,
            match state {
                OverrideState::Applied { operations } => {
                    format!("corrects {}", text::count(*operations, "operation"))
                }
                OverrideState::CaughtUp => "the data has caught up: no longer needed".to_owned(),
                OverrideState::NothingHere => "the catalog holds none of it".to_owned(),
                OverrideState::Off => "switched off".to_owned(),
            }
        );
    }
    if out.is_empty() {
        out.push_str("no corrections are applied\n");
    }
    cmd::print(&out)?;
    Ok(cmd::OK)
}
