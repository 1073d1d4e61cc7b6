//! `entralint catalog`: the permissions data itself.

pub(crate) mod check;
pub(crate) mod diff;
#[cfg(feature = "fetch")]
mod fetch;
mod record;
mod show;

use std::fmt::Write as _;

use crate::cli::CatalogCommand;
use entralint_core::text;

/// Runs the command and gives its exit code.
///
/// # Errors
///
/// What is wrong with the usage, the configuration, a file or the network.
pub(crate) fn run(command: &CatalogCommand) -> Result<u8, String> {
    match command {
        CatalogCommand::Show(args) => show::run(args),
        CatalogCommand::Overrides(args) => show::overrides(args),
        #[cfg(feature = "fetch")]
        CatalogCommand::Fetch(args) => fetch::run(args),
        CatalogCommand::Diff(args) => diff::run(args),
        CatalogCommand::Check(args) => check::run(args),
    }
}

/// A heading with the number of items, then the first of them.
fn list(out: &mut String, what: &str, items: &[String], most: usize) {
    // Writing to a String does not fail.
    let _ = writeln!(out, "{what}: {}", items.len());
    for item in items.iter().take(most) {
        let _ = writeln!(out, "  {}", text::escaped(item));
    }
    if items.len() > most {
        let _ = writeln!(out, "  and {} more (--all lists them)", items.len() - most);
    }
}
