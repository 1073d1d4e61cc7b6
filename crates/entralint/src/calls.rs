//! The calls that the command line names.

use entralint_core::calls::{DeclaredCall, Origin, of_lines};
use entralint_core::config::Config;
use entralint_core::text;

use crate::cli::CallArgs;
use crate::cmd;

/// The calls of the command line and its files, else those of the configuration.
///
/// # Errors
///
/// What is wrong with a call, and where it stands.
pub(crate) fn declared(args: &CallArgs, config: &Config) -> Result<Vec<DeclaredCall>, String> {
    let mut calls = Vec::new();
    for text in &args.calls {
        let call = text
            .parse()
            .map_err(|error| format!("--calls {:?}: {error}", text::shown(text)))?;
        calls.push(DeclaredCall {
            call,
            origin: Origin::CommandLine,
        });
    }
    for path in &args.calls_from {
        calls.extend(of_lines(&cmd::read_text(path)?, path.as_str())?);
    }
    if calls.is_empty() {
        calls.extend(config.calls.iter().cloned());
    }
    Ok(calls)
}
