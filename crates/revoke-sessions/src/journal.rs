//! The journal of a run: who is to be revoked, and what became of each, safe against any stop.
//!
//! One JSON object a line. The first is the [`Header`]; then comes each user of the run; then, as
//! they arrive, outcomes and events. Lines are only ever added. A user counts as done once the
//! line with the outcome is on the disk, so a run that was stopped anywhere goes on where its
//! journal ends: what is not confirmed there is sent again, which is harmless.

mod read;
mod write;

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use fs4::fs_std::FileExt as _;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub(crate) use read::Replay;
pub(crate) use write::{Entry, Sink};

use crate::outcome::Outcome;
use crate::words::counted;

/// The form of the journal that this program writes. It reads the earlier one, too, in which a user had one
/// name and exclusions were a number.
pub(crate) const VERSION: u32 = 2;

/// The first line: what the run is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Header {
    /// What wrote the journal: always `revoke-sessions`.
    pub(crate) journal: String,
    /// Its form.
    pub(crate) version: u32,
    /// The program's version.
    pub(crate) program: String,
    /// When the run was started.
    pub(crate) started: Timestamp,
    /// The cloud, by name.
    pub(crate) cloud: String,
    /// The root address of Graph.
    pub(crate) graph: String,
    /// The tenant, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tenant: Option<String>,
    /// The app that sends, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) client_id: Option<String>,
    /// The signed-in operator, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) signed_in_as: Option<String>,
    /// How many users the run has.
    pub(crate) users: usize,
    /// SHA-256 over the users in their order, each followed by a line end.
    pub(crate) users_sha256: String,
    /// How many users of the list were excluded.
    pub(crate) excluded: usize,
    /// Who they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) excluded_users: Vec<ExcludedUser>,
    /// Where the exclusions came from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) exclusions: Vec<String>,
    /// How many lines of the list named no user and were skipped on request.
    pub(crate) skipped_lines: usize,
    /// Which lines these are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) skipped: Vec<SkippedLine>,
}

/// A user of the list who is not in the run, because an exclusion names the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ExcludedUser {
    /// As in the list.
    pub(crate) user: String,
    /// Further names of the same account.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) also: Vec<String>,
}

/// A line of the list that names no user and was skipped on request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SkippedLine {
    /// From 1.
    pub(crate) line: u64,
    /// What is wrong with it.
    pub(crate) reason: String,
}

/// A user of the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Planned {
    /// As it is sent.
    pub(crate) user: String,
    /// Further names of the same account, by which a later exclusion finds it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) also: Vec<String>,
    /// Whether it is known to be a guest.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) guest: bool,
}

/// Something that happened to the run itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Event {
    /// When.
    pub(crate) at: Timestamp,
    /// What.
    pub(crate) event: EventKind,
}

/// What can happen to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum EventKind {
    /// It goes on after a stop.
    Resumed,
    /// The operator stopped it.
    Interrupted,
    /// It stopped itself, because going on was of no use.
    Stopped,
    /// Every user was tried.
    Finished,
}

/// A line after the users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[expect(clippy::large_enum_variant, reason = "one line exists at a time")]
pub(crate) enum Line {
    /// What became of a user.
    Outcome(Outcome),
    /// What happened to the run.
    Event(Event),
}

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JournalError {
    #[error("cannot use the journal {}: {source}", .path.display())]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error(
        "the journal {path} is there already. To go on with that run, use --resume {path}; for a new \
         run, choose another name with --journal", path = .0.display()
    )]
    Exists(PathBuf),
    #[error(
        "another run is using the journal {}. Wait until it has ended, or stop it first", .0.display()
    )]
    Locked(PathBuf),
    #[error("{} is no journal of revoke-sessions: {reason}", .path.display())]
    NotAJournal { path: PathBuf, reason: String },
    #[error(
        "the journal {} ends before its list of users does. A run sends nothing before its list is \
         complete, so nothing was sent: start a new run from your list", .0.display()
    )]
    IncompleteList(PathBuf),
    #[error(
        "the list of users in the journal {} is damaged{}, so who is still to be sent cannot be read \
         from it. {} Start a new run from your list: revoking a user again is harmless",
        .path.display(), place(.line), sent(.outcomes)
    )]
    Damaged {
        path: PathBuf,
        /// The first line that is wrong, if one is.
        line: Option<usize>,
        /// How many outcomes stand in it all the same.
        outcomes: usize,
    },
    #[error(
        "the journal {} is of version {version}, and this program reads version {VERSION}: use the \
         program that wrote it", .path.display()
    )]
    OtherVersion { path: PathBuf, version: u32 },
}

fn place(line: &Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!(" in line {line}"))
}

fn sent(outcomes: &usize) -> String {
    match outcomes {
        0 => "It holds no outcome, but users may have been sent.".to_owned(),
        n => format!(
            "It holds {}, so users were sent.",
            counted(*n, "outcome", "outcomes")
        ),
    }
}

impl JournalError {
    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| JournalError::Io {
            path: path.to_owned(),
            source,
        }
    }
}

/// Hash over the users of a run, in their order, with all of their names from version 2 on.
pub(crate) fn users_sha256(version: u32, users: &[Planned]) -> String {
    let mut hash = Sha256::new();
    for user in users {
        hash.update(user.user.as_bytes());
        if version >= 2 {
            for name in &user.also {
                hash.update(b"\t");
                hash.update(name.as_bytes());
            }
        }
        hash.update(b"\n");
    }
    base16ct::lower::encode_string(&hash.finalize())
}

/// A journal that is open, locked and ready for more lines.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// Starts a journal in a file that is not there yet. On return the list of users is on the disk.
    ///
    /// The list is written to a file of another name, which takes the journal's name once it is whole: a
    /// run that is killed at this point leaves nothing under that name.
    pub(crate) fn create(
        path: &Path,
        header: &Header,
        users: &[Planned],
    ) -> Result<Self, JournalError> {
        check_new(path)?;
        let write = || -> io::Result<tempfile::NamedTempFile> {
            // For its owner alone: the journal names people.
            let file = tempfile::Builder::new()
                .prefix(".revoke-sessions-")
                .append(true)
                .tempfile_in(folder(path))?;
            let mut writer = BufWriter::new(file.as_file());
            write_line(&mut writer, header)?;
            for user in users {
                write_line(&mut writer, user)?;
            }
            writer.flush()?;
            drop(writer);
            file.as_file().sync_all()?;
            Ok(file)
        };
        let temporary = write().map_err(JournalError::io(path))?;
        lock(path, temporary.as_file())?;
        // What stands there is the half of a list, or empty: see `check_new`.
        let persisted = if path.exists() {
            temporary.persist(path)
        } else {
            temporary.persist_noclobber(path)
        };
        let file = persisted.map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => JournalError::Exists(path.to_owned()),
            _ => JournalError::io(path)(error.error),
        })?;
        sync_folder(path).map_err(JournalError::io(path))?;
        Ok(Journal {
            path: path.to_owned(),
            file,
        })
    }

    /// Opens the journal of a run that was stopped, and reads how far it came. A torn last line is
    /// cut off.
    pub(crate) fn resume(path: &Path) -> Result<(Self, Replay), JournalError> {
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .open(path)
            .map_err(JournalError::io(path))?;
        lock(path, &file)?;
        let replay = read::replay(path, &file)?;
        let cut = || -> io::Result<()> {
            if file.metadata()?.len() > replay.length {
                file.set_len(replay.length)?;
                file.sync_all()?;
            }
            Ok(())
        };
        cut().map_err(JournalError::io(path))?;
        let journal = Journal {
            path: path.to_owned(),
            file,
        };
        Ok((journal, replay))
    }

    /// Reads how far a run came, and leaves the journal alone. The run may be going on.
    pub(crate) fn look(path: &Path) -> Result<Replay, JournalError> {
        let file = File::open(path).map_err(JournalError::io(path))?;
        read::replay(path, &file)
    }

    /// Adds lines. On return they are on the disk.
    pub(crate) fn append(
        &mut self,
        lines: impl IntoIterator<Item = Line>,
    ) -> Result<(), JournalError> {
        let write = || -> io::Result<()> {
            let mut writer = BufWriter::new(&self.file);
            for line in lines {
                write_line(&mut writer, &line)?;
            }
            writer.flush()?;
            self.file.sync_data()
        };
        write().map_err(JournalError::io(&self.path))
    }

    /// A journal on a file as it stands, for tests of what its state brings about.
    #[cfg(test)]
    pub(crate) fn of_file(path: &Path, file: File) -> Self {
        Journal {
            path: path.to_owned(),
            file,
        }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Finds out whether the file still stands under its name: a journal that was deleted, moved or
    /// replaced takes lines that no later run will read.
    fn check_in_place(&self) -> io::Result<()> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            let own = self.file.metadata()?;
            let is_there = std::fs::metadata(&self.path)
                .is_ok_and(|there| (there.ino(), there.dev()) == (own.ino(), own.dev()));
            if !is_there {
                return Err(io::Error::new(
                    io::ErrorKind::NotFound,
                    "it was deleted, moved or replaced while the run was going on",
                ));
            }
        }
        Ok(())
    }
}

/// Refuses a journal's name that is taken. The half of a list that a killed start left there, and an
/// empty file, are not in the way.
pub(crate) fn check_new(path: &Path) -> Result<(), JournalError> {
    let taken = || JournalError::Exists(path.to_owned());
    match std::fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(JournalError::io(path)(error)),
        Ok(found) if !found.is_file() => Err(taken()),
        Ok(found) if found.len() == 0 => Ok(()),
        Ok(_) => {
            let file = File::open(path).map_err(JournalError::io(path))?;
            lock(path, &file)?;
            match read::replay(path, &file) {
                Err(JournalError::IncompleteList(_)) => Ok(()),
                _ => Err(taken()),
            }
        }
    }
}

fn write_line(writer: &mut impl io::Write, line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *writer, line)?;
    writer.write_all(b"\n")
}

/// The lock goes with the file handle, so a killed run leaves none behind.
fn lock(path: &Path, file: &File) -> Result<(), JournalError> {
    match file.try_lock_exclusive() {
        Ok(true) => Ok(()),
        Ok(false) => Err(JournalError::Locked(path.to_owned())),
        Err(source) => Err(JournalError::io(path)(source)),
    }
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// A new file's name has to be on the disk as well as its content.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder(path))?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests;
