//! The arguments of `entralint catalog`.

use camino::Utf8PathBuf;
use clap::{Args, Subcommand};

use super::shared::{CallArgs, CatalogArgs};
use super::values::ListFormat;

#[derive(Debug, Subcommand)]
pub(crate) enum CatalogCommand {
    /// Say which catalog is used, and how much it holds
    Show(CatalogArgs),
    /// List the cited corrections to the published data
    Overrides(CatalogArgs),
    /// Download Microsoft's published files (the only use of a network)
    #[cfg(feature = "fetch")]
    Fetch(FetchArgs),
    /// Say what changed from one catalog to another, for your calls and manifests and in all
    Diff(DiffArgs),
    /// List what is doubtful in a catalog
    Check(CatalogCheckArgs),
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// The catalog before: a permissions.json, a folder that catalog fetch wrote, or embedded;
    /// a provisioningInfo.json next to it is used
    #[arg(value_name = "OLD")]
    pub(crate) old: Utf8PathBuf,

    /// The catalog after
    #[arg(value_name = "NEW")]
    pub(crate) new: Utf8PathBuf,

    /// Your manifests and the folders that hold them
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<Utf8PathBuf>,

    /// List everything that changed, however long
    #[arg(long)]
    pub(crate) all: bool,

    /// Compare the catalogs as they are, without the cited corrections
    #[arg(long)]
    pub(crate) no_overrides: bool,

    /// Configuration file; otherwise entralint.toml here or in a folder above
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<Utf8PathBuf>,

    /// How the changes are written to standard output
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,

    #[command(flatten)]
    pub(crate) calls: CallArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CatalogCheckArgs {
    /// List everything, however long
    #[arg(long)]
    pub(crate) all: bool,

    /// How the doubts are written to standard output
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,

    #[command(flatten)]
    pub(crate) catalog: CatalogArgs,
}

#[cfg(feature = "fetch")]
#[derive(Debug, Args)]
pub(crate) struct FetchArgs {
    /// The folder to write to, in your repository
    #[arg(long, value_name = "FOLDER", default_value = "graph-catalog")]
    pub(crate) to: Utf8PathBuf,

    /// Where to fetch from, instead of Microsoft's repository: a URL to which the files' names
    /// are added
    #[arg(long, value_name = "URL")]
    pub(crate) from: Option<String>,

    /// How long each file may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) timeout: u64,
}
