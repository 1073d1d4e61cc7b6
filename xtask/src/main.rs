//! Chores of this repository: `cargo xtask codegen`, `catalog`, `ci`, `bench`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for the terminal of whoever works on this repository"
)]

mod bench;
mod catalog;
mod ci;
mod codegen;
mod notices;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Chores of this repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Write the files that are generated from spec/.
    Codegen {
        /// Write nothing: print what differs as a unified diff and exit 1 if anything does.
        #[arg(long)]
        check: bool,
    },
    /// Work on spec/catalog, the facts of Microsoft's published data.
    #[command(subcommand)]
    Catalog(catalog::Chore),
    /// Run what continuous integration runs, in its order, up to the first failure.
    Ci {
        /// Print the steps instead of running them.
        #[arg(long)]
        list: bool,
    },
    /// Print the licence texts of all crates in the programs, for the archives of a release.
    Licences,
    /// Measure one area and print the figures; nothing is asserted.
    Bench(bench::Arguments),
}

fn main() -> ExitCode {
    let root = workspace_root();
    let outcome = match Cli::parse().chore {
        Chore::Codegen { check: true } => codegen::check(&root),
        Chore::Codegen { check: false } => codegen::write(&root),
        Chore::Catalog(chore) => catalog::run(&root, &chore),
        Chore::Ci { list } => ci::run(&root, list),
        Chore::Licences => notices::print_texts(&root).map(|()| ExitCode::SUCCESS),
        Chore::Bench(arguments) => bench::run(&root, &arguments),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// The folder that holds the workspace's Cargo.toml.
fn workspace_root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_path_buf()
}
