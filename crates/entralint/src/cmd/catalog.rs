//! `entralint catalog`: the permissions data itself.

mod fetch;
mod show;

use crate::cli::CatalogCommand;

/// Runs the command and gives its exit code.
///
/// # Errors
///
/// What is wrong with the usage, the configuration, a file or the network.
pub(crate) fn run(command: &CatalogCommand) -> Result<u8, String> {
    match command {
        CatalogCommand::Show(args) => show::run(args),
        CatalogCommand::Overrides(args) => show::overrides(args),
        CatalogCommand::Fetch(args) => fetch::run(args),
    }
}
