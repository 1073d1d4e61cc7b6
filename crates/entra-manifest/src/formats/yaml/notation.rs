//! How an element is written in YAML: like its neighbours, or as a mapping of `id` and `type`.

use super::layout::{DASHES, DASHES_BELOW, FLOW};
use crate::PermissionType;
use crate::amend::notation::{At, NewPermission, Notation};

/// YAML.
#[derive(Debug)]
pub(super) struct Yaml;

impl Notation for Yaml {
    fn element(
        &self,
        at: &At<'_>,
        permission: &NewPermission<'_>,
        permission_type: PermissionType,
        implied: bool,
    ) -> Option<String> {
        let (text, ty) = (permission.text(), permission_type.as_manifest());
        if implied {
            return (at.dialect != FLOW).then(|| format!("- {text}"));
        }
        // An id is wanted here, and a name stands for one only behind a service principal's address.
        let NewPermission::Id(_) = permission else {
            return None;
        };
        Some(match at.dialect {
            FLOW => format!("{{id: {text}, type: {ty}}}"),
            _ => format!("- id: {text}{}{}  type: {ty}", at.style.newline, at.indent),
        })
    }

    fn empty(&self, dialect: u8) -> Option<&'static str> {
        match dialect {
            DASHES => Some("[]"),
            // A value in the column of its key would be a key.
            DASHES_BELOW => Some("  []"),
            _ => None,
        }
    }

    fn elements(&self, _: &At<'_>, _: Option<PermissionType>, _: &[String]) -> Option<String> {
        None
    }

    fn entries(
        &self,
        _: &At<'_>,
        _: &str,
        _: &[(NewPermission<'_>, PermissionType)],
    ) -> Option<Vec<String>> {
        None
    }

    fn list(&self, _: &At<'_>, _: &[String]) -> Option<String> {
        None
    }

    fn first_list(&self, _: &At<'_>, _: &[String]) -> Option<String> {
        None
    }
}
