//! The command line.

mod ask;
mod catalog;
mod check;
mod config;
mod list;
mod shared;
mod shorthand;
mod values;

use clap::{Parser, Subcommand};

pub(crate) use ask::{DeniedArgs, ExplainArgs, NeedsArgs};
#[cfg(feature = "fetch")]
pub(crate) use catalog::FetchArgs;
pub(crate) use catalog::{CatalogCheckArgs, CatalogCommand, DiffArgs};
pub(crate) use check::{BaselineCommand, CheckArgs};
pub(crate) use config::{ConfigCommand, ConfigShowArgs, InitArgs};
pub(crate) use list::{ListArgs, ListCallsArgs, RulesArgs};
pub(crate) use shared::CatalogArgs;
pub(crate) use shorthand::{arguments, similar_path};
pub(crate) use values::{CallsFormat, Format, ListFormat, When};

/// How to begin, below the help.
const START: &str = "\
Start with
  entralint check              reports; `entralint PATH` is short for `entralint check PATH`
  entralint check --diff       shows what the fixes would change; --fix applies them";

/// Checks that apps request no more Microsoft Graph permissions than their calls need.
///
/// Compares the permissions an app requests with the calls it makes, reports permissions that are
/// too broad, missing or unused, and fixes the declaration. Works offline.
#[derive(Debug, Parser)]
#[command(
    name = "entralint",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = START
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Say why each file was or was not checked
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check manifests against the calls that the app makes
    Check(CheckArgs),
    /// Serve an editor over standard input and output (Language Server Protocol)
    #[cfg(feature = "lsp")]
    Lsp,
    /// Write a commented entralint.toml: the apps of the repository, their sources, their calls
    Init(InitArgs),
    /// List every declared permission with its place
    List(ListArgs),
    /// List the calls of Microsoft Graph that code makes, with their places
    Calls(ListCallsArgs),
    /// Say which permissions calls need, one by one and together
    Needs(NeedsArgs),
    /// Explain a rule, a permission or a call
    Explain(ExplainArgs),
    /// Say why Microsoft Graph denied a call: read an error message, a HAR file or a log
    ///
    /// Exit codes: 0 explained; 2 the text cannot be read; 3 nothing in it says that a call was denied.
    Denied(DeniedArgs),
    /// List the rules
    Rules(RulesArgs),
    /// Accept today's findings, so that only new ones fail
    #[command(subcommand)]
    Baseline(BaselineCommand),
    /// Show the configuration that counts, and where each part of it comes from
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    #[command(hide = true)]
    Man,
    /// Show, fetch and compare the permissions data
    #[command(subcommand)]
    Catalog(CatalogCommand),
}
