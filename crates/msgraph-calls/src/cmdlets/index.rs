//! From a cmdlet's verb and noun to the templates of the catalog that make such a name.

use msgraph_permissions::Method;
use rustc_hash::{FxHashMap, FxHashSet};

use super::names::{fold, words};
use super::spellings::{
    folded, has_plain_twin, is_me, key, literal, overlap, standard_verb, strip_suffix_fold,
    variants, with_tail,
};
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
