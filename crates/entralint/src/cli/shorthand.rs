//! `entralint PATH` without a command: it is `entralint check PATH`.

use std::ffi::{OsStr, OsString};

use camino::{Utf8Path, Utf8PathBuf};
use clap::CommandFactory as _;
use entralint_project::root;

use super::Cli;

/// The arguments with `check` put in where the first one is a path or a flag of `check`.
///
/// A command's name stays a command where a file is called the same: `entralint ./catalog` checks that folder. A word
/// that names nothing is left for the parser to suggest a command.
pub(crate) fn arguments(given: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = given.into_iter().collect();
    let first = arguments
        .iter()
        .enumerate()
        .skip(1)
        .find(|(_, argument)| !is_verbose(argument));
    if let Some((at, argument)) = first
        && is_for_check(argument, |path| path.exists())
    {
        arguments.insert(at, "check".into());
    }
    arguments
}

/// The one flag that counts for each command.
fn is_verbose(argument: &OsStr) -> bool {
    argument == "-v" || argument == "--verbose"
}

fn is_for_check(argument: &OsStr, exists: impl Fn(&std::path::Path) -> bool) -> bool {
    let text = argument.to_string_lossy();
    if text == "-" {
        return true;
    }
    if text.starts_with('-') {
        return !["-h", "--help", "-V", "--version"].contains(&text.as_ref());
    }
    let is_command = text == "help"
        || Cli::command()
            .get_subcommands()
            .any(|command| command.get_name() == text);
    !is_command && (text.contains(['/', '\\', '.']) || exists(std::path::Path::new(argument)))
}

/// The file or folder that was probably meant by a word that is neither a command nor a path.
pub(crate) fn similar_path(word: &str) -> Option<Utf8PathBuf> {
    let working = root::working_folder().ok()?;
    root::similar_path(&working, Utf8Path::new(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_for_check(argument: &str) -> bool {
        super::is_for_check(OsStr::new(argument), |path| path == "here")
    }

    #[test]
    fn paths_and_flags_of_check_are_for_check() {
        for argument in [
            ".",
            "a/b",
            "app.json",
            "-",
            "here",
            "--fix",
            "--format=json",
            "C:\\a",
        ] {
            assert!(is_for_check(argument), "{argument}");
        }
    }

    #[test]
    fn commands_help_and_unknown_words_are_not() {
        for argument in [
            "check",
            "catalog",
            "man",
            "help",
            "-h",
            "--version",
            "chekc",
            "absent",
        ] {
            assert!(!is_for_check(argument), "{argument}");
        }
    }

    #[test]
    fn check_goes_behind_the_flag_of_all_commands() {
        let arguments = |given: &[&str]| {
            super::arguments(given.iter().map(OsString::from))
                .join(OsStr::new(" "))
                .into_string()
                .expect("all of them are UTF-8")
        };
        assert_eq!(
            arguments(&["entralint", "-v", "./a"]),
            "entralint -v check ./a"
        );
        assert_eq!(arguments(&["entralint"]), "entralint");
        assert_eq!(
            arguments(&["entralint", "rules", "./a"]),
            "entralint rules ./a"
        );
    }
}
