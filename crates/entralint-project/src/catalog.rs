//! Which permissions data a run judges by.

use camino::{Utf8Path, Utf8PathBuf};
use entralint_core::config::CatalogConfig;
use entralint_core::finding::Finding;
use entralint_core::rules::invalid_catalog;
use entralint_core::text;
use msgraph_permissions::{Catalog, CatalogInput, Layers, LoadError, ServiceExport};
use source_text::{FileId, Source, Span, Spanned};

use crate::config;
use crate::files::Files;
use crate::root::Root;

/// The names under which Microsoft publishes the two files.
pub const PERMISSIONS: &str = "permissions.json";
/// The file that gives the permissions their ids.
pub const PROVISIONING: &str = "provisioningInfo.json";

/// The number of a file of the catalog in findings about it; configurations have those below.
const ID: FileId = FileId::new(u32::MAX);

/// Which permissions data and which configuration a run uses.
#[derive(Clone, Debug, Default)]
pub struct CatalogOptions {
    /// Microsoft's permissions.json, or the folder that holds it, instead of the embedded catalog.
    pub catalog: Option<Utf8PathBuf>,
    /// Microsoft's provisioningInfo.json; by default the file in the same folder.
    pub provisioning: Option<Utf8PathBuf>,
    /// An export of Microsoft Graph's service principal, which wins over the catalog.
    pub service_principal: Option<Utf8PathBuf>,
    /// Use the data as Microsoft publishes it, without entralint's corrections.
    pub without_overrides: bool,
    /// The configuration; by default it is searched from the working folder upwards.
    pub config: Option<Utf8PathBuf>,
    /// Use no configuration.
    pub isolated: bool,
}

/// The catalog of a run: embedded, or loaded from files.
pub enum Loaded {
    /// What the binary embeds.
    Embedded(&'static Catalog),
    /// Loaded from files, or the embedded one with changes.
    Own {
        /// The data.
        catalog: Box<Catalog>,
        /// Of permissions.json; `None` for the embedded one without its corrections.
        path: Option<Utf8PathBuf>,
        /// The file that gives the permissions their ids was loaded too.
        provisioned: bool,
    },
}

impl Loaded {
    /// The data.
    pub fn get(&self) -> &Catalog {
        match self {
            Loaded::Embedded(catalog) => catalog,
            Loaded::Own { catalog, .. } => catalog,
        }
    }

    /// That ids can be looked up. Without them a manifest's permissions would all seem unknown, and
    /// what it requests would seem to be missing.
    ///
    /// # Errors
    ///
    /// What to do where they cannot.
    pub fn require_ids(&self) -> Result<(), String> {
        match self {
            Loaded::Own {
                path: Some(path),
                provisioned: false,
                ..
            } => Err(format!(
                "the permissions of a manifest are ids, and {path} has none: name Microsoft's provisioningInfo.json too, with --provisioning or in entralint.toml"
            )),
            _ => Ok(()),
        }
    }

    /// That entries of the data were skipped, once and not for each entry, as a user of the linter cannot correct
    /// Microsoft's data; and corrections that the data does not need any more.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        let problems = self.get().problems().len();
        if problems > 0 {
            remarks.push(format!(
                "{} skipped in the catalog (`entralint catalog show` says which)",
                if problems == 1 {
                    "1 bad entry was".to_owned()
                } else {
                    format!("{problems} bad entries were")
                }
            ));
        }
        let stale: Vec<&str> = self
            .get()
            .stale_overrides()
            .map(|o| o.id.as_str())
            .collect();
        if !stale.is_empty() {
            remarks.push(format!(
                "the catalog has caught up with {}: entralint's correction is not needed any more",
                entralint_core::text::and(&stale)
            ));
        }
        remarks
    }

    /// The file that it was loaded from; `None` for the embedded one.
    pub fn permissions_path(&self) -> Option<&Utf8Path> {
        match self {
            Loaded::Embedded(_) => None,
            Loaded::Own { path, .. } => path.as_deref(),
        }
    }
}

/// Why there is no catalog.
#[derive(Debug)]
pub enum Failed {
    /// A file that the command line names cannot be read, or is no text.
    Text(String),
    /// A mistake in the configuration or in a file, at its place.
    Wrong(Box<Finding>),
}

impl From<Failed> for String {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Text(text) => text,
            Failed::Wrong(finding) => crate::project::line(&finding),
        }
    }
}

/// Loads what the command line names, else what the configuration names, else the embedded one.
///
/// # Errors
///
/// Why a file cannot be read, is not a catalog, or is another file than the one that was pinned: a finding at the line of
/// the configuration, or in the file, where there is one.
pub fn load(
    files: &Files,
    options: &CatalogOptions,
    config: &config::Loaded,
    root: &Root,
) -> Result<Loaded, Failed> {
    let shown = |path: &Utf8Path| path.strip_prefix(&root.working).unwrap_or(path).to_owned();
    let loader = Loader {
        files,
        shown: &shown,
        config: Some(config),
    };
    let configured = config.of_run().catalog.as_ref();
    let named = match &options.catalog {
        Some(permissions) => Some(Named {
            permissions: NamedFile::of_flag(permissions.clone()),
            provisioning: options
                .provisioning
                .clone()
                .or_else(|| files_of(permissions).1)
                .map(NamedFile::of_flag),
        }),
        None => configured.and_then(|catalog| Named::of_config(catalog, root)),
    };
    let loaded = loader.load(named, !options.without_overrides)?;
    let service = match &options.service_principal {
        Some(path) => Some(NamedFile::of_flag(path.clone())),
        None => configured
            .and_then(|catalog| catalog.service_principal.as_ref())
            .map(|path| NamedFile::of_config(path, None, root)),
    };
    match service {
        Some(file) => loader.with_service(&loaded, &file),
        None => Ok(loaded),
    }
}

/// A file of a catalog.
struct NamedFile {
    path: Utf8PathBuf,
    /// Where the configuration names it.
    named: Option<Span>,
    /// Its SHA-256, where the configuration pins it.
    pinned: Option<Spanned<String>>,
}

impl NamedFile {
    fn of_flag(path: Utf8PathBuf) -> Self {
        Self {
            path,
            named: None,
            pinned: None,
        }
    }

    fn of_config(
        path: &Spanned<Utf8PathBuf>,
        pinned: Option<&Spanned<String>>,
        root: &Root,
    ) -> Self {
        Self {
            path: root.open(&path.value),
            named: Some(path.span),
            pinned: pinned.cloned(),
        }
    }
}

/// The files of a catalog.
struct Named {
    permissions: NamedFile,
    provisioning: Option<NamedFile>,
}

impl Named {
    fn of_config(catalog: &CatalogConfig, root: &Root) -> Option<Self> {
        let named = catalog.permissions.as_ref()?;
        let permissions = NamedFile::of_config(named, catalog.sha256.as_ref(), root);
        let pinned = catalog.provisioning_sha256.as_ref();
        let provisioning = match &catalog.provisioning {
            Some(path) => Some(NamedFile::of_config(path, pinned, root)),
            // As with the flag: the file in the same folder, where none is named.
            None => files_of(&permissions.path).1.map(|path| NamedFile {
                path,
                named: Some(named.span),
                pinned: pinned.cloned(),
            }),
        };
        Some(Self {
            permissions,
            provisioning,
        })
    }
}

/// Loads what a name on the command line stands for: a permissions file, a folder that holds one,
/// or `embedded`. A provisioning file next to it is used.
///
/// # Errors
///
/// As [`load`].
pub fn load_from(name: &Utf8Path, overrides: bool) -> Result<Loaded, Failed> {
    let named = (name != "embedded").then(|| {
        let (permissions, provisioning) = files_of(name);
        Named {
            permissions: NamedFile::of_flag(permissions),
            provisioning: provisioning.map(NamedFile::of_flag),
        }
    });
    let loader = Loader {
        files: &Files::disk(),
        shown: &Utf8Path::to_owned,
        config: None,
    };
    loader.load(named, overrides)
}

/// The permissions file that a path means, itself or in the folder, and the provisioning file
/// next to it, if there is one.
fn files_of(path: &Utf8Path) -> (Utf8PathBuf, Option<Utf8PathBuf>) {
    let permissions = if path.is_dir() {
        path.join(PERMISSIONS)
    } else {
        path.to_owned()
    };
    let provisioning = permissions.with_file_name(PROVISIONING);
    let there = provisioning.is_file();
    (permissions, there.then_some(provisioning))
}

struct Loader<'a> {
    files: &'a Files,
    /// What people call a path.
    shown: &'a dyn Fn(&Utf8Path) -> Utf8PathBuf,
    config: Option<&'a config::Loaded>,
}

impl Loader<'_> {
    fn load(&self, named: Option<Named>, overrides: bool) -> Result<Loaded, Failed> {
        let Some(named) = named else {
            if overrides {
                return Ok(Loaded::Embedded(Catalog::embedded()));
            }
            let catalog = Catalog::embedded().with_layers(Layers::NONE);
            return Ok(Loaded::Own {
                catalog: Box::new(catalog),
                path: None,
                provisioned: true,
            });
        };
        let path = (self.shown)(&named.permissions.path);
        let (permissions, sha256) = self.read(&named.permissions)?;
        let provisioning = match &named.provisioning {
            Some(file) => Some(self.read(file)?.0),
            None => None,
        };
        let input = CatalogInput {
            permissions: &permissions,
            provisioning: provisioning.as_deref(),
            overrides,
            source: path.clone().into_string(),
        };
        let catalog = match sha256 {
            Some(sha256) => Catalog::load_hashed(input, sha256),
            None => Catalog::load(input),
        }
        .map_err(|error| {
            let wrong = match &named.provisioning {
                Some(file) if error.file() == Some("provisioning") => {
                    (file, provisioning.as_deref().unwrap_or_default())
                }
                _ => (&named.permissions, &*permissions),
            };
            self.not_a_catalog(&error, wrong.0, wrong.1)
        })?;
        Ok(Loaded::Own {
            catalog: Box::new(catalog),
            path: Some(path),
            provisioned: provisioning.is_some(),
        })
    }

    /// The same data as the export of a tenant's service principal has it.
    fn with_service(&self, loaded: &Loaded, file: &NamedFile) -> Result<Loaded, Failed> {
        let export = ServiceExport::parse(&self.read(file)?.0)
            .map_err(|error| self.named(file, format!("{}: {error}", (self.shown)(&file.path))))?;
        Ok(Loaded::Own {
            catalog: Box::new(loaded.get().with_service(&export)),
            path: loaded.permissions_path().map(Utf8Path::to_owned),
            provisioned: true,
        })
    }

    /// The bytes of a file of the catalog, and its hash where that had to be looked at.
    fn read(&self, file: &NamedFile) -> Result<(Vec<u8>, Option<String>), Failed> {
        /// Microsoft's file is 3 MB; what is many times that is something else.
        const LARGEST: u64 = 64 * 1024 * 1024;
        let path = (self.shown)(&file.path);
        let bytes = self
            .files
            .named_bytes(&file.path, LARGEST)
            .map_err(|error| {
                let error = error.replace(": --max-file-size changes the limit", "");
                self.named(file, format!("cannot read the catalog {path}: {error}"))
            })?;
        let Some(pinned) = &file.pinned else {
            return Ok((bytes, None));
        };
        let actual = entralint_core::sha256(&bytes);
        if !actual.eq_ignore_ascii_case(pinned.value.trim()) {
            let message = format!(
                "{path} is not the catalog that the configuration pins: its SHA-256 is {actual}, pinned is {}; look at `entralint catalog diff` before you pin it",
                text::shown(&pinned.value)
            );
            return Err(self.configured(pinned.span, message));
        }
        Ok((bytes, Some(actual)))
    }

    /// A mistake about a file, where the configuration names it.
    fn named(&self, file: &NamedFile, message: String) -> Failed {
        match file.named {
            Some(span) => self.configured(span, message),
            None => Failed::Text(message),
        }
    }

    fn configured(&self, span: Span, message: String) -> Failed {
        match self.config.and_then(|config| config.source(span.file)) {
            Some(source) => {
                Failed::Wrong(Box::new(invalid_catalog::finding(source, span, message)))
            }
            None => Failed::Text(message),
        }
    }

    /// A file that is not what Microsoft publishes, at the place in it where that shows.
    fn not_a_catalog(&self, error: &LoadError, file: &NamedFile, bytes: &[u8]) -> Failed {
        let path = (self.shown)(&file.path);
        let Ok(source) = Source::decode(ID, path.clone(), bytes.to_vec()) else {
            return self.named(file, format!("{path}: {error}"));
        };
        let place = error.place();
        let line = place.map_or(1, |place| place.line);
        let start = source
            .text()
            .split_inclusive('\n')
            .take(line.saturating_sub(1))
            .map(str::len)
            .sum::<usize>();
        let column = place.map_or(0, |place| place.column.saturating_sub(1));
        let mut at = (start + column).min(source.text().len());
        while !source.text().is_char_boundary(at) {
            at -= 1;
        }
        let mut finding = invalid_catalog::finding(&source, source.span(at, at), error.message());
        let named = file.named.and_then(|span| {
            let config = self.config?.source(span.file)?;
            Some(entralint_core::finding::locate(config, span))
        });
        if let Some(at) = named {
            finding = finding.related(at, "named here");
        }
        Failed::Wrong(Box::new(finding))
    }
}
