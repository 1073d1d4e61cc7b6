//! What a rule reports: one model, which every report and the fixer read.

mod location;

use entra_manifest::Change;
use msgraph_permissions::{PermissionName, PermissionType};
use schemars::JsonSchema;
use serde::Serialize;
use source_text::{Source, Span};

use crate::baseline::BaselineState;
use crate::fingerprint::Fingerprint;
use crate::policy::Suppression;
use crate::rules::RuleInfo;

pub use location::{Excerpt, Location, Position, locate};

/// How much a finding matters. `--fail-on` compares against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing has to change.
    Note,
    /// Should change: more is requested than is used, or the declaration is not what it seems.
    Warning,
    /// Must change: far more is requested than is used, or a call will fail.
    Error,
}

impl Severity {
    /// The word of output and configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// How sure the rule is that the finding is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Something that could not be read or answered may change the verdict.
    Low,
    /// The permissions data is unclear about one of the calls, or a call is only likely.
    Medium,
    /// Nothing known speaks against it.
    High,
}

impl Confidence {
    /// The word of output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }
    }
}

/// When a fix may be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Applicability {
    /// `--fix` applies it: what is granted stays exactly the same.
    Safe,
    /// It changes what is granted: `--fix --unsafe-fixes` applies it.
    Unsafe,
    /// Shown only: a person has to decide.
    DisplayOnly,
}

impl Applicability {
    /// The word of output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Applicability::Safe => "safe",
            Applicability::Unsafe => "unsafe",
            Applicability::DisplayOnly => "display-only",
        }
    }
}

/// How to fix a finding.
#[derive(Clone, Debug)]
pub struct Fix {
    /// In the imperative: "replace … with …".
    pub title: String,
    /// When it may be applied.
    pub applicability: Applicability,
    /// What is to be declared instead. Empty when the fix is display-only.
    pub changes: Vec<Change>,
    /// The bytes that change, by file. Empty when the fix is display-only, or where a file has too many fixes to show
    /// each.
    pub edits: Vec<LocatedEdit>,
}

/// An edit with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocatedEdit {
    /// What is replaced.
    pub at: Location,
    /// What stands there afterwards.
    pub new: String,
}

impl Fix {
    /// A fix that a person has to make.
    pub fn display_only(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            applicability: Applicability::DisplayOnly,
            changes: Vec::new(),
            edits: Vec::new(),
        }
    }

    /// A fix that the fixer can make.
    pub fn new(
        title: impl Into<String>,
        applicability: Applicability,
        changes: Vec<Change>,
    ) -> Self {
        Self {
            title: title.into(),
            applicability,
            changes,
            edits: Vec::new(),
        }
    }
}

/// A permission that a finding is about, with what makes it narrow or broad.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Subject {
    /// The permission's name, such as `User.RevokeSessions.All`.
    #[serde(serialize_with = "crate::text::serialize_name")]
    #[schemars(with = "String")]
    pub permission: PermissionName,
    /// `delegated` (Scope) or `application` (Role).
    #[serde(rename = "type", serialize_with = "crate::text::serialize_type")]
    #[schemars(with = "String")]
    pub permission_type: PermissionType,
    /// Microsoft's privilege level, 1 (low) to 5 (high); null where none is published.
    pub privilege_level: Option<u8>,
    /// How many operations (method and path) of the catalog it unlocks.
    pub operations: usize,
}

/// A place with the words shown at it.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Where.
    pub at: Location,
    /// The words at the mark.
    pub label: String,
}

/// The app that a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AppLabel {
    /// Its display name, or else its application id.
    pub name: Option<String>,
    /// How its format addresses it, such as `azuread_application.worker`.
    pub address: Option<String>,
}

impl AppLabel {
    /// What people call it: the name, else the address.
    pub fn shown(&self) -> Option<&str> {
        self.name.as_deref().or(self.address.as_deref())
    }
}

/// One thing that a rule reports.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static RuleInfo,
    /// How much it matters.
    pub severity: Severity,
    /// How sure the rule is.
    pub confidence: Confidence,
    /// One sentence, without a full stop.
    pub message: String,
    /// Where. `None` only for what stands in no file: a call of the command line when no manifest was read.
    pub place: Option<Mark>,
    /// Other places that belong to it: where the call is made, the first of two equal requests.
    pub related: Vec<Mark>,
    /// The app, where it is about one.
    pub app: Option<AppLabel>,
    /// The permission that it is about.
    pub subject: Option<Subject>,
    /// What should be requested instead.
    pub instead: Vec<Subject>,
    /// Why, a sentence each.
    pub notes: Vec<String>,
    /// How to fix it.
    pub fix: Option<Fix>,
    /// What stays the same while the finding does.
    pub fingerprint: Fingerprint,
    /// The whole element that it is about, where that is more than the marked place: a comment in front of it is about
    /// the finding as well.
    pub element: Option<Location>,
    /// The exception that accepts it: it counts for nothing.
    pub suppressed: Option<Suppression>,
    /// What the baseline says of it, where there is one.
    pub baseline: Option<BaselineState>,
    /// A configuration locks its rule: no comment and no baseline accepts it.
    pub locked: bool,
}

impl Finding {
    /// A finding of this rule, of the rule's severity.
    pub fn new(rule: &'static RuleInfo, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.severity,
            confidence: Confidence::High,
            message: message.into(),
            place: None,
            related: Vec::new(),
            app: None,
            subject: None,
            instead: Vec::new(),
            notes: Vec::new(),
            fix: None,
            fingerprint: Fingerprint::new(rule.id),
            element: None,
            suppressed: None,
            baseline: None,
            locked: false,
        }
    }

    /// Whether it counts: neither accepted by an exception nor in the baseline.
    pub fn is_open(&self) -> bool {
        self.suppressed.is_none() && self.baseline != Some(BaselineState::Unchanged)
    }

    /// Marks a span of a source.
    #[must_use]
    pub fn at(self, source: &Source, span: Span, label: impl Into<String>) -> Self {
        self.at_location(locate(source, span), label)
    }

    /// Marks a place.
    #[must_use]
    pub fn at_location(mut self, at: Location, label: impl Into<String>) -> Self {
        self.place = Some(Mark {
            at,
            label: label.into(),
        });
        self
    }

    /// Marks another place that belongs to it.
    #[must_use]
    pub fn related(mut self, at: Location, label: impl Into<String>) -> Self {
        self.related.push(Mark {
            at,
            label: label.into(),
        });
        self
    }

    /// Another severity than the rule's.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Less sure than high.
    #[must_use]
    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    /// One more sentence.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// More sentences.
    #[must_use]
    pub fn notes(mut self, notes: impl IntoIterator<Item = String>) -> Self {
        self.notes.extend(notes);
        self
    }

    /// The permission that it is about.
    #[must_use]
    pub fn about(mut self, subject: Subject) -> Self {
        self.fingerprint.permission = Some(subject.permission.to_string());
        self.fingerprint.permission_type = Some(subject.permission_type);
        self.subject = Some(subject);
        self
    }

    /// What should be requested instead.
    #[must_use]
    pub fn instead(mut self, instead: Vec<Subject>) -> Self {
        self.instead = instead;
        self
    }

    /// How to fix it.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<Option<Fix>>) -> Self {
        self.fix = fix.into();
        self
    }

    /// What tells it from other findings of the rule about the same app, where that is no permission of the catalog:
    /// the text of an unknown permission, a call.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.fingerprint.permission = Some(key.into());
        self
    }

    /// The API that it is about, where that is not Microsoft Graph.
    #[must_use]
    pub fn resource(mut self, resource: impl Into<String>) -> Self {
        self.fingerprint.resource = Some(resource.into());
        self
    }
}
