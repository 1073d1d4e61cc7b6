//! `entralint completions` and the manual page.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::OK;
use crate::cli::Cli;
use crate::cmd;

/// Prints a completion script.
///
/// # Errors
///
/// Why it could not be written.
pub(crate) fn completions(shell: Shell) -> Result<u8, String> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "entralint", &mut script);
    cmd::print_bytes(&script)?;
    Ok(OK)
}

/// Prints the manual page, with every command.
///
/// # Errors
///
/// Why it could not be written.
pub(crate) fn man() -> Result<u8, String> {
    let mut page = Vec::new();
    let mut command = Cli::command();
    command.build();
    let mut render = |command: clap::Command| {
        clap_mangen::Man::new(command)
            .render(&mut page)
            .map_err(|error| format!("cannot write the manual page: {error}"))
    };
    render(command.clone())?;
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        render(sub.clone())?;
    }
    cmd::print_bytes(&page)?;
    Ok(OK)
}
