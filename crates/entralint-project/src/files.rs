//! The files of a project: those on the disk, and the unsaved buffers of an editor, which win over them.
//!
//! All content that a check depends on is read here, so that an editor and the command line see the same, and a server
//! can be confined to a folder.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use source_text::{FileId, Source};

use crate::read;

/// A handle on the files; clones share the buffers.
#[derive(Clone, Debug, Default)]
pub struct Files {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// By absolute path, in the order of the paths.
    buffers: RwLock<BTreeMap<Utf8PathBuf, Arc<str>>>,
    /// What was read by name: the configuration and the files that it names.
    named: Mutex<BTreeSet<Utf8PathBuf>>,
    /// Nothing outside of these folders and files is opened, links resolved; empty where everything may be.
    within: Vec<Utf8PathBuf>,
}

/// Why a file is not opened.
const OUTSIDE: &str = "it lies outside of the folders that may be read";

impl Files {
    /// The disk alone.
    #[must_use]
    pub fn disk() -> Self {
        Self::default()
    }

    /// The disk below these folders, and these files. What a configuration names elsewhere, or by way of a link, is refused
    /// before it is opened, and whether it is there is not said.
    #[must_use]
    pub fn within(places: &[Utf8PathBuf]) -> Self {
        let within = places
            .iter()
            .map(|place| place.canonicalize_utf8().unwrap_or_else(|_| place.clone()))
            .collect();
        Self {
            shared: Arc::new(Shared {
                within,
                ..Shared::default()
            }),
        }
    }

    /// Whether a file must not be opened. Of a file that is not there the nearest folder that is decides.
    fn is_outside(&self, path: &Utf8Path) -> bool {
        let within = &self.shared.within;
        if within.is_empty() {
            return false;
        }
        let is_up = |part| part == Utf8Component::ParentDir;
        let real = path.ancestors().find_map(|place| {
            let real = place.canonicalize_utf8().ok()?;
            let rest = path.strip_prefix(place).ok()?;
            // `..` behind a folder that is not there leads wherever that folder will be.
            (!rest.components().any(is_up)).then(|| real.join(rest))
        });
        real.is_none_or(|real| !within.iter().any(|place| real.starts_with(place)))
    }

    /// From now on this text is what the file holds, whatever the disk says. `path` is absolute.
    pub fn set_buffer(&self, path: Utf8PathBuf, text: impl Into<Arc<str>>) {
        let mut buffers = self
            .shared
            .buffers
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        buffers.insert(path, text.into());
    }

    /// From now on the file holds what the disk says.
    pub fn drop_buffer(&self, path: &Utf8Path) {
        let mut buffers = self
            .shared
            .buffers
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        buffers.remove(path);
    }

    /// The unsaved text of a file.
    #[must_use]
    pub fn buffer(&self, path: &Utf8Path) -> Option<Arc<str>> {
        let buffers = self
            .shared
            .buffers
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        buffers.get(path).cloned()
    }

    /// The files below a folder that have an unsaved text.
    #[must_use]
    pub fn buffers_below(&self, folder: &Utf8Path) -> Vec<Utf8PathBuf> {
        let buffers = self
            .shared
            .buffers
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        buffers
            .keys()
            .filter(|path| path.starts_with(folder))
            .cloned()
            .collect()
    }

    /// Whether there is such a file. Of one that must not be opened it is assumed: reading it says so.
    #[must_use]
    pub fn is_file(&self, path: &Utf8Path) -> bool {
        self.buffer(path).is_some() || self.is_outside(path) || path.is_file()
    }

    /// Reads a file whole.
    ///
    /// # Errors
    ///
    /// What the operating system says, or that the file is larger than `limit` bytes.
    pub fn bytes(&self, path: &Utf8Path, limit: u64) -> Result<Vec<u8>, String> {
        match self.buffer(path) {
            Some(text) if text.len() as u64 > limit => Err(read::too_large(limit)),
            Some(text) => Ok(text.as_bytes().to_vec()),
            None if self.is_outside(path) => Err(OUTSIDE.to_owned()),
            None => read::bytes(path, limit),
        }
    }

    /// As [`bytes`](Self::bytes), for a file that a person or the configuration named: [`named`](Self::named) lists it.
    ///
    /// # Errors
    ///
    /// As [`bytes`](Self::bytes).
    pub fn named_bytes(&self, path: &Utf8Path, limit: u64) -> Result<Vec<u8>, String> {
        self.note(path);
        self.bytes(path, limit)
    }

    /// Reads a text that a person or the configuration named, in any encoding that manifests are read in; `-` is standard
    /// input. Its spans carry this number, its name is the one given. [`named`](Self::named) lists it.
    ///
    /// # Errors
    ///
    /// Which file, and why.
    pub fn text(&self, id: FileId, path: &Utf8Path, name: &Utf8Path) -> Result<Source, String> {
        self.note(path);
        match self.buffer(path) {
            Some(text) => read::decoded(id, name, Ok(text.as_bytes().to_vec())),
            None if path != "-" && self.is_outside(path) => {
                read::decoded(id, name, Err(OUTSIDE.to_owned()))
            }
            None => read::text(id, path, name),
        }
    }

    /// Takes note that a check depends on a file by its name, whether it is there or not.
    pub fn note(&self, path: &Utf8Path) {
        let mut named = self
            .shared
            .named
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        named.insert(path.to_owned());
    }

    /// Whether a file was read by name so far.
    #[must_use]
    pub fn is_named(&self, path: &Utf8Path) -> bool {
        self.shared
            .named
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(path)
    }

    /// The files that were read by name so far: a change of one of them changes what a whole project is judged by.
    #[must_use]
    pub fn named(&self) -> BTreeSet<Utf8PathBuf> {
        self.shared
            .named
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_wins_until_it_is_dropped() {
        let files = Files::disk();
        let path = Utf8Path::new("/no/such/file.json");
        assert!(!files.is_file(path));
        files.set_buffer(path.to_owned(), "{}");
        assert!(files.is_file(path));
        assert_eq!(files.bytes(path, 10).as_deref(), Ok(&b"{}"[..]));
        assert!(files.bytes(path, 1).is_err());
        assert_eq!(files.buffers_below("/no".into()), [path]);
        files.drop_buffer(path);
        assert!(files.bytes(path, 10).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn nothing_outside_is_opened() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = Utf8Path::from_path(folder.path()).expect("UTF-8");
        let (inside, outside) = (at.join("inside"), at.join("outside"));
        for folder in [&inside, &outside] {
            std::fs::create_dir(folder).expect("a folder");
            std::fs::write(folder.join("a.txt"), "a").expect("a file");
        }
        std::os::unix::fs::symlink(&outside, inside.join("link")).expect("a link");
        std::fs::write(outside.join("catalog.json"), "{}").expect("a file");
        let files = Files::within(&[inside.clone(), outside.join("catalog.json")]);
        assert_eq!(
            files.bytes(&inside.join("a.txt"), 9).as_deref(),
            Ok(&b"a"[..])
        );
        assert_eq!(
            files.bytes(&outside.join("catalog.json"), 9).as_deref(),
            Ok(&b"{}"[..])
        );
        for path in [
            outside.join("a.txt"),
            outside.join("none.txt"),
            inside.join("link/a.txt"),
            inside.join("link/none.txt"),
            inside.join("../outside/a.txt"),
            inside.join("none/../../outside/a.txt"),
        ] {
            assert_eq!(files.bytes(&path, 9), Err(OUTSIDE.to_owned()), "{path}");
            let error = files
                .text(FileId::default(), &path, "named".into())
                .expect_err("refused");
            assert!(error.contains("named: it lies outside"), "{error}");
        }
        assert!(
            files
                .bytes(&inside.join("none.txt"), 9)
                .is_err_and(|error| error != OUTSIDE)
        );
    }

    #[test]
    fn what_is_read_by_name_is_listed() {
        let files = Files::disk();
        let path = Utf8Path::new("/no/entralint.toml");
        assert!(files.text(FileId::default(), path, path).is_err());
        assert!(files.clone().named().contains(path));
    }
}
