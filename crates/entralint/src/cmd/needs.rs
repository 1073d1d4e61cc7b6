//! `entralint needs`: what calls need, one by one and together.

mod lines;
mod page;

use std::collections::BTreeMap;

use msgraph_permissions::{
    Answer, Call, Catalog, Exactness, LookupOptions, PermissionName, Scheme, Solution,
};
use schemars::JsonSchema;
use serde::Serialize;

use camino::Utf8Path;
use source_text::FileId;

use super::{FINDINGS, OK};
use crate::cli::{ListFormat, NeedsArgs};
use crate::cmd;
use entralint_core::report::json;
use entralint_core::{config, text};
use entralint_project::Project;
use entralint_project::root::Root;

/// The document that `entralint needs --format json` writes.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Document {
    /// The version of this format: 1.
    version: u32,
    /// The permissions data that the answers rest on.
    catalog: json::Catalog,
    /// One for each type of permission that was asked about.
    needs: Vec<Needs>,
}

/// What a set of calls needs in one type of permission. With `--from`, one such object a line.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Needs {
    /// `delegated`, `personal` or `application`.
    scheme: String,
    /// The smallest set of permissions that covers every call that has an answer; permissions
    /// that are required beside others are in it.
    minimal: Vec<String>,
    /// False where the search reached its bound: the set covers every call, and a smaller one
    /// may exist.
    exact: bool,
    /// Every call, in the order in which it was given.
    calls: Vec<CallNeeds>,
    /// The calls without an answer.
    unanswered: Vec<String>,
}

/// What one call needs.
#[derive(Debug, Default, Serialize, JsonSchema)]
struct CallNeeds {
    /// As it was given.
    call: String,
    /// `known`, `ambiguous`, `unmarked`, `unsupported-scheme`, `unknown-method`, `unknown-path`,
    /// or `malformed`.
    verdict: String,
    /// The path template that matched.
    template: Option<String>,
    /// The least privileged permission.
    least: Option<String>,
    /// One of these is required beside the least privileged permission; empty where it is enough
    /// alone.
    also_requires: Vec<String>,
    /// Every permission that is accepted, best first; those in `accepted_also_requires` not alone.
    accepted: Vec<String>,
    /// Of the accepted ones that are not enough alone: one of these is required beside them.
    accepted_also_requires: BTreeMap<String, Vec<String>>,
    /// The permissions of `minimal` that cover this call: the proof.
    covered_by: Vec<String>,
    /// How the path was changed to find the template.
    fallback: Option<String>,
    /// The correction to the published data that changed this answer.
    #[serde(rename = "override")]
    correction: Option<String>,
    /// Reasons to look at the answer twice: `self-only`, `read-only-on-write`, `resource-specific`,
    /// `several-marked`, `no-id`.
    doubts: Vec<String>,
    /// What is wrong with a malformed call.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Runs the command and gives its exit code.
///
/// # Errors
///
/// What is wrong with the usage, the configuration, the catalog or a file of calls.
pub(crate) fn run(args: &NeedsArgs) -> Result<u8, String> {
    let Project {
        root,
        config: entralint_project::config::Loaded { config, .. },
        catalog: loaded,
    } = cmd::open(&args.catalog, &[])?;
    cmd::say_catalog(&loaded);
    let options = LookupOptions {
        other_users: args.other_users || config.other_users,
    };
    if let Some(path) = &args.from {
        return lines::answer(loaded.get(), path, options);
    }
    let calls = given(args, &config, &root)?;
    let named: Option<Scheme> = match &args.scheme {
        Some(text) => Some(text.parse().map_err(|e| format!("--scheme: {e}"))?),
        None => None,
    };
    let mut groups: Vec<(Scheme, Vec<Call>)> = Vec::new();
    for call in &calls {
        let schemes = match call.scheme.or(named) {
            Some(scheme) => vec![scheme],
            None => vec![Scheme::DelegatedWork, Scheme::Application],
        };
        for scheme in schemes {
            match groups.iter_mut().find(|(s, _)| *s == scheme) {
                Some((_, calls)) => calls.push(call.clone()),
                None => groups.push((scheme, vec![call.clone()])),
            }
        }
    }
    let answered: Vec<Answered> = groups
        .into_iter()
        .map(|(scheme, calls)| Answered::new(loaded.get(), scheme, &calls, options))
        .collect();
    cmd::print(&match args.format {
        ListFormat::Text => page::page(loaded.get(), &answered),
        ListFormat::Json => {
            let document = Document {
                version: 1,
                catalog: json::catalog(loaded.get().info()),
                needs: answered.iter().map(Answered::needs).collect(),
            };
            cmd::json(&document)?
        }
    })?;
    // A call that is answered in one type has its answer.
    let open = calls.iter().any(|call| {
        !answered.iter().any(|group| {
            group
                .answers
                .iter()
                .any(|answer| answer.call == *call && answer.is_answered())
        })
    });
    Ok(if open { FINDINGS } else { OK })
}

/// The calls of the arguments, of files and of standard input, else those of the configuration.
fn given(args: &NeedsArgs, config: &config::Config, root: &Root) -> Result<Vec<Call>, String> {
    let mut calls: Vec<Call> = Vec::new();
    for argument in &args.calls {
        if argument == "-" {
            calls.extend(calls_of("-".into(), "stdin".into())?);
        } else {
            calls.push(
                argument
                    .parse()
                    .map_err(|error| format!("{:?}: {error}", text::shown(argument)))?,
            );
        }
    }
    for path in &args.calls_from {
        calls.extend(calls_of(path, &root.relative(path))?);
    }
    if calls.is_empty() {
        calls.extend(config.calls.iter().map(|declared| declared.call.clone()));
    }
    if calls.is_empty() {
        return Err(
            "no call to answer: name one, as in `entralint needs 'GET /me'`, or see --calls-from and --from"
                .to_owned(),
        );
    }
    Ok(calls)
}

fn calls_of(path: &Utf8Path, name: &Utf8Path) -> Result<Vec<Call>, String> {
    let source = entralint_project::read::text(FileId::default(), path, name)?;
    match entralint_core::calls::of_lines(&source) {
        Ok(declared) => Ok(declared.into_iter().map(|declared| declared.call).collect()),
        Err(findings) => Err(cmd::Failure::Findings(findings).into()),
    }
}

/// The answers of one type of permission.
struct Answered {
    scheme: Scheme,
    answers: Vec<Answer>,
    solution: Solution,
}

impl Answered {
    fn new(catalog: &Catalog, scheme: Scheme, calls: &[Call], options: LookupOptions) -> Self {
        let answers: Vec<Answer> = calls
            .iter()
            .map(|call| catalog.lookup(call, scheme, options))
            .collect();
        let solution = catalog.solve(&answers);
        Self {
            scheme,
            answers,
            solution,
        }
    }

    fn covered_by(&self, answer: usize) -> Vec<String> {
        self.solution
            .covered
            .iter()
            .find(|covered| covered.answer == answer)
            .map(|covered| covered.by.iter().map(ToString::to_string).collect())
            .unwrap_or_default()
    }

    fn needs(&self) -> Needs {
        let mut covered_by: Vec<Vec<String>> = vec![Vec::new(); self.answers.len()];
        for covered in &self.solution.covered {
            if let Some(by) = covered_by.get_mut(covered.answer) {
                *by = covered.by.iter().map(ToString::to_string).collect();
            }
        }
        Needs {
            scheme: self.scheme.to_string(),
            minimal: self
                .solution
                .minimal
                .iter()
                .map(ToString::to_string)
                .collect(),
            exact: self.solution.exactness == Exactness::Exact,
            calls: self
                .answers
                .iter()
                .zip(covered_by)
                .map(|(answer, by)| call_needs(answer, by))
                .collect(),
            unanswered: self
                .solution
                .unanswered
                .iter()
                .filter_map(|index| self.answers.get(*index))
                .map(|answer| answer.call.to_string())
                .collect(),
        }
    }
}

fn call_needs(answer: &Answer, covered_by: Vec<String>) -> CallNeeds {
    CallNeeds {
        call: answer.call.to_string(),
        verdict: answer.verdict.to_string(),
        template: answer.template.as_ref().map(ToString::to_string),
        least: answer.least.as_ref().map(|b| b.permission.to_string()),
        also_requires: answer
            .least
            .iter()
            .flat_map(|bundle| bundle.also_requires.iter())
            .map(ToString::to_string)
            .collect(),
        accepted: accepted(answer),
        accepted_also_requires: accepted_also_requires(answer),
        covered_by,
        fallback: answer.fallback.as_ref().map(ToString::to_string),
        correction: (!answer.overrides.is_empty()).then(|| answer.overrides.join(", ")),
        doubts: answer
            .doubts
            .iter()
            .map(|doubt| doubt.as_str().to_owned())
            .collect(),
        error: None,
    }
}

/// What the accepted permissions that are not enough alone require beside them.
fn accepted_also_requires(answer: &Answer) -> BTreeMap<String, Vec<String>> {
    let enough_alone = |name: &PermissionName| {
        answer
            .accepted
            .iter()
            .any(|b| b.permission == *name && b.also_requires.is_empty())
    };
    let mut required: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for bundle in &answer.accepted {
        if !enough_alone(&bundle.permission) {
            let also = bundle.also_requires.iter().map(ToString::to_string);
            required
                .entry(bundle.permission.to_string())
                .or_default()
                .extend(also);
        }
    }
    required
}

/// Each accepted permission once, best first.
fn accepted(answer: &Answer) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for bundle in &answer.accepted {
        let name = bundle.permission.as_str();
        if !names.iter().any(|n| n == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// The document's JSON Schema.
pub(crate) fn schema() -> schemars::Schema {
    schemars::schema_for!(Document)
}
