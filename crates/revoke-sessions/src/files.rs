//! The files of a command line: none that is written may be another one that is named.
//!
//! Results replace the file that is there, and a log adds to it. In the place of a journal or of a list of
//! users that would lose what a run depends on.

use std::fs;
use std::path::{Path, PathBuf};

use crate::exclude;
use crate::failure::Failure;
use crate::lists;

/// The files, each with the option that names it.
#[derive(Debug, Default)]
pub(crate) struct Files<'a> {
    read: Vec<(&'static str, &'a Path)>,
    written: Vec<(&'static str, &'a Path)>,
}

impl<'a> Files<'a> {
    /// Files that are read.
    pub(crate) fn read(
        &mut self,
        option: &'static str,
        paths: impl IntoIterator<Item = &'a PathBuf>,
    ) {
        let paths = paths.into_iter().filter(|path| !lists::is_stdin(path));
        self.read.extend(paths.map(|path| (option, path.as_path())));
    }

    /// A file that is written.
    pub(crate) fn write(&mut self, option: &'static str, path: Option<&'a Path>) {
        self.written.extend(path.map(|path| (option, path)));
    }

    /// Refuses a file that has two purposes of which one is to be written.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let standing = exclude::standing();
        let standing = standing.iter().map(|path| ("standing exclusions", &**path));
        let mut known: Vec<(&str, Identity)> = self
            .read
            .iter()
            .copied()
            .chain(standing)
            .filter_map(|(option, path)| Some((option, Identity::of(path)?)))
            .collect();
        for (option, path) in &self.written {
            if lists::is_stdin(path) {
                return Err(Failure::NotAFile { option });
            }
            let Some(identity) = Identity::of(path) else {
                continue;
            };
            if let Some((other, _)) = known.iter().find(|(_, known)| *known == identity) {
                return Err(Failure::SameFile {
                    path: (*path).to_owned(),
                    first: (*other).to_owned(),
                    second: option,
                });
            }
            known.push((option, identity));
        }
        Ok(())
    }
}

/// What makes a file the same as another, whatever the spelling of its path.
#[derive(Debug, PartialEq, Eq)]
enum Identity {
    /// A file that is there, by its number on its device: links to it are the same file.
    #[cfg(unix)]
    Node(u64, u64),
    /// A path without links.
    Path(PathBuf),
}

impl Identity {
    /// `None` for what is no regular file, such as a pipe or `/dev/null`, and for what has no place.
    fn of(path: &Path) -> Option<Self> {
        match fs::metadata(path) {
            Ok(found) if !found.is_file() => None,
            #[cfg(unix)]
            Ok(found) => {
                use std::os::unix::fs::MetadataExt as _;
                Some(Identity::Node(found.dev(), found.ino()))
            }
            #[cfg(not(unix))]
            Ok(_) => fs::canonicalize(path).ok().map(Identity::Path),
            Err(_) => {
                let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
                let folder = fs::canonicalize(folder.unwrap_or(Path::new("."))).ok()?;
                let name = path.file_name()?;
                // Their file systems take two spellings that differ in case for one name.
                let name = match cfg!(any(windows, target_os = "macos")) {
                    true => name.to_ascii_lowercase(),
                    false => name.to_owned(),
                };
                Some(Identity::Path(folder.join(name)))
            }
        }
    }
}
