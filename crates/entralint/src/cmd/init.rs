//! `entralint init`: a first configuration from what a repository holds.

use std::io::Write as _;

use entralint_core::config::{Config, NAME};
use entralint_core::init;
use entralint_core::plan::{Plan, TopLevel};
use entralint_core::text;
use msgraph_permissions::{Catalog, LookupOptions};

use super::{EMPTY, OK};
use crate::cli::InitArgs;
use crate::cmd;
use entralint_project::discover;
use entralint_project::engine::{self, Options};
use entralint_project::evidence::{self, Scanner};
use entralint_project::root::{self, Root};
use entralint_project::units::{Units, group};

/// Runs the command and gives its exit code. A configuration that is there stays as it is.
///
/// # Errors
///
/// What stands in the way.
pub(crate) fn run(args: &InitArgs) -> Result<u8, String> {
    if !args.folder.is_dir() {
        return Err(format!("{} is not a folder", args.folder));
    }
    let path = args.folder.join(NAME);
    if path.exists() {
        cmd::say(&format!("{path} is there already: nothing was changed"));
        return Ok(OK);
    }
    // Paths of the configuration are relative to its own folder.
    let working = root::working_folder()?;
    let root = Root {
        root: root::absolute(&working, &args.folder),
        is_git: root::git_root(&root::absolute(&working, &args.folder)).is_some(),
        working,
    };
    let config = Config::default();
    let catalog = Catalog::embedded();
    let scanner = Scanner::new(catalog, false);
    let units = Units::new(&root, args.walk.limit());
    let found = discover::discover(
        std::slice::from_ref(&args.folder),
        &root,
        &config,
        &|name| entra_manifest::is_candidate(name) || evidence::is_code(name),
    );
    let works = group(found.candidates, &|folder| units.list(folder, false));
    let plan = Plan::new(
        catalog,
        &config,
        LookupOptions::default(),
        Vec::new(),
        TopLevel::Absent,
        Vec::new(),
    );
    let checked = engine::check(
        &units,
        &works,
        plan,
        Options {
            scanner: Some(&scanner),
            recorded: Vec::new(),
            names: &found.names,
            config: &config,
            whole: true,
            keep_apps: false,
            keep_said: false,
        },
    );
    if checked.apps.is_empty() {
        cmd::say("error: no app was found: nothing was written");
        return Ok(EMPTY);
    }
    let mut apps = checked.apps;
    apps.sort();
    let text = init::config(&apps, &checked.plan);
    // Another process may have written one meanwhile: it is not replaced.
    std::fs::File::create_new(&path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| format!("cannot write {path}: {error}"))?;
    cmd::say(&format!(
        "{path} written: {}, {} with calls",
        text::count(apps.len(), "app"),
        text::count(
            checked
                .evidence
                .iter()
                .filter(|file| !file.calls.is_empty())
                .count(),
            "file"
        ),
    ));
    Ok(OK)
}
