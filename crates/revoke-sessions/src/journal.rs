//! The journal of a run: who is to be revoked, and what became of each, safe against any stop.
//!
//! One JSON object a line. The first is the [`Header`]; then comes each user of the run; then, as
//! they arrive, outcomes and events. Lines are only ever added. A user counts as done once the
//! line with the outcome is on the disk, so a run that was stopped anywhere goes on where its
//! journal ends: what is not confirmed there is sent again, which is harmless.

mod error;
mod form;
mod read;
mod write;

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use fs4::fs_std::FileExt as _;

pub(crate) use error::JournalError;
use form::write_line;
pub(crate) use form::{
    Event, EventKind, ExcludedUser, Header, Line, Planned, SkippedLine, VERSION, users_sha256,
};
pub(crate) use read::Replay;
pub(crate) use write::{Encoded, Sink};

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
    if !folder(path).is_dir() {
        let text = format!("there is no folder {}", folder(path).display());
        return Err(JournalError::io(path)(io::Error::new(
            io::ErrorKind::NotFound,
            text,
        )));
    }
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
