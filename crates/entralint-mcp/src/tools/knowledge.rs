//! Tools about Microsoft Graph itself: `needs`, `explain`, `denied`.

use entralint_core::needs::{self, CallNeeds};
use entralint_core::report::json;
use entralint_core::{denied as denials, explain as pages, rules, text};
use msgraph_permissions::{Call, LookupOptions, Scheme};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use source_text::{Encoding, FileId, Source};

use super::World;
use crate::page::Part;
use crate::quote::NOTICE;
use crate::roots::Roots;

/// Texts longer than this are refused.
const LONGEST: usize = 4 * 1024 * 1024;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NeedsArgs {
    /// Each as `METHOD PATH`, such as `GET /users/{id}`; 1 to 500.
    #[schemars(length(min = 1, max = 500))]
    calls: Vec<String>,
    /// `delegated`, `personal` or `application`; without it delegated and application are answered.
    #[serde(rename = "type")]
    permission_type: Option<String>,
    /// Calls about `/me` or a user are about other users than the one who signed in, too.
    #[serde(default)]
    other_users: bool,
    /// Give every accepted permission of each call, not the best five.
    #[serde(default)]
    all_accepted: bool,
    /// How many calls of each type are given, 1 to 200; 20 by default. The set in `minimal` is that of all calls.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    /// `next_cursor` of the result before.
    cursor: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct NeedsResult {
    /// The permissions data that the answers rest on.
    catalog: json::Catalog,
    /// One for each type of permission.
    needs: Vec<needs::Needs>,
    /// Give it as `cursor` for more calls; null where there are none.
    next_cursor: Option<String>,
}

pub(super) fn needs(world: &World, _: &Roots, args: NeedsArgs) -> Result<NeedsResult, String> {
    if args.calls.is_empty() || args.calls.len() > 500 {
        return Err("give 1 to 500 calls, each as `METHOD PATH`".to_owned());
    }
    let named: Option<Scheme> = args
        .permission_type
        .as_deref()
        .map(|name| name.parse().map_err(|error| format!("`type`: {error}")))
        .transpose()?;
    let calls: Vec<Call> = args
        .calls
        .iter()
        .map(|call| {
            call.parse()
                .map_err(|error| format!("{}: {error}", text::quoted(call)))
        })
        .collect::<Result<_, String>>()?;
    let catalog = world.catalog.get();
    let options = LookupOptions {
        other_users: args.other_users,
    };
    let part = Part {
        limit: args.limit,
        cursor: args.cursor,
    };
    let mut next_cursor = None;
    let mut all = Vec::new();
    for answered in needs::answer(catalog, &calls, named, options) {
        let mut needs = answered.needs();
        let (calls, next) = part.of(std::mem::take(&mut needs.calls))?;
        next_cursor = next_cursor.or(next);
        needs.calls = calls;
        if !args.all_accepted {
            needs.calls.iter_mut().for_each(shorten);
        }
        all.push(needs);
    }
    Ok(NeedsResult {
        catalog: json::catalog(catalog.info()),
        needs: all,
        next_cursor,
    })
}

/// The best accepted permissions alone.
fn shorten(call: &mut CallNeeds) {
    const BEST: usize = 5;
    call.accepted.truncate(BEST);
    let kept = &call.accepted;
    call.accepted_also_requires
        .retain(|name, _| kept.contains(name));
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExplainArgs {
    /// A rule's id, a permission's name or id, or a call as `METHOD PATH`.
    subject: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ExplainResult {
    /// The page.
    text: String,
}

pub(super) fn explain(
    world: &World,
    _: &Roots,
    args: ExplainArgs,
) -> Result<ExplainResult, String> {
    let text = match rules::find(&args.subject) {
        Some(rule) => rule.markdown(),
        None => pages::explain(world.catalog.get(), &args.subject)?,
    };
    Ok(ExplainResult { text })
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeniedArgs {
    /// The error as it was printed, or a recording; tokens in it are never repeated.
    text: Option<String>,
    /// A file below a root that holds it, such as a HAR file, instead of `text`.
    path: Option<String>,
    /// How many different denied calls of a recording, 1 to 200; 20 by default. `more` says how many are left.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct DeniedResult {
    /// What the text says.
    #[serde(flatten)]
    denied: denials::Denied,
    /// How to take text of this result.
    notice: &'static str,
}

pub(super) fn denied(
    world: &World,
    roots: &Roots,
    args: DeniedArgs,
) -> Result<DeniedResult, String> {
    let most = Part::limit(args.limit)?;
    let source = match (args.text, args.path) {
        (Some(text), None) if text.len() <= LONGEST => {
            Source::new(FileId::default(), "text", text, Encoding::Utf8)
        }
        (Some(_), None) => {
            return Err("the text is longer than 4 MiB: give the denied call alone".to_owned());
        }
        (None, Some(path)) => {
            let place = roots.place(&[path])?;
            let file = place.paths.first().ok_or("no path")?;
            let name = file.strip_prefix(&place.boundary).unwrap_or(file);
            entralint_project::read::text(FileId::default(), file, name)?
        }
        _ => return Err("give either `text` or `path`".to_owned()),
    };
    if source.text().trim().is_empty() {
        return Err(
            "nothing to explain: give an error message, a HAR entry or a row of a log".to_owned(),
        );
    }
    Ok(DeniedResult {
        denied: denials::read(&source, world.catalog.get(), world.api(), most)
            .map_err(|error| error.to_string())?,
        notice: NOTICE,
    })
}
