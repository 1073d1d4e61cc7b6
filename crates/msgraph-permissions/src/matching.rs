//! From the path of a call to its template, with fallbacks where the exact form is not published.

use std::fmt;

use rustc_hash::FxHashSet;

use crate::catalog::TemplateId;
use crate::path::{CallPath, Role, Segment};
use crate::tree::ANY_ARGUMENTS;
use crate::{Catalog, Method};

/// How many changes to a path are tried together.
const MOST_STEPS: usize = 3;

/// How many changed paths are tried in all. No call of the published data comes near it.
const MOST_TRIES: usize = 256;

/// A path with more segments than any template deserves no fallback.
const MOST_SEGMENTS: usize = 64;

/// What had to be changed in a call's path before a template matched.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fallback {
    /// The changes, in the order in which they were made. Never empty.
    pub steps: Vec<FallbackStep>,
}

impl fmt::Display for Fallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.steps.iter().enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{step}")?;
        }
        Ok(())
    }
}

/// One change to a call's path. None leads to another resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FallbackStep {
    /// `$ref`, `$count` or `$value` was dropped from the end.
    Tail(String),
    /// A cast (`microsoft.graph.user`) was dropped.
    Cast(String),
    /// A cast after an id was dropped, which leads to another operation as often as not.
    CastAfterId(String),
    /// A cast after an id was put before it: `/set/{id}/cast` to `/set/cast/{id}`.
    CastMoved(String),
    /// What is below `/me` was looked up below `/users/{id}`, or the reverse.
    MeTwin,
    /// A namespace was dropped from (`microsoft.graph.delta` to `delta`) or put before a name.
    Namespace(String),
    /// A function matched without its arguments, or with others.
    Arguments(String),
    /// An alternate key (`applications(appId='…')`) matched as the plain key (`applications/{id}`).
    AlternateKey(String),
    /// An item addressed by its path (`root:/a/b:`) matched as the item by its id (`items/{id}`).
    PathAddress,
}

impl fmt::Display for FallbackStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tail(word) => write!(f, "without /{word}"),
            Self::Cast(cast) | Self::CastAfterId(cast) => write!(f, "without the cast {cast}"),
            Self::CastMoved(cast) => write!(f, "with {cast} before the id"),
            Self::MeTwin => f.write_str("by its twin below /me or /users/{id}"),
            Self::Namespace(name) => write!(f, "{name} with another namespace"),
            Self::Arguments(name) => write!(f, "{name} without its arguments"),
            Self::AlternateKey(name) => write!(f, "{name} by id instead of an alternate key"),
            Self::PathAddress => f.write_str("by id instead of its path"),
        }
    }
}

/// What a path turned out to mean.
#[derive(Debug)]
pub(crate) enum Match {
    /// A template that has the method.
    Template(TemplateId, Option<Fallback>),
    /// A template that has not.
    OtherMethods(TemplateId, Option<Fallback>),
    /// No template.
    Nothing,
}

/// The template for a call: the exact path first, then the path with as few changes as it takes,
/// and the same for its twin below `/me` or `/users/{id}` last.
///
/// `methods` tells the methods of a template.
pub(crate) fn find(
    catalog: &Catalog,
    path: &CallPath,
    method: Method,
    methods: impl Fn(TemplateId) -> u8,
) -> Match {
    // Nearly every call is published as it is written.
    for template in catalog.find_templates(&path.segments, &path.query) {
        let known = methods(template);
        if known & method.bit() != 0 {
            return Match::Template(template, None);
        }
        if is_action(known) {
            break;
        }
    }
    let found = find_as_written(catalog, path, &path.segments, method, &methods);
    if matches!(found, Match::Template(..)) {
        return found;
    }
    // Right for 10 of 10 documented calls whose twin alone is published.
    let Some(twin) = me_twin(&path.segments) else {
        return found;
    };
    match find_as_written(catalog, path, &twin, method, &methods) {
        Match::Template(template, fallback) => {
            let mut steps = vec![FallbackStep::MeTwin];
            steps.extend(fallback.into_iter().flat_map(|fallback| fallback.steps));
            Match::Template(template, Some(Fallback { steps }))
        }
        Match::OtherMethods(..) | Match::Nothing => found,
    }
}

/// Whether a template with these methods is an action.
///
/// `/riskyUsers/dismiss` is an action, never the id of a risky user, while `/sites/root` may well be the id of
/// a site.
fn is_action(methods: u8) -> bool {
    methods == Method::Post.bit()
}

/// `/me` and what is below it as `/users/{id}`, and the reverse.
fn me_twin(segments: &[Segment]) -> Option<Vec<Segment>> {
    let word = |segment: &Segment, word: &str| segment.may_be_word() && segment.text == word;
    match segments {
        [me, rest @ ..] if word(me, "me") => {
            let mut twin = vec![Segment::literal("users"), Segment::key()];
            twin.extend_from_slice(rest);
            Some(twin)
        }
        [users, id, rest @ ..] if word(users, "users") && id.may_be_key() => {
            let mut twin = vec![Segment::literal("me")];
            twin.extend_from_slice(rest);
            Some(twin)
        }
        _ => None,
    }
}

fn find_as_written(
    catalog: &Catalog,
    path: &CallPath,
    segments: &[Segment],
    method: Method,
    methods: &impl Fn(TemplateId) -> u8,
) -> Match {
    let mut other_methods = None;
    let mut seen = FxHashSet::default();
    let mut round = vec![(segments.to_vec(), Vec::new())];
    round.extend(join_addresses(segments).map(|joined| (joined, Vec::new())));
    let mut tries = 0;
    for _ in 0..=MOST_STEPS {
        let mut next = Vec::new();
        for (segments, steps) in round {
            tries += 1;
            if tries > MOST_TRIES || !seen.insert(segments.clone()) {
                continue;
            }
            let fallback = |steps: &Vec<FallbackStep>| {
                (!steps.is_empty()).then(|| Fallback {
                    steps: steps.clone(),
                })
            };
            let found = catalog.find_templates(&segments, &path.query);
            for &template in &found {
                let methods = methods(template);
                if methods & method.bit() != 0 {
                    return Match::Template(template, fallback(&steps));
                }
                if is_action(methods) {
                    break;
                }
            }
            if other_methods.is_none() {
                other_methods = found.first().map(|&template| (template, fallback(&steps)));
            }
            if segments.len() <= MOST_SEGMENTS {
                next.extend(
                    changes(catalog, &segments, &steps, method).map(|(segments, step)| {
                        let mut steps = steps.clone();
                        steps.push(step);
                        (segments, steps)
                    }),
                );
            }
        }
        round = next;
    }
    match other_methods {
        Some((template, fallback)) => Match::OtherMethods(template, fallback),
        None => Match::Nothing,
    }
}

/// Joins what is addressed by path into one segment: `root:`, `a`, `b.txt:` to `root:`, `a/b.txt:`.
///
/// `None` if there is nothing to join.
fn join_addresses(segments: &[Segment]) -> Option<Vec<Segment>> {
    let opens = |segment: &Segment| segment.text.len() > 1 && segment.text.ends_with(':');
    if !segments.iter().any(opens) {
        return None;
    }
    let mut joined = Vec::with_capacity(segments.len());
    let mut rest = segments.iter();
    while let Some(segment) = rest.next() {
        joined.push(segment.clone());
        if !opens(segment) {
            continue;
        }
        let mut address = String::new();
        for part in rest.by_ref() {
            if !address.is_empty() {
                address.push('/');
            }
            address.push_str(&part.text);
            if opens(part) {
                break;
            }
        }
        if address.is_empty() {
            continue;
        }
        if rest.len() == 0 {
            address.truncate(address.trim_end_matches(':').len());
        }
        let role = if address.ends_with(':') {
            Role::Word
        } else {
            Role::Key
        };
        joined.push(Segment {
            text: address,
            role,
        });
    }
    (joined != segments).then_some(joined)
}

/// Every path that is one change away, those that lose nothing first.
fn changes<'a>(
    catalog: &'a Catalog,
    segments: &'a [Segment],
    steps: &'a [FallbackStep],
    method: Method,
) -> impl Iterator<Item = (Vec<Segment>, FallbackStep)> + 'a {
    let last = segments.len().saturating_sub(1);
    let places = || segments.iter().enumerate();
    let renamed = places().filter_map(move |(at, segment)| {
        let name = other_namespace(segment, at == last)?;
        let changed = replace(segments, at, [Segment::literal(name.clone())]);
        Some((changed, FallbackStep::Namespace(name)))
    });
    let by_id = address_by_id(segments).map(|changed| (changed, FallbackStep::PathAddress));
    let keyed = places().filter_map(move |(at, segment)| {
        let name = function_name(segment)?;
        let changed = replace(segments, at, [Segment::literal(name), Segment::key()]);
        Some((changed, FallbackStep::AlternateKey(name.to_owned())))
    });
    let uncast = places().filter_map(move |(at, segment)| {
        // At the end of a POST it is an action, and without it something else is created.
        let was_plain = steps.contains(&FallbackStep::Namespace(segment.text.clone()));
        let droppable = segment.is_qualified()
            && !was_plain
            && function_name(segment).is_none()
            && !(at == last && method == Method::Post);
        droppable.then(|| {
            let cast = segment.text.clone();
            let step = if catalog.ends_in_key(&segments[..at]) {
                FallbackStep::CastAfterId(cast)
            } else {
                FallbackStep::Cast(cast)
            };
            (replace(segments, at, []), step)
        })
    });
    // Of 109 documented casts after an id, dropping is right for 63 and this for 22 of the 31 that
    // have such a path: it is tried first.
    let moved = places().filter_map(move |(at, segment)| {
        let before = at.checked_sub(1)?;
        let movable = segment.is_qualified()
            && function_name(segment).is_none()
            && !(at == last && method == Method::Post)
            && catalog.ends_in_key(&segments[..at]);
        movable.then(|| {
            let mut changed = segments.to_vec();
            changed.swap(before, at);
            (changed, FallbackStep::CastMoved(segment.text.clone()))
        })
    });
    let untailed = segments
        .last()
        .filter(|tail| {
            // To delete a reference to an entity is not to delete the entity.
            let of_entity = method == Method::Delete && tail.text == "$ref" && segments.len() <= 3;
            segments.len() > 1
                && !of_entity
                && matches!(tail.text.as_str(), "$ref" | "$count" | "$value")
        })
        .map(|tail| {
            (
                replace(segments, last, []),
                FallbackStep::Tail(tail.text.clone()),
            )
        });
    let overloaded = places().filter_map(move |(at, segment)| {
        let name = function_name(segment)?;
        let any = Segment::literal(format!("{name}{ANY_ARGUMENTS}"));
        Some((
            replace(segments, at, [any]),
            FallbackStep::Arguments(name.to_owned()),
        ))
    });
    let bare = places().filter_map(move |(at, segment)| {
        let name = function_name(segment)?;
        let changed = replace(segments, at, [Segment::literal(name)]);
        // Without its key, a collection is another resource.
        (!catalog.takes_key(&changed[..=at]))
            .then(|| (changed, FallbackStep::Arguments(name.to_owned())))
    });
    renamed
        .chain(by_id)
        .chain(keyed)
        .chain(moved)
        .chain(uncast)
        .chain(untailed)
        .chain(overloaded)
        .chain(bare)
}

fn replace<const N: usize>(segments: &[Segment], at: usize, with: [Segment; N]) -> Vec<Segment> {
    let mut changed = segments.to_vec();
    changed.splice(at..=at, with);
    changed
}

/// `name` of `name(arguments)`.
fn function_name(segment: &Segment) -> Option<&str> {
    if segment.role != Role::Literal || segment.text.ends_with(ANY_ARGUMENTS) {
        return None;
    }
    segment
        .text
        .split_once('(')
        .filter(|(name, rest)| !name.is_empty() && rest.ends_with(')'))
        .map(|(name, _)| name)
}

/// `microsoft.graph.delta` is `delta`; at the end of a path, `follow` may be `microsoft.graph.follow`.
fn other_namespace(segment: &Segment, is_last: bool) -> Option<String> {
    if segment.is_qualified() {
        let (namespace, name) = segment
            .text
            .split_at(segment.text.find('(').unwrap_or(segment.text.len()));
        let short = namespace.rsplit('.').next()?;
        return Some(format!("{short}{name}"));
    }
    let plain = is_last
        && segment.role != Role::Key
        && segment.text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !segment.text.contains(['.', '(', ':']);
    plain.then(|| format!("microsoft.graph.{}", segment.text))
}

/// `root:`, `a/b:`, `content` is `items`, `{id}`, `content`; `{host}:`, `sites/x:` is `{id}`.
fn address_by_id(segments: &[Segment]) -> Option<Vec<Segment>> {
    let at = segments
        .iter()
        .position(|segment| segment.text.len() > 1 && segment.text.ends_with(':'))?;
    segments.get(at + 1)?;
    let mut changed = segments[..at].to_vec();
    if segments[at].text == "root:" {
        changed.push(Segment::literal("items"));
    }
    changed.push(Segment::key());
    changed.extend_from_slice(&segments[at + 2..]);
    Some(changed)
}

#[cfg(test)]
mod tests;
