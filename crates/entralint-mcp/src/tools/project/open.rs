//! Opens the project that a request is about, confined to a root, or a folder for a text alone.

use camino::{Utf8Path, Utf8PathBuf};
use entralint_core::config::{Config, NAME};
use entralint_project::calls::CallOptions;
use entralint_project::catalog::CatalogOptions;
use entralint_project::files::Files;
use entralint_project::root::Root;
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
    /// Holds the file of a text until the request is answered.
    _folder: Option<tempfile::TempDir>,
}

impl Opened {
    pub(super) fn new(world: &World, roots: &Roots, what: What) -> Result<Self, String> {
        match what {
            What::Paths(paths) => Self::below(world, roots.place(&paths)?),
            What::Text { text, name } => Self::alone(world, &text, &name),
        }
    }

    fn below(world: &World, place: Place) -> Result<Self, String> {
        let config = place.root.working.join(NAME);
        let found = config.is_file();
        if found && !place.holds(&config) {
            return Err(format!("{NAME} is a link that leads out of the root"));
        }
        let options = CatalogOptions {
            config: found.then_some(config),
            isolated: !found,
            ..world.options.clone()
        };
        let project = Project::open_at(Files::disk(), place.root.clone(), &options)?;
        confine(&project, &place)?;
        Ok(Self {
            project,
            paths: place.paths,
            _folder: None,
        })
    }

    /// A text in a folder of its own: many formats are recognised by name, and read by path.
    fn alone(world: &World, text: &str, name: &str) -> Result<Self, String> {
        let base = Utf8Path::new(name)
            .file_name()
            .filter(|base| !base.contains(['\0', '\\']) && base.len() <= 120)
            .ok_or("`file_name` is no file name: give one such as `manifest.json`")?;
        let cannot = |error: std::io::Error| format!("cannot keep the text: {error}");
        let folder = tempfile::tempdir().map_err(cannot)?;
        let path = Utf8Path::from_path(folder.path())
            .ok_or("the folder for temporary files has a path that is not UTF-8")?
            .canonicalize_utf8()
            .map_err(cannot)?;
        std::fs::write(path.join(base), text).map_err(cannot)?;
        let root = Root {
            working: path.clone(),
            root: path.clone(),
            is_git: false,
        };
        let options = CatalogOptions {
            isolated: true,
            ..world.options.clone()
        };
        Ok(Self {
            project: Project::open_at(Files::disk(), root, &options)?,
            paths: vec![path.join(base)],
            _folder: Some(folder),
        })
    }

    /// Checks, as the command line does.
    pub(super) fn check(&self, calls: &[String]) -> Result<Run<'_>, String> {
        let project = &self.project;
        let known = baseline::load(
            &project.files,
            None,
            &project.config.config,
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

/// Files that a configuration names lie in the root, too: a repository does not make the server read others.
fn confine(project: &Project, place: &Place) -> Result<(), String> {
    let config: &Config = &project.config.config;
    let folder = place
        .root
        .open(config.folder.as_deref().unwrap_or(Utf8Path::new("")));
    let catalog = config.catalog.iter().flat_map(|catalog| {
        [
            &catalog.permissions,
            &catalog.provisioning,
            &catalog.service_principal,
        ]
        .into_iter()
        .flatten()
        .map(|path| &path.value)
    });
    let apps = config
        .apps
        .iter()
        .flat_map(|app| app.calls_from.iter().chain(&app.recordings));
    let named = config
        .calls_from
        .iter()
        .chain(&config.baseline)
        .chain(&config.extends)
        .chain(apps)
        .chain(
            config
                .environments
                .iter()
                .flat_map(|section| &section.files),
        )
        .map(|path| &path.value);
    for path in catalog.chain(named) {
        if !place.holds(&folder.join(path)) {
            return Err(format!(
                "{NAME} names {}, which lies outside of the root: start the server with a root that holds it",
                entralint_core::text::quoted(path.as_str())
            ));
        }
    }
    Ok(())
}
