//! The arguments of the commands that list: permissions, calls, rules.

use camino::Utf8PathBuf;
use clap::Args;

use super::shared::{CatalogArgs, WalkArgs};
use super::values::{CallsFormat, ListFormat};

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Manifests and folders to look at; - is standard input
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<Utf8PathBuf>,

    /// How the list is written to standard output
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,

    /// Exit with 0 where there is nothing to list
    #[arg(long)]
    pub(crate) allow_empty: bool,

    #[command(flatten)]
    pub(crate) walk: WalkArgs,

    #[command(flatten)]
    pub(crate) catalog: CatalogArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ListCallsArgs {
    /// Files and folders to search; - is standard input
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<Utf8PathBuf>,

    /// How the calls are written to standard output
    #[arg(long, value_enum, default_value_t = CallsFormat::Text)]
    pub(crate) format: CallsFormat,

    /// Show how each call was read
    #[arg(long)]
    pub(crate) explain: bool,

    /// Also search tests, fixtures and samples
    #[arg(long)]
    pub(crate) include_tests: bool,

    /// Exit with 0 where no call is found
    #[arg(long)]
    pub(crate) allow_empty: bool,

    #[command(flatten)]
    pub(crate) walk: WalkArgs,

    #[command(flatten)]
    pub(crate) catalog: CatalogArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RulesArgs {
    /// How the list is written to standard output
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,
}
