//! Lints the Microsoft Graph permissions that apps request.
//!
//! The command line is [`run`]; everything else of this crate is an implementation detail of it,
//! but for [`generated_docs`], which the workspace's code generation writes into the book.

mod cli;
mod cmd;
mod output;

use std::process::ExitCode;

use clap::Parser as _;

/// Parses the command line, runs the command, and gives the exit code: 0 nothing at or over the
/// threshold, 1 findings, 2 an error of usage, configuration, reading or writing, 3 nothing to
/// check.
pub fn run() -> ExitCode {
    let cli = match cli::Cli::try_parse_from(cli::arguments(std::env::args_os())) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too; where they cannot be written there is no reader.
            let _ = error.print();
            say_similar_path(&error);
            return ExitCode::from(if error.use_stderr() {
                cmd::ERROR
            } else {
                cmd::OK
            });
        }
    };
    let result = match &cli.command {
        // Without a shutdown before the end the protocol wants 1.
        #[cfg(feature = "lsp")]
        cli::Command::Lsp => entralint_lsp::serve().map(|in_order| u8::from(!in_order)),
        cli::Command::Check(args) => cmd::check::run(args, cli.verbose),
        cli::Command::Init(args) => cmd::init::run(args),
        cli::Command::List(args) => cmd::list::run(args, cli.verbose),
        cli::Command::Calls(args) => cmd::calls::run(args, cli.verbose),
        cli::Command::Needs(args) => cmd::needs::run(args),
        cli::Command::Catalog(command) => cmd::catalog::run(command),
        cli::Command::Explain(args) => cmd::explain::run(args),
        cli::Command::Denied(args) => cmd::denied::run(args),
        cli::Command::Rules(args) => cmd::rules::run(args),
        cli::Command::Baseline(command) => cmd::baseline::run(command, cli.verbose),
        cli::Command::Config(cli::ConfigCommand::Show(args)) => cmd::config::run(args),
        cli::Command::Completions { shell } => cmd::shell::completions(*shell),
        cli::Command::Man => cmd::shell::man(),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(error) => cmd::fail(&error),
    }
}

/// The file or folder that was probably meant by a word in the place of a command.
fn say_similar_path(error: &clap::Error) {
    use clap::error::{ContextKind, ContextValue, ErrorKind};
    if error.kind() != ErrorKind::InvalidSubcommand {
        return;
    }
    if let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand)
        && let Some(near) = cli::similar_path(word)
    {
        cmd::say(&format!(
            "tip: there is no {word}; did you mean the path {near}?"
        ));
    }
}

/// Where the schemas are published.
const SCHEMAS: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/raw/main/docs/schema");

/// The generated parts of the book: path below `docs/`, and contents.
///
/// # Errors
///
/// None are known: every schema can be written as JSON.
pub fn generated_docs() -> Result<Vec<(String, String)>, serde_json::Error> {
    let mut files: Vec<(String, String)> = entralint_core::explain::pages()
        .into_iter()
        .map(|(name, page)| (format!("rules/{name}"), page))
        .collect();
    for (name, mut schema) in [
        ("check.v1.json", entralint_core::report::json::schema()),
        ("list.v1.json", entralint_core::list::schema()),
        ("calls.v1.json", entralint_core::evidence::schema()),
        ("needs.v1.json", entralint_core::needs::schema()),
        ("needs-line.v1.json", entralint_core::needs::line_schema()),
        ("catalog-diff.v1.json", cmd::catalog::diff::schema()),
        ("catalog-check.v1.json", cmd::catalog::check::schema()),
        ("config.json", entralint_core::config::schema()),
        ("baseline.v1.json", entralint_core::baseline::schema()),
        (
            "denied.v1.json",
            schemars::schema_for!(entralint_core::denied::Denied),
        ),
        ("rules.v1.json", cmd::rules::schema()),
    ] {
        schema.insert("$id".to_owned(), format!("{SCHEMAS}/{name}").into());
        let mut text = serde_json::to_string_pretty(&schema)?;
        text.push('\n');
        files.push((format!("schema/{name}"), text));
    }
    Ok(files)
}
