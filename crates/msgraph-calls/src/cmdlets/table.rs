//! The exceptions of `spec/cmdlets.toml`: cmdlets whose name no rule explains, and those that send nothing.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use msgraph_permissions::Method;
use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::names::is_id;
use super::{Sent, Used};

const TEXT: &str = include_str!("../../data/cmdlets.toml");

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct File {
    verbs: BTreeMap<String, String>,
    cmdlet: Vec<Exception>,
    no_call: NoCall,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    names: Vec<String>,
    call: String,
    #[expect(dead_code, reason = "the citation is for the reader of the file")]
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoCall {
    names: Vec<String>,
    #[expect(dead_code, reason = "the citation is for the reader of the file")]
    source: String,
}

/// What a table says of a cmdlet.
#[derive(Debug, Clone)]
pub(super) enum Entry {
    NotACall,
    Call(Call),
}

/// `METHOD path` or `METHOD item|list`, as the tables write it.
#[derive(Debug, Clone)]
pub(super) struct Call {
    method: Method,
    item: String,
    list: Option<String>,
}

impl Call {
    pub(super) fn read(method: &str, path: &str) -> Option<Self> {
        let spell = |path: &str| path.replace("{}", "{id}");
        let (item, list) = match path.split_once('|') {
            Some((item, list)) => (spell(item), Some(spell(list))),
            None => (spell(path), None),
        };
        item.starts_with('/').then_some(Self {
            method: method.parse().ok()?,
            item,
            list,
        })
    }

    /// The call with the parameters of one use: the item where one of them is an id.
    pub(super) fn sent(&self, used: &Used<'_>) -> Sent {
        let has_id = used.parameters.iter().any(|name| is_id(name));
        let lists = used.parameters.iter().any(|name| is_list(name));
        let (path, unsure) = match &self.list {
            None => (&self.item, false),
            Some(_) if has_id => (&self.item, false),
            Some(list) if lists => (list, false),
            Some(_) if used.piped => (&self.item, true),
            Some(list) => (list, used.open),
        };
        Sent {
            method: self.method,
            path: path.clone(),
            beta: used.name.to_ascii_lowercase().contains("-mgbeta"),
            unsure,
        }
    }
}

/// Parameters that only the listing form of a cmdlet has.
pub(super) fn is_list(parameter: &str) -> bool {
    matches!(
        parameter,
        "all"
            | "filter"
            | "search"
            | "searchstring"
            | "top"
            | "limit"
            | "sort"
            | "orderby"
            | "skip"
            | "pagesize"
            | "countvariable"
            | "maxresults"
    )
}

struct Tables {
    verbs: FxHashMap<String, String>,
    cmdlets: FxHashMap<String, Entry>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let file: File =
        toml::from_str(TEXT).expect("the embedded table is a constant, and a test reads it");
    let mut cmdlets = FxHashMap::default();
    for exception in file.cmdlet {
        let (method, path) = exception
            .call
            .split_once(' ')
            .expect("the embedded table is a constant, and a test reads it");
        let call = Call::read(method, path)
            .expect("the embedded table is a constant, and a test reads it");
        for name in exception.names {
            cmdlets.insert(name.to_ascii_lowercase(), Entry::Call(call.clone()));
        }
    }
    for name in file.no_call.names {
        cmdlets.insert(name.to_ascii_lowercase(), Entry::NotACall);
    }
    Tables {
        verbs: file
            .verbs
            .into_iter()
            .map(|(word, verb)| (word.to_ascii_lowercase(), verb.to_ascii_lowercase()))
            .collect(),
        cmdlets,
    }
});

/// What the table of exceptions says of a cmdlet.
pub(super) fn find(name: &str) -> Option<Entry> {
    TABLES.cmdlets.get(&name.to_ascii_lowercase()).cloned()
}

/// The approved verb for an action's word, in lower case: `assign` is `set`.
pub(super) fn verb(word: &str) -> Option<&'static str> {
    TABLES
        .verbs
        .get(&word.to_ascii_lowercase())
        .map(String::as_str)
}

/// Whether the SDK uses this verb.
pub(super) fn is_verb(verb: &str) -> bool {
    let verb = verb.to_ascii_lowercase();
    TABLES.verbs.values().any(|known| *known == verb)
}
