//! The baseline: findings that were there when a repository began to use the linter. They are counted, and do not fail a
//! run; new ones do.
//!
//! The file is JSON with one finding a line, sorted, so that a diff of it reads like a list. It holds the parts of each
//! fingerprint in words: a reviewer sees which app and permission a line accepts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use msgraph_permissions::PermissionType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use source_text::{Source, Span};

use crate::finding::{Finding, Severity};
use crate::fingerprint::Fingerprint;
use crate::text;

/// What a baseline says of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaselineState {
    /// Not in the baseline.
    New,
    /// In the baseline: accepted when it was written.
    Unchanged,
}

/// The name of the file that is read where the command line names none, next to the configuration or at the git root.
pub const NAME: &str = "entralint-baseline.json";

/// The version of the file's format.
const VERSION: u32 = 1;

/// The findings of a baseline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: BTreeMap<Key, Entry>,
}

/// What makes a finding the same finding: the parts of a [`Fingerprint`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// The file that declares the app, relative to the git root.
    pub file: String,
    /// What the file calls the app: its address, name or id.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub app: String,
    /// The rule's id.
    pub rule: String,
    /// The API, where it is not Microsoft Graph.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// The permission, or what else the finding is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<String>,
    /// `delegated` or `application`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub permission_type: Option<String>,
    /// Tells equal findings apart.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub ordinal: u32,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

impl Key {
    fn of(fingerprint: &Fingerprint) -> Self {
        Self {
            file: fingerprint.app.file.clone(),
            app: fingerprint.app.label.clone(),
            rule: fingerprint.rule.to_owned(),
            resource: fingerprint.resource.clone(),
            permission: fingerprint.permission.clone(),
            permission_type: fingerprint.permission_type.map(|kind| {
                match kind {
                    PermissionType::Delegated => "delegated",
                    PermissionType::Application => "application",
                }
                .to_owned()
            }),
            ordinal: fingerprint.ordinal,
        }
    }

    /// The entry for people: `broader-permission: Directory.ReadWrite.All (application) in apps/a.json (Helpdesk)`.
    pub fn shown(&self) -> String {
        let mut out = format!("{}: ", self.rule);
        if let Some(permission) = &self.permission {
            out.push_str(&text::shown(permission));
            if let Some(kind) = &self.permission_type {
                out.push_str(&format!(" ({})", text::shown(kind)));
            }
            out.push_str(" in ");
        }
        out.push_str(&text::shown(&self.file));
        if !self.app.is_empty() {
            out.push_str(&format!(" ({})", text::shown(&self.app)));
        }
        out
    }
}

/// What the baseline keeps of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// How much it mattered when it was accepted.
    pub severity: Severity,
    /// The day on which it was accepted.
    pub since: Date,
}

/// A baseline that cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BaselineError {
    /// What is wrong and what to do.
    pub message: String,
    /// Where.
    pub span: Span,
}

/// How the findings of a run compare with a baseline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Findings that are in the baseline, by severity: errors, warnings, notes.
    pub known: [usize; 3],
    /// The day on which the oldest of them was accepted.
    pub oldest: Option<Date>,
    /// Entries that no finding has any more.
    pub stale: Vec<Key>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    findings: Vec<Line>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Line {
    #[serde(flatten)]
    key: Key,
    severity: SeverityName,
    /// The day on which the finding was accepted, such as 2026-11-24.
    since: String,
}

#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum SeverityName {
    Note,
    Warning,
    Error,
}

impl From<Severity> for SeverityName {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Note => Self::Note,
            Severity::Warning => Self::Warning,
            Severity::Error => Self::Error,
        }
    }
}

impl From<SeverityName> for Severity {
    fn from(name: SeverityName) -> Self {
        match name {
            SeverityName::Note => Self::Note,
            SeverityName::Warning => Self::Warning,
            SeverityName::Error => Self::Error,
        }
    }
}

/// The JSON schema of the file.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(File)
}

impl Baseline {
    /// Reads the text of a baseline.
    ///
    /// # Errors
    ///
    /// When the text is no baseline of this version: with the place, so that a merge conflict is found.
    pub fn parse(source: &Source) -> Result<Self, BaselineError> {
        let text = source.text();
        let error = |line: usize, message: String| {
            let start = text
                .split_inclusive('\n')
                .take(line.saturating_sub(1))
                .map(str::len)
                .sum::<usize>();
            let end = start + text[start..].find('\n').unwrap_or(text.len() - start);
            BaselineError {
                message,
                span: source.span(start, end),
            }
        };
        let file: File = serde_json::from_str(text).map_err(|problem| {
            error(
                problem.line(),
                format!("this is not a baseline that entralint wrote: {problem}; write it again with `entralint baseline write`"),
            )
        })?;
        if file.version != VERSION {
            return Err(error(
                1,
                format!(
                    "version {} of the baseline is not supported: this entralint reads version {VERSION}",
                    file.version
                ),
            ));
        }
        let mut entries = BTreeMap::new();
        for line in file.findings {
            let since = line.since.parse().map_err(|_| {
                error(
                    1,
                    format!(
                        "{} is no date: write it like 2026-11-24",
                        text::shown(&line.since)
                    ),
                )
            })?;
            entries.insert(
                line.key,
                Entry {
                    severity: line.severity.into(),
                    since,
                },
            );
        }
        Ok(Self { entries })
    }

    /// The baseline of these findings. A suppressed finding is not part of it: its reason is written down already. Nor is
    /// one of a locked rule: it would accept nothing. What the old baseline held keeps its day.
    pub fn of<'f>(
        findings: impl IntoIterator<Item = &'f Finding>,
        old: &Self,
        today: Date,
    ) -> Self {
        let entries = findings
            .into_iter()
            .filter(|finding| finding.suppressed.is_none() && !finding.locked)
            .map(|finding| {
                let key = Key::of(&finding.fingerprint);
                let since = old.entries.get(&key).map_or(today, |entry| entry.since);
                (
                    key,
                    Entry {
                        severity: finding.severity,
                        since,
                    },
                )
            })
            .collect();
        Self { entries }
    }

    /// This baseline without the entries that no finding has any more.
    #[must_use]
    pub fn pruned(&self, stale: &[Key]) -> Self {
        let stale: BTreeSet<&Key> = stale.iter().collect();
        Self {
            entries: self
                .entries
                .iter()
                .filter(|(key, _)| !stale.contains(key))
                .map(|(key, entry)| (key.clone(), *entry))
                .collect(),
        }
    }

    /// The text of the file.
    ///
    /// # Errors
    ///
    /// None are known: every value can be written as JSON.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        let mut out = format!("{{\n  \"version\": {VERSION},\n  \"findings\": [");
        for (at, (key, entry)) in self.entries.iter().enumerate() {
            let line = Line {
                key: key.clone(),
                severity: entry.severity.into(),
                since: entry.since.to_string(),
            };
            out.push_str(if at == 0 { "\n    " } else { ",\n    " });
            out.push_str(&text::safe_json(&serde_json::to_string(&line)?));
        }
        out.push_str(if self.entries.is_empty() {
            "]\n}\n"
        } else {
            "\n  ]\n}\n"
        });
        Ok(out)
    }

    /// Whether a finding is in the baseline.
    pub fn holds(&self, finding: &Finding) -> bool {
        self.entries.contains_key(&Key::of(&finding.fingerprint))
    }

    /// The entries, sorted by file, app and rule.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = (&Key, &Entry)> {
        self.entries.iter()
    }

    /// Compares a whole run's findings with the baseline. `checked` says of a file whether this run looked at it: an
    /// entry of another file is not stale, it was not looked for.
    pub fn compare<'f>(
        &self,
        findings: impl IntoIterator<Item = &'f Finding>,
        checked: impl Fn(&str) -> bool,
    ) -> Comparison {
        let mut found = BTreeSet::new();
        let mut comparison = Comparison::default();
        for finding in findings {
            let key = Key::of(&finding.fingerprint);
            let Some(entry) = self.entries.get(&key).filter(|_| !finding.locked) else {
                continue;
            };
            comparison.oldest = Some(
                comparison
                    .oldest
                    .map_or(entry.since, |oldest| oldest.min(entry.since)),
            );
            comparison.known[match finding.severity {
                Severity::Error => 0,
                Severity::Warning => 1,
                Severity::Note => 2,
            }] += 1;
            found.insert(key);
        }
        comparison.stale = self
            .entries
            .keys()
            .filter(|key| !found.contains(key) && checked(&key.file))
            .cloned()
            .collect();
        comparison
    }
}
