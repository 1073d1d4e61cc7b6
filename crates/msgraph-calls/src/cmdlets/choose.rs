//! Which of the operations with a cmdlet's name one use of it means: the item or the list, and of which parent.

use msgraph_permissions::Method;

use super::index::{Candidate, Tail};
use super::names::{fold, is_id};
use super::table::is_list;
use super::{Sent, Used};

/// The operation of one use. The candidates have the cmdlet's name and are not empty.
pub(super) fn choose(used: &Used<'_>, candidates: &[Candidate<'_>], beta: bool) -> Sent {
    let ids: Vec<String> = used
        .parameters
        .iter()
        .filter(|name| is_id(name))
        .map(|name| {
            fold(
                name.trim_end_matches(|c: char| c.is_ascii_digit())
                    .trim_end_matches("id"),
            )
        })
        .collect();
    let whole = used.parameters.contains(&"inputobject") || (used.piped && ids.is_empty());
    let lists = used.parameters.iter().any(|name| is_list(name));
    let best = candidates
        .iter()
        .min_by_key(|candidate| {
            let slots = slots(candidate.template);
            // An object instead of ids fills every slot: the deepest path. What is piped into a listing does not.
            let distance = if whole && !lists {
                u8::MAX as usize - slots.len().min(u8::MAX as usize)
            } else if candidate.method == Method::Get {
                slots.len().abs_diff(ids.len())
            } else {
                // A body has ids too (`-PrincipalId`), so more ids than slots mean nothing.
                slots.len().saturating_sub(ids.len())
            };
            let unnamed = slots
                .iter()
                .filter(|slot| !ids.iter().any(|id| same(slot, id)))
                .count();
            (
                distance,
                unnamed,
                candidate.template.len(),
                candidate.template,
            )
        })
        .expect("a cmdlet's name has at least one operation");
    let Candidate {
        method,
        template,
        tail,
    } = *best;
    let slots = slots(template).len();
    let mut path = template.to_owned();
    let mut unsure = used.open && candidates.len() > 1;
    if method == Method::Get && !whole && tail != Tail::Ref {
        if slots == ids.len() + 1 && path.ends_with("/{id}") && !used.open {
            // Only the item is in the catalog, and no parameter names it.
            path.truncate(path.len() - "/{id}".len());
        } else if ids.len() == slots + 1 && !lists && is_collection(template) {
            path.push_str("/{id}");
        }
    }
    if used.piped
        && ids.is_empty()
        && !lists
        && candidates.len() > 1
        && !used.parameters.contains(&"inputobject")
    {
        unsure = true;
    }
    add_tail(&mut path, method, tail);
    Sent {
        method,
        path,
        beta,
        unsure,
    }
}

/// For each id of a template, the folded name of the segment before it.
fn slots(template: &str) -> Vec<String> {
    let mut slots = Vec::new();
    let mut before = "";
    for segment in template.split('/') {
        if segment.starts_with('{') {
            slots.push(fold(before));
        }
        before = segment;
    }
    slots
}

/// Whether an id parameter names the item of a collection: `-ConditionalAccessPolicyId` of `policies`,
/// `-PhoneAuthenticationMethodId` of `phoneMethods`.
fn same(slot: &str, id: &str) -> bool {
    !slot.is_empty()
        && !id.is_empty()
        && (slot.ends_with(id) || id.ends_with(slot) || id.starts_with(slot))
}

/// Whether a path ends in a plural word, so that an item may follow.
fn is_collection(template: &str) -> bool {
    template
        .rsplit('/')
        .next()
        .is_some_and(|last| last.ends_with('s') && !last.starts_with('$'))
}

/// Adds what the noun says beyond the template.
fn add_tail(path: &mut String, method: Method, tail: Tail<'_>) {
    match tail {
        Tail::None => {}
        Tail::Count => path.push_str("/$count"),
        Tail::Ref => {
            // One reference of many is deleted by its id, and added to the collection.
            let item = path.ends_with("/{id}");
            match method {
                Method::Delete if !item && is_collection(path) => path.push_str("/{id}"),
                Method::Post | Method::Get if item => path.truncate(path.len() - "/{id}".len()),
                _ => {}
            }
            path.push_str("/$ref");
        }
        Tail::Cast(name) => {
            path.push_str("/microsoft.graph.");
            let mut letters = name.chars();
            path.extend(letters.next().map(|first| first.to_ascii_lowercase()));
            path.push_str(letters.as_str());
        }
    }
}
