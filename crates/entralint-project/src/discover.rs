//! From the paths of the command line to the files to look at.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use entralint_core::config::Config;
use ignore::WalkBuilder;

use crate::files::Files;
use crate::root::Root;

/// The name under which standard input is reported.
pub const STDIN: &str = "<stdin>";

/// A file to look at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// Relative to the root; [`STDIN`] for standard input. A run over a large repository names each file in several
    /// places, which share the text.
    pub path: Arc<Utf8Path>,
    /// A person named it; a walk found the others.
    pub named: bool,
}

impl Candidate {
    /// Whether it is standard input.
    pub fn is_stdin(&self) -> bool {
        *self.path == *STDIN
    }
}

/// What was found, in a fixed order, and what stood in the way.
#[derive(Debug, Default)]
pub struct Discovered {
    /// Files to read.
    pub candidates: Vec<Candidate>,
    /// Files that git tracks and that `.ignore`, `.entralintignore` or the configuration excludes.
    pub ignored: Vec<Arc<Utf8Path>>,
    /// Links that lead out of the repository, or nowhere.
    pub links: Vec<Arc<Utf8Path>>,
    /// All files, candidates or not, relative to the root: they mark where projects begin.
    pub names: Vec<Arc<Utf8Path>>,
    /// What could not be walked.
    pub errors: Vec<String>,
    /// The whole of the root was walked.
    pub whole: bool,
}

/// The files below the paths of a run, before it is known which of them count.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    paths: Vec<Utf8PathBuf>,
    /// Files that a person named.
    named: Vec<Arc<Utf8Path>>,
    /// Folders that were walked, as the system opens them.
    folders: Vec<Utf8PathBuf>,
    /// What was found in them, relative to the root, and whether it is a link.
    entries: Vec<(Arc<Utf8Path>, bool)>,
    errors: Vec<String>,
    whole: bool,
}

/// Walks the folders among these paths.
///
/// `.gitignore` is honoured for files that git does not track; `.ignore` and `.entralintignore` for all. Links are not
/// followed, except to a file inside the root that no walk reaches.
pub fn list(paths: &[Utf8PathBuf], root: &Root) -> Listing {
    list_with(paths, root, &Files::disk())
}

/// As [`list`], with the files that an editor has not saved yet.
pub fn list_with(paths: &[Utf8PathBuf], root: &Root, files: &Files) -> Listing {
    let mut listing = Listing {
        paths: paths.to_vec(),
        ..Listing::default()
    };
    // One folder alone names no file twice.
    let mut seen: Option<HashSet<Arc<Utf8Path>>> = (paths.len() > 1).then(HashSet::new);
    for path in paths {
        if path == "-" {
            listing.named.push(Utf8Path::new(STDIN).into());
        } else if root.working.join(path).is_dir() {
            listing.folders.push(root.working.join(path));
        } else {
            let path: Arc<Utf8Path> = root.relative(path).into();
            seen.get_or_insert_default().insert(Arc::clone(&path));
            listing.named.push(path);
        }
    }
    for folder in &listing.folders {
        let inside = root.relative(folder);
        listing.whole |= inside.as_str().is_empty();
        for entry in walk(folder, true) {
            match entry {
                Ok((path, is_link)) => {
                    let path: Arc<Utf8Path> = below(folder, &inside, &path)
                        .unwrap_or_else(|| root.relative(&path))
                        .into();
                    let is_new = seen
                        .as_mut()
                        .is_none_or(|seen| seen.insert(Arc::clone(&path)));
                    if is_new {
                        listing.entries.push((path, is_link));
                    }
                }
                Err(error) => {
                    // Paths for people begin at the working folder.
                    let working = format!("{}/", root.working);
                    listing.errors.push(error.replace(&working, ""));
                }
            }
        }
        // A new file of an editor, which the disk does not have yet.
        for buffer in files.buffers_below(folder) {
            let path: Arc<Utf8Path> = root.relative(&buffer).into();
            let mut is_new = |path: &Arc<Utf8Path>| {
                seen.as_mut()
                    .is_none_or(|seen| seen.insert(Arc::clone(path)))
            };
            if !buffer.exists() && is_new(&path) {
                listing.entries.push((path, false));
            }
        }
    }
    listing
}

impl Listing {
    /// The paths that it was made for.
    #[must_use]
    pub fn paths(&self) -> &[Utf8PathBuf] {
        &self.paths
    }

    /// Whether it was made for these paths.
    #[must_use]
    pub fn is_of(&self, paths: &[Utf8PathBuf]) -> bool {
        self.paths == paths
    }

    /// The files, relative to the root.
    pub fn names(&self) -> impl Iterator<Item = &Utf8Path> {
        let entries = self.entries.iter().map(|(path, _)| path);
        self.named.iter().chain(entries).map(|path| &**path)
    }

    /// Chooses the files to look at. A file that is reached in two ways is taken once.
    pub fn select(
        &self,
        root: &Root,
        config: &Config,
        wanted: &dyn Fn(&Utf8Path) -> bool,
    ) -> Discovered {
        let mut found = Discovered {
            errors: self.errors.clone(),
            whole: self.whole,
            ..Discovered::default()
        };
        let mut files: Vec<Candidate> = Vec::new();
        let mut named: HashSet<&str> = HashSet::new();
        for path in &self.named {
            if named.insert(path.as_str()) {
                files.push(Candidate {
                    path: Arc::clone(path),
                    named: true,
                });
            }
        }
        let mut links: Vec<&Utf8Path> = Vec::new();
        for (path, is_link) in &self.entries {
            if *is_link {
                if wanted(path) {
                    links.push(path);
                }
                continue;
            }
            if wanted(path) {
                if config.excludes(path) {
                    found.ignored.push(Arc::clone(path));
                } else {
                    files.push(Candidate {
                        path: Arc::clone(path),
                        named: false,
                    });
                }
            }
            found.names.push(Arc::clone(path));
        }
        let tracked = self.tracked(root, wanted);
        if !links.is_empty() || !tracked.is_empty() {
            let seen: HashSet<&str> = self.names().map(Utf8Path::as_str).collect();
            let missing: Vec<Arc<Utf8Path>> = tracked
                .into_iter()
                .filter(|path| !seen.contains(path.as_str()) && root.open(path).is_file())
                .map(Arc::from)
                .collect();
            let added = self.add_tracked(&missing, root, config, &mut files, &mut found);
            for link in links {
                let is_reached = |target: &Utf8Path| {
                    (seen.contains(target.as_str()) || added.contains(target)) && wanted(target)
                };
                follow(link, root, &is_reached, &mut files, &mut found);
            }
        }
        // The order of paths, component by component, in which a walk finds them.
        files.sort_by(|a, b| by_component(&a.path, &b.path));
        found.candidates = files;
        found
    }

    /// The files in what was walked that git tracks. `.gitignore` says nothing about a tracked file.
    fn tracked(&self, root: &Root, wanted: &dyn Fn(&Utf8Path) -> bool) -> Vec<Utf8PathBuf> {
        if self.folders.is_empty() {
            return Vec::new();
        }
        let mut tracked = root.tracked(&self.folders).unwrap_or_default();
        tracked.retain(|path| wanted(path));
        tracked
    }

    /// Adds files that git tracks and the walk passed by. Gives those that are looked at.
    fn add_tracked(
        &self,
        missing: &[Arc<Utf8Path>],
        root: &Root,
        config: &Config,
        files: &mut Vec<Candidate>,
        found: &mut Discovered,
    ) -> BTreeSet<Arc<Utf8Path>> {
        let mut added = BTreeSet::new();
        if missing.is_empty() {
            return added;
        }
        // Without git's own rules the walk shows which of them other rules exclude.
        let mut visible: BTreeSet<Utf8PathBuf> = BTreeSet::new();
        for folder in &self.folders {
            visible.extend(
                walk(folder, false)
                    .flatten()
                    .map(|(path, _)| root.relative(&path)),
            );
        }
        for path in missing {
            if visible.contains(&**path) && !config.excludes(path) {
                added.insert(Arc::clone(path));
                found.names.push(Arc::clone(path));
                files.push(Candidate {
                    path: Arc::clone(path),
                    named: false,
                });
            } else {
                found.ignored.push(Arc::clone(path));
            }
        }
        added
    }
}

/// [`list`] and [`Listing::select`] in one.
pub fn discover(
    paths: &[Utf8PathBuf],
    root: &Root,
    config: &Config,
    wanted: &dyn Fn(&Utf8Path) -> bool,
) -> Discovered {
    list(paths, root).select(root, config, wanted)
}

/// A link to a file of the repository that is not read by itself is read where the link is.
fn follow(
    link: &Utf8Path,
    root: &Root,
    is_reached: &dyn Fn(&Utf8Path) -> bool,
    files: &mut Vec<Candidate>,
    found: &mut Discovered,
) {
    let target = root.open(link).canonicalize_utf8().ok();
    let inside = target
        .as_deref()
        .filter(|target| target.is_file())
        .and_then(|target| {
            let root = root.root.canonicalize_utf8().ok()?;
            target.strip_prefix(root).ok().map(Utf8Path::to_owned)
        });
    match inside {
        Some(target) if is_reached(&target) => {}
        Some(_) => {
            files.push(Candidate {
                path: link.into(),
                named: false,
            });
        }
        None => found.links.push(link.into()),
    }
}

/// Whether a walk of the root comes to a file, given relative to it. One that is not saved yet is always listed.
pub fn is_listed(root: &Root, path: &Utf8Path) -> bool {
    let whole = root.open(path);
    if path.is_absolute() || !whole.exists() {
        return true;
    }
    let towards = whole.clone();
    let mut builder = walker(&root.root, true);
    // Of each folder only the one on the way is opened.
    builder.filter_entry(move |entry| {
        entry.file_name() != ".git" && towards.as_std_path().starts_with(entry.path())
    });
    let mut entries = builder.build().flatten();
    entries.any(|entry| entry.path() == whole.as_std_path())
        || root
            .tracked(std::slice::from_ref(&whole))
            .is_some_and(|tracked| tracked.iter().any(|known| known == path))
}

/// The path of a walked file from the root, where the folder that is walked is `inside` from there. `None` where the file's
/// path does not begin with the folder's.
fn below(folder: &Utf8Path, inside: &Utf8Path, file: &Utf8Path) -> Option<Utf8PathBuf> {
    let rest = file.as_str().strip_prefix(folder.as_str())?;
    let rest = match rest.strip_prefix(std::path::is_separator) {
        Some(rest) => rest,
        None if folder.as_str().ends_with(std::path::is_separator) => rest,
        None => return None,
    };
    Some(inside.join(rest))
}

/// The order of two straight paths, component by component: as [`Utf8Path`] compares them, without taking each apart.
fn by_component(a: &Utf8Path, b: &Utf8Path) -> Ordering {
    let (a, b) = (a.as_str().as_bytes(), b.as_str().as_bytes());
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let rank = |path: &[u8]| {
        path.get(same).map(|byte| {
            if std::path::is_separator(char::from(*byte)) {
                0
            } else {
                *byte
            }
        })
    };
    rank(a).cmp(&rank(b))
}

/// The files of a folder, and whether each is a link.
fn walk(
    folder: &Utf8Path,
    git_rules: bool,
) -> impl Iterator<Item = Result<(Utf8PathBuf, bool), String>> {
    walker(folder, git_rules)
        .filter_entry(|entry| entry.file_name() != ".git")
        // A folder at a time is sorted faster than all files of a repository.
        .sort_by_file_name(std::ffi::OsStr::cmp)
        .build()
        .filter_map(|entry| match entry {
            Ok(entry) => {
                let kind = entry.file_type()?;
                if !kind.is_file() && !kind.is_symlink() {
                    return None;
                }
                Some(
                    Utf8PathBuf::from_path_buf(entry.into_path())
                        .map(|path| (path, kind.is_symlink()))
                        .map_err(|path| format!("{}: the path is not UTF-8", path.display())),
                )
            }
            Err(error) => Some(Err(error.to_string())),
        })
}

fn walker(folder: &Utf8Path, git_rules: bool) -> WalkBuilder {
    let mut builder = WalkBuilder::new(folder);
    builder
        .hidden(false)
        .require_git(false)
        .git_ignore(git_rules)
        .git_exclude(git_rules)
        .git_global(git_rules)
        .add_custom_ignore_filename(".entralintignore");
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walked_file_is_named_from_the_root() {
        let below = |folder: &str, inside: &str, file: &str| {
            below(folder.into(), inside.into(), file.into()).map(Utf8PathBuf::into_string)
        };
        assert_eq!(
            below("/r/a", "a", "/r/a/b/c.json").as_deref(),
            Some("a/b/c.json")
        );
        assert_eq!(below("/r/", "", "/r/c.json").as_deref(), Some("c.json"));
        assert_eq!(
            below("/r/x/../a", "a", "/r/x/../a/c.json").as_deref(),
            Some("a/c.json")
        );
        assert_eq!(below("/r/a", "a", "/r/ab/c.json"), None);
    }

    proptest::proptest! {
        #[test]
        fn paths_are_ordered_as_paths(a in "[ab!.]{1,2}(/[ab!.é]{1,2}){0,3}", b in "[ab!.]{1,2}(/[ab!.é]{1,2}){0,3}") {
            let straight = |path: &str| crate::root::absolute("/".into(), path.into());
            let (a, b) = (straight(&a), straight(&b));
            proptest::prop_assert_eq!(by_component(&a, &b), a.cmp(&b));
        }
    }
}
