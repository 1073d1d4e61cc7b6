//! The folders that may be read, and the way of a path into one of them.

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use entralint_core::text;
use entralint_project::root::{Root, git_root};

/// Folders, canonical.
#[derive(Clone, Debug)]
pub(crate) struct Roots(Vec<Utf8PathBuf>);

impl Roots {
    /// These folders, or the working folder.
    ///
    /// # Errors
    ///
    /// Which of them is no folder.
    pub(crate) fn new(named: &[Utf8PathBuf]) -> Result<Self, String> {
        let named = if named.is_empty() {
            vec![entralint_project::root::working_folder()?]
        } else {
            named.to_vec()
        };
        let mut roots = Vec::new();
        for path in named {
            let real = path
                .canonicalize_utf8()
                .map_err(|error| format!("--root {path}: {error}"))?;
            if !real.is_dir() {
                return Err(format!("--root {path}: is no folder"));
            }
            if !roots.contains(&real) {
                roots.push(real);
            }
        }
        Ok(Self(roots))
    }

    /// What lies in these folders and in those of the client, given as `file:` URIs.
    pub(crate) fn within<'u>(&self, uris: impl Iterator<Item = &'u str>) -> Self {
        let mut both = Vec::new();
        for uri in uris {
            let Some(theirs) = url::Url::parse(uri)
                .ok()
                .and_then(|url| url.to_file_path().ok())
                .and_then(|path| Utf8PathBuf::from_path_buf(path).ok())
                .and_then(|path| path.canonicalize_utf8().ok())
            else {
                continue;
            };
            for ours in &self.0 {
                let inner = if theirs.starts_with(ours) {
                    theirs.clone()
                } else if ours.starts_with(&theirs) {
                    ours.clone()
                } else {
                    continue;
                };
                if inner.is_dir() && !both.contains(&inner) {
                    both.push(inner);
                }
            }
        }
        Self(both)
    }

    /// Where the paths of a request lie: they exist, in one root, links resolved. Without a path it is the first root.
    ///
    /// # Errors
    ///
    /// Which path is refused, and what to do.
    pub(crate) fn place(&self, paths: &[String]) -> Result<Place, String> {
        let first = self.0.first().ok_or(
            "no folder may be read: the roots of the client and those that the server was started with have nothing in common",
        )?;
        if paths.is_empty() {
            return Ok(Place::new(first, vec![first.clone()]));
        }
        let mut found: Option<&Utf8PathBuf> = None;
        let mut real = Vec::new();
        for path in paths {
            let (root, whole) = self.resolve(path)?;
            if found.is_some_and(|known| known != root) {
                return Err(
                    "the paths lie in several roots: call the tool once for each root".to_owned(),
                );
            }
            found = Some(root);
            real.push(whole);
        }
        Ok(Place::new(found.unwrap_or(first), real))
    }

    /// Where a text stands that the file of this name shall have, which may not be there yet: below a root, links
    /// resolved. A name alone is that of a file in the first root.
    ///
    /// # Errors
    ///
    /// Why the name is refused.
    pub(crate) fn place_of_text(&self, name: &str) -> Result<Place, String> {
        let given = plain(name)?;
        if given.file_name().is_none() || name.ends_with('/') || name.len() > 1024 {
            return Err(format!(
                "{} is no file name: give one such as `manifest.json`, or a path below a root",
                text::quoted(name)
            ));
        }
        self.0
            .iter()
            .find_map(|root| {
                let whole = root.join(given);
                // The nearest folder that is there decides where the file is.
                let (there, real) = whole
                    .ancestors()
                    .find_map(|path| Some((path, path.canonicalize_utf8().ok()?)))?;
                let real = match whole.strip_prefix(there) {
                    Ok(rest) if !rest.as_str().is_empty() => real.join(rest),
                    _ => real,
                };
                (real.starts_with(root) && !real.is_dir()).then(|| Place::new(root, vec![real]))
            })
            .ok_or_else(|| self.outside(name))
    }

    fn resolve(&self, path: &str) -> Result<(&Utf8PathBuf, Utf8PathBuf), String> {
        let given = plain(path)?;
        self.0
            .iter()
            .find_map(|root| {
                // What is outside and what is not there have one answer: nothing is said of other files.
                let real = root.join(given).canonicalize_utf8().ok()?;
                real.starts_with(root).then_some((root, real))
            })
            .ok_or_else(|| self.outside(path))
    }

    fn outside(&self, path: &str) -> String {
        format!(
            "{} is not there, or not below a root of this server; the roots are {}",
            text::quoted(path),
            text::some(&self.0, 5)
        )
    }
}

/// A path without `..`: relative to a root, or absolute.
fn plain(path: &str) -> Result<&Utf8Path, String> {
    let given = Utf8Path::new(path);
    if path.is_empty() || path.contains('\0') {
        return Err(format!("{} is no path", text::quoted(path)));
    }
    if given
        .components()
        .any(|part| part == Utf8Component::ParentDir)
    {
        return Err(format!(
            "{} is refused: a path must not have `..`; give it relative to the root",
            text::quoted(path)
        ));
    }
    Ok(given)
}

/// Where a request works.
#[derive(Debug)]
pub(crate) struct Place {
    /// The folders as a run takes them, none outside of the root.
    pub(crate) root: Root,
    /// What the client may read.
    pub(crate) boundary: Utf8PathBuf,
    /// The paths of the request, absolute, without links.
    pub(crate) paths: Vec<Utf8PathBuf>,
}

impl Place {
    fn new(boundary: &Utf8Path, paths: Vec<Utf8PathBuf>) -> Self {
        let git = |from: &Utf8Path| git_root(from).filter(|root| root.starts_with(boundary));
        let common = paths
            .first()
            .and_then(|path| git(path))
            .filter(|root| paths.iter().all(|path| path.starts_with(root)));
        let found = git(boundary).or(common);
        Self {
            root: Root {
                working: boundary.to_owned(),
                is_git: found.is_some(),
                root: found.unwrap_or_else(|| boundary.to_owned()),
            },
            boundary: boundary.to_owned(),
            paths,
        }
    }
}
