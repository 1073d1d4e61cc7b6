//! Texts that serve more than one app or request: a local that two apps use, an element of a shared list.

use std::collections::HashMap;

use source_text::Span;

use super::AmendError;
use super::plan::{AppPlan, Context, Fate};
use crate::PermissionType;
use crate::model::{App, Manifest};

/// Refuses changes that would alter a request that they do not name.
pub(super) fn check(manifest: &Manifest, plans: &[AppPlan<'_>]) -> Result<(), AmendError> {
    let changes = plans
        .iter()
        .any(|plan| plan.fates.iter().any(|fate| *fate != Fate::Keep));
    if changes {
        check_texts(manifest, plans)?;
    }
    for (app, plan) in plans.iter().enumerate() {
        if !plan.additions.is_empty() {
            check_lists(manifest, app, plan.context)?;
        }
    }
    Ok(())
}

/// What happens to a text.
#[derive(PartialEq, Clone, Copy)]
enum Change<'a> {
    None,
    Removed,
    Replaced(&'a str, Option<PermissionType>),
}

fn check_texts(manifest: &Manifest, plans: &[AppPlan<'_>]) -> Result<(), AmendError> {
    let mut uses: HashMap<Span, Vec<(usize, Change<'_>)>> = HashMap::new();
    for (app, plan) in plans.iter().enumerate() {
        for (requested, fate) in plan.app.requested.iter().zip(&plan.fates) {
            let literal = match fate {
                Fate::Replace(with, ty) => Change::Replaced(&with.name, *ty),
                _ => Change::None,
            };
            let element = match fate {
                Fate::Remove => Change::Removed,
                _ => Change::None,
            };
            let span = requested.permission.span();
            uses.entry(span).or_default().push((app, literal));
            if span != requested.span || element == Change::Removed {
                uses.entry(requested.span).or_default().push((app, element));
            }
        }
    }
    for of_one_text in uses.values() {
        let Some((_, change)) = of_one_text
            .iter()
            .find(|(_, change)| *change != Change::None)
        else {
            continue;
        };
        let others: Vec<usize> = of_one_text
            .iter()
            .filter(|(_, other)| other != change)
            .map(|(app, _)| *app)
            .collect();
        // A removal names the same text as element and as literal.
        let same_request = *change == Change::Removed && of_one_text.len() == 2 && {
            let [(a, _), (b, _)] = [of_one_text[0], of_one_text[1]];
            a == b && others.len() == 1
        };
        if !others.is_empty() && !same_request {
            let context = plans[others[0]].context;
            return Err(AmendError::Shared(names(manifest, others, context)));
        }
    }
    Ok(())
}

/// A list that another app uses too would give it the addition as well.
fn check_lists(manifest: &Manifest, app: usize, context: &Context<'_>) -> Result<(), AmendError> {
    let lists = |app: &App| -> Vec<Span> {
        let accesses = app.resources.iter().flat_map(|r| &r.layout.accesses);
        let spans = app.layout.lists.iter().chain(accesses);
        spans.map(|list| list.span).collect()
    };
    let own = lists(&manifest.apps[app]);
    let others: Vec<usize> = (0..manifest.apps.len())
        .filter(|other| *other != app)
        .filter(|other| {
            lists(&manifest.apps[*other])
                .iter()
                .any(|l| own.contains(l))
        })
        .collect();
    if others.is_empty() {
        Ok(())
    } else {
        Err(AmendError::Shared(names(manifest, others, context)))
    }
}

/// What people call these apps.
fn names(manifest: &Manifest, mut apps: Vec<usize>, context: &Context<'_>) -> Vec<String> {
    apps.sort_unstable();
    apps.dedup();
    apps.into_iter()
        .map(|index| {
            let app = &manifest.apps[index];
            let name = app.name.as_ref().map(|name| format!("\"{}\"", name.value));
            app.address
                .clone()
                .or(name)
                .unwrap_or_else(|| match context.file(app.span) {
                    Ok((source, _)) => format!(
                        "the app at {}:{}",
                        source.name(),
                        source.line_column(app.span.start).0
                    ),
                    Err(_) => "another app".to_owned(),
                })
        })
        .collect()
}
