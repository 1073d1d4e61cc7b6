//! The nouns that a template can have in the name of a cmdlet.

use std::hash::{Hash, Hasher};

use msgraph_permissions::Method;
use rustc_hash::{FxHashSet, FxHasher};

use super::index::{Candidate, Tail};
use super::names::{fold, fold_into};

pub(super) fn is_me(template: &str) -> bool {
    let first = template.trim_start_matches('/').split('/').next();
    first.is_some_and(|segment| segment.eq_ignore_ascii_case("me"))
}

pub(super) fn key(verb: &str, noun: &str) -> u64 {
    let mut hasher = FxHasher::default();
    verb.hash(&mut hasher);
    noun.hash(&mut hasher);
    hasher.finish()
}

/// A literal segment: its name without namespace, arguments and `$`, and whether it is a cast.
pub(super) fn literal(segment: &str) -> Option<(String, bool)> {
    if segment.is_empty() || segment.starts_with('{') || segment.contains(':') {
        return None;
    }
    let name = segment.split('(').next().unwrap_or(segment);
    let (name, qualified) = match name.rsplit_once('.') {
        Some((space, name))
            if space.eq_ignore_ascii_case("microsoft.graph") || space.starts_with("microsoft.") =>
        {
            (name, true)
        }
        _ => (name, false),
    };
    let is_function = segment.contains('(');
    Some(match name {
        "$ref" => ("ByRef".to_owned(), false),
        "$count" => ("Count".to_owned(), false),
        "$value" => ("Content".to_owned(), false),
        _ => (name.to_owned(), qualified && !is_function),
    })
}

pub(super) const fn standard_verb(method: Method) -> &'static str {
    match method {
        Method::Get => "get",
        Method::Post => "new",
        Method::Patch => "update",
        Method::Put => "set",
        Method::Delete => "remove",
        // The catalog has no operation of the others.
        Method::Head | Method::Options => "",
    }
}

/// The noun of some segments, folded.
pub(super) fn folded(segments: &[(String, bool)]) -> String {
    segments
        .iter()
        .fold(String::new(), |mut noun, (segment, cast)| {
            if *cast {
                fold_into("As", &mut noun);
            }
            fold_into(segment, &mut noun);
            noun
        })
}

pub(super) fn with_tail<'a>(
    candidates: impl IntoIterator<Item = Candidate<'a>>,
    tail: Tail<'a>,
) -> impl Iterator<Item = Candidate<'a>> {
    candidates
        .into_iter()
        .map(move |candidate| Candidate { tail, ..candidate })
}

pub(super) fn strip_suffix_fold<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let at = text.len().checked_sub(suffix.len()).filter(|&at| at > 0)?;
    let (head, tail) = text.split_at_checked(at)?;
    tail.eq_ignore_ascii_case(suffix).then_some(head)
}

/// Whether a template addresses by an alternate key, `applications(appId={value})`, what another addresses by id.
pub(super) fn has_plain_twin(template: &str, templates: &FxHashSet<&str>) -> bool {
    let mut changed = false;
    let plain: Vec<String> = template
        .split('/')
        .map(|segment| match segment.split_once('(') {
            Some((name, arguments)) if arguments.contains('=') => {
                changed = true;
                format!("{name}/{{id}}")
            }
            _ => segment.to_owned(),
        })
        .collect();
    changed && templates.contains(plain.join("/").as_str())
}

/// How many letters end one folded name and begin the next. Fewer than four are chance.
pub(super) fn overlap(before: &str, after: &str) -> Option<usize> {
    (4..=before.len().min(after.len()))
        .rev()
        .find(|&n| before.ends_with(&after[..n]))
}

/// The segments as they are, then as the SDK's authors shortened them, each with its rank.
pub(super) fn variants(plain: &[(String, bool)]) -> Vec<(u8, Vec<(String, bool)>)> {
    let mut all = vec![(0, plain.to_vec())];
    if let Some(collapsed) = collapse(plain) {
        all.push((2, collapsed));
    }
    let first = plain[0].0.to_ascii_lowercase();
    if plain.len() > 1
        && matches!(
            first.as_str(),
            "identityprotection" | "identitygovernance" | "solutions" | "admin"
        )
    {
        let rest = plain[1..].to_vec();
        if let Some(collapsed) = collapse(&rest) {
            all.push((4, collapsed));
        }
        all.push((3, rest));
    }
    if first == "deviceappmanagement" {
        let mut short = plain.to_vec();
        "deviceAppMgt".clone_into(&mut short[0].0);
        all.push((3, short));
    }
    if let Some(at) = plain
        .iter()
        .position(|(name, _)| name == "drive" || name == "calendar")
    {
        let mut default = plain.to_vec();
        default[at].0.insert_str(0, "default");
        all.push((3, default));
    }
    if plain.iter().any(|(_, cast)| *cast) {
        let without: Vec<_> = plain.iter().filter(|(_, cast)| !cast).cloned().collect();
        if !without.is_empty() {
            all.push((5, without));
        }
    }
    all
}

/// `identity`, `identityProviders` to IdentityProvider: what ends one segment and begins the next stands once.
pub(super) fn collapse(segments: &[(String, bool)]) -> Option<Vec<(String, bool)>> {
    let mut out: Vec<(String, bool)> = Vec::with_capacity(segments.len());
    let mut changed = false;
    for (segment, cast) in segments {
        let segment = fold(segment);
        let shared = out.last().and_then(|(before, _)| overlap(before, &segment));
        changed |= shared.is_some();
        out.push((segment[shared.unwrap_or(0)..].to_owned(), *cast));
    }
    changed.then_some(out)
}
