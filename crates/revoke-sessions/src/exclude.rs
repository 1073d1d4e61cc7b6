//! The accounts that are never sent: those of `--exclude`, and the standing ones of this machine.
//!
//! Standing exclusions hold for every command, so that no operator has to remember them: the variable
//! `REVOKE_SESSIONS_EXCLUDE`, a file next to the program, a file in the user's configuration folder.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::lists;
use crate::users::{User, parse_user};

/// Variable with files of accounts or the accounts themselves, separated by commas, semicolons or blanks.
const VARIABLE: &str = "REVOKE_SESSIONS_EXCLUDE";

/// The file next to the program.
const NEXT_TO_PROGRAM: [&str; 2] = ["revoke-sessions-exclude.txt", "revoke-sessions-exclude.csv"];

/// The file in the user's configuration folder.
const IN_CONFIG_FOLDER: [&str; 2] = ["revoke-sessions/exclude.txt", "revoke-sessions/exclude.csv"];

/// Every excluded account.
#[derive(Debug, Default)]
pub(crate) struct Exclusions {
    pub(crate) accounts: Vec<User>,
    /// Where they come from, for people.
    pub(crate) sources: Vec<String>,
}

impl Exclusions {
    /// Reads all of them. What cannot be read is an error: leaving it out could send who must not be sent.
    pub(crate) fn load(files: &[PathBuf]) -> Result<Self, Failure> {
        let mut exclusions = Exclusions::default();
        for path in files {
            exclusions.add_file(path, "--exclude")?;
        }
        match std::env::var(VARIABLE) {
            Ok(value) => exclusions.add_variable(&value)?,
            Err(std::env::VarError::NotPresent) => {}
            Err(std::env::VarError::NotUnicode(_)) => {
                return Err(Failure::ExclusionVariable {
                    word: "a value that is not Unicode".to_owned(),
                });
            }
        }
        for path in standing_files() {
            // A folder that cannot be looked into may hold the file.
            let exists = path.try_exists().map_err(|source| Failure::List {
                path: path.clone(),
                source: source.into(),
            })?;
            if exists {
                exclusions.add_file(&path, "standing")?;
            }
        }
        Ok(exclusions)
    }

    fn add_variable(&mut self, value: &str) -> Result<(), Failure> {
        let mut named = false;
        for word in words(value) {
            if let Some(path) = as_file(word) {
                self.add_file(path, VARIABLE)?;
                continue;
            }
            let user = parse_user(word).map_err(|_| Failure::ExclusionVariable {
                word: format!("`{word}`"),
            })?;
            self.accounts.push(User::new(user));
            named = true;
        }
        if named {
            self.sources.push(VARIABLE.to_owned());
        }
        Ok(())
    }

    fn add_file(&mut self, path: &Path, source: &str) -> Result<(), Failure> {
        let list = lists::read(path, None)?;
        // A line that names no account is never skipped: it may be the one that matters.
        if !list.bad.is_empty() {
            return Err(Failure::BadLines {
                path: lists::shown(path),
                lines: list.bad,
                list: false,
            });
        }
        // An export that came out empty, or a wrong file, would protect no account.
        if list.users.is_empty() {
            return Err(Failure::NoExclusion {
                path: lists::shown(path),
            });
        }
        self.accounts.extend(list.users);
        self.sources
            .push(format!("{} ({source})", lists::shown(path).display()));
        Ok(())
    }
}

/// What the variable names, one by one.
fn words(value: &str) -> Vec<&str> {
    if value.trim().is_empty() {
        return Vec::new();
    }
    // One file whose name holds a separator.
    if Path::new(value).is_file() {
        return vec![value];
    }
    value
        .split([',', ';', ' ', '\t', '\r', '\n'])
        .filter(|word| !word.is_empty())
        .collect()
}

/// The file that a word of the variable names; `None` for an account.
fn as_file(word: &str) -> Option<&Path> {
    let path = Path::new(word);
    let is_list = path
        .extension()
        .is_some_and(|it| it.eq_ignore_ascii_case("txt") || it.eq_ignore_ascii_case("csv"));
    (is_list || path.is_file()).then_some(path)
}

/// The files of the standing exclusions, as far as there are any.
pub(crate) fn standing() -> Vec<PathBuf> {
    let mut files = standing_files();
    files.retain(|path| path.is_file());
    if let Ok(value) = std::env::var(VARIABLE) {
        files.extend(
            words(&value)
                .into_iter()
                .filter_map(as_file)
                .map(Path::to_owned),
        );
    }
    files
}

/// Where standing exclusions can be.
fn standing_files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    // Without its own path the program has no folder to look into.
    if let Ok(program) = std::env::current_exe()
        && let Some(folder) = program.parent()
    {
        files.extend(NEXT_TO_PROGRAM.map(|name| folder.join(name)));
    }
    if let Some(folder) = config_folder() {
        files.extend(IN_CONFIG_FOLDER.map(|name| folder.join(name)));
    }
    files
}

/// The user's folder for configuration files.
fn config_folder() -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    if cfg!(windows) {
        return variable("APPDATA").map(PathBuf::from);
    }
    variable("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| Some(PathBuf::from(variable("HOME")?).join(".config")))
}
