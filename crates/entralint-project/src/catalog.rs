//! Which permissions data a run judges by.

use camino::{Utf8Path, Utf8PathBuf};
use msgraph_permissions::{Catalog, CatalogInput, Layers, ServiceExport};

use entralint_core::config::{CatalogConfig, Config};

use crate::files::Files;
use crate::root::Root;

/// The names under which Microsoft publishes the two files.
pub const PERMISSIONS: &str = "permissions.json";
/// The file that gives the permissions their ids.
pub const PROVISIONING: &str = "provisioningInfo.json";

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

    /// The same data as the export of a tenant's service principal has it.
    ///
    /// # Errors
    ///
    /// Why the file cannot be read, or is not such an export.
    fn with_service(self, files: &Files, at: &Utf8Path, path: &Utf8Path) -> Result<Self, String> {
        let export = ServiceExport::parse(&read_bytes(files, at, path)?)
            .map_err(|error| format!("{path}: {error}"))?;
        Ok(Loaded::Own {
            catalog: Box::new(self.get().with_service(&export)),
            path: self.permissions_path().map(Utf8Path::to_owned),
            provisioned: true,
        })
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

/// Loads what the command line names, else what the configuration names, else the embedded one.
///
/// # Errors
///
/// Why a file cannot be read, is not a catalog, or is another file than the one that was pinned.
pub fn load(
    from: &Files,
    options: &CatalogOptions,
    config: &Config,
    root: &Root,
) -> Result<Loaded, String> {
    let shown = |path: &Utf8Path| path.strip_prefix(&root.working).unwrap_or(path).to_owned();
    let named = options.catalog.as_ref().map(|permissions| Named {
        permissions: permissions.clone(),
        provisioning: options
            .provisioning
            .clone()
            .or_else(|| files_of(permissions).1),
        sha256: None,
        provisioning_sha256: None,
    });
    let files = named.or_else(|| configured(config.catalog.as_ref()?, root));
    let loaded = load_files(from, files, !options.without_overrides, shown)?;
    let service = options.service_principal.clone().or_else(|| {
        let catalog = config.catalog.as_ref()?;
        Some(root.open(catalog.service_principal.as_ref()?))
    });
    match service {
        Some(path) => loaded.with_service(from, &path, &shown(&path)),
        None => Ok(loaded),
    }
}

/// The files that the configuration names.
fn configured(catalog: &CatalogConfig, root: &Root) -> Option<Named> {
    let permissions = root.open(catalog.permissions.as_ref()?);
    // As with the flag: the file in the same folder, where none is named.
    let provisioning = match &catalog.provisioning {
        Some(path) => Some(root.open(path)),
        None => files_of(&permissions).1,
    };
    Some(Named {
        permissions,
        provisioning,
        sha256: catalog.sha256.clone(),
        provisioning_sha256: catalog.provisioning_sha256.clone(),
    })
}

/// The files of a catalog, and the hashes that pin them.
struct Named {
    permissions: Utf8PathBuf,
    provisioning: Option<Utf8PathBuf>,
    sha256: Option<String>,
    provisioning_sha256: Option<String>,
}

/// Loads what a name on the command line stands for: a permissions file, a folder that holds one,
/// or `embedded`. A provisioning file beside it is used.
///
/// # Errors
///
/// As [`load`].
pub fn load_from(name: &Utf8Path, overrides: bool) -> Result<Loaded, String> {
    let files = (name != "embedded").then(|| {
        let (permissions, provisioning) = files_of(name);
        Named {
            permissions,
            provisioning,
            sha256: None,
            provisioning_sha256: None,
        }
    });
    load_files(&Files::disk(), files, overrides, Utf8Path::to_owned)
}

/// The permissions file that a path means, itself or in the folder, and the provisioning file
/// beside it, if there is one.
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

fn load_files(
    from: &Files,
    files: Option<Named>,
    overrides: bool,
    shown: impl Fn(&Utf8Path) -> Utf8PathBuf,
) -> Result<Loaded, String> {
    let Some(files) = files else {
        if !overrides {
            let catalog = Catalog::embedded().with_layers(Layers::NONE);
            return Ok(Loaded::Own {
                catalog: Box::new(catalog),
                path: None,
                provisioned: true,
            });
        }
        return Ok(Loaded::Embedded(Catalog::embedded()));
    };
    let path = shown(&files.permissions);
    let (permissions, sha256) = read(from, &files.permissions, &path, files.sha256.as_deref())?;
    let provisioning = match &files.provisioning {
        Some(path) => Some(
            read(
                from,
                path,
                &shown(path),
                files.provisioning_sha256.as_deref(),
            )?
            .0,
        ),
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
    .map_err(|error| format!("{path}: {error}"))?;
    Ok(Loaded::Own {
        catalog: Box::new(catalog),
        path: Some(path),
        provisioned: provisioning.is_some(),
    })
}

/// The bytes of a file of the catalog, and its hash where that had to be looked at.
fn read(
    files: &Files,
    at: &Utf8Path,
    path: &Utf8Path,
    pinned: Option<&str>,
) -> Result<(Vec<u8>, Option<String>), String> {
    let bytes = read_bytes(files, at, path)?;
    let Some(pinned) = pinned else {
        return Ok((bytes, None));
    };
    let actual = entralint_core::sha256(&bytes);
    if !actual.eq_ignore_ascii_case(pinned.trim()) {
        return Err(format!(
            "{path} is not the catalog that the configuration pins: its SHA-256 is {actual}, pinned is {}; look at `entralint catalog diff` before you pin it",
            entralint_core::text::shown(pinned)
        ));
    }
    Ok((bytes, Some(actual)))
}

/// `at` is where the file is, `path` what people call it.
fn read_bytes(files: &Files, at: &Utf8Path, path: &Utf8Path) -> Result<Vec<u8>, String> {
    /// Microsoft's file is 3 MB; what is many times that is something else.
    const LARGEST: u64 = 64 * 1024 * 1024;
    files.named_bytes(at, LARGEST).map_err(|error| {
        let error = error.replace(": --max-file-size changes the limit", "");
        format!("cannot read the catalog {path}: {error}")
    })
}
