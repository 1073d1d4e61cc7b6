//! Inlay hints: the name of a permission or of an API next to a bare id, where no comment and no neighbour says it.

use std::collections::BTreeMap;
use std::ops::Range;

use entra_manifest::{PermissionRef, ResourceRef};
use entralint_core::assess::{Request, resolve};
use entralint_core::text;
use source_text::Span;

use crate::subject::floor;
use crate::view::View;

/// A name behind an id.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Hint {
    /// Behind which byte.
    pub(crate) offset: usize,
    /// The name.
    pub(crate) label: String,
    /// The type of permission; empty for an API.
    pub(crate) tooltip: String,
}

/// A screen shows fewer.
const MOST: usize = 1_000;

/// The hints of a part of the file.
pub(crate) fn hints(view: &View<'_>, range: &Range<usize>) -> Vec<Hint> {
    let Some((_, manifest)) = view.unit else {
        return Vec::new();
    };
    let catalog = view.catalog();
    let mut found: BTreeMap<(u32, u32), Hint> = BTreeMap::new();
    let mut add = |span: Span, label: String, tooltip: String| {
        let (start, end) = (span.start as usize, span.end as usize);
        let is_shown = span.file == view.source.id() && start <= range.end && end >= range.start;
        if is_shown && found.len() < MOST && !is_named(view, span, &label) {
            found.insert(
                (span.start, span.end),
                Hint {
                    offset: end,
                    label: text::shown(&label),
                    tooltip,
                },
            );
        }
    };
    for app in &manifest.apps {
        for (index, requested) in app.requested.iter().enumerate() {
            let is_graphs = app
                .resources
                .get(requested.resource)
                .is_some_and(|resource| resource.id.is_microsoft_graph());
            let PermissionRef::Id { span, .. } = requested.permission else {
                continue;
            };
            if !is_graphs || requested.label.is_some() {
                continue;
            }
            let request = Request {
                index,
                requested,
                resolution: resolve(catalog, requested),
            };
            if let Some((name, permission_type)) = request.meant() {
                add(
                    span,
                    name.to_string(),
                    format!("{} permission", text::permission_type(permission_type)),
                );
            }
        }
        for resource in &app.resources {
            if let ResourceRef::Id { span, .. } = resource.id
                && resource.label.is_none()
                && let Some(known) = resource.id.well_known()
            {
                add(span, known.name.to_owned(), String::new());
            }
        }
    }
    found.into_values().collect()
}

/// Whether the name stands next to the id already, on the same line.
fn is_named(view: &View<'_>, span: Span, name: &str) -> bool {
    /// A minified file is one line: what is further away is another element's.
    const NEAR: usize = 120;
    let text = view.source.text();
    let start = floor(text, span.start as usize);
    let end = floor(text, span.end as usize);
    let before = &text[floor(text, start.saturating_sub(NEAR))..start];
    let after = &text[end..floor(text, end + NEAR)];
    let before = before.rsplit('\n').next().unwrap_or_default();
    let after = after.split('\n').next().unwrap_or_default();
    before.contains(name) || after.contains(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at_cursor;

    /// The text with its hints in it.
    fn shown(name: &str, text: &str) -> String {
        at_cursor(&[(name, text)], |view, _| {
            let mut out = view.source.text().to_owned();
            for hint in hints(view, &(0..out.len())).into_iter().rev() {
                out.insert_str(hint.offset, &format!("‹{}›", hint.label));
            }
            out
        })
    }

    #[test]
    fn a_bare_id_has_its_name() {
        insta::assert_snapshot!(shown(
            "app.json",
            r#"{ "displayName": "désk", "requiredResourceAccess": [{
  "resourceAppId": "00000003-0000-0000-c000-000000000000",
  "resourceAccess": [
    { "id": "df021288-bdef-4463-88db-98f22de89214", "type": "Role" }, // User.Read.All
    { "id": "741f803b-c850-494e-b5df-cde7c675a1ca", "type": "Role" },
    { "id": "741f803b-0000-494e-b5df-cde7c675a1ca", "type": "Role" }
  ]
}] }$0"#
        ));
        insta::assert_snapshot!(
            "bicep",
            shown(
                "main.bicep",
                r#"extension microsoftGraphV1
resource desk 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: 'desk'
  displayName: 'desk'
  requiredResourceAccess: [
    {
      resourceAppId: '00000003-0000-0000-c000-000000000000' // Microsoft Graph
      resourceAccess: [
        { id: '77f3a031-c388-4f99-b373-dc68676a979e', type: 'Role' }
      ]
    }
  ]
}
$0"#
            )
        );
    }
}
