//! What calls need, one by one and together: the document of `entralint needs`.

mod page;

use std::collections::BTreeMap;

use msgraph_permissions::{
    Answer, Call, Catalog, Exactness, LookupOptions, PermissionName, Scheme, Solution,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::report::json;

/// The document that `entralint needs --format json` writes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Document {
    /// The version of this format: 1.
    pub version: u32,
    /// The permissions data that the answers rest on.
    pub catalog: json::Catalog,
    /// One for each type of permission that was asked about.
    pub needs: Vec<Needs>,
}

/// A line that `entralint needs --from` writes: the answer to one line, or what is wrong with it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Line {
    /// The version of this format: 1.
    version: u32,
    #[serde(flatten)]
    result: Outcome,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
enum Outcome {
    /// The answer.
    Answer(Needs),
    /// The line is no question.
    Error {
        /// What is wrong with it.
        error: String,
    },
}

impl Line {
    /// The answer to a question.
    #[must_use]
    pub const fn answer(needs: Needs) -> Self {
        Self {
            version: 1,
            result: Outcome::Answer(needs),
        }
    }

    /// What is wrong with a line that is no question.
    #[must_use]
    pub const fn error(error: String) -> Self {
        Self {
            version: 1,
            result: Outcome::Error { error },
        }
    }
}

/// What a set of calls needs in one type of permission.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Needs {
    /// `delegated`, `personal` or `application`.
    pub scheme: String,
    /// The smallest set of permissions that covers every call that has an answer; permissions
    /// that are required together with others are in it.
    pub minimal: Vec<String>,
    /// False where the search reached its bound: the set covers every call, and a smaller one
    /// may exist.
    pub exact: bool,
    /// Every call, in the order in which it was given.
    pub calls: Vec<CallNeeds>,
    /// The calls without an answer.
    pub unanswered: Vec<String>,
}

/// What one call needs.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct CallNeeds {
    /// As it was given.
    pub call: String,
    /// `known`, `ambiguous`, `unmarked`, `unsupported-scheme`, `unknown-method`, `unknown-path`,
    /// or `malformed`.
    pub verdict: String,
    /// The path template that matched.
    pub template: Option<String>,
    /// The least privileged permission.
    pub least: Option<String>,
    /// One of these is required together with the least privileged permission; empty where it is enough
    /// alone.
    pub also_requires: Vec<String>,
    /// Every permission that is accepted, best first; those in `accepted_also_requires` not alone.
    pub accepted: Vec<String>,
    /// Of the accepted ones that are not enough alone: one of these is required together with them.
    pub accepted_also_requires: BTreeMap<String, Vec<String>>,
    /// The permissions of `minimal` that cover this call: the proof.
    pub covered_by: Vec<String>,
    /// How the path was changed to find the template.
    pub fallback: Option<String>,
    /// The correction to the published data that changed this answer.
    #[serde(rename = "override")]
    pub correction: Option<String>,
    /// Reasons to look at the answer twice: `self-only`, `read-only-on-write`, `resource-specific`,
    /// `several-marked`, `no-id`.
    pub doubts: Vec<String>,
    /// What is wrong with a malformed call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A set of calls in one type of permission, as a line of `entralint needs --from` has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// `delegated`, `personal` or `application`.
    pub scheme: String,
    /// Each as `METHOD PATH`.
    pub calls: Vec<String>,
}

impl Question {
    /// Answers it. A malformed call keeps its place among the others.
    ///
    /// # Errors
    ///
    /// That there is no such type of permission.
    pub fn answer(&self, catalog: &Catalog, options: LookupOptions) -> Result<Needs, String> {
        let scheme: Scheme = self.scheme.parse().map_err(|e| format!("scheme: {e}"))?;
        let mut calls = Vec::new();
        let mut malformed: Vec<(usize, CallNeeds)> = Vec::new();
        for (index, text) in self.calls.iter().enumerate() {
            let problem = match text.parse::<Call>() {
                Ok(call) if call.scheme.is_none_or(|named| named == scheme) => {
                    calls.push(call);
                    continue;
                }
                Ok(_) => {
                    format!("the call names another type than the line, which is {scheme}")
                }
                Err(error) => error.to_string(),
            };
            malformed.push((
                index,
                CallNeeds {
                    call: text.clone(),
                    verdict: "malformed".to_owned(),
                    error: Some(problem),
                    ..CallNeeds::default()
                },
            ));
        }
        let mut needs = Answered::new(catalog, scheme, &calls, options).needs();
        for (index, call) in malformed {
            needs.calls.insert(index.min(needs.calls.len()), call);
        }
        needs.unanswered = needs
            .calls
            .iter()
            .filter(|call| call.least.is_none())
            .map(|call| call.call.clone())
            .collect();
        Ok(needs)
    }
}

/// The answers to these calls, a group for each type of permission: that of the call, else the one that is named, else
/// delegated and application.
pub fn answer(
    catalog: &Catalog,
    calls: &[Call],
    named: Option<Scheme>,
    options: LookupOptions,
) -> Vec<Answered> {
    let mut groups: Vec<(Scheme, Vec<Call>)> = Vec::new();
    for call in calls {
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
    groups
        .into_iter()
        .map(|(scheme, calls)| Answered::new(catalog, scheme, &calls, options))
        .collect()
}

/// Whether every call has an answer in at least one type of permission.
pub fn all_answered(calls: &[Call], answered: &[Answered]) -> bool {
    calls.iter().all(|call| {
        answered.iter().any(|group| {
            group
                .answers
                .iter()
                .any(|answer| answer.call == *call && answer.is_answered())
        })
    })
}

impl Document {
    /// The document of these answers.
    pub fn new(catalog: &Catalog, answered: &[Answered]) -> Self {
        Self {
            version: 1,
            catalog: json::catalog(catalog.info()),
            needs: answered.iter().map(Answered::needs).collect(),
        }
    }
}

/// For people: each call, then what all of them need.
pub fn page(catalog: &Catalog, answered: &[Answered]) -> String {
    page::page(catalog, answered)
}

/// The answers of one type of permission.
pub struct Answered {
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

    /// For programs.
    pub fn needs(&self) -> Needs {
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

/// What the accepted permissions that are not enough alone require together with them.
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
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Document)
}

/// The JSON Schema of a [`Line`].
pub fn line_schema() -> schemars::Schema {
    schemars::schema_for!(Line)
}
