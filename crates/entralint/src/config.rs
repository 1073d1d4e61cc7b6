//! Finds and reads `entralint.toml`.

use camino::Utf8Path;
use entralint_core::config::{Config, NAME};
use entralint_core::finding::Finding;
use source_text::{FileId, Source};

use crate::read;
use crate::root::{Root, git_root};

/// The number of the configuration among the files of a run.
pub(crate) const ID: FileId = FileId::new(0);

/// A configuration with its text, which findings about it show.
pub(crate) struct Loaded {
    pub(crate) config: Config,
    pub(crate) source: Option<Source>,
}

/// Why there is none.
pub(crate) enum Failed {
    /// It cannot be read.
    Unreadable(String),
    /// It is wrong.
    Wrong(Vec<Finding>),
}

/// Reads the named file, or the nearest `entralint.toml` from the working folder upwards, up to the git root: what lies
/// above a repository is not its configuration. Without a repository the working folder alone is looked at.
///
/// # Errors
///
/// That it cannot be read, or what is wrong, each with its place.
pub(crate) fn load(named: Option<&Utf8Path>, root: &Root) -> Result<Loaded, Failed> {
    let path = match named {
        Some(path) => path.to_owned(),
        None => {
            let top = git_root(&root.working).unwrap_or_else(|| root.working.clone());
            let found = root
                .working
                .ancestors()
                .take_while(|folder| folder.starts_with(&top))
                .map(|folder| folder.join(NAME))
                .find(|path| path.is_file());
            match found {
                Some(path) => path,
                None => {
                    return Ok(Loaded {
                        config: Config::default(),
                        source: None,
                    });
                }
            }
        }
    };
    let name = root.relative(&path);
    let source = read::text(ID, &path, &name).map_err(Failed::Unreadable)?;
    let config = Config::parse(&source).map_err(Failed::Wrong)?;
    Ok(Loaded {
        config,
        source: Some(source),
    })
}
