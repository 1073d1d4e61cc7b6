//! `list_permissions`: what each app requests.

use entralint_core::list::{Entry, NotListed};
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
pub(in crate::tools) struct ListArgs {
    /// Files and folders below one root; the whole root by default.
    #[serde(default)]
    paths: Vec<String>,
    /// Which list `limit` and `cursor` are about: `permissions`, or `not-listed`, of which otherwise the first ten are given.
    #[serde(default)]
    list: PermissionsList,
    /// How many of them, 1 to 200; 20 by default.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    /// `next_cursor` of the result before.
    cursor: Option<String>,
}

/// The lists of what is declared.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum PermissionsList {
    /// Permissions of Microsoft Graph.
    #[default]
    Permissions,
    /// Files of which nothing could be listed.
    NotListed,
}

#[derive(Serialize, JsonSchema)]
pub(in crate::tools) struct ListResult {
    /// Permissions of Microsoft Graph in all.
    total: usize,
    /// In the order of files and lines.
    permissions: Vec<Entry>,
    /// Give it as `cursor` for more; null where there are none.
    next_cursor: Option<String>,
    /// How many permissions of other APIs are declared.
    other_apis: usize,
    /// Files of which nothing could be listed: the first of them.
    not_listed: Vec<NotListed>,
    /// Such files in all.
    not_listed_total: usize,
    /// What could not be read.
    errors: Vec<String>,
    /// How to take text of this result.
    notice: &'static str,
}

pub(in crate::tools) fn list(
    world: &World,
    roots: &Roots,
    args: ListArgs,
) -> Result<ListResult, String> {
    let opened = Opened::new(world, roots, What::of(args.paths, None, None)?)?;
    let listed = opened.project.list(&opened.paths, LARGEST)?;
    let document = listed.document;
    let total = document.permissions.len();
    let part = Part {
        limit: args.limit,
        cursor: args.cursor,
    };
    let not_listed_total = document.not_listed.len();
    let (permissions, not_listed, next_cursor) = match args.list {
        PermissionsList::Permissions => {
            let (permissions, next) = part.of(document.permissions)?;
            let first = document.not_listed.into_iter().take(FEW).collect();
            (permissions, first, next)
        }
        PermissionsList::NotListed => {
            let (files, next) = part.of(document.not_listed)?;
            (Vec::new(), files, next)
        }
    };
    Ok(ListResult {
        total,
        permissions,
        next_cursor,
        other_apis: document.other_apis.len(),
        not_listed,
        not_listed_total,
        errors: few(listed.errors),
        notice: NOTICE,
    })
}
