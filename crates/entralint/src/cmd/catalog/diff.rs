//! `entralint catalog diff`: what changed, for this repository and in all.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use entra_manifest::Manifest;
use msgraph_permissions::{
    Bundle, Call, CallChange, Catalog, CatalogDiff, LookupOptions, Operation, PermissionName,
    Scheme,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::{DiffArgs, ListFormat};
use crate::cmd;
use entralint_core::assess::{Resolution, resolve};
use entralint_core::config::Config;
use entralint_core::report::json;
use entralint_core::text;
use entralint_project::root::Root;
use entralint_project::units::{Units, group};
use entralint_project::{Files, calls, catalog, config, discover, engine};

/// The document that `entralint catalog diff --format json` writes.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Document {
    /// The version of this format: 1.
    version: u32,
    old: json::Catalog,
    new: json::Catalog,
    /// The calls of this repository whose answer changed.
    calls: Vec<CallEntry>,
    /// The permissions that manifests of this repository ask for and that changed.
    manifests: Vec<ManifestEntry>,
    /// Permissions that only the new catalog describes.
    added_permissions: Vec<String>,
    /// Permissions that only the old catalog describes.
    removed_permissions: Vec<String>,
    /// Permissions of which something else is said.
    changed_permissions: BTreeMap<String, Vec<String>>,
    /// Changes of privilege levels, equal ones as one, those that rise most first.
    level_shifts: Vec<ShiftEntry>,
    /// Operations that only the new catalog has.
    added_operations: Vec<String>,
    /// Operations that only the old catalog has.
    removed_operations: Vec<String>,
    /// Operations that are unlocked differently.
    changed_operations: Vec<OperationEntry>,
}

/// A call whose answer changed.
#[derive(Debug, Serialize, JsonSchema)]
struct CallEntry {
    call: String,
    scheme: String,
    /// What became of it, such as `a narrower permission was published`.
    change: String,
    /// The least privileged before.
    before: Option<String>,
    /// The least privileged now.
    after: Option<String>,
    /// What unlocks it only now.
    gained: Vec<String>,
    /// What unlocked it only before.
    lost: Vec<String>,
}

/// A declared permission that changed.
#[derive(Debug, Serialize, JsonSchema)]
struct ManifestEntry {
    permission: String,
    /// What changed of it.
    changes: Vec<String>,
    /// The manifests that ask for it.
    files: BTreeSet<String>,
}

/// An operation that is unlocked differently.
#[derive(Debug, Serialize, JsonSchema)]
struct OperationEntry {
    operation: String,
    change: String,
    before: Option<String>,
    after: Option<String>,
    /// What unlocks it only now.
    gained: Vec<String>,
    /// What unlocked it only before.
    lost: Vec<String>,
}

/// Permissions whose privilege level changed alike.
#[derive(Debug, Serialize, JsonSchema)]
struct ShiftEntry {
    /// Such as `application: privilege level 4, was 3`.
    change: String,
    permissions: Vec<String>,
}

/// Runs the command and gives its exit code: 1 where something changed for the calls or the
/// manifests of this repository.
///
/// # Errors
///
/// What is wrong with the usage, the configuration or one of the catalogs.
pub(crate) fn run(args: &DiffArgs) -> Result<u8, String> {
    let root = Root::of(&entralint_project::root::working_folder()?, &args.paths);
    let listing = entralint_project::discover::list(&args.paths, &root);
    let loaded = config::load(
        &Files::disk(),
        args.config.as_deref(),
        false,
        &root,
        Some(&listing),
    )
    .map_err(cmd::Failure::from)?;
    let config = &loaded.config;
    let old = catalog::load_from(&args.old, !args.no_overrides)?;
    let new = catalog::load_from(&args.new, !args.no_overrides)?;
    cmd::say_catalog(&old);
    cmd::say_catalog(&new);
    let (old, new) = (old.get(), new.get());

    let options = LookupOptions {
        other_users: args.calls.other_users || loaded.of_run().is_about_other_users(),
    };
    let mut asked = Vec::new();
    let named = calls::named(
        &Files::disk(),
        &args.calls.options(),
        config,
        &|file| loaded.source(file),
        &root,
    )
    .map_err(cmd::Failure::from)?;
    for declared in named
        .top
        .into_iter()
        .chain(named.scopes.into_iter().flat_map(|scope| scope.calls))
        .chain(named.sections.into_iter().flatten())
    {
        match declared.call.scheme {
            Some(scheme) => asked.push((declared.call, scheme)),
            None => {
                asked.push((declared.call.clone(), Scheme::DelegatedWork));
                asked.push((declared.call, Scheme::Application));
            }
        }
    }
    let changed_calls = old.diff_calls(new, &asked, options);
    let diff = old.diff(new);
    let (declared, errors) = declared_permissions(&args.paths, &root, config, old, new);
    for error in &errors {
        cmd::say(&format!("error: {error}"));
    }
    if asked.is_empty() {
        cmd::say(
            "note: no calls are named, so nothing is said of yours (--calls, --calls-from or entralint.toml name them)",
        );
    }

    let document = document(old, new, &changed_calls, &diff, &declared);
    cmd::print(&match args.format {
        ListFormat::Text => page(&document, asked.len(), args.all),
        ListFormat::Json => cmd::json(&document)?,
    })?;
    Ok(if !errors.is_empty() {
        cmd::ERROR
    } else if document.calls.is_empty() && document.manifests.is_empty() {
        cmd::OK
    } else {
        cmd::FINDINGS
    })
}

/// The permissions that the manifests below these paths ask for, each with its files.
fn declared_permissions(
    paths: &[camino::Utf8PathBuf],
    root: &Root,
    config: &Config,
    old: &Catalog,
    new: &Catalog,
) -> (BTreeMap<PermissionName, BTreeSet<String>>, Vec<String>) {
    let units = Units::new(root, entralint_project::read::LARGEST_MIB * 1024 * 1024);
    let found = discover::discover(paths, root, config, &entra_manifest::is_candidate);
    let mut errors = found.errors;
    let mut declared: BTreeMap<PermissionName, BTreeSet<String>> = BTreeMap::new();
    for work in group(found.candidates, &|folder| units.list(folder, false)) {
        // The catalogs themselves name permissions and declare nothing.
        let unit = engine::read(&units, &work);
        if let Some(manifest) = &unit.manifest {
            for catalog in [old, new] {
                for name in names(manifest, catalog) {
                    let files = declared.entry(name).or_default();
                    files.extend(work.files().iter().map(|file| root.shown(&file.path)));
                }
            }
        }
        errors.extend(unit.errors);
        errors.extend(unit.findings.iter().map(|finding| match &finding.place {
            Some(mark) => format!("{}: {}", root.shown(&mark.at.path), finding.message),
            None => finding.message.clone(),
        }));
    }
    (declared, errors)
}

fn names<'a>(
    manifest: &'a Manifest,
    catalog: &'a Catalog,
) -> impl Iterator<Item = PermissionName> + 'a {
    manifest
        .apps
        .iter()
        .flat_map(|app| app.requested.iter().map(move |requested| (app, requested)))
        .filter(|(app, requested)| {
            app.resources
                .get(requested.resource)
                .is_some_and(|resource| resource.id.is_microsoft_graph())
        })
        .filter_map(|(_, requested)| match resolve(catalog, requested) {
            Resolution::Known { name, .. } | Resolution::WrongType { name, .. } => Some(name),
            Resolution::Unknown { .. } | Resolution::Unresolved { .. } => None,
        })
}

fn document(
    old: &Catalog,
    new: &Catalog,
    calls: &[CallChange],
    diff: &CatalogDiff<'_>,
    declared: &BTreeMap<PermissionName, BTreeSet<String>>,
) -> Document {
    let names = |names: &[PermissionName]| names.iter().map(ToString::to_string).collect();
    let least = |bundle: &Option<Bundle>| bundle.as_ref().map(ToString::to_string);
    let bundles = |bundles: &[Bundle]| bundles.iter().map(ToString::to_string).collect();
    let operations = |operations: &[Operation<'_>]| operations.iter().map(operation_text).collect();
    let mut manifests = Vec::new();
    for (name, files) in declared {
        let mut changes = Vec::new();
        if diff.removed_permissions.contains(name) {
            changes.push("it is gone".to_owned());
        }
        if diff.added_permissions.contains(name) {
            changes.push("it is new".to_owned());
        }
        for change in &diff.changed_permissions {
            if change.name == *name {
                changes.extend(change.texts());
            }
        }
        if !changes.is_empty() {
            manifests.push(ManifestEntry {
                permission: name.to_string(),
                changes,
                files: files.clone(),
            });
        }
    }
    Document {
        version: 1,
        old: json::catalog(old.info()),
        new: json::catalog(new.info()),
        calls: calls
            .iter()
            .map(|change| CallEntry {
                call: Call {
                    scheme: None,
                    ..change.after.call.clone()
                }
                .to_string(),
                scheme: change.after.scheme.to_string(),
                change: change.turn.to_string(),
                before: least(&change.before.least),
                after: least(&change.after.least),
                gained: bundles(&change.gained),
                lost: bundles(&change.lost),
            })
            .collect(),
        manifests,
        added_permissions: names(&diff.added_permissions),
        removed_permissions: names(&diff.removed_permissions),
        changed_permissions: diff
            .changed_permissions
            .iter()
            .map(|change| (change.name.to_string(), change.texts().collect()))
            .collect(),
        level_shifts: diff
            .level_shifts()
            .iter()
            .map(|shift| ShiftEntry {
                change: shift.to_string(),
                permissions: names(&shift.permissions),
            })
            .collect(),
        added_operations: operations(&diff.added_operations),
        removed_operations: operations(&diff.removed_operations),
        changed_operations: diff
            .changed_operations
            .iter()
            .map(|change| OperationEntry {
                operation: operation_text(&change.operation),
                change: change.turn.to_string(),
                before: least(&change.before),
                after: least(&change.after),
                gained: bundles(&change.gained),
                lost: bundles(&change.lost),
            })
            .collect(),
    }
}

pub(super) fn operation_text(operation: &Operation<'_>) -> String {
    format!(
        "{} {} ({})",
        operation.method, operation.template, operation.scheme
    )
}

/// For people: what concerns this repository first, then all of it, of long lists a few.
fn page(document: &Document, asked: usize, all: bool) -> String {
    const FEW: usize = 10;
    let most = if all { usize::MAX } else { FEW };
    let mut out = String::new();
    // Writing to a String does not fail.
    let _ = writeln!(
        out,
        "old: {}, sha256 {}\nnew: {}, sha256 {}\n",
        text::escaped(&document.old.source),
        document.old.sha256,
        text::escaped(&document.new.source),
        document.new.sha256,
    );
    if asked > 0 {
        let _ = writeln!(
            out,
            "for the calls you make: {} changed",
            document.calls.len()
        );
        for call in &document.calls {
            let _ = writeln!(
                out,
                "  {} ({}): {}: {} (was {})",
                text::shown(&call.call),
                call.scheme,
                call.change,
                call.after.as_deref().unwrap_or("none"),
                call.before.as_deref().unwrap_or("none"),
            );
            for (what, bundles) in [("accepted now", &call.gained), ("no longer", &call.lost)] {
                if !bundles.is_empty() {
                    let _ = writeln!(out, "    {what}: {}", text::some(bundles, most));
                }
            }
        }
    }
    let _ = writeln!(
        out,
        "for your manifests: {} changed",
        text::count(document.manifests.len(), "permission")
    );
    for entry in &document.manifests {
        let files: Vec<String> = entry.files.iter().map(|f| text::escaped(f)).collect();
        let _ = writeln!(
            out,
            "  {}: {} ({})",
            entry.permission,
            entry.changes.join("; "),
            text::some(&files, 3)
        );
    }
    let _ = writeln!(out, "\nin all:");
    // Levels are rescaled wholesale: equal changes are one line.
    let shifts: Vec<String> = document
        .level_shifts
        .iter()
        .map(|shift| {
            format!(
                "{}: {}",
                shift.change,
                text::some(&shift.permissions, most.min(3))
            )
        })
        .collect();
    let changed: Vec<String> = document
        .changed_permissions
        .iter()
        .filter_map(|(name, changes)| {
            let others: Vec<&str> = changes
                .iter()
                .map(String::as_str)
                .filter(|change| {
                    !document
                        .level_shifts
                        .iter()
                        .any(|shift| shift.change == *change)
                })
                .collect();
            (!others.is_empty()).then(|| format!("{name}: {}", others.join("; ")))
        })
        .collect();
    let operations: Vec<String> = document
        .changed_operations
        .iter()
        .map(|entry| {
            let mut line = format!(
                "{}: {}: {} (was {})",
                entry.operation,
                entry.change,
                entry.after.as_deref().unwrap_or("none"),
                entry.before.as_deref().unwrap_or("none"),
            );
            for (what, bundles) in [("accepted now", &entry.gained), ("no longer", &entry.lost)] {
                if !bundles.is_empty() {
                    let _ = write!(line, "; {what}: {}", text::some(bundles, 3));
                }
            }
            line
        })
        .collect();
    for (what, items) in [
        ("permissions that are new", &document.added_permissions),
        ("permissions that are gone", &document.removed_permissions),
        ("changes of privilege levels", &shifts),
        ("permissions that changed", &changed),
        ("operations that are new", &document.added_operations),
        ("operations that are gone", &document.removed_operations),
        ("operations that changed", &operations),
    ] {
        super::list(&mut out, what, items, most);
    }
    out
}

/// The document's JSON Schema.
pub(crate) fn schema() -> schemars::Schema {
    schemars::schema_for!(Document)
}
