//! How an application in YAML is edited: by its literals alone.

use crate::PermissionType;
use crate::amend::notation::{At, NewPermission, Notation};

/// Literals are swapped; nothing else is written.
#[derive(Debug)]
pub(super) struct Swapped;

impl Notation for Swapped {
    fn element(
        &self,
        _: &At<'_>,
        _: &NewPermission<'_>,
        _: PermissionType,
        _: bool,
    ) -> Option<String> {
        None
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
