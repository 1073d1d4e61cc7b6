//! From a cmdlet's verb and noun to the templates of the catalog that make such a name.

use std::hash::{Hash, Hasher};

use msgraph_permissions::Method;
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use super::names::{fold, fold_into, words};
use super::table;

/// The templates of a catalog under the names that the SDK gives to their cmdlets.
///
/// Built at the first cmdlet of a run.
#[derive(Debug)]
pub(crate) struct Index {
    operations: Vec<(Method, String)>,
    by_name: FxHashMap<u64, Vec<Entry>>,
    /// The actions and functions that `Invoke-` cmdlets may name, by the folded name of their parents.
    actions: FxHashMap<String, Vec<Action>>,
    /// First segments of the templates, by their folded name.
    roots: FxHashMap<String, String>,
}

/// One name of an operation.
#[derive(Debug, Clone, Copy)]
struct Entry {
    /// 0: by the rule; more: by a fallback, the smaller the nearer.
    rank: u8,
    operation: u32,
}

/// An action or a function of the API.
#[derive(Debug, Clone)]
struct Action {
    /// Its own folded name.
    name: String,
    entry: Entry,
}

/// An operation that a cmdlet's name leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Candidate<'a> {
    pub(super) method: Method,
    pub(super) template: &'a str,
    /// What follows the template: `$ref`, `$count`, a cast; the catalog has the template without it.
    pub(super) tail: Tail<'a>,
}

/// What a cmdlet's noun says beyond its template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tail<'a> {
    None,
    Ref,
    Count,
    /// `AsUser`, the type as the noun spells it.
    Cast(&'a str),
}

impl Index {
    /// The index of a catalog's operations.
    pub(crate) fn new<'a>(operations: impl IntoIterator<Item = (Method, &'a str)>) -> Self {
        let mut seen = FxHashSet::default();
        let operations: Vec<(Method, String)> = operations
            .into_iter()
            // The SDK has no cmdlet below `/me`: it takes the signed-in user by id.
            .filter(|(_, template)| !is_me(template))
            .filter(|operation| seen.insert(*operation))
            .map(|(method, template)| (method, template.to_owned()))
            .collect();
        let templates: FxHashSet<&str> = operations
            .iter()
            .map(|(_, template)| template.as_str())
            .collect();
        let mut index = Self {
            by_name: FxHashMap::default(),
            actions: FxHashMap::default(),
            roots: FxHashMap::default(),
            operations: Vec::new(),
        };
        for (number, (method, template)) in operations.iter().enumerate() {
            if has_plain_twin(template, &templates) {
                continue;
            }
            let operation =
                u32::try_from(number).expect("a catalog has fewer than 2^32 operations");
            let is_collection = templates.contains(format!("{template}/{{id}}").as_str());
            index.add(operation, *method, template, is_collection);
        }
        index.operations = operations;
        index
    }

    fn add(&mut self, operation: u32, method: Method, template: &str, is_collection: bool) {
        let segments: Vec<(String, bool)> = template.split('/').filter_map(literal).collect();
        let Some((root, _)) = segments.first() else {
            return;
        };
        self.roots.insert(fold(root), root.to_ascii_lowercase());
        // What a collection or an item is called is no action.
        let may_act = !template.ends_with('}')
            && !is_collection
            && matches!(method, Method::Get | Method::Post);
        for (rank, variant) in variants(&segments) {
            let entry = Entry { rank, operation };
            self.insert(standard_verb(method), &folded(&variant), entry);
            if let Some(((last, _), parents)) = variant.split_last().filter(|_| may_act) {
                self.add_action(last, &folded(parents), entry);
            }
        }
    }

    /// `revokeSignInSessions` below `users` is Revoke-UserSignInSession, `dismiss` below `riskyUsers`
    /// Invoke-DismissRiskyUser. The catalog spells some paths in lower case, so that a word may end after any letter.
    fn add_action(&mut self, action: &str, parent: &str, entry: Entry) {
        self.actions
            .entry(parent.to_owned())
            .or_default()
            .push(Action {
                name: fold(action),
                entry,
            });
        let later = Entry {
            rank: entry.rank + 1,
            ..entry
        };
        for at in (1..=action.len()).filter(|&at| action.is_char_boundary(at)) {
            let (head, rest) = action.split_at(at);
            if let Some(verb) = table::verb(head) {
                let rest = fold(rest);
                self.insert(verb, &format!("{parent}{rest}"), entry);
                // `syncDevice` below `managedDevices` is Sync-ManagedDevice: what both have stands once.
                if let Some(shared) = overlap(parent, &rest) {
                    self.insert(verb, &format!("{parent}{}", &rest[shared..]), later);
                }
            } else if let Some(verb) = table::verb(rest) {
                // `remoteLock` is Lock-ManagedDeviceRemote.
                self.insert(verb, &format!("{parent}{}", fold(head)), later);
            }
        }
    }

    fn insert(&mut self, verb: &str, noun: &str, entry: Entry) {
        let entries = self.by_name.entry(key(verb, noun)).or_default();
        match entries
            .iter_mut()
            .find(|known| known.operation == entry.operation)
        {
            Some(known) => known.rank = known.rank.min(entry.rank),
            None => entries.push(entry),
        }
    }

    /// The operations of the nearest rank for a verb and a noun, which has no module's prefix.
    pub(super) fn find<'a>(&'a self, verb: &str, noun: &'a str) -> Option<Vec<Candidate<'a>>> {
        let verb = verb.to_ascii_lowercase();
        self.plain(&verb, noun)
            .or_else(|| self.by_ref(&verb, noun))
            .or_else(|| self.count(&verb, noun))
            .or_else(|| self.by_key(&verb, noun))
            .or_else(|| self.cast(&verb, noun))
            // `Invoke-MgCommitDeviceAppManagementMobileAppMicrosoftGraphWin32LobAppContentVersionFile`
            .or_else(|| {
                let (before, after) = noun.split_once("MicrosoftGraph")?;
                let end =
                    (1..after.len()).filter(|&end| after.as_bytes()[end].is_ascii_uppercase());
                end.map(|end| &after[end..])
                    .find_map(|after| self.plain(&verb, &format!("{before}{after}")))
            })
    }

    fn plain(&self, verb: &str, noun: &str) -> Option<Vec<Candidate<'_>>> {
        let folded = fold(noun);
        self.named(verb, &folded).or_else(|| {
            if verb == "invoke" {
                self.invoked(&folded)
            } else {
                None
            }
        })
    }

    /// `Remove-MgGroupOwnerByRef`, also with the type that version 2 of the SDK names:
    /// `Remove-MgGroupMemberDirectoryObjectByRef`.
    fn by_ref(&self, verb: &str, noun: &str) -> Option<Vec<Candidate<'_>>> {
        let whole = strip_suffix_fold(noun, "ByRef")?;
        let short = strip_suffix_fold(whole, "DirectoryObject");
        [Some(whole), short].into_iter().flatten().find_map(|noun| {
            if let Some(found) = self.plain(verb, &format!("{noun}ByRef")) {
                return Some(found);
            }
            let method = match verb {
                "get" => Method::Get,
                "new" => Method::Post,
                "set" => Method::Put,
                "remove" => Method::Delete,
                _ => return None,
            };
            let found = self.plain(verb, noun).or_else(|| self.plain("get", noun))?;
            Some(
                with_tail(found, Tail::Ref)
                    .map(|candidate| Candidate {
                        method,
                        ..candidate
                    })
                    .collect(),
            )
        })
    }

    /// `Get-MgGroupMemberCount`.
    fn count(&self, verb: &str, noun: &str) -> Option<Vec<Candidate<'_>>> {
        let noun = strip_suffix_fold(noun, "Count").filter(|_| verb == "get")?;
        let lists = self
            .plain(verb, noun)?
            .into_iter()
            .filter(|candidate| !candidate.template.ends_with('}'));
        let found: Vec<_> = with_tail(lists, Tail::Count).collect();
        (!found.is_empty()).then_some(found)
    }

    /// `Get-MgApplicationByAppId`: the item under an alternate key.
    fn by_key(&self, verb: &str, noun: &str) -> Option<Vec<Candidate<'_>>> {
        let (item, _) = noun
            .rsplit_once("By")
            .filter(|(item, key)| !item.is_empty() && !key.is_empty())?;
        let mut items = self.plain(verb, item)?;
        items.retain(|candidate| candidate.template.ends_with('}'));
        (!items.is_empty()).then_some(items)
    }

    /// `Get-MgUserMemberOfAsGroup`: the type is not in the catalog's paths. It ends where the rest is a name again.
    fn cast<'a>(&'a self, verb: &str, noun: &'a str) -> Option<Vec<Candidate<'a>>> {
        for (at, _) in noun.match_indices("As").filter(|(at, _)| *at > 0) {
            let (parent, rest) = (&noun[..at], &noun[at + 2..]);
            if !rest.starts_with(|c: char| c.is_ascii_uppercase()) {
                continue;
            }
            if let Some(found) = self.plain(verb, parent) {
                return Some(with_tail(found, Tail::Cast(rest)).collect());
            }
            let ends = (1..rest.len()).filter(|&end| rest.as_bytes()[end].is_ascii_uppercase());
            for end in ends {
                if let Some(found) = self.plain(verb, &format!("{parent}{}", &rest[end..])) {
                    return Some(found);
                }
            }
        }
        None
    }

    /// `Invoke-MgDismissRiskyUser`: the action's name with its parents' somewhere within.
    fn invoked(&self, folded: &str) -> Option<Vec<Candidate<'_>>> {
        let mut found: Vec<Entry> = Vec::new();
        for start in 1..folded.len() {
            for end in start + 1..=folded.len() {
                let Some(actions) = self.actions.get(&folded[start..end]) else {
                    continue;
                };
                let (head, tail) = (&folded[..start], &folded[end..]);
                found.extend(
                    actions
                        .iter()
                        .filter(|action| {
                            action.name.len() == head.len() + tail.len()
                                && action.name.starts_with(head)
                                && action.name.ends_with(tail)
                        })
                        .map(|action| action.entry),
                );
            }
        }
        self.nearest(&found)
    }

    fn named(&self, verb: &str, folded: &str) -> Option<Vec<Candidate<'_>>> {
        self.nearest(self.by_name.get(&key(verb, folded))?)
    }

    fn nearest(&self, entries: &[Entry]) -> Option<Vec<Candidate<'_>>> {
        let nearest = entries.iter().map(|entry| entry.rank).min()?;
        let nearest = entries.iter().filter(|entry| entry.rank == nearest);
        Some(
            nearest
                .map(|entry| {
                    let (method, template) = &self.operations[entry.operation as usize];
                    Candidate {
                        method: *method,
                        template,
                        tail: Tail::None,
                    }
                })
                .collect(),
        )
    }

    /// The first segment of the paths that a noun may be about.
    pub(super) fn root(&self, noun: &str) -> Option<String> {
        let words = words(noun);
        // The longest first: `DeviceManagement` before `Device`.
        let starts = |words: &[&str]| {
            (1..=words.len())
                .rev()
                .find_map(|n| self.roots.get(&fold(&words[..n].concat())).cloned())
        };
        // The first word of an `Invoke-` cmdlet is the action's.
        starts(&words).or_else(|| starts(words.get(1..)?))
    }
}

fn is_me(template: &str) -> bool {
    let first = template.trim_start_matches('/').split('/').next();
    first.is_some_and(|segment| segment.eq_ignore_ascii_case("me"))
}

fn key(verb: &str, noun: &str) -> u64 {
    let mut hasher = FxHasher::default();
    verb.hash(&mut hasher);
    noun.hash(&mut hasher);
    hasher.finish()
}

/// A literal segment: its name without namespace, arguments and `$`, and whether it is a cast.
fn literal(segment: &str) -> Option<(String, bool)> {
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

const fn standard_verb(method: Method) -> &'static str {
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
fn folded(segments: &[(String, bool)]) -> String {
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

fn with_tail<'a>(
    candidates: impl IntoIterator<Item = Candidate<'a>>,
    tail: Tail<'a>,
) -> impl Iterator<Item = Candidate<'a>> {
    candidates
        .into_iter()
        .map(move |candidate| Candidate { tail, ..candidate })
}

fn strip_suffix_fold<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let at = text.len().checked_sub(suffix.len()).filter(|&at| at > 0)?;
    let (head, tail) = text.split_at_checked(at)?;
    tail.eq_ignore_ascii_case(suffix).then_some(head)
}

/// Whether a template addresses by an alternate key, `applications(appId={value})`, what another addresses by id.
fn has_plain_twin(template: &str, templates: &FxHashSet<&str>) -> bool {
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
fn overlap(before: &str, after: &str) -> Option<usize> {
    (4..=before.len().min(after.len()))
        .rev()
        .find(|&n| before.ends_with(&after[..n]))
}

/// The segments as they are, then as the SDK's authors shortened them, each with its rank.
fn variants(plain: &[(String, bool)]) -> Vec<(u8, Vec<(String, bool)>)> {
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
fn collapse(segments: &[(String, bool)]) -> Option<Vec<(String, bool)>> {
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
