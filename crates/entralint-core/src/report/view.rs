//! A report with every place resolved to a path, a line and a column: what most output formats are written from.
//!
//! Plain values only, so that a renderer needs neither the sources nor the catalog. Text that comes from files is as it
//! is in the file: each renderer escapes for its own format.

use msgraph_permissions::PermissionType;

use crate::baseline::BaselineState;
use crate::finding::{Applicability, Confidence, Severity};

/// A whole run.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Version of entralint.
    pub version: String,
    /// Which permissions data the answers rest on, in one line.
    pub catalog: String,
    /// The findings, in the order of the report: by file, then by place.
    pub findings: Vec<FindingView>,
    /// The apps that were checked, in the order of the report.
    pub apps: Vec<AppView>,
    /// How many apps were checked; `apps` holds them only where a format shows them.
    pub checked: usize,
    /// What was not read or not judged, so that silence is never taken for a pass.
    pub notices: Vec<Notice>,
    /// Lines about the run as a whole: which calls are shared, which data was used.
    pub remarks: Vec<String>,
    /// How many findings there were before a bound cut the list; `None` where nothing was cut.
    pub cut_from: Option<usize>,
}

/// One finding.
#[derive(Clone, Debug)]
pub struct FindingView {
    /// The rule's id, such as `broader-permission`.
    pub rule: &'static str,
    /// The rule's page.
    pub rule_url: String,
    /// How much it matters, after the configuration has had its say.
    pub severity: Severity,
    /// How sure the rule is.
    pub confidence: Confidence,
    /// One sentence, without a full stop.
    pub message: String,
    /// Why, a sentence each.
    pub notes: Vec<String>,
    /// The app that it is about: name, else address, else id.
    pub app: Option<String>,
    /// The permission that it is about.
    pub permission: Option<String>,
    /// The type of that permission.
    pub permission_type: Option<PermissionType>,
    /// Where it stands; `None` for what stands in no file, such as a call of the command line.
    pub place: Option<PlaceView>,
    /// Other places that belong to it, such as the calls that need the permission.
    pub related: Vec<(PlaceView, String)>,
    /// What would end it.
    pub fix: Option<FixView>,
    /// Stays the same while the finding does: see the page on the baseline.
    pub fingerprint: String,
    /// Whether the finding is in the baseline.
    pub baseline: Option<BaselineState>,
    /// The reason of the `[[allow]]` or comment that accepts it; such a finding counts for nothing.
    pub suppressed: Option<String>,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceView {
    /// Path with forward slashes, relative to the root of the repository where there is one.
    pub file: String,
    /// Where it begins.
    pub start: Position,
    /// Where it ends: the position after its last character.
    pub end: Position,
    /// The line on which it begins, cut around the place where it is long.
    pub line_text: String,
}

/// A line and its columns, all from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line.
    pub line: usize,
    /// Column in characters.
    pub column: usize,
    /// Column in UTF-16 units, as editors and SARIF count.
    pub column_utf16: usize,
}

/// A fix, with the edits that it makes.
#[derive(Clone, Debug)]
pub struct FixView {
    /// In the imperative: "replace … with …".
    pub title: String,
    /// When it may be applied.
    pub applicability: Applicability,
    /// The edits; empty where a person has to decide.
    pub edits: Vec<EditView>,
}

/// One edit of a file.
#[derive(Clone, Debug)]
pub struct EditView {
    /// What is replaced.
    pub place: PlaceView,
    /// What stands there afterwards.
    pub new: String,
}

/// One app: what it requests and what it needs.
#[derive(Clone, Debug)]
pub struct AppView {
    /// Its name, else its address, else its id, else its file.
    pub name: String,
    /// How people of the format address it, such as `module.api.azuread_application.worker`.
    pub address: Option<String>,
    /// Where it is declared.
    pub place: PlaceView,
    /// The format of the declaration.
    pub format: String,
    /// What it requests of Microsoft Graph, in the order of the file.
    pub requested: Vec<PermissionView>,
    /// What its calls need; `None` where no calls are known.
    pub needed: Option<Vec<PermissionView>>,
    /// The calls that are known of it.
    pub calls: Vec<CallView>,
    /// Requests that could not be resolved.
    pub unresolved: usize,
}

/// A permission in one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermissionView {
    /// Its name, or what stands in the file where it is unknown.
    pub name: String,
    /// Delegated or application; `None` where the file does not say.
    pub permission_type: Option<PermissionType>,
    /// Microsoft's privilege level, 1 (low) to 5 (high).
    pub level: Option<u8>,
    /// Whether it is on the list of permissions that lead to control of the tenant.
    pub privileged: bool,
}

/// A call of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallView {
    /// Method and path.
    pub call: String,
    /// Where it is made, as `file:line`; `None` where no file says so.
    pub origin: Option<String>,
    /// The permissions of the answer that unlock it; empty for a call without an answer.
    pub needs: Vec<String>,
}

/// Something that was not read or not judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// `unsupported`, `unresolved`, `ignored`, `unreadable`.
    pub kind: &'static str,
    /// The file, as in a [`PlaceView`]; `None` for the run.
    pub file: Option<String>,
    /// What and why, in one sentence.
    pub message: String,
}

/// How many findings of each severity count: neither suppressed nor in the baseline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeverityCounts {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Notes.
    pub notes: usize,
}

impl View {
    /// The findings that count: neither suppressed nor in the baseline.
    pub fn open(&self) -> impl Iterator<Item = &FindingView> {
        self.findings.iter().filter(|finding| finding.is_open())
    }

    /// The findings that count, the most severe first; within a severity in the order of the report.
    pub fn by_severity(&self) -> Vec<&FindingView> {
        let mut findings: Vec<&FindingView> = self.open().collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        findings
    }

    /// How many findings of each severity count.
    pub fn counts(&self) -> SeverityCounts {
        let mut counts = SeverityCounts::default();
        for finding in self.open() {
            match finding.severity {
                Severity::Error => counts.errors += 1,
                Severity::Warning => counts.warnings += 1,
                Severity::Note => counts.notes += 1,
            }
        }
        counts
    }

    /// `2 errors and 1 warning in 3 apps`, or `no findings in 3 apps`.
    pub fn headline(&self) -> String {
        let counts = self.counts();
        let parts: Vec<String> = [
            (counts.errors, "error"),
            (counts.warnings, "warning"),
            (counts.notes, "note"),
        ]
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| crate::text::count(n, word))
        .collect();
        let found = if parts.is_empty() {
            "no findings".to_owned()
        } else {
            crate::text::and(&parts)
        };
        format!("{found} in {}", crate::text::count(self.checked, "app"))
    }
}

impl FindingView {
    /// Whether the finding counts: neither suppressed nor in the baseline.
    pub fn is_open(&self) -> bool {
        self.suppressed.is_none() && self.baseline != Some(BaselineState::Unchanged)
    }

    /// The message with the reasons behind it, for formats that have one text a finding.
    pub fn text(&self) -> String {
        let mut text = self.message.clone();
        for note in &self.notes {
            text.push_str(". ");
            text.push_str(note);
        }
        if let Some(fix) = &self.fix {
            text.push_str(". Fix: ");
            text.push_str(&fix.title);
        }
        text
    }
}

impl PlaceView {
    /// `file:line:column`.
    pub fn shown(&self) -> String {
        format!("{}:{}:{}", self.file, self.start.line, self.start.column)
    }
}
