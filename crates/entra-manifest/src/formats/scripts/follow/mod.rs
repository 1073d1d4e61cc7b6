//! From a place of a script back to the literals that reach it.

use std::cell::{Cell, OnceCell};
use std::ops::Range;

use rustc_hash::FxHashMap;
use source_lex::{Assignment, Code, Operator};
use uuid::Uuid;

mod calls;
pub(super) mod links;
mod names;
mod places;
mod strings;
mod tables;
mod values;

pub(super) use self::links::Linked;
pub(super) use self::strings::words;
use super::collect::Declared;
use super::powershell::command;
use crate::model::{Means, Unresolved};
use crate::resource::MICROSOFT_GRAPH;

/// A value comes through at most so many names. Deeper chains are not constants.
const MOST_DEPTH: usize = 16;

/// Tokens looked at for one file; hostile files end here, no real one of 590 comes near it.
const MOST_STEPS: usize = 2_000_000;

/// Calls of one function that are followed.
const MOST_CALLS: usize = 64;

/// The calls through which a place is reached: function and call, as tokens, the innermost last.
pub(super) type Way = Vec<(usize, usize)>;

/// A script and how much of it was looked at.
pub(super) struct Reader<'c, 's> {
    pub(super) code: &'c Code<'s>,
    pub(super) text: &'s str,
    /// Scripts that this one runs in its own scope.
    pub(super) linked: &'c [Linked<'c, 's>],
    steps: Cell<usize>,
    uses: OnceCell<Uses>,
    only_graph: OnceCell<bool>,
    /// Words that begin a command, in lower case, with their places.
    commands: OnceCell<FxHashMap<String, Vec<usize>>>,
    /// Functions by their names in lower case: index into the functions.
    functions: OnceCell<FxHashMap<String, usize>>,
    /// `$name.Add(…)` by the names of variables in lower case: the parentheses.
    added: OnceCell<FxHashMap<String, Vec<usize>>>,
    /// `$name[$x.Value] = …` by the names of variables in lower case: `$x.Value`.
    filled: OnceCell<FxHashMap<String, Range<usize>>>,
}

/// What a script does with the permissions that it looks up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Uses {
    /// It assigns or consents to them.
    Grants,
    /// It puts them into a registration.
    Requests,
    /// It reports them, or does something else.
    Nothing,
}

/// Whether a script, in lower case, assigns or consents: by a command other than those that read, check and remove, or by a
/// request that posts.
fn grants(lower: &str) -> bool {
    let posts = || lower.contains("post");
    ["approleassign", "oauth2permissiongrant"]
        .iter()
        .flat_map(|word| lower.match_indices(word))
        .any(|(at, _)| {
            let before = &lower[..at];
            let start = before
                .rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
                .map_or(0, |last| last + 1);
            let verb = before[start..].split_once('-').map(|(verb, _)| verb);
            match verb {
                Some("get" | "remove" | "test" | "find" | "export" | "invoke" | "delete") => false,
                Some(_) => true,
                None => posts(),
            }
        })
}

/// What reaches a place.
#[derive(Debug, Default)]
pub(super) struct Reached {
    /// Words of literals.
    pub(super) literals: Vec<Declared>,
    /// Tables (`@{…}`), by their opening token.
    pub(super) tables: Vec<usize>,
    /// Objects made by `New-Object` or a type's `new`, by their first token.
    pub(super) objects: Vec<usize>,
    /// What is not known.
    pub(super) unknown: Vec<Declared>,
}

impl Uses {
    /// What a look-up of such a script means.
    pub(super) const fn means(self) -> Option<Means> {
        match self {
            Self::Grants => Some(Means::Granted),
            Self::Requests => Some(Means::Requested),
            Self::Nothing => None,
        }
    }
}

impl Reached {
    pub(super) fn append(&mut self, mut other: Self) {
        self.literals.append(&mut other.literals);
        self.tables.append(&mut other.tables);
        self.objects.append(&mut other.objects);
        self.unknown.append(&mut other.unknown);
    }

    /// The only literal, where there is one and nothing else.
    pub(super) fn only(&self) -> Option<&str> {
        let first = self.literals.first()?;
        let same = self.literals.iter().all(|other| other.text == first.text);
        (same && self.unknown.is_empty()).then_some(first.text.as_str())
    }
}

impl<'c, 's> Reader<'c, 's> {
    pub(super) fn new(code: &'c Code<'s>, text: &'s str, linked: &'c [Linked<'c, 's>]) -> Self {
        Self {
            code,
            text,
            linked,
            steps: Cell::new(0),
            uses: OnceCell::new(),
            only_graph: OnceCell::new(),
            commands: OnceCell::new(),
            functions: OnceCell::new(),
            added: OnceCell::new(),
            filled: OnceCell::new(),
        }
    }

    /// What the script does with the permissions that it looks up.
    pub(super) fn uses(&self) -> Uses {
        *self.uses.get_or_init(|| {
            let lower = self.text.to_ascii_lowercase();
            let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
            if grants(&lower) {
                Uses::Grants
            } else if has(&[
                "requiredresourceaccess",
                "required-resource-access",
                "resourceaccess",
                "app permission add",
            ]) {
                Uses::Requests
            } else {
                Uses::Nothing
            }
        })
    }

    /// Whether the script is about Microsoft Graph and names no other API: see [`api::only_graph`](super::api).
    pub(super) fn only_graph(&self) -> bool {
        *self
            .only_graph
            .get_or_init(|| super::api::only_graph(self.text))
    }

    /// Whether more may be looked at.
    pub(super) fn spend(&self, tokens: usize) -> bool {
        let steps = self.steps.get() + tokens;
        self.steps.set(steps);
        steps <= MOST_STEPS
    }

    /// Offsets of some tokens.
    pub(super) fn offsets(&self, range: Range<usize>) -> (u32, u32) {
        let last = range.end.max(range.start + 1) - 1;
        (
            self.code.token(range.start).start,
            self.code.token(last.min(self.code.len() - 1)).end,
        )
    }

    pub(super) fn unknown(&self, at: usize, out: &mut Reached, reason: Unresolved) {
        let token = self.code.token(at);
        out.unknown.push(Declared::unknown(
            self.code.text(at),
            token.start,
            token.end,
            reason,
        ));
    }

    /// A value that another file or the outside decides.
    pub(super) fn not_set(&self, at: usize, out: &mut Reached) {
        let name = self.code.name(at);
        let reason = format!("comes from `${name}`, which this file does not set");
        self.unknown(at, out, Unresolved::Unknown(reason.into()));
    }
}
