//! Arguments that several commands share: which catalog and configuration, which calls, what of a folder is read.

use camino::Utf8PathBuf;
use clap::Args;

use entralint_project::calls::CallOptions;
use entralint_project::catalog::CatalogOptions;
use entralint_project::read::LARGEST_MIB;

/// Which permissions data to use.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Catalog")]
pub(crate) struct CatalogArgs {
    /// Microsoft's permissions.json to use in place of the embedded catalog
    #[arg(long, value_name = "FILE", global = false)]
    pub(crate) catalog: Option<Utf8PathBuf>,

    /// Microsoft's provisioningInfo.json, which gives the permissions their ids; the one next to
    /// --catalog where none is named. check and list need one
    #[arg(long, value_name = "FILE", requires = "catalog")]
    pub(crate) provisioning: Option<Utf8PathBuf>,

    /// The service principal of Microsoft Graph in your tenant, as `az ad sp show --id
    /// 00000003-0000-0000-c000-000000000000` writes it: its ids and permissions are used in place of
    /// those of the catalog
    #[arg(long, value_name = "FILE")]
    pub(crate) service_principal: Option<Utf8PathBuf>,

    /// Take the catalog as it is, without the cited corrections
    #[arg(long)]
    pub(crate) no_overrides: bool,

    /// Configuration file; otherwise entralint.toml here or in a folder above, up to the git root
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<Utf8PathBuf>,

    /// Read no configuration file
    #[arg(long, conflicts_with = "config")]
    pub(crate) isolated: bool,
}

impl CatalogArgs {
    /// The same for the project.
    pub(crate) fn options(&self) -> CatalogOptions {
        CatalogOptions {
            catalog: self.catalog.clone(),
            provisioning: self.provisioning.clone(),
            service_principal: self.service_principal.clone(),
            without_overrides: self.no_overrides,
            config: self.config.clone(),
            isolated: self.isolated,
        }
    }
}

/// Which calls the apps make.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Calls")]
pub(crate) struct CallArgs {
    /// A call that the app makes, such as 'POST /users/{id}/revokeSignInSessions', with
    /// 'delegated', 'personal' or 'application' before it where that is known; repeatable
    #[arg(long = "calls", value_name = "CALL")]
    pub(crate) calls: Vec<String>,

    /// A file with one call a line; blank lines and lines that begin with # are skipped
    #[arg(long, value_name = "FILE")]
    pub(crate) calls_from: Vec<Utf8PathBuf>,

    /// The calls concern other users than the one signed in, so permissions that reach no
    /// further than one's own account are not enough
    #[arg(long)]
    pub(crate) other_users: bool,
}

impl CallArgs {
    /// The same for the project.
    pub(crate) fn options(&self) -> CallOptions {
        CallOptions {
            calls: self.calls.clone(),
            calls_from: self.calls_from.clone(),
            other_users: self.other_users,
        }
    }
}

/// What of a folder is read.
#[derive(Clone, Debug, Args)]
pub(crate) struct WalkArgs {
    /// The largest file that is read, in MiB
    #[arg(long, value_name = "MIB", default_value_t = LARGEST_MIB, value_parser = clap::value_parser!(u64).range(1..=4095))]
    pub(crate) max_file_size: u64,
}

impl WalkArgs {
    /// The same in bytes.
    pub(crate) fn limit(&self) -> u64 {
        self.max_file_size * 1024 * 1024
    }
}
