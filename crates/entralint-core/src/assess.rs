//! One app against its calls: what it requests, what the calls need, and what follows.
//!
//! Delegated and application permissions are judged apart: each [`View`] looks at one type and at the calls that are
//! made with it.

mod resolve;
#[cfg(test)]
mod tests;
mod view;

use std::sync::Arc;

use entra_manifest::{App, Manifest, Means, PermissionRef, Requested, Unit};
use msgraph_permissions::{Answer, Catalog, PermissionName, PermissionType};
use source_text::{Source, Span};

use crate::calls::{AnsweredCall, CallSet, Owner};
use crate::finding::{AppLabel, Finding, Location, Subject, locate};
use crate::fingerprint::AppKey;
use crate::rules::RuleInfo;
use crate::text;

pub use resolve::{Resolution, is_unresolved, resolve};
pub use view::{Blocker, Judged, View};
use view::{level, scheme_of};

/// One request of the app for a Microsoft Graph permission.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Its index in the app's list of requests.
    pub index: usize,
    /// As it was read.
    pub requested: &'a Requested,
    /// What it means.
    pub resolution: Resolution,
}

impl Request<'_> {
    /// What the declaration means to request: a request of the wrong type counts as the permission of that name in the
    /// declared type, so that one mistake is reported once.
    pub fn meant(&self) -> Option<(&PermissionName, PermissionType)> {
        match &self.resolution {
            Resolution::Known {
                name,
                permission_type,
            } => Some((name, *permission_type)),
            Resolution::WrongType { name, declared, .. } => Some((name, *declared)),
            Resolution::Unknown { .. } | Resolution::Unresolved { .. } => None,
        }
    }

    /// The literal that names the permission, or the whole element.
    pub fn span(&self) -> Span {
        self.requested.permission.span()
    }

    /// Whether only prose says so.
    pub fn is_documented(&self) -> bool {
        self.requested.means == Means::Documented
    }
}

/// The files of a unit, by the ids that spans carry.
#[derive(Clone, Copy)]
pub struct Files<'a> {
    unit: Unit<'a>,
}

impl<'a> Files<'a> {
    /// All files that spans of the unit can lie in.
    pub const fn new(unit: Unit<'a>) -> Self {
        Self { unit }
    }

    /// The file of a span.
    pub fn of(&self, span: Span) -> Option<&'a Source> {
        self.unit.files().find(|source| source.id() == span.file)
    }

    /// The place of a span.
    pub fn locate(&self, span: Span) -> Option<Location> {
        self.of(span).map(|source| locate(source, span))
    }

    /// What stands there.
    pub fn slice(&self, span: Span) -> &'a str {
        self.of(span).map_or("", |source| source.slice(span))
    }
}

/// An app, its requests resolved, and one view for each type of permission.
pub struct Assessment<'a> {
    /// The permissions data.
    pub catalog: &'a Catalog,
    /// The calls that it is judged by.
    pub calls: Arc<CallSet>,
    /// The manifest that declares it.
    pub manifest: &'a Manifest,
    /// The app.
    pub app: &'a App,
    /// The app's place in its manifest.
    pub index: usize,
    /// The manifest's files.
    pub files: Files<'a>,
    /// What stays the same while the app does.
    pub key: AppKey,
    /// Requests to Microsoft Graph, in the order of the file.
    pub requests: Vec<Request<'a>>,
    /// Requests to another API, by their places, whose id is a permission of Microsoft Graph and of nothing else known: a
    /// near-twin of Graph's own id stands in the entry, or a mistyped one.
    pub misplaced: Vec<(usize, PermissionName)>,
    /// One for delegated and one for application permissions.
    pub views: Vec<Arc<View>>,
    /// Calls of no named type, by their places, of which the app requests no accepted permission in any type.
    pub open: Vec<usize>,
    /// Something in the declaration could not be read, so what seems missing may stand there.
    pub unread: bool,
}

impl<'a> Assessment<'a> {
    /// Judges an app.
    pub fn new(
        catalog: &'a Catalog,
        calls: Arc<CallSet>,
        manifest: &'a Manifest,
        index: usize,
        files: Files<'a>,
        key: AppKey,
    ) -> Option<Self> {
        let app = manifest.apps.get(index)?;
        let requests: Vec<Request<'a>> = app
            .requested
            .iter()
            .enumerate()
            .filter(|(_, requested)| {
                app.resources
                    .get(requested.resource)
                    .is_some_and(|resource| resource.id.is_microsoft_graph())
            })
            .map(|(index, requested)| Request {
                index,
                requested,
                resolution: resolve(catalog, requested),
            })
            .collect();
        let misplaced = misplaced(catalog, app);
        let unread = !misplaced.is_empty()
            || requests
                .iter()
                .any(|r| matches!(r.resolution, Resolution::Unresolved { .. }))
            || app.requested.iter().any(|r| {
                app.resources
                    .get(r.resource)
                    .is_none_or(|resource| is_unresolved(&resource.id))
            })
            || manifest
                .problems
                .iter()
                .any(|problem| problem.kind == entra_manifest::ProblemKind::NotRead);
        let mut views: Vec<Arc<View>> = [PermissionType::Delegated, PermissionType::Application]
            .into_iter()
            .map(|permission_type| View::of(catalog, &calls, permission_type, &requests))
            .collect();
        let open: Vec<usize> = calls
            .calls
            .iter()
            .enumerate()
            .filter(|(index, call)| {
                call.call.scheme.is_none()
                    && call.answers.iter().any(Answer::is_answered)
                    && !views
                        .iter()
                        .any(|view| view.judged.iter().any(|judged| judged.call == *index))
            })
            .map(|(index, _)| index)
            .collect();
        for view in &mut views {
            if view.permission_type == PermissionType::Application {
                let for_a_user = open.iter().filter(|at| {
                    calls
                        .calls
                        .get(**at)
                        .is_some_and(AnsweredCall::is_me_without_user)
                });
                let for_a_user: Vec<Blocker> = for_a_user.map(|at| Blocker::Call(*at)).collect();
                if !for_a_user.is_empty() {
                    Arc::make_mut(view).blockers.extend(for_a_user);
                }
            }
        }
        Some(Self {
            catalog,
            calls,
            manifest,
            app,
            index,
            files,
            key,
            requests,
            misplaced,
            views,
            open,
            unread,
        })
    }

    /// How people tell this app from others.
    pub fn label(&self) -> AppLabel {
        let name = self.app.name.as_ref().or(self.app.app_id.as_ref());
        AppLabel {
            name: name.map(|label| text::shown(&label.value)),
            address: self.app.address.as_deref().map(text::shown),
        }
    }

    /// A finding of a rule about this app, at a span of its files.
    pub fn finding(
        &self,
        rule: &'static RuleInfo,
        message: impl Into<String>,
        span: Span,
        label: impl Into<String>,
    ) -> Finding {
        let mut finding = Finding::new(rule, message);
        if let Some(at) = self.files.locate(span) {
            finding = finding.at_location(at, label);
        }
        finding.app = Some(self.label());
        finding.fingerprint.app = self.key.clone();
        finding
    }

    /// A permission with what makes it narrow or broad.
    pub fn subject(&self, name: &PermissionName, permission_type: PermissionType) -> Subject {
        Subject {
            permission: name.clone(),
            permission_type,
            privilege_level: level(self.catalog, name, permission_type),
            operations: self.catalog.breadth(name, scheme_of(permission_type)),
        }
    }

    /// A call of the set.
    ///
    /// # Panics
    ///
    /// When the place is of another set.
    pub fn call(&self, at: usize) -> &AnsweredCall {
        &self.calls.calls[at]
    }

    /// Whether a call of the app has no requested permission that unlocks it.
    pub fn lacks_something(&self) -> bool {
        !self.open.is_empty() || self.views.iter().any(|view| !view.missing.is_empty())
    }

    /// Whether the app's calls are known, as its own or shared.
    pub fn knows_calls(&self) -> bool {
        !self.calls.is_unknown()
    }

    /// Whether all its calls may be other apps'.
    pub fn is_shared(&self) -> bool {
        self.calls.owner == Owner::Shared
    }

    /// Whether only prose says what the app needs.
    pub fn is_documented(&self) -> bool {
        !self.requests.is_empty() && self.requests.iter().all(Request::is_documented)
    }

    /// Whether a script declares it: the script's session is the app.
    pub fn is_script(&self) -> bool {
        self.files
            .of(self.span())
            .is_some_and(|source| crate::plan::is_script(source.name()))
    }

    /// Whether nothing of what it requests could be read: it may request anything.
    pub fn is_wholly_unread(&self) -> bool {
        self.unread
            && self
                .requests
                .iter()
                .all(|request| matches!(request.resolution, Resolution::Unresolved { .. }))
    }

    /// Whether it asks for everything when a user signs in: what the user or an administrator consented to before counts
    /// as well, and does not show in the code.
    pub fn asks_at_sign_in(&self) -> bool {
        !self.requests.is_empty()
            && self
                .requests
                .iter()
                .all(|request| request.requested.means == Means::AskedAtSignIn)
    }

    /// The calls that the app's permissions cover, each with the place of its answer.
    pub fn covered(&self) -> Vec<(usize, usize)> {
        let mut covered = Vec::new();
        for (index, call) in self.calls.calls.iter().enumerate() {
            for (at, answer) in call.answers.iter().enumerate() {
                let requested = |name: &PermissionName| {
                    self.views.iter().any(|view| {
                        view.permission_type == answer.scheme.permission_type()
                            && view.requested.contains(name)
                    })
                };
                if answer.covered_by(&requested).is_some() {
                    covered.push((index, at));
                }
            }
        }
        covered
    }

    /// Where something about the app as a whole is shown: the entry of Microsoft Graph, else the app's name, else the
    /// app.
    pub fn span(&self) -> Span {
        let entry = self
            .app
            .resources
            .iter()
            .find(|r| r.id.is_microsoft_graph());
        entry.map_or_else(
            || {
                self.app
                    .name
                    .as_ref()
                    .map_or(self.app.span, |name| name.span)
            },
            |resource| resource.id.span(),
        )
    }

    /// Requests meant for this permission, in the order of the file.
    pub fn requests_for(
        &self,
        name: &PermissionName,
        permission_type: PermissionType,
    ) -> impl Iterator<Item = &Request<'a>> {
        self.requests
            .iter()
            .filter(move |r| r.meant() == Some((name, permission_type)))
    }
}

fn misplaced(catalog: &Catalog, app: &App) -> Vec<(usize, PermissionName)> {
    app.requested
        .iter()
        .enumerate()
        .filter(|(_, requested)| {
            app.resources
                .get(requested.resource)
                .is_some_and(|resource| {
                    !resource.id.is_microsoft_graph() && !resource.id.is_azure_ad_graph()
                })
        })
        .filter_map(|(index, requested)| Some((index, only_graphs(catalog, requested)?)))
        .collect()
}

/// The permission of Microsoft Graph that an id is. Ids are unique to an API, so under another one it is a mistake.
pub fn only_graphs(catalog: &Catalog, requested: &Requested) -> Option<PermissionName> {
    let PermissionRef::Id { uuid, .. } = requested.permission else {
        return None;
    };
    catalog
        .by_id(msgraph_permissions::PermissionId::from_uuid(uuid))
        .first()
        .map(|(name, _)| name.clone())
}
