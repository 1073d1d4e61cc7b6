//! Benchmarks by area: each area is one module that measures and prints.
//!
//! To add an area, write a module with a `run` function beside this one and name it in [`AREAS`].

mod client;
mod editor;
mod lint;
mod scan;
mod solver;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};

/// What can be measured.
const AREAS: &[Area] = &[
    Area {
        name: "lint",
        about: "entralint check: one manifest, and 10,000",
        run: lint::run,
    },
    Area {
        name: "lsp",
        about: "entralint lsp: diagnostics, hover, memory",
        run: lint::lsp,
    },
    Area {
        name: "mcp",
        about: "entralint-mcp: what a call needs",
        run: lint::mcp,
    },
    Area {
        name: "scan",
        about: "msgraph-calls: the prefilter, lexing, scanning",
        run: scan::run,
    },
    Area {
        name: "editor",
        about: "entralint lsp: first diagnostics, a change, hover, completion, memory",
        run: editor::run,
    },
    Area {
        name: "solver",
        about: "msgraph-permissions: loading, one lookup, every operation, sets of calls",
        run: solver::run,
    },
    Area {
        name: "client",
        about: "msgraph-sessions: a call, a run with and without quota; --heavy: clean builds",
        run: client::run,
    },
];

/// One thing that can be measured.
struct Area {
    /// What to write after `cargo xtask bench`.
    name: &'static str,
    /// What it measures, in a line.
    about: &'static str,
    /// Measures, and prints the figures.
    run: fn(&Context) -> Result<()>,
}

/// The command line of `cargo xtask bench`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The area to measure; without one, the areas are listed.
    area: Option<String>,
    /// Measure also what takes minutes, such as clean builds.
    #[arg(long)]
    heavy: bool,
}

/// What an area gets to work with.
pub(crate) struct Context<'a> {
    /// The workspace's root folder.
    pub(crate) root: &'a Path,
    /// Whether to measure also what takes minutes.
    pub(crate) heavy: bool,
}

/// Measures the area that the command line names.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<ExitCode> {
    let Some(name) = &arguments.area else {
        for area in AREAS {
            println!("{:<10} {}", area.name, area.about);
        }
        return Ok(ExitCode::SUCCESS);
    };
    let Some(area) = AREAS.iter().find(|area| area.name == name) else {
        let known: Vec<_> = AREAS.iter().map(|area| area.name).collect();
        bail!("no such area: `{name}` (there is: {})", known.join(", "));
    };
    (area.run)(&Context {
        root,
        heavy: arguments.heavy,
    })?;
    Ok(ExitCode::SUCCESS)
}
