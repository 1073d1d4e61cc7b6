//! `calls`: the calls that code makes.

use entralint_core::evidence::{CallEntry, UnresolvedEntry};
use entralint_project::ScanOptions;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::open::{Opened, What};
use super::{FEW, LARGEST, few};
use crate::page::Part;
use crate::quote::NOTICE;
use crate::roots::Roots;
use crate::tools::World;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::tools) struct CallsArgs {
    /// Files and folders below one root; the whole root by default.
    #[serde(default)]
    paths: Vec<String>,
    /// A text to search instead, as if the file `file_name` had it.
    text: Option<String>,
    /// The name of `text`, such as `worker.cs`, below a root: it says the language. The file need not exist.
    file_name: Option<String>,
    /// Search tests, too.
    #[serde(default)]
    include_tests: bool,
    /// Which list `limit` and `cursor` are about: `calls`, or `unresolved`, of which otherwise the first ten are given.
    #[serde(default)]
    list: CallsList,
    /// How many of them, 1 to 200; 20 by default.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    /// `next_cursor` of the result before.
    cursor: Option<String>,
}

/// The lists of the calls of a project.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum CallsList {
    /// Calls that were read.
    #[default]
    Calls,
    /// Places that could not be read.
    Unresolved,
}

#[derive(Serialize, JsonSchema)]
pub(in crate::tools) struct CallsResult {
    /// Calls in all.
    total: usize,
    /// In the order of files and lines.
    calls: Vec<CallEntry>,
    /// Give it as `cursor` for more; null where there are none.
    next_cursor: Option<String>,
    /// Places in all that call Microsoft Graph in a way that could not be read.
    unresolved_total: usize,
    /// The first of them.
    unresolved: Vec<UnresolvedEntry>,
    /// What could not be read.
    errors: Vec<String>,
    /// How to take text of this result.
    notice: &'static str,
}

pub(in crate::tools) fn calls(
    world: &World,
    roots: &Roots,
    args: CallsArgs,
) -> Result<CallsResult, String> {
    let opened = Opened::new(
        world,
        roots,
        What::of(args.paths, args.text, args.file_name)?,
    )?;
    let scanned = opened.project.scan(&ScanOptions {
        paths: opened.paths.clone(),
        limit: LARGEST,
        include_tests: args.include_tests,
    });
    let document = scanned.document;
    let total = document.calls.len();
    let unresolved_total = document.unresolved.len();
    let part = Part {
        limit: args.limit,
        cursor: args.cursor,
    };
    let few_places = |places: Vec<UnresolvedEntry>| places.into_iter().take(FEW).collect();
    let (calls, unresolved, next_cursor) = match args.list {
        CallsList::Calls => {
            let (calls, next) = part.of(document.calls)?;
            (calls, few_places(document.unresolved), next)
        }
        CallsList::Unresolved => {
            let (places, next) = part.of(document.unresolved)?;
            (Vec::new(), places, next)
        }
    };
    Ok(CallsResult {
        total,
        calls,
        next_cursor,
        unresolved_total,
        unresolved,
        errors: few(scanned.errors),
        notice: NOTICE,
    })
}
