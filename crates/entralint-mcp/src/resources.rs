//! Resources: the page of each rule, and which permissions data the server answers by.

use entralint_core::rules;
use msgraph_permissions::Catalog;
use rmcp::ErrorData;
use rmcp::model::{ReadResourceResult, Resource, ResourceContents, ResourceTemplate};

const RULES: &str = "entralint://rules/";
const CATALOG: &str = "entralint://catalog";

/// The catalog and every rule.
pub(crate) fn list() -> Vec<Resource> {
    let catalog = Resource::new(CATALOG, "catalog")
        .with_title("Permissions data")
        .with_description("Source, date, SHA-256 and size of the data that answers rest on")
        .with_mime_type("application/json");
    let rules = rules::RULES.iter().map(|rule| {
        let info = rule.info();
        Resource::new(format!("{RULES}{}", info.id), info.id)
            .with_description(info.summary)
            .with_mime_type("text/markdown")
    });
    std::iter::once(catalog).chain(rules).collect()
}

/// The form of the rules' URIs.
pub(crate) fn templates() -> Vec<ResourceTemplate> {
    vec![
        ResourceTemplate::new(format!("{RULES}{{rule}}"), "rule")
            .with_description("The page of a rule of entralint")
            .with_mime_type("text/markdown"),
    ]
}

/// # Errors
///
/// That there is no such resource.
pub(crate) fn read(uri: &str, catalog: &Catalog) -> Result<ReadResourceResult, ErrorData> {
    let contents = if uri == CATALOG {
        let info = catalog.info();
        let about = serde_json::json!({
            "source": info.source,
            "date": info.date,
            "sha256": info.sha256,
            "permissions": info.permissions,
            "operations": info.operations,
            "complete": info.complete,
        });
        ResourceContents::text(about.to_string(), uri).with_mime_type("application/json")
    } else {
        let page = uri
            .strip_prefix(RULES)
            .and_then(|id| rules::find(id))
            .map(|rule| rule.markdown())
            .ok_or_else(|| {
                ErrorData::resource_not_found("there is no such resource: list them", None)
            })?;
        ResourceContents::text(page, uri).with_mime_type("text/markdown")
    };
    Ok(ReadResourceResult::new(vec![contents]))
}
