//! The arguments of `entralint init` and `entralint config`.

use camino::Utf8PathBuf;
use clap::{Args, Subcommand};

use super::shared::WalkArgs;

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The folder to look at, in which entralint.toml is written
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub(crate) folder: Utf8PathBuf,

    #[command(flatten)]
    pub(crate) walk: WalkArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show the configuration that counts for a file or a folder
    Show(ConfigShowArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ConfigShowArgs {
    /// The file or folder
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) path: Utf8PathBuf,

    /// Configuration file, in place of those that are found
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<Utf8PathBuf>,

    /// Read no configuration file
    #[arg(long, conflicts_with = "config")]
    pub(crate) isolated: bool,
}
