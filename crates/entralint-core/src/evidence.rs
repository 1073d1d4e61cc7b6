//! Evidence of calls with places that need no text any more, and the document of `entralint calls`.

use std::collections::BTreeSet;

use msgraph_calls::{Evidence, Found, SkipReason, Skipped, Step, Unresolved};
use msgraph_permissions::Call;
use schemars::JsonSchema;
use serde::Serialize;
use source_text::Source;

use crate::calls::{DeclaredCall, FoundIn, Origin, UnresolvedCall};
use crate::finding::locate;
use crate::plan::{FileEvidence, is_script, mentions};
use crate::text;

/// What one file calls, for the plan. A call that cannot be read as one is an unresolved place.
pub fn of_file(source: &Source, evidence: &Evidence) -> FileEvidence {
    let mut of_file = FileEvidence {
        path: source.name().to_owned(),
        calls: Vec::new(),
        unresolved: evidence
            .unresolved
            .iter()
            .map(|unresolved| place(source, unresolved))
            .collect(),
        recording_of: None,
        properties: crate::properties::of_text(source.text()),
        recorded: None,
        partly: evidence.exported > 0 || evidence.skipped.count(SkipReason::Language) > 0,
        in_own_session: is_script(source.name()) && signs_in_to_legacy(source.text()),
        mentions: if is_script(source.name()) {
            mentions(source.text())
        } else {
            BTreeSet::new()
        },
    };
    for found in &evidence.calls {
        let at = locate(source, found.span);
        match call(found) {
            Some(call) => of_file.calls.push(DeclaredCall {
                call,
                origin: Origin::Found(Box::new(FoundIn {
                    at,
                    certainty: found.certainty,
                    kind: found.kind,
                    steps: found
                        .steps
                        .iter()
                        .map(|Step { text, span }| (text.clone(), locate(source, *span)))
                        .collect(),
                    outcome: found.outcome,
                })),
            }),
            None => of_file.unresolved.push(UnresolvedCall {
                root: None,
                missing: msgraph_calls::Missing::Path,
                at,
                text: text::shown(&found.path),
            }),
        }
    }
    of_file
}

/// Whether a script signs in with one of the retired modules: they have an app of their own with the permissions of the
/// user, and no other app can be named.
fn signs_in_to_legacy(text: &str) -> bool {
    const SIGN_INS: [&str; 2] = ["Connect-AzureAD", "Connect-MsolService"];
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .any(|word| SIGN_INS.iter().any(|name| word.eq_ignore_ascii_case(name)))
}

/// The call, in the type that the code shows.
fn call(found: &Found) -> Option<Call> {
    let scheme = found.scheme.map(|permission_type| permission_type.scheme());
    let path = found.template.as_deref().unwrap_or(&found.path);
    // What a subscription needs is what reading its resource needs.
    let line = match &found.reads {
        Some(read) => format!("GET {read}"),
        None => format!("{} {path}", found.method),
    };
    let mut call: Call = line.parse().ok()?;
    call.scheme = scheme;
    Some(call)
}

fn place(source: &Source, unresolved: &Unresolved) -> UnresolvedCall {
    UnresolvedCall {
        root: unresolved.root.clone(),
        missing: unresolved.missing,
        at: locate(source, unresolved.span),
        text: text::shown(&unresolved.text),
    }
}

/// The document that `entralint calls --format json` writes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Document {
    /// The version of this format: 1.
    version: u32,
    /// The calls, in the order of files and lines.
    pub calls: Vec<CallEntry>,
    /// Places that call Microsoft Graph in a way that could not be read.
    pub unresolved: Vec<UnresolvedEntry>,
    /// How many files or places were left out, for each reason.
    pub skipped: std::collections::BTreeMap<&'static str, usize>,
}

/// A call.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CallEntry {
    /// As given or found, relative to the working folder.
    pub file: String,
    /// Of the call's first character; from 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The HTTP method.
    pub method: String,
    /// The path, with `{id}` for ids.
    pub path: String,
    /// The template of the catalog that it matches; null where the catalog has none.
    pub template: Option<String>,
    /// `v1.0` or `beta`, where the code says it.
    pub version: Option<&'static str>,
    /// `delegated` or `application`, where the code shows it.
    pub scheme: Option<&'static str>,
    /// In which form the call is written: `url`, `chain`, `cmdlet`, `workflow`, …
    pub kind: &'static str,
    /// `certain`, `likely` or `possible`.
    pub certainty: &'static str,
    /// How it was read, with places.
    pub steps: Vec<StepEntry>,
}

/// A step from the text to the call.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StepEntry {
    /// What was read.
    pub text: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

/// A place that could not be resolved.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UnresolvedEntry {
    /// As given or found.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The first segment of the path, where that is known.
    pub root: Option<String>,
    /// `path`, `method` or `receiver`.
    pub missing: &'static str,
    /// What stands there.
    pub text: String,
}

impl Default for Document {
    fn default() -> Self {
        Self {
            version: 1,
            calls: Vec::new(),
            unresolved: Vec::new(),
            skipped: std::collections::BTreeMap::new(),
        }
    }
}

impl Document {
    /// Adds the evidence of a file, which people see under this name.
    pub fn add(&mut self, source: &Source, shown: &str, evidence: &Evidence) {
        for found in &evidence.calls {
            let (line, column) = source.line_column(found.span.start);
            self.calls.push(CallEntry {
                file: shown.to_owned(),
                line,
                column,
                method: found.method.to_string(),
                path: found.path.clone(),
                template: found.template.clone(),
                version: found.version.map(msgraph_calls::Version::as_str),
                scheme: found.scheme.map(text::permission_type),
                kind: found.kind.as_str(),
                certainty: found.certainty.as_str(),
                steps: found
                    .steps
                    .iter()
                    .map(|step| {
                        let (line, column) = source.line_column(step.span.start);
                        StepEntry {
                            text: step.text.clone(),
                            line,
                            column,
                        }
                    })
                    .collect(),
            });
        }
        for unresolved in &evidence.unresolved {
            let (line, column) = source.line_column(unresolved.span.start);
            self.unresolved.push(UnresolvedEntry {
                file: shown.to_owned(),
                line,
                column,
                root: unresolved.root.clone(),
                missing: unresolved.missing.as_str(),
                text: unresolved.text.clone(),
            });
        }
        self.skip(&evidence.skipped);
    }

    fn skip(&mut self, skipped: &Skipped) {
        for (reason, count) in skipped.iter() {
            *self.skipped.entry(reason.as_str()).or_default() += count;
        }
    }

    /// Puts the entries in the order of files and lines.
    pub fn finish(&mut self) {
        self.calls
            .sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        self.unresolved
            .sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    }

    /// For people: a line for each call and each place that could not be resolved. With `explain` each call's steps.
    pub fn lines(&self, explain: bool) -> String {
        let mut out = String::new();
        for call in &self.calls {
            let scheme = call.scheme.map(|s| format!("{s} ")).unwrap_or_default();
            let known = if call.template.is_some() {
                ""
            } else {
                ", not in the catalog"
            };
            out.push_str(&format!(
                "{}:{}:{}: {scheme}{} {} ({}, {}{known})\n",
                text::escaped(&call.file),
                call.line,
                call.column,
                call.method,
                text::shown(&call.path),
                call.certainty,
                call.kind,
            ));
            if explain {
                for step in &call.steps {
                    out.push_str(&format!(
                        "    {} {}:{}\n",
                        text::shown(&step.text),
                        step.line,
                        step.column
                    ));
                }
            }
        }
        for place in &self.unresolved {
            let root = place
                .root
                .as_deref()
                .map(|root| format!(" below /{}", text::shown(root)))
                .unwrap_or_default();
            out.push_str(&format!(
                "{}:{}:{}: not resolved{root}: the {} of {}\n",
                text::escaped(&place.file),
                place.line,
                place.column,
                place.missing,
                text::shown(&place.text)
            ));
        }
        out.push_str(&format!(
            "{}, {} not resolved",
            text::count(self.calls.len(), "call"),
            text::count(self.unresolved.len(), "place")
        ));
        let skipped: Vec<String> = self
            .skipped
            .iter()
            .map(|(reason, count)| format!("{count} {reason}"))
            .collect();
        if !skipped.is_empty() {
            out.push_str(&format!("; skipped: {}", skipped.join(", ")));
        }
        out.push('\n');
        out
    }

    /// JSON Lines that `entralint needs --from` takes: one for each scheme.
    pub fn questions(&self) -> String {
        let mut out = String::new();
        for scheme in ["delegated", "application"] {
            let mut calls: Vec<String> = self
                .calls
                .iter()
                .filter(|call| call.scheme.is_none_or(|known| known == scheme))
                .map(|call| {
                    let path = call.template.as_deref().unwrap_or(&call.path);
                    format!("{} {path}", call.method)
                })
                .collect();
            calls.sort();
            calls.dedup();
            let line = serde_json::json!({ "scheme": scheme, "calls": calls });
            out.push_str(&text::safe_json(&line.to_string()));
            out.push('\n');
        }
        out
    }
}

/// The document's JSON Schema.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Document)
}
