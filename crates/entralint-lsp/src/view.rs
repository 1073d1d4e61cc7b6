//! What the features of the editor know of a file as it is now. All of it was computed by the last check: no feature
//! checks anything again.

use std::sync::Arc;

use entra_manifest::{Manifest, Means, Unit};
use entralint_core::calls::CallSet;
use entralint_core::finding::{Finding, Location};
use entralint_core::plan::{AppId, FileEvidence, Plan};
use msgraph_permissions::Catalog;
use source_text::{Source, Span};

/// A file of the editor, with what is known of its project.
pub(crate) struct View<'a> {
    /// The file.
    pub(crate) source: &'a Source,
    /// Whether it is an `entralint.toml`.
    pub(crate) is_config: bool,
    /// The files that it is read with, and what they declare.
    pub(crate) unit: Option<(Unit<'a>, &'a Manifest)>,
    /// The calls that it makes.
    pub(crate) evidence: Option<&'a FileEvidence>,
    /// The findings that are shown in it.
    pub(crate) findings: &'a [Finding],
    /// Which calls belong to which app.
    pub(crate) plan: &'a Plan<'a>,
    /// The apps of the project.
    pub(crate) apps: &'a [AppId],
    /// The address of a place, for links.
    pub(crate) link: &'a dyn Fn(&Location) -> Option<String>,
}

impl<'a> View<'a> {
    /// The permissions data.
    pub(crate) fn catalog(&self) -> &'a Catalog {
        self.plan.catalog()
    }

    /// Whether a span holds an offset of the file. The place behind its last byte counts: the cursor stands there after
    /// typing.
    pub(crate) fn is_at(&self, span: Span, offset: usize) -> bool {
        span.file == self.source.id() && (span.start as usize..=span.end as usize).contains(&offset)
    }

    /// The same for a place.
    pub(crate) fn is_at_location(&self, at: &Location, offset: usize) -> bool {
        at.path == self.source.name()
            && (at.span.start as usize..=at.span.end as usize).contains(&offset)
    }

    /// An app of the file's manifest, as the plan tells it from others.
    pub(crate) fn app(&self, index: usize) -> Option<AppId> {
        let (unit, manifest) = self.unit?;
        let app = manifest.apps.get(index)?;
        let path = unit
            .files()
            .find(|source| source.id() == app.span.file)
            .or(unit.sources.first())?
            .shared_name();
        let requested = &app.requested;
        Some(AppId {
            path,
            index,
            name: app.name.as_ref().map(|name| name.value.clone()),
            app_id: app.app_id.as_ref().map(|id| id.value.clone()),
            address: app.address.clone(),
            signs_in: requested.iter().any(|r| r.means == Means::AskedAtSignIn),
            documented: !requested.is_empty()
                && requested.iter().all(|r| r.means == Means::Documented),
        })
    }

    /// The calls that an app of the file's manifest is judged by.
    pub(crate) fn calls_of(&self, index: usize) -> Option<Arc<CallSet>> {
        Some(self.plan.calls_for(&self.app(index)?))
    }
}
