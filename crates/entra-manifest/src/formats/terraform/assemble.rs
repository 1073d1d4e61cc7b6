//! From what was found to the model: instances and environments put together, every request once, and where each of
//! them can be edited.

use std::collections::HashMap;
use std::rc::Rc;

use source_text::{Span, Spanned};
use uuid::Uuid;

use super::comments::comments;
use super::extract::{AppDraft, Draft};
use super::layout::Layouts;
use super::project::Project;
use super::value::Doubt;
use crate::label;
use crate::model::layout::ElementLayout;
use crate::model::{
    App, Condition, Means, PermissionRef, Requested, Resource, ResourceRef, Unresolved,
};

/// Puts the apps of each environment together.
pub(super) fn merge(runs: Vec<(Option<&str>, Vec<AppDraft>)>) -> Vec<AppDraft> {
    let total = runs.len();
    let mut all: Vec<(AppDraft, Vec<usize>)> = Vec::new();
    let mut known: HashMap<(usize, Span, Span), Vec<usize>> = HashMap::new();
    let mut places: HashMap<(String, Span), usize> = HashMap::new();
    for (environment, apps) in runs {
        for app in apps {
            let place = *places
                .entry((app.address.clone(), app.span))
                .or_insert_with(|| {
                    let empty = AppDraft {
                        drafts: Vec::new(),
                        ..app.clone()
                    };
                    all.push((empty, Vec::new()));
                    all.len() - 1
                });
            let (merged, counts) = &mut all[place];
            if merged.name != app.name {
                // Each environment has a name of its own; the address stands for all.
                merged.name = None;
            }
            for draft in app.drafts {
                let alike = known
                    .entry((place, draft.permission.span(), draft.used))
                    .or_default();
                match alike.iter().find(|at| same(&merged.drafts[**at], &draft)) {
                    Some(at) => counts[*at] += 1,
                    None => {
                        alike.push(counts.len());
                        counts.push(1);
                        merged.drafts.push(named(draft, environment));
                    }
                }
            }
        }
    }
    let mut apps = Vec::with_capacity(all.len());
    for (mut app, counts) in all {
        for (draft, count) in app.drafts.iter_mut().zip(counts) {
            // What every environment has is no matter of the environment.
            if count == total
                && draft
                    .condition
                    .as_ref()
                    .is_some_and(|c| c.on.ends_with(ENVIRONMENT))
            {
                draft.condition = None;
            }
        }
        apps.push(app);
    }
    instances(apps)
}

const ENVIRONMENT: &str = ".tfvars";

/// The draft, on the condition that the environment is the one that has it.
fn named(mut draft: Draft, environment: Option<&str>) -> Draft {
    if let (Some(environment), None) = (environment, &draft.condition) {
        let at = draft.permission.span();
        draft.condition = Some(Rc::new(Doubt {
            at,
            on: format!("{environment}{ENVIRONMENT}"),
        }));
    }
    draft
}

/// Whether two drafts are the same request, whatever it depends on.
fn same(a: &Draft, b: &Draft) -> bool {
    a.permission == b.permission
        && a.permission_type == b.permission_type
        && a.resource == b.resource
        && a.used == b.used
        && a.means == b.means
}

/// Instances of one block that request the same by the same literals are one app: what is said of one holds for all.
fn instances(apps: Vec<AppDraft>) -> Vec<AppDraft> {
    let mut out: Vec<AppDraft> = Vec::new();
    let mut first: HashMap<String, usize> = HashMap::new();
    for app in apps {
        if app.block != app.address
            && let Some(at) = first.get(&app.block)
        {
            let known = &mut out[*at];
            if known.drafts == app.drafts && known.span == app.span {
                known.address.clone_from(&known.block);
                if known.name != app.name {
                    known.name = None;
                }
                continue;
            }
        } else {
            first.insert(app.block.clone(), out.len());
        }
        out.push(app);
    }
    out
}

/// Builds the apps of the model.
pub(super) fn apps(project: &Project<'_>, drafts: Vec<AppDraft>) -> (Vec<App>, Vec<Span>) {
    let mut all_comments: Vec<Span> = Vec::new();
    for source in project.unit.files() {
        if super::project::role(source.name()).is_some()
            && source.name().extension() != Some("json")
        {
            all_comments.extend(comments(source));
        }
    }
    all_comments.sort_unstable();
    let mut build = Build {
        project,
        comments: &all_comments,
        layouts: Layouts::new(project),
    };
    let apps = drafts
        .into_iter()
        .filter_map(|draft| build.app(draft))
        .collect();
    (apps, all_comments)
}

struct Build<'p, 'b> {
    project: &'b Project<'p>,
    comments: &'b [Span],
    layouts: Layouts<'b>,
}

impl Build<'_, '_> {
    fn app(&mut self, draft: AppDraft) -> Option<App> {
        let mut drafts = unique(draft.drafts);
        // Roles of own applications, assigned to users and groups, say nothing of Microsoft's APIs.
        drafts.retain(|d| d.means == Means::Requested || !is_own(&d.resource));
        if drafts.is_empty() && !draft.application {
            return None;
        }
        drafts.sort_by_key(|d| d.permission.span());
        let mut app = App::new(draft.span);
        app.name = draft.name;
        app.address = Some(draft.address);
        let mut entries: HashMap<(Span, Result<Uuid, Span>), usize> = HashMap::new();
        for draft in &drafts {
            // An entry is about one API, unless its permissions say otherwise.
            let api = draft.resource.app_id().ok_or(draft.resource.span());
            let key = (draft.entry, api);
            let resource = *entries.entry(key).or_insert_with(|| {
                app.push_resource(Resource::new(draft.entry, draft.resource.clone()))
            });
            let requested = self.requested(resource, draft);
            app.requested.push(requested);
        }
        self.layouts.app(&mut app, &drafts, draft.application);
        Some(app)
    }

    fn requested(&self, resource: usize, draft: &Draft) -> Requested {
        let literal = draft.permission.span();
        let element = self.layouts.element(literal);
        let span = element.as_ref().map_or(literal, |element| element.span);
        let label = match &draft.permission {
            PermissionRef::Unresolved { .. } => None,
            _ => self.project.source(literal).and_then(|source| {
                let siblings: Vec<_> = element
                    .iter()
                    .flat_map(|e| &e.siblings)
                    .map(|s| Spanned::new(&*s.value, s.span))
                    .collect();
                label::label(source, self.comments, span, &siblings)
            }),
        };
        let mut requested = Requested::new(
            resource,
            draft.permission.clone(),
            draft.permission_type.clone(),
            span,
        );
        requested.label = label;
        requested.means = draft.means;
        requested.used_at = (!draft.used.contains(literal)).then_some(draft.used);
        requested.condition = draft.condition.as_ref().map(|doubt| Condition {
            text: doubt.on.clone(),
            span: doubt.at,
        });
        requested.layout = ElementLayout {
            place: None,
            plain: false,
            fixed: draft.fixed,
        };
        requested
    }
}

fn is_own(resource: &ResourceRef) -> bool {
    matches!(resource, ResourceRef::Name { name, .. } if name.contains("azuread_application.") || name.contains("azuread_service_principal.") || name.contains("azuread_application_registration."))
}

/// Each request once. A request that is also granted by the same literal stays a request; all that only the caller
/// knows is said once.
fn unique(drafts: Vec<Draft>) -> Vec<Draft> {
    let mut out: Vec<Draft> = Vec::new();
    // Words of a text that an expression puts together have one place.
    type Key = (
        Span,
        Option<crate::PermissionType>,
        Option<Uuid>,
        Option<String>,
    );
    let mut seen: HashMap<Key, usize> = HashMap::new();
    let mut caller = false;
    for draft in drafts {
        if let PermissionRef::Unresolved {
            reason: Unresolved::DependsOnCaller,
            ..
        } = &draft.permission
        {
            if caller {
                continue;
            }
            caller = true;
        }
        let key = (
            draft.permission.span(),
            draft.permission_type.known(),
            draft.resource.app_id(),
            match &draft.permission {
                PermissionRef::Name { name, .. } => Some(name.clone()),
                PermissionRef::Id { .. } | PermissionRef::Unresolved { .. } => None,
            },
        );
        match seen.get(&key) {
            Some(at) => {
                let known = &mut out[*at];
                if known.condition.is_some() && draft.condition.is_none() {
                    known.condition = None;
                }
                if draft.means == Means::Requested && known.means == Means::Granted {
                    *known = Draft {
                        condition: known.condition.clone(),
                        ..draft
                    };
                }
            }
            None => {
                seen.insert(key, out.len());
                out.push(draft);
            }
        }
    }
    out
}
