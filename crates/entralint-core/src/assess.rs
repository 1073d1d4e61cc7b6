//! One app against the calls: what it holds, what the calls need, and what follows.
//!
//! Delegated and application permissions are judged apart: each [`KindView`] looks at one kind and
//! at the calls that are made with it.

mod kind;
mod resolve;
#[cfg(test)]
mod tests;

use entra_manifest::{App, Requested, Span};
use msgraph_permissions::{Answer, Catalog, PermissionName, PermissionType};

use crate::calls::{AnsweredCall, Calls};
use crate::finding::Subject;

pub use kind::{Excess, Judged, KindView};
use kind::{level, scheme_of};
pub use resolve::{Resolution, is_unresolved, resolve};

/// One request of the app for a Microsoft Graph permission.
#[derive(Clone, Debug)]
pub struct Held<'a> {
    /// Its index in the app's list of requests.
    pub index: usize,
    pub requested: &'a Requested,
    pub resolution: Resolution,
}

impl Held<'_> {
    /// What the declaration means to ask for: a request of the wrong kind counts as the
    /// permission of that name in the declared kind, so that one mistake is reported once.
    pub fn meant(&self) -> Option<(&PermissionName, PermissionType)> {
        match &self.resolution {
            Resolution::Known { name, kind } => Some((name, *kind)),
            Resolution::WrongKind { name, declared, .. } => Some((name, *declared)),
            Resolution::Unknown { .. } | Resolution::Unresolved { .. } => None,
        }
    }

    /// The literal that names the permission, or the whole element.
    pub fn span(&self) -> Span {
        self.requested.permission.span()
    }
}

/// An app, its requests made out, and one view for each kind of permission.
pub struct Assessment<'a> {
    pub calls: &'a Calls<'a>,
    pub app: &'a App,
    /// The app's place in its manifest.
    pub index: usize,
    /// Requests to Microsoft Graph, in the order of the file.
    pub held: Vec<Held<'a>>,
    pub views: Vec<KindView<'a>>,
    /// Calls of no named type of which the app requests no accepted permission in any type.
    pub open: Vec<&'a AnsweredCall>,
    /// Something in the declaration could not be read, so what seems missing may stand there.
    pub unread: bool,
}

impl<'a> Assessment<'a> {
    pub fn new(calls: &'a Calls<'a>, app: &'a App, index: usize) -> Self {
        let held: Vec<Held<'a>> = app
            .requested
            .iter()
            .enumerate()
            .filter(|(_, requested)| {
                app.resources
                    .get(requested.resource)
                    .is_some_and(|resource| resource.id.is_microsoft_graph())
            })
            .map(|(index, requested)| Held {
                index,
                requested,
                resolution: resolve(calls.catalog, requested),
            })
            .collect();
        let unread = held
            .iter()
            .any(|h| matches!(h.resolution, Resolution::Unresolved { .. }))
            || app.requested.iter().any(|r| {
                app.resources
                    .get(r.resource)
                    .is_none_or(|resource| is_unresolved(&resource.id))
            });
        let mut views = [PermissionType::Delegated, PermissionType::Application]
            .into_iter()
            .map(|kind| KindView::new(calls, kind, &held))
            .collect::<Vec<_>>();
        let open: Vec<&AnsweredCall> = calls
            .list
            .iter()
            .enumerate()
            .filter(|(index, call)| {
                call.declared.call.scheme.is_none()
                    && call.answers.iter().any(Answer::is_answered)
                    && !views
                        .iter()
                        .any(|view| view.judged.iter().any(|j| j.index == *index))
            })
            .map(|(_, call)| call)
            .collect();
        for view in &mut views {
            if view.kind == PermissionType::Application && !calls.assumed {
                let meant_for_a_user = calls.list.iter().filter(|call| {
                    call.is_app_only_me() && open.iter().any(|o| std::ptr::eq(*o, *call))
                });
                view.gaps.extend(meant_for_a_user);
            }
        }
        Self {
            calls,
            app,
            index,
            held,
            views,
            open,
            unread,
        }
    }

    pub fn catalog(&self) -> &'a Catalog {
        self.calls.catalog
    }

    /// How people tell this app from others: its name, else its id.
    pub fn app_label(&self) -> Option<String> {
        let label = self.app.name.as_ref().or(self.app.app_id.as_ref())?;
        Some(crate::text::shown(&label.value))
    }

    pub fn subject(&self, name: &PermissionName, kind: PermissionType) -> Subject {
        subject(self.catalog(), name, kind)
    }

    /// The calls that the app's permissions cover, each with the place of its answer.
    pub fn covered(&self) -> Vec<(usize, usize)> {
        let mut covered = Vec::new();
        for (index, call) in self.calls.list.iter().enumerate() {
            for (at, answer) in call.answers.iter().enumerate() {
                let held = |name: &PermissionName| {
                    self.views.iter().any(|view| {
                        view.kind == answer.scheme.permission_type() && view.held.contains(name)
                    })
                };
                if answer.covered_by(&held).is_some() {
                    covered.push((index, at));
                }
            }
        }
        covered
    }

    /// Where something about the app as a whole is shown: the entry of Microsoft Graph, else the
    /// app's name, else the app.
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
    pub fn requests(
        &self,
        name: &PermissionName,
        kind: PermissionType,
    ) -> impl Iterator<Item = &Held<'a>> {
        self.held
            .iter()
            .filter(move |h| h.meant() == Some((name, kind)))
    }
}

pub fn subject(catalog: &Catalog, name: &PermissionName, kind: PermissionType) -> Subject {
    let scheme = scheme_of(kind);
    Subject {
        permission: name.clone(),
        kind,
        privilege_level: level(catalog, name, kind),
        operations: catalog.breadth(name, scheme),
    }
}
