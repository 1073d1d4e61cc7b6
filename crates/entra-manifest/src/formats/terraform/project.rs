//! The module graph: which files belong to a folder, what they declare, and which folders they call as modules.

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use rustc_hash::FxHashMap;
use source_text::{FileId, Source, Span};

use super::eval::Templates;
use super::module::Module;
use super::overrides;
use super::syntax::{Block, Body, Node, hcl, json};
use crate::read::{ParseError, RECORDED, ROUNDS, Unit, Want};

/// The files of a module's folder.
pub(super) const MODULE_FILES: &str = "*.{tf,tofu,tf.json,tofu.json}";

/// Modules within modules, as far as they are followed. Each level costs the caller one round of reading.
const MAX_MODULE_DEPTH: usize = ROUNDS - 4;

/// Folders of one configuration, as far as they are read.
const MAX_FOLDERS: usize = 64;

/// A folder and the trees of its files.
#[derive(Debug)]
pub(super) struct Folder<'a> {
    pub(super) path: Utf8PathBuf,
    pub(super) files: Vec<File<'a>>,
    /// Files that could not be parsed.
    pub(super) broken: Vec<ParseError>,
    /// The environments that a person named, with the indices of their files.
    pub(super) environments: Vec<(&'a str, Vec<usize>)>,
}

/// A file and its tree.
#[derive(Debug)]
pub(super) struct File<'a> {
    pub(super) source: &'a Source,
    pub(super) body: Body,
    pub(super) role: Role,
    /// Blocks of an override file that override nothing.
    pub(super) rest: Vec<Block>,
}

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Blocks.
    Configuration,
    /// Values of variables that Terraform loads by itself.
    Values,
    /// Values of variables for a `-var-file` option: an environment.
    Environment,
    /// Blocks that were merged into those of other files.
    Override,
}

/// The role of a file by its name; `None` if it is no Terraform file.
pub(super) fn role(name: &Utf8Path) -> Option<Role> {
    let name = name.file_name()?;
    let ends = |ending: &str| name.len() > ending.len() && name.ends_with(ending);
    if [".tf", ".tofu", ".tf.json", ".tofu.json"]
        .iter()
        .any(|e| ends(e))
    {
        return Some(Role::Configuration);
    }
    if !ends(".tfvars") && !ends(".tfvars.json") {
        return None;
    }
    let stem = name.trim_end_matches(".json").trim_end_matches(".tfvars");
    Some(if stem == "terraform" || stem.ends_with(".auto") {
        Role::Values
    } else {
        Role::Environment
    })
}

impl<'a> Folder<'a> {
    fn read(path: Utf8PathBuf, sources: &'a [Source]) -> Self {
        let mut folder = Self {
            path,
            files: Vec::new(),
            broken: Vec::new(),
            environments: Vec::new(),
        };
        let tofu = |source: &Source| source.name().as_str().contains(".tofu");
        let any_tofu = sources.iter().any(tofu);
        for source in sources {
            let Some(role) = role(source.name()) else {
                continue;
            };
            if any_tofu && overridden(source.name(), sources) {
                continue;
            }
            let in_json = source.name().extension() == Some("json");
            let tree = match (in_json, role) {
                (false, _) => hcl::parse(source),
                (true, Role::Configuration) => json::parse(source),
                (true, _) => json::parse_values(source),
            };
            match tree {
                Ok(body) => folder.files.push(File {
                    source,
                    body,
                    role,
                    rest: Vec::new(),
                }),
                Err(error) => folder.broken.push(error),
            }
        }
        overrides::merge(&mut folder.files);
        folder
    }
}

impl<'a> Folder<'a> {
    fn add_environments(&mut self, sources: &'a [Source]) {
        for source in sources {
            match hcl::parse(source) {
                Ok(body) => self.files.push(File {
                    source,
                    body,
                    role: Role::Environment,
                    rest: Vec::new(),
                }),
                Err(error) => self.broken.push(error),
            }
        }
    }

    /// Reads the files of the environments that a person named, and wants those that are not there yet.
    fn name_environments(&mut self, unit: Unit<'a>, wants: &mut Vec<Want>) {
        for environment in unit.environments {
            let mut files = Vec::new();
            for path in &environment.files {
                let known = |folder: &Self| {
                    (folder.files.iter()).position(|file| file.source.name() == path)
                };
                if known(self).is_none() {
                    let want = Want::File(path.clone());
                    match unit.got(&want) {
                        Some(sources) => self.add_environments(sources),
                        None if wants.contains(&want) => {}
                        None => wants.push(want),
                    }
                }
                files.extend(known(self));
            }
            self.environments.push((&environment.name, files));
        }
    }
}

/// Whether OpenTofu's file of the same name takes the place of this one:
/// <https://opentofu.org/docs/language/files/#opentofu-specific-files>.
fn overridden(name: &Utf8Path, sources: &[Source]) -> bool {
    let text = name.as_str();
    let twin = match text.strip_suffix(".tf") {
        Some(stem) => format!("{stem}.tofu"),
        None => match text.strip_suffix(".tf.json") {
            Some(stem) => format!("{stem}.tofu.json"),
            None => return false,
        },
    };
    sources.iter().any(|source| source.name().as_str() == twin)
}

/// Reads the unit's folder and those of the modules that it calls. Folders that are still to be fetched are returned as
/// the error.
pub(super) fn load(unit: Unit<'_>) -> Result<Vec<Folder<'_>>, Vec<Want>> {
    let path = folder_of(unit);
    let recorded = recorded(unit);
    let names = |source: &Source| source.text().contains("azuread_");
    if unit.got(&recorded).is_none() && unit.sources.iter().any(names) {
        // Before anything is parsed, because all of it would be parsed again.
        return Err(vec![recorded]);
    }
    let mut folders = vec![Folder::read(path, unit.sources)];
    let mut depths = vec![0_usize];
    let mut wants = Vec::new();
    if !unit.environments.is_empty() {
        folders[0].name_environments(unit, &mut wants);
    } else if let Some(want) = environment_files(&folders[0]) {
        match unit.got(&want) {
            Some(sources) => folders[0].add_environments(sources),
            None => wants.push(want),
        }
    }
    let mut at = 0;
    while at < folders.len() && folders.len() < MAX_FOLDERS {
        let called: Vec<Utf8PathBuf> = calls(&folders[at])
            .filter_map(|block| local_source(&folders[at].path, block))
            .collect();
        for path in called {
            if depths[at] >= MAX_MODULE_DEPTH || folders.iter().any(|f| f.path == path) {
                continue;
            }
            let want = Want::Folder {
                path: path.clone(),
                pattern: MODULE_FILES.to_owned(),
            };
            match unit.got(&want) {
                Some([]) => {}
                Some(sources) => {
                    folders.push(Folder::read(path, sources));
                    depths.push(depths[at] + 1);
                }
                None if wants.contains(&want) => {}
                None => wants.push(want),
            }
        }
        at += 1;
    }
    if wants.is_empty() {
        Ok(folders)
    } else {
        Err(wants)
    }
}

/// The folder that the unit's files lie in.
fn folder_of(unit: Unit<'_>) -> Utf8PathBuf {
    let first = unit.sources.first();
    first
        .and_then(|source| source.name().parent())
        .map(Utf8Path::to_owned)
        .unwrap_or_default()
}

/// The plans and states that lie in the configuration's folder.
pub(super) fn recorded(unit: Unit<'_>) -> Want {
    Want::Folder {
        path: folder_of(unit),
        pattern: RECORDED.to_owned(),
    }
}

/// Folders in which files of values for `-var-file` are kept by convention.
const ENVIRONMENTS: &str =
    "{env,envs,environment,environments,vars,tfvars,config,configs,stages}/**/*.tfvars";

/// The files of environments in folders below: wanted if a variable of the configuration has no value yet, and no file
/// of values in the folder itself that could give it one.
fn environment_files(folder: &Folder<'_>) -> Option<Want> {
    let files = || folder.files.iter();
    let set = |name: &str| {
        files().any(|file| file.role == Role::Values && file.body.attribute(name).is_some())
    };
    let mut variables = files()
        .filter(|file| file.role == Role::Configuration)
        .flat_map(|file| file.body.blocks_of("variable"));
    let open =
        variables.any(|block| block.body.attribute("default").is_none() && !set(block.label(0)));
    let own = files().any(|file| file.role == Role::Environment);
    (open && !own).then(|| Want::Folder {
        path: folder.path.clone(),
        pattern: ENVIRONMENTS.to_owned(),
    })
}

/// A call of a module of the repository that lies deeper than modules are followed, or beyond the number of folders
/// that are read.
pub(super) fn beyond_bounds(unit: Unit<'_>, folders: &[Folder<'_>]) -> Option<Span> {
    folders.iter().find_map(|folder| {
        calls(folder)
            .find(|block| {
                local_source(&folder.path, block).is_some_and(|path| {
                    let asked = unit.got(&Want::Folder {
                        path: path.clone(),
                        pattern: MODULE_FILES.to_owned(),
                    });
                    asked.is_none() && folders.iter().all(|folder| folder.path != path)
                })
            })
            .map(|block| block.span)
    })
}

fn calls<'f>(folder: &'f Folder<'_>) -> impl Iterator<Item = &'f Block> {
    folder
        .files
        .iter()
        .filter(|file| file.role == Role::Configuration)
        .flat_map(|file| file.body.blocks_of("module"))
}

/// The folder that a module call names, if it is one of this repository.
pub(super) fn local_source(from: &Utf8Path, block: &Block) -> Option<Utf8PathBuf> {
    let source = &block.body.attribute("source")?.value;
    let Node::Text { text, .. } = &source.node else {
        return None;
    };
    (text.starts_with("./") || text.starts_with("../")).then(|| join(from, text))?
}

/// `path` relative to `from`, without dots; `None` if it leaves the root.
pub(super) fn join(from: &Utf8Path, path: &str) -> Option<Utf8PathBuf> {
    let mut out = Utf8PathBuf::new();
    for component in from.components().chain(Utf8Path::new(path).components()) {
        match component {
            Utf8Component::ParentDir => {
                if !out.pop() {
                    return None;
                }
            }
            Utf8Component::Normal(name) => out.push(name),
            Utf8Component::CurDir => {}
            Utf8Component::RootDir | Utf8Component::Prefix(_) => return None,
        }
    }
    Some(out)
}

/// All folders of a configuration; the first is the unit's own.
#[derive(Debug)]
pub(super) struct Project<'p> {
    pub(super) unit: Unit<'p>,
    pub(super) folders: &'p [Folder<'p>],
    pub(super) modules: Vec<Module<'p>>,
    /// Whether a module, or one that it calls, can declare permissions: the others need not be gone through.
    pub(super) declares: Vec<bool>,
    /// Files that `templatefile` was called with.
    pub(super) templates: Templates,
    sources: FxHashMap<FileId, &'p Source>,
}

impl<'p> Project<'p> {
    pub(super) fn new(unit: Unit<'p>, folders: &'p [Folder<'p>]) -> Self {
        let modules: Vec<Module<'p>> = folders
            .iter()
            .map(|folder| Module::new(folder, folders))
            .collect();
        let sources = unit.files().map(|source| (source.id(), source)).collect();
        let declares = declaring(&modules);
        Self {
            unit,
            folders,
            modules,
            declares,
            templates: Templates::default(),
            sources,
        }
    }

    /// The text of a span of any file of the configuration.
    pub(super) fn slice(&self, span: Span) -> &'p str {
        self.source(span).map_or("", |source| source.slice(span))
    }

    pub(super) fn source(&self, span: Span) -> Option<&'p Source> {
        self.sources.get(&span.file).copied()
    }
}

/// Which modules hold a resource that declares permissions or call a module that was not read, by themselves or through
/// the modules that they call.
fn declaring(modules: &[Module<'_>]) -> Vec<bool> {
    let own = |module: &Module<'_>| {
        let unread = module.calls.iter().any(|call| call.target.is_none());
        unread
            || module
                .resources
                .iter()
                .any(|r| !r.data && declares(r.kind()))
    };
    let mut all: Vec<bool> = modules.iter().map(own).collect();
    // A chain of modules is as long as there are modules at most.
    for _ in 0..modules.len() {
        let mut changed = false;
        for (at, module) in modules.iter().enumerate() {
            let through = module.calls.iter().filter_map(|call| call.target);
            if !all[at] && through.into_iter().any(|target| all[target]) {
                all[at] = true;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    all
}

/// Whether resources of this type declare permissions.
pub(super) fn declares(kind: &str) -> bool {
    matches!(
        kind,
        "azuread_application"
            | "azuread_application_registration"
            | "azuread_application_api_access"
            | "azuread_app_role_assignment"
            | "azuread_service_principal_delegated_permission_grant"
            | "msgraph_resource"
            | "msgraph_update_resource"
    )
}
