//! From the paths of the command line to the files to look at.

use std::collections::BTreeSet;
use std::io::Read;

use camino::{Utf8Path, Utf8PathBuf};
use entralint_core::check::{self, FileOutcome};
use ignore::WalkBuilder;

/// The largest file that is read, in bytes. A manifest is a few kilobytes; Microsoft's limit for
/// one is far below this.
pub(crate) const LARGEST: u64 = 32 * 1024 * 1024;

/// The name under which standard input is reported.
pub(crate) const STDIN: &str = "<stdin>";

/// What to look at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Input {
    Stdin,
    File(Utf8PathBuf),
}

impl Input {
    /// As it is shown to people: relative as given, without a leading `./`.
    pub(crate) fn display(&self) -> String {
        match self {
            Input::Stdin => STDIN.to_owned(),
            Input::File(path) => {
                let shown = path.strip_prefix("./").unwrap_or(path);
                if shown.as_str().is_empty() {
                    path.to_string()
                } else {
                    shown.to_string()
                }
            }
        }
    }
}

/// A file to look at, and whether somebody named it or a walk found it.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) input: Input,
    pub(crate) named: bool,
}

/// What was found, in a fixed order, and what stood in the way.
#[derive(Debug, Default)]
pub(crate) struct Discovered {
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) errors: Vec<String>,
}

/// Walks folders (`.gitignore`, `.ignore` and `.entralintignore` are honoured, `.git` and links are
/// passed over) and takes files as they are named. A file that is reached in two ways is taken
/// once.
pub(crate) fn discover(paths: &[Utf8PathBuf]) -> Discovered {
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut errors = Vec::new();
    for path in paths {
        if path == "-" {
            candidates.push(Candidate {
                input: Input::Stdin,
                named: true,
            });
        } else if path.is_dir() {
            for entry in walk(path) {
                match entry {
                    Ok(file) => candidates.push(Candidate {
                        input: Input::File(file),
                        named: false,
                    }),
                    Err(error) => errors.push(error),
                }
            }
        } else {
            candidates.push(Candidate {
                input: Input::File(path.clone()),
                named: true,
            });
        }
    }
    // What somebody named comes first, so that it stays when a walk has found it too.
    candidates.sort_by(|a, b| b.named.cmp(&a.named).then_with(|| a.input.cmp(&b.input)));
    if paths.len() > 1 {
        let mut seen = BTreeSet::new();
        candidates.retain(|candidate| seen.insert(identity(&candidate.input)));
    }
    candidates.sort_by(|a, b| a.input.cmp(&b.input));
    Discovered { candidates, errors }
}

/// What two spellings of one file have in common.
fn identity(input: &Input) -> Input {
    match input {
        Input::Stdin => Input::Stdin,
        Input::File(path) => Input::File(path.canonicalize_utf8().unwrap_or_else(|_| path.clone())),
    }
}

fn walk(folder: &Utf8Path) -> impl Iterator<Item = Result<Utf8PathBuf, String>> {
    WalkBuilder::new(folder)
        .hidden(false)
        .require_git(false)
        .add_custom_ignore_filename(".entralintignore")
        .filter_entry(|entry| entry.file_name() != ".git")
        .build()
        .filter_map(|entry| match entry {
            Ok(entry) => {
                let is_file = entry.file_type().is_some_and(|t| t.is_file());
                if !is_file || !may_declare(entry.path()) {
                    return None;
                }
                Some(
                    Utf8PathBuf::from_path_buf(entry.into_path())
                        .map_err(|path| format!("{}: the path is not UTF-8", path.display())),
                )
            }
            Err(error) => Some(Err(error.to_string())),
        })
}

/// Content decides what a file is; its ending only spares reading pictures and archives.
fn may_declare(path: &std::path::Path) -> bool {
    path.extension()
        .and_then(|e| e.to_str())
        .is_some_and(|e| e.eq_ignore_ascii_case("json") || e.eq_ignore_ascii_case("jsonc"))
}

/// Reads a file whole.
///
/// # Errors
///
/// What the operating system says, or that the file is larger than [`LARGEST`].
pub(crate) fn read(input: &Input) -> Result<Vec<u8>, String> {
    let too_large = || {
        format!(
            "larger than {} MiB: not read (no manifest is that large)",
            LARGEST / 1024 / 1024
        )
    };
    let mut bytes = Vec::new();
    let result = match input {
        Input::Stdin => std::io::stdin()
            .lock()
            .take(LARGEST + 1)
            .read_to_end(&mut bytes),
        Input::File(path) => std::fs::File::open(path).and_then(|file| {
            let metadata = file.metadata()?;
            if metadata.is_dir() {
                return Err(std::io::Error::other("is a folder"));
            }
            if metadata.len() > LARGEST {
                return Ok(usize::MAX);
            }
            file.take(LARGEST + 1).read_to_end(&mut bytes)
        }),
    };
    match result {
        Ok(read) if read as u64 > LARGEST => Err(too_large()),
        Ok(_) => Ok(bytes),
        Err(error) => Err(error.to_string()),
    }
}

impl Candidate {
    /// As the core wants it. `folder` is the working one.
    pub(crate) fn for_check(&self, folder: &Utf8Path) -> check::Candidate {
        check::Candidate {
            name: self.input.display(),
            uri: crate::uri::uri(&self.input, folder),
            named: self.named,
        }
    }
}

/// Reads and makes out a file. `folder` is the working one.
///
/// # Errors
///
/// Why it could not be read, with its name.
pub(crate) fn outcome(candidate: &Candidate, folder: &Utf8Path) -> Result<FileOutcome, String> {
    let bytes = read(&candidate.input)
        .map_err(|error| format!("{}: {error}", candidate.input.display()))?;
    Ok(check::outcome(&candidate.for_check(folder), bytes))
}
