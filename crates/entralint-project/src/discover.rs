//! From the paths of the command line to the files to look at.

use std::collections::{BTreeSet, HashSet};

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
    /// Relative to the root; [`STDIN`] for standard input.
    pub path: Utf8PathBuf,
    /// A person named it; a walk found the others.
    pub named: bool,
}

impl Candidate {
    /// Whether it is standard input.
    pub fn is_stdin(&self) -> bool {
        self.path == STDIN
    }
}

/// What was found, in a fixed order, and what stood in the way.
#[derive(Debug, Default)]
pub struct Discovered {
    /// Files to read.
    pub candidates: Vec<Candidate>,
    /// Files that git tracks and that `.ignore`, `.entralintignore` or the configuration excludes.
    pub ignored: Vec<Utf8PathBuf>,
    /// Links that lead out of the repository, or nowhere.
    pub links: Vec<Utf8PathBuf>,
    /// All files, candidates or not, relative to the root: they mark where projects begin.
    pub names: Vec<Utf8PathBuf>,
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
    named: Vec<Utf8PathBuf>,
    /// Folders that were walked, as the system opens them.
    folders: Vec<Utf8PathBuf>,
    /// What was found in them, relative to the root, and whether it is a link.
    entries: Vec<(Utf8PathBuf, bool)>,
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
    let mut seen: HashSet<Utf8PathBuf> = HashSet::new();
    for path in paths {
        if path == "-" {
            listing.named.push(STDIN.into());
        } else if root.working.join(path).is_dir() {
            listing.folders.push(root.working.join(path));
        } else {
            let path = root.relative(path);
            seen.insert(path.clone());
            listing.named.push(path);
        }
    }
    for folder in &listing.folders {
        listing.whole |= root.relative(folder).as_str().is_empty();
        for entry in walk(folder, true) {
            match entry {
                Ok((path, is_link)) => {
                    let path = root.relative(&path);
                    if seen.insert(path.clone()) {
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
            let path = root.relative(&buffer);
            if !buffer.exists() && seen.insert(path.clone()) {
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
        let entries = self.entries.iter().map(|(path, _)| path.as_path());
        self.named.iter().map(Utf8PathBuf::as_path).chain(entries)
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
        let mut seen: HashSet<Utf8PathBuf> = HashSet::new();
        for path in &self.named {
            if seen.insert(path.clone()) {
                files.push(Candidate {
                    path: path.clone(),
                    named: true,
                });
            }
        }
        let mut links: Vec<&Utf8Path> = Vec::new();
        for (path, is_link) in &self.entries {
            seen.insert(path.clone());
            if *is_link {
                if wanted(path) {
                    links.push(path);
                }
                continue;
            }
            if wanted(path) {
                if config.excludes(path) {
                    found.ignored.push(path.clone());
                } else {
                    files.push(Candidate {
                        path: path.clone(),
                        named: false,
                    });
                }
            }
            found.names.push(path.clone());
        }
        tracked_though_ignored(
            &self.folders,
            root,
            config,
            wanted,
            &mut seen,
            &mut files,
            &mut found,
        );
        for link in links {
            let is_reached = |target: &Utf8Path| seen.contains(target) && wanted(target);
            follow(link, root, &is_reached, &mut files, &mut found);
        }
        // The order of paths, component by component. A path as such compares its components anew each time, which is
        // most of the work of sorting a hundred thousand.
        files.sort_by_cached_key(|file| file.path.as_str().replace(std::path::is_separator, "\0"));
        found.candidates = files;
        found
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

/// Files that git tracks and the walk passed by: `.gitignore` says nothing about a tracked file.
fn tracked_though_ignored(
    folders: &[Utf8PathBuf],
    root: &Root,
    config: &Config,
    wanted: &dyn Fn(&Utf8Path) -> bool,
    seen: &mut HashSet<Utf8PathBuf>,
    files: &mut Vec<Candidate>,
    found: &mut Discovered,
) {
    if folders.is_empty() {
        return;
    }
    let Some(tracked) = root.tracked(folders) else {
        return;
    };
    let missing: Vec<Utf8PathBuf> = tracked
        .into_iter()
        .filter(|path| !seen.contains(path) && wanted(path) && root.open(path).is_file())
        .collect();
    if missing.is_empty() {
        return;
    }
    // Without git's own rules the walk shows which of them other rules exclude.
    let mut visible: BTreeSet<Utf8PathBuf> = BTreeSet::new();
    for folder in folders {
        visible.extend(
            walk(folder, false)
                .flatten()
                .map(|(path, _)| root.relative(&path)),
        );
    }
    for path in missing {
        if visible.contains(&path) && !config.excludes(&path) {
            seen.insert(path.clone());
            found.names.push(path.clone());
            files.push(Candidate { path, named: false });
        } else {
            found.ignored.push(path);
        }
    }
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
                path: link.to_owned(),
                named: false,
            });
        }
        None => found.links.push(link.to_owned()),
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
            .is_some_and(|tracked| tracked.contains(path))
}

/// The files of a folder, and whether each is a link.
fn walk(
    folder: &Utf8Path,
    git_rules: bool,
) -> impl Iterator<Item = Result<(Utf8PathBuf, bool), String>> {
    walker(folder, git_rules)
        .filter_entry(|entry| entry.file_name() != ".git")
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
