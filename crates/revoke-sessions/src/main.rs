//! `revoke-sessions`: signs out users of Microsoft Entra ID, one or fifty thousand, and loses none.

mod auth;
mod bulk;
mod caller;
mod cli;
mod confirm;
mod decode;
mod drive;
mod failure;
mod few;
mod journal;
mod outcome;
mod progress;
mod redact;
mod report;
mod run;
mod select;
mod session;
mod signals;
mod users;
mod words;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::{Cli, Command};
use crate::failure::Exit;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(async {
            match cli.command {
                Command::User(command) => few::users(command).await,
                Command::Me(command) => few::me(command).await,
                Command::Bulk(command) => bulk::run(*command).await,
            }
        }),
        Err(error) => Err(error.into()),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => {
            progress::say(&format!("error: {failure}"));
            Exit::Usage.into()
        }
    }
}
