//! Writing another permission into the place of one.

use super::habits::checked_name;
use super::patch::Patch;
use super::plan::AppPlan;
use super::{AmendError, PermissionText};
use crate::PermissionType;
use crate::label::{is_exactly_a_permission, permission_words};
use crate::model::{PermissionRef, Requested, TypeRef, Unresolved};

impl AppPlan<'_> {
    /// Writes another permission, and type, into the literals of a request.
    pub(super) fn replace(
        &self,
        patch: &mut Patch,
        requested: &Requested,
        with: &PermissionText,
        permission_type: Option<PermissionType>,
    ) -> Result<(), AmendError> {
        let written = match &requested.permission {
            PermissionRef::Id { uuid, .. } => *uuid == with.id,
            PermissionRef::Name { name, .. } => *name == with.name,
            PermissionRef::Unresolved { reason, .. } => {
                // What stands in an entry's place, or is computed, is no literal that another could replace.
                let entry = self.app.resources[requested.resource].span;
                let is_entry = requested.permission.span() == entry;
                let is_literal = matches!(
                    reason,
                    Unresolved::Empty
                        | Unresolved::WrongType
                        | Unresolved::Placeholder
                        | Unresolved::Expression
                        | Unresolved::Malformed
                );
                if is_entry || !is_literal {
                    return Err(AmendError::NotEditable("there is no id to replace"));
                }
                false
            }
        };
        if !written {
            let span = requested.permission.span();
            let by_name = self.by_name(requested.resource, Some(&requested.permission));
            if by_name {
                checked_name(with)?;
            }
            let old = self.context.text(span)?;
            let new = self
                .context
                .notation
                .literal(old, &with.written(by_name))
                .ok_or(AmendError::NotEditable(
                    "another permission cannot be written here: change it by hand",
                ))?;
            // A format can have a spelling of its own, as in `toLower(role.value) == 'user.read.all'`.
            if new != old {
                patch.replace(span, new);
                self.rename_label(patch, requested, with)?;
            }
        }
        let (new, span) = match (permission_type, &requested.permission_type) {
            (None, _) => return Ok(()),
            (
                Some(new),
                TypeRef::Known {
                    permission_type, ..
                },
            ) if new == *permission_type => return Ok(()),
            (
                Some(new),
                TypeRef::Known {
                    span: Some(span), ..
                },
            ) => (new, *span),
            (Some(new), TypeRef::Unresolved { span, reason, .. })
                if !matches!(reason, Unresolved::Missing | Unresolved::CutOff) =>
            {
                (new, *span)
            }
            (Some(_), _) => {
                return Err(AmendError::NotEditable(
                    "the list that a permission stands in says its type: remove it there and add it here",
                ));
            }
        };
        let word = self.context.text(span)?;
        let word = self.context.notation.permission_type(word, new);
        patch.replace(
            span,
            word.ok_or(AmendError::NotEditable(
                "another type cannot be written here: change it by hand",
            ))?,
        );
        Ok(())
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
        let (source, _) = self.context.file(label.span)?;
        let written = source.slice(label.span);
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
        let start = label.span.range().start;
        patch.replace(
            source.span(start + word.start, start + word.end),
            checked_name(with)?,
        );
        Ok(())
    }
}
