//! The command line.

use camino::Utf8PathBuf;
use clap::Parser;

/// A Model Context Protocol server over entralint: which Microsoft Graph permissions an app needs, requests and could
/// give up. Speaks over standard input and output; uses no network.
#[derive(Debug, Parser)]
#[command(name = "entralint-mcp", version)]
pub(crate) struct Args {
    /// A folder that may be read; nothing outside of these is. Default: the working folder
    #[arg(long = "root", value_name = "FOLDER")]
    pub(crate) roots: Vec<Utf8PathBuf>,
    /// Let the tool `fix` write files below the roots, when it is called with `apply`
    #[arg(long)]
    pub(crate) allow_write: bool,
    /// Microsoft's permissions.json, or the folder that holds it, instead of the embedded catalog
    #[arg(long, value_name = "FILE")]
    pub(crate) catalog: Option<Utf8PathBuf>,
    /// Microsoft's provisioningInfo.json; by default the file in the same folder
    #[arg(long, value_name = "FILE", requires = "catalog")]
    pub(crate) provisioning: Option<Utf8PathBuf>,
}
