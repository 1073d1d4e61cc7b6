//! Where a file of results goes: written whole or not at all, behind every symbolic link.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// Finds out before a run whether a file will have a place.
pub(crate) fn check(path: &Path) -> io::Result<()> {
    let Place::File(path) = place(path)? else {
        // Opening a pipe would wait for its reader.
        return Ok(());
    };
    let folder = folder(&path);
    if folder.is_dir() {
        tempfile::NamedTempFile::new_in(folder).map(drop)
    } else {
        Err(io::Error::new(
            io::ErrorKind::NotFound,
            format!("there is no folder {}", folder.display()),
        ))
    }
}

/// Writes the file whole, or leaves what was there. What is no regular file is written into.
pub(super) fn write(
    path: &Path,
    content: impl Fn(&mut dyn io::Write) -> io::Result<()>,
) -> io::Result<()> {
    match place(path)? {
        Place::Device => content(&mut OpenOptions::new().write(true).open(path)?),
        Place::File(path) => {
            let mut file = tempfile::NamedTempFile::new_in(folder(&path))?;
            content(&mut file)?;
            file.as_file().sync_all()?;
            file.persist(path)?;
            Ok(())
        }
    }
}

/// Where the results go.
enum Place {
    /// A regular file, or none yet, behind every symbolic link.
    File(PathBuf),
    /// A pipe, a terminal, `/dev/null`: replacing it would take it from everyone else.
    Device,
}

/// Symbolic links that are followed before giving up.
const LINKS: usize = 40;

fn place(path: &Path) -> io::Result<Place> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(found) if found.is_file() => Ok(Place::File(fs::canonicalize(path)?)),
        Ok(_) => Ok(Place::Device),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut path = path.to_owned();
            for _ in 0..LINKS {
                match fs::read_link(&path) {
                    Ok(target) => path = folder(&path).join(target),
                    Err(_) => break,
                }
            }
            Ok(Place::File(path))
        }
        Err(error) => Err(error),
    }
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
