//! Opens the project that a request is about, confined to a root.

use camino::Utf8PathBuf;
use entralint_project::calls::CallOptions;
use entralint_project::files::Files;
use entralint_project::{CheckOptions, Project, Run, baseline};

use super::LARGEST;
use crate::roots::{Place, Roots};
use crate::tools::World;

/// Texts longer than this are refused.
const LONGEST: usize = 4 * 1024 * 1024;

/// What a request is about.
pub(super) enum What {
    /// Files and folders below a root.
    Paths(Vec<String>),
    /// A text, and the name that says its format.
    Text { text: String, name: String },
}

impl What {
    /// # Errors
    ///
    /// That a text lacks its name, or comes with paths.
    pub(super) fn of(
        paths: Vec<String>,
        text: Option<String>,
        name: Option<String>,
    ) -> Result<Self, String> {
        match (text, name) {
            (None, None) => Ok(Self::Paths(paths)),
            (Some(_), Some(_)) if !paths.is_empty() => {
                Err("give either `paths` or `text` with `file_name`".to_owned())
            }
            (Some(text), Some(_)) if text.len() > LONGEST => {
                Err("the text is longer than 4 MiB: give its path instead".to_owned())
            }
            (Some(text), Some(name)) => Ok(Self::Text { text, name }),
            _ => Err("`text` and `file_name` go together".to_owned()),
        }
    }
}

/// An open project.
pub(super) struct Opened {
    pub(super) project: Project,
    /// What is looked at.
    pub(super) paths: Vec<Utf8PathBuf>,
}

impl Opened {
    pub(super) fn new(world: &World, roots: &Roots, what: What) -> Result<Self, String> {
        match what {
            What::Paths(paths) => Self::at(world, roots.place(&paths)?, None),
            What::Text { text, name } => Self::at(world, roots.place_of_text(&name)?, Some(text)),
        }
    }

    /// Opens what counts at a place, as the command line does. With a text it is as if the file that the place names had
    /// that text: its own configuration counts, and so do the files that are read together with it.
    fn at(world: &World, place: Place, text: Option<String>) -> Result<Self, String> {
        let options = world.options.clone();
        // What a configuration names elsewhere is refused before it is opened; what the person who started the server
        // named is not.
        let named = [&options.catalog, &options.provisioning];
        let allowed: Vec<Utf8PathBuf> = std::iter::once(place.boundary.clone())
            .chain(named.into_iter().flatten().cloned())
            .chain(options.catalog.iter().filter_map(|path| {
                // The file with the ids, in the same folder.
                path.parent()
                    .map(|folder| folder.join(entralint_project::catalog::PROVISIONING))
            }))
            .collect();
        let files = Files::within(&allowed);
        if let (Some(text), Some(path)) = (text, place.paths.first()) {
            files.set_buffer(path.clone(), text);
        }
        Ok(Self {
            project: Project::open_at(files, place.root, &options, &place.paths)?,
            paths: place.paths,
        })
    }

    /// Checks, as the command line does.
    pub(super) fn check(&self, calls: &[String]) -> Result<Run<'_>, String> {
        let project = &self.project;
        let known = baseline::load(
            &project.files,
            None,
            project.config.of_run(),
            &project.root,
            false,
        )?;
        let mut run = project.check(&CheckOptions {
            paths: self.paths.clone(),
            calls: CallOptions {
                calls: calls.to_vec(),
                ..CallOptions::default()
            },
            limit: LARGEST,
            scan: true,
            include_tests: false,
            keep_apps: false,
            keep_said: false,
            today: jiff::Zoned::now().date(),
        })?;
        run.finish(known.as_ref().and_then(|known| known.baseline.as_ref()));
        Ok(run)
    }
}
