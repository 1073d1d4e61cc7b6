//! `entralint catalog check`: what is doubtful in the data.

use msgraph_permissions::Marked;
use schemars::JsonSchema;
use serde::Serialize;

use super::diff::operation_text;
use crate::cli::{CatalogCheckArgs, ListFormat};
use crate::cmd;
use entralint_core::report::json;

/// The document that `entralint catalog check --format json` writes.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Document {
    /// The version of this format: 1.
    version: u32,
    catalog: json::Catalog,
    /// Entries that were skipped, with their place.
    bad_entries: Vec<String>,
    /// Operations of which no permission is marked least privileged.
    unmarked: Vec<String>,
    /// Operations of which several are, with those.
    several_marked: Vec<String>,
    /// Operations that write, whose least privileged permission only reads by its name.
    read_only_on_write: Vec<String>,
    /// Operations that read, whose least privileged permission writes by its name.
    writes_on_read: Vec<String>,
    /// Operations whose least privileged permission the service does not have.
    not_in_service: Vec<String>,
    /// Operations whose least privileged permission is granted per team, chat or user.
    resource_specific: Vec<String>,
    /// Operations whose least privileged permission has no id.
    no_id: Vec<String>,
    /// Paths that are spelled in several ways.
    spellings: Vec<String>,
    /// Permissions whose names differ by case alone.
    names: Vec<String>,
    /// Corrections that the data has caught up with.
    stale_overrides: Vec<String>,
}

/// Runs the command and gives its exit code: 1 where there is something doubtful.
///
/// # Errors
///
/// What is wrong with the configuration or the catalog.
pub(crate) fn run(args: &CatalogCheckArgs) -> Result<u8, String> {
    const FEW: usize = 5;
    let loaded = cmd::open(&args.catalog, &[])?.catalog;
    let check = loaded.get().check();
    let marked = |list: &[Marked<'_>]| -> Vec<String> {
        list.iter()
            .map(|marked| {
                let names: Vec<&str> = marked.permissions.iter().map(|n| n.as_str()).collect();
                format!(
                    "{}: {}",
                    operation_text(&marked.operation),
                    names.join(", ")
                )
            })
            .collect()
    };
    let document = Document {
        version: 1,
        catalog: json::catalog(loaded.get().info()),
        bad_entries: loaded
            .get()
            .problems()
            .iter()
            .map(ToString::to_string)
            .collect(),
        unmarked: check.unmarked.iter().map(operation_text).collect(),
        several_marked: marked(&check.several_marked),
        read_only_on_write: marked(&check.read_only_on_write),
        writes_on_read: marked(&check.writes_on_read),
        not_in_service: marked(&check.not_in_service),
        resource_specific: marked(&check.resource_specific),
        no_id: marked(&check.no_id),
        spellings: check.spellings.iter().map(|s| s.join(", ")).collect(),
        names: check
            .names
            .iter()
            .map(|names| {
                let names: Vec<&str> = names.iter().map(|n| n.as_str()).collect();
                names.join(", ")
            })
            .collect(),
        stale_overrides: check.stale_overrides.iter().map(|o| o.id.clone()).collect(),
    };
    let sections = [
        ("entries that were skipped", &document.bad_entries),
        (
            "operations with nothing marked least privileged",
            &document.unmarked,
        ),
        ("operations with several marked", &document.several_marked),
        (
            "writes whose least privileged permission only reads",
            &document.read_only_on_write,
        ),
        (
            "reads whose least privileged permission writes",
            &document.writes_on_read,
        ),
        (
            "operations whose least the service does not have",
            &document.not_in_service,
        ),
        (
            "operations whose least is resource-specific",
            &document.resource_specific,
        ),
        ("operations whose least has no id", &document.no_id),
        ("paths spelled in several ways", &document.spellings),
        ("permissions that differ by case alone", &document.names),
        (
            "corrections that are no longer needed",
            &document.stale_overrides,
        ),
    ];
    let doubtful = sections.iter().any(|(_, items)| !items.is_empty());
    cmd::print(&match args.format {
        ListFormat::Text => {
            let mut out = String::new();
            for (what, items) in sections {
                super::list(
                    &mut out,
                    what,
                    items,
                    if args.all { usize::MAX } else { FEW },
                );
            }
            out
        }
        ListFormat::Json => cmd::json(&document)?,
    })?;
    Ok(if doubtful { cmd::FINDINGS } else { cmd::OK })
}

/// The document's JSON Schema.
pub(crate) fn schema() -> schemars::Schema {
    schemars::schema_for!(Document)
}
