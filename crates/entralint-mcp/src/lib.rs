//! A Model Context Protocol server over entralint, for coding agents.
//!
//! It holds no rule of its own: every answer is entralint-core's or entralint-project's, made short. Paths are confined
//! to the folders that the person who starts the server names; files are written only where that person allows it. Text
//! from files is data: every string of a result is escaped, cut, and without tokens.

mod args;
mod page;
mod prompts;
mod quote;
mod resources;
mod roots;
mod server;
mod tools;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use rmcp::service::serve_server;
use rmcp::transport::async_rw::AsyncRwTransport;

/// The longest message that is read, in bytes: what is longer is dropped. A text to check has 4 MiB at most.
const LONGEST_MESSAGE: usize = 8 * 1024 * 1024;

/// Parses the command line, and serves until standard input ends. The exit code is 2 where it cannot start.
pub fn run() -> ExitCode {
    let args = match args::Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version come this way too. If they cannot be written, there is nowhere to report it.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    match start(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr().lock(), "error: {error}");
            ExitCode::from(2)
        }
    }
}

fn start(args: &args::Args) -> Result<(), String> {
    let server = server::Server::new(args)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start: {error}"))?;
    let result = runtime.block_on(async {
        let (input, output) = rmcp::transport::io::stdio();
        let transport =
            AsyncRwTransport::new_server(input, output).with_max_line_length(LONGEST_MESSAGE);
        let running = match serve_server(server, transport).await {
            Ok(running) => running,
            // A client that closes the connection before its first message is no error.
            Err(rmcp::service::ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
            Err(error) => return Err(format!("the client did not initialize: {error}")),
        };
        running
            .waiting()
            .await
            .map(|_| ())
            .map_err(|error| error.to_string())
    });
    // Work of cancelled requests does not keep the program running.
    runtime.shutdown_background();
    result
}
