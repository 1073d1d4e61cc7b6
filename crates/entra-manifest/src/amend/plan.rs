//! From changes to edits: which lists they touch, and what is to be written there.

use source_text::{Edit, Source, Span};
use uuid::Uuid;

use super::intent::Intent;
use super::notation::Notation;
use super::patch::Patch;
use super::style::{Style, indent_at};
use super::{AmendError, Change, PermissionText, shared};
use crate::PermissionType;
use crate::about::Types;
use crate::model::layout::Place;
use crate::model::{App, Manifest, PermissionRef, Requested, ResourceRef};
use crate::read::Unit;

/// What becomes of one requested permission.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fate<'c> {
    Keep,
    Remove,
    Replace(&'c PermissionText, Option<PermissionType>),
}

/// A permission to be requested in addition.
#[derive(Debug, Clone, Copy)]
pub(super) struct Addition<'c> {
    pub(super) resource: Uuid,
    pub(super) permission: &'c PermissionText,
    pub(super) permission_type: PermissionType,
}

/// The texts of a unit, their habits, and how the format writes.
pub(super) struct Context<'a> {
    unit: Unit<'a>,
    styles: Vec<(&'a Source, Style)>,
    pub(super) comments: &'a [Span],
    pub(super) notation: &'static dyn Notation,
    types: Types,
}

impl<'a> Context<'a> {
    /// The file of a span and its habits.
    pub(super) fn file(&self, span: Span) -> Result<(&'a Source, &Style), AmendError> {
        self.styles
            .iter()
            .find(|(source, _)| source.id() == span.file)
            .map(|(source, style)| (*source, style))
            .ok_or(AmendError::Stale)
    }

    pub(super) fn text(&self, span: Span) -> Result<&'a str, AmendError> {
        Ok(self.file(span)?.0.slice(span))
    }

    pub(super) fn indent(&self, span: Span) -> Result<&'a str, AmendError> {
        let (source, _) = self.file(span)?;
        Ok(indent_at(source.text(), span.range().start))
    }
}

/// The edits that make the changes, and what they are meant to come to.
pub(super) fn plan(
    unit: Unit<'_>,
    manifest: &Manifest,
    notation: &'static dyn Notation,
    changes: &[Change],
) -> Result<(Vec<Edit>, Intent), AmendError> {
    let context = Context {
        unit,
        styles: unit
            .files()
            .map(|source| (source, Style::of(source.text())))
            .collect(),
        comments: &manifest.comments,
        notation,
        types: manifest.about.types,
    };
    let mut plans: Vec<AppPlan<'_>> = manifest
        .apps
        .iter()
        .map(|app| AppPlan {
            context: &context,
            app,
            index: index(app),
            fates: vec![Fate::Keep; app.requested.len()],
            additions: Vec::new(),
        })
        .collect();
    for change in changes {
        let app = match change {
            Change::Replace { app, .. } | Change::Remove { app, .. } | Change::Add { app, .. } => {
                app
            }
        };
        plans
            .get_mut(*app)
            .ok_or(AmendError::NoSuchRequest)?
            .take(change)?;
    }
    for plan in &mut plans {
        plan.drop_needless_additions();
    }
    shared::check(manifest, &plans)?;
    let mut patch = Patch::default();
    let mut intent = Intent::default();
    for plan in &plans {
        intent.push(plan.edit(&mut patch)?);
    }
    let text_of = |span: Span| context.unit.files().find(|file| file.id() == span.file);
    Ok((patch.finish(text_of), intent))
}

pub(super) struct AppPlan<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) app: &'a App,
    /// The requests of each list of elements of each resource, in order.
    pub(super) index: Vec<Vec<Vec<usize>>>,
    pub(super) fates: Vec<Fate<'a>>,
    pub(super) additions: Vec<Addition<'a>>,
}

impl<'a> AppPlan<'a> {
    fn take(&mut self, change: &'a Change) -> Result<(), AmendError> {
        let (requested, fate) = match change {
            Change::Add {
                resource_app_id,
                permission,
                permission_type,
                ..
            } => {
                if !self.context.types.allow(*permission_type) {
                    return Err(AmendError::TypeNotAllowed(*permission_type));
                }
                self.additions.push(Addition {
                    resource: *resource_app_id,
                    permission,
                    permission_type: *permission_type,
                });
                return Ok(());
            }
            Change::Remove { requested, .. } => (*requested, Fate::Remove),
            Change::Replace {
                requested,
                with,
                permission_type,
                ..
            } => (*requested, Fate::Replace(with, *permission_type)),
        };
        let old = self
            .fates
            .get_mut(requested)
            .ok_or(AmendError::NoSuchRequest)?;
        if *old != Fate::Keep && *old != fate {
            return Err(AmendError::Conflict);
        }
        *old = fate;
        match self.app.requested[requested].layout.fixed {
            Some(reason) => Err(AmendError::NotEditable(reason)),
            None => Ok(()),
        }
    }

    /// Drops additions of what is requested already, or twice.
    fn drop_needless_additions(&mut self) {
        let mut needed: Vec<Addition<'a>> = Vec::new();
        for addition in &self.additions {
            let again = needed.iter().any(|other| {
                other.resource == addition.resource
                    && other.permission_type == addition.permission_type
                    && other.permission == addition.permission
            });
            let present = (0..self.fates.len()).any(|index| self.is_present(index, addition));
            if !again && !present {
                needed.push(*addition);
            }
        }
        self.additions = needed;
    }

    /// Whether a request, after its change, is what is to be added.
    fn is_present(&self, index: usize, addition: &Addition<'_>) -> bool {
        let requested = &self.app.requested[index];
        if self.resource_of(requested).app_id() != Some(addition.resource) {
            return false;
        }
        let permission_type = requested.permission_type.known();
        match self.fates[index] {
            Fate::Remove => false,
            Fate::Replace(with, new) => {
                with == addition.permission
                    && new.or(permission_type) == Some(addition.permission_type)
            }
            Fate::Keep => {
                permission_type == Some(addition.permission_type)
                    && match &requested.permission {
                        PermissionRef::Id { uuid, .. } => *uuid == addition.permission.id,
                        PermissionRef::Name { name, .. } => {
                            name.eq_ignore_ascii_case(&addition.permission.name)
                        }
                        PermissionRef::Unresolved { .. } => false,
                    }
            }
        }
    }

    pub(super) fn resource_of(&self, requested: &Requested) -> &'a ResourceRef {
        &self.app.resources[requested.resource].id
    }
}

fn index(app: &App) -> Vec<Vec<Vec<usize>>> {
    let mut index: Vec<Vec<Vec<usize>>> = app
        .resources
        .iter()
        .map(|resource| vec![Vec::new(); resource.layout.accesses.len()])
        .collect();
    for (at, requested) in app.requested.iter().enumerate() {
        if let Some(Place::Access(access)) = requested.layout.place {
            index[requested.resource][access].push(at);
        }
    }
    index
}
