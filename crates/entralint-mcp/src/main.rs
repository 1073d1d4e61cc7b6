//! Starts the server on standard input and output.

use std::process::ExitCode;

fn main() -> ExitCode {
    entralint_mcp::run()
}
