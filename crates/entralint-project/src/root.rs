//! Where a run is: the working folder, the repository's root, and how files are named from either.

use std::process::{Command, Stdio};

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

/// The folders of a run.
#[derive(Clone, Debug)]
pub struct Root {
    /// The working folder, absolute.
    pub working: Utf8PathBuf,
    /// What paths in fingerprints, globs and URIs are relative to: the git root, else the working folder.
    pub root: Utf8PathBuf,
    /// The root is a git repository's.
    pub is_git: bool,
}

impl Root {
    /// The root for these paths, which are relative to an absolute working folder: the git root of that folder where they
    /// lie in it, else the git root of the first of them.
    #[must_use]
    pub fn of(working: &Utf8Path, paths: &[Utf8PathBuf]) -> Self {
        let working = working.to_owned();
        let first = paths
            .iter()
            .find(|path| *path != "-")
            .map_or_else(|| working.clone(), |path| absolute(&working, path));
        let here = git_root(&working).filter(|root| first.starts_with(root));
        let found = here.or_else(|| git_root(&first));
        match found {
            Some(root) => Self {
                working,
                root,
                is_git: true,
            },
            None if first.starts_with(&working) => Self {
                root: working.clone(),
                working,
                is_git: false,
            },
            None => Self {
                root: if first.is_dir() {
                    first
                } else {
                    first.parent().map(Utf8Path::to_owned).unwrap_or(first)
                },
                working,
                is_git: false,
            },
        }
    }

    /// A path relative to the root; absolute outside of it.
    pub fn relative(&self, path: &Utf8Path) -> Utf8PathBuf {
        let whole = absolute(&self.working, path);
        match whole.strip_prefix(&self.root) {
            Ok(inside) => inside.to_owned(),
            Err(_) => whole,
        }
    }

    /// A path of [`Root::relative`] as the system opens it.
    pub fn open(&self, relative: &Utf8Path) -> Utf8PathBuf {
        self.root.join(relative)
    }

    /// A path for people: relative to the working folder where it lies in it.
    pub fn shown(&self, relative: &Utf8Path) -> String {
        if self.working.as_str() == self.root.as_str() && relative.is_relative() {
            return relative.as_str().replace('\\', "/");
        }
        let whole = self.open(relative);
        let shown = whole.strip_prefix(&self.working).unwrap_or(&whole);
        entralint_core::text::path(shown)
    }

    /// The files below these folders that git tracks, relative to the root; `None` where git cannot say.
    pub fn tracked(&self, folders: &[Utf8PathBuf]) -> Option<Vec<Utf8PathBuf>> {
        if !self.is_git {
            return None;
        }
        // A repository is not to run anything: `core.fsmonitor` names a program, and a lock is not needed.
        let output = Command::new("git")
            .args(["-c", "core.fsmonitor=false", "--no-optional-locks"])
            .args(["ls-files", "-z", "--cached", "--"])
            .args(folders.iter().map(|folder| folder.as_str()))
            .current_dir(&self.working)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .ok()
            .filter(|output| output.status.success())?;
        // Names are relative to the working folder, and straight where that is the root.
        let is_root = self.working == self.root;
        let relative = |name: &str| {
            if is_root && !name.starts_with("..") {
                Utf8PathBuf::from(name)
            } else {
                self.relative(Utf8Path::new(name))
            }
        };
        let mut names: Vec<Utf8PathBuf> = output
            .stdout
            .split(|byte| *byte == 0)
            .filter_map(|name| std::str::from_utf8(name).ok())
            .filter(|name| !name.is_empty())
            .map(relative)
            .collect();
        // A file in conflict is there once for each side.
        names.dedup();
        Some(names)
    }
}

/// The working folder.
///
/// # Errors
///
/// That it is gone, or that its path is not UTF-8.
pub fn working_folder() -> Result<Utf8PathBuf, String> {
    let folder = std::env::current_dir()
        .map_err(|error| format!("cannot find the working folder: {error}"))?;
    Utf8PathBuf::from_path_buf(folder)
        .map_err(|path| format!("the working folder's path is not UTF-8: {}", path.display()))
}

/// The nearest folder upwards with a `.git`.
pub fn git_root(from: &Utf8Path) -> Option<Utf8PathBuf> {
    from.ancestors()
        .find(|folder| folder.join(".git").exists())
        .map(Utf8Path::to_owned)
}

/// The path from the working folder, with `.` and `..` resolved by name: links in between stay as they are named.
pub fn absolute(working: &Utf8Path, path: &Utf8Path) -> Utf8PathBuf {
    let mut whole = Utf8PathBuf::new();
    for part in working.join(path).components() {
        match part {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir => {
                whole.pop();
            }
            other => whole.push(other),
        }
    }
    whole
}

/// The existing path that was probably meant by one that does not exist: in each folder the name that differs least.
pub fn similar_path(working: &Utf8Path, path: &Utf8Path) -> Option<Utf8PathBuf> {
    let mut found = Utf8PathBuf::new();
    for part in path.components() {
        let next = found.join(part.as_str());
        if working.join(&next).exists() {
            found = next;
            continue;
        }
        let wanted = part.as_str().to_lowercase();
        let folder = working.join(&found);
        let mut names: Vec<(usize, String)> = std::fs::read_dir(folder)
            .ok()?
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .map(|name| {
                let distance = strsim::damerau_levenshtein(&name.to_lowercase(), &wanted);
                (distance, name)
            })
            // A third of the letters wrong is a slip; more is another name.
            .filter(|(distance, name)| distance * 3 <= name.len().max(3))
            .collect();
        names.sort();
        found.push(&names.into_iter().next()?.1);
    }
    (found != path).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_straight() {
        let absolute = |path: &str| absolute(Utf8Path::new("/a/b"), Utf8Path::new(path));
        assert_eq!(absolute("./c/../d.json"), "/a/b/d.json");
        assert_eq!(absolute("../x"), "/a/x");
        assert_eq!(absolute("/x/./y"), "/x/y");
        assert_eq!(absolute("."), "/a/b");
    }
}
