//! Writing another permission into the place of one.

use super::habits::checked_name;
use super::patch::Patch;
use super::plan::AppPlan;
use super::render::quoted;
use super::{AmendError, PermissionText};
use crate::json::{is_exactly_a_permission, permission_words};
use crate::model::{Kind, KindRef, PermissionRef, Requested, Unresolved};
use crate::span::Span;

impl AppPlan<'_> {
    /// Writes another permission, and kind, into the literals of a request.
    pub(super) fn replace(
        &self,
        patch: &mut Patch,
        requested: &Requested,
        with: &PermissionText,
        kind: Option<Kind>,
    ) -> Result<(), AmendError> {
        let written = match &requested.permission {
            PermissionRef::Id { uuid, .. } => *uuid == with.id,
            PermissionRef::Name { name, .. } => *name == with.name,
            PermissionRef::Unresolved { reason, .. } => {
                // What stands in an entry's place is not an id that another could replace.
                let entry = self.app.resources[requested.resource].span;
                let is_entry = requested.permission.span() == entry;
                if is_entry || matches!(reason, Unresolved::Missing | Unresolved::CutOff) {
                    return Err(AmendError::NotEditable("there is no id to replace"));
                }
                false
            }
        };
        if !written {
            let span = requested.permission.span();
            let content =
                self.permission_text(requested.resource, Some(&requested.permission), with)?;
            patch.replace(span, quoted(self.text, Some(span), &content));
            self.rename_label(patch, requested, with)?;
        }
        match (kind, &requested.kind) {
            (None, _) => Ok(()),
            (Some(new), KindRef::Known { kind, .. }) if new == *kind => Ok(()),
            (
                Some(new),
                KindRef::Known {
                    span: Some(span), ..
                },
            ) => {
                patch.replace(*span, quoted(self.text, Some(*span), &new.to_string()));
                Ok(())
            }
            (Some(new), KindRef::Unresolved { span, reason, .. })
                if *reason != Unresolved::Missing && *reason != Unresolved::CutOff =>
            {
                patch.replace(*span, quoted(self.text, Some(*span), &new.to_string()));
                Ok(())
            }
            (Some(_), _) => Err(AmendError::NotEditable(
                "the list that a permission stands in says its kind: remove it there and add it here",
            )),
        }
    }

    /// A label that names the old permission names the new one.
    fn rename_label(
        &self,
        patch: &mut Patch,
        requested: &Requested,
        with: &PermissionText,
    ) -> Result<(), AmendError> {
        let Some(label) = &requested.label else {
            return Ok(());
        };
        let written = &self.text[label.span.range()];
        let mut words = permission_words(written);
        let word = match (words.next(), words.next()) {
            (Some(word), None) => word,
            // A sign-in scope, which looks like any other word.
            (None, _) if is_exactly_a_permission(&label.value) => {
                let Some(start) = written.find(&label.value) else {
                    return Ok(());
                };
                start..start + label.value.len()
            }
            // A sentence about several permissions is not ours to rewrite.
            _ => return Ok(()),
        };
        let start = label.span.start;
        patch.replace(
            Span::new(start + word.start, start + word.end),
            checked_name(with)?,
        );
        Ok(())
    }
}
