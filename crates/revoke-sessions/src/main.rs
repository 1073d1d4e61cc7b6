//! `revoke-sessions`: signs out users of Microsoft Entra ID, one or fifty thousand, and loses none.

mod auth;
mod bulk;
mod caller;
mod cli;
mod confirm;
mod decode;
mod drive;
mod exclude;
mod failure;
mod few;
mod files;
mod journal;
mod lists;
mod log;
mod outcome;
mod progress;
mod redact;
mod report;
mod run;
mod select;
mod send;
mod session;
mod shell;
mod signals;
mod users;
mod verify;
mod words;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::{Cli, Command};
use crate::failure::{Exit, Failure};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // Help and version are no errors; a value that is one may be a token in the wrong place.
        Err(error) if error.use_stderr() => {
            progress::say(error.render().to_string().trim_end());
            return Exit::Usage.into();
        }
        Err(help) => help.exit(),
    };
    let verbose = cli.command.common().log.verbose;
    match run(cli) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            progress::say(&format!("error: {failure}"));
            // The innermost says what is wrong; those around it only where it was met.
            for cause in failure.causes().into_iter().rev() {
                if verbose {
                    progress::say(&format!("  because: {cause}"));
                }
            }
            Exit::Usage.into()
        }
    }
}

fn run(cli: Cli) -> Result<Exit, Failure> {
    // Before anything is opened for writing.
    cli.command.files().check()?;
    cli.command.common().log.start()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        signals::survive_file_limits();
        match cli.command {
            Command::User(command) => few::users(*command).await,
            Command::Me(command) => few::me(*command).await,
            Command::Bulk(command) => bulk::run(*command).await,
            Command::Verify(command) => verify::run(*command).await,
        }
    })
}
