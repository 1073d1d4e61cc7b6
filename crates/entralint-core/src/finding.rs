//! What a rule says: one model, fed to every report and to the fixer.

use entra_manifest::{Change, Span};
use msgraph_permissions::{PermissionName, PermissionType};
use schemars::JsonSchema;
use serde::Serialize;

use crate::rules::RuleInfo;

/// How much a finding matters. `--fail-on` compares against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing has to change.
    Note,
    /// Should change: more is asked for than is used, or the declaration is not what it seems.
    Warning,
    /// Must change: far more is asked for than is used, or the app will be refused.
    Error,
}

impl Severity {
    pub fn as_str(self) -> &'static str {
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
    /// The permissions data is unclear about one of the calls.
    Medium,
    /// Nothing known speaks against it.
    High,
}

/// When a fix may be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Applicability {
    /// `--fix` applies it: no grant is lost.
    Safe,
    /// Narrows or removes a grant: `--fix --unsafe-fixes` applies it.
    Unsafe,
    /// Shown only: a person has to decide.
    DisplayOnly,
}

/// How to mend a finding.
#[derive(Clone, Debug)]
pub struct Fix {
    /// In the imperative: "replace … with …".
    pub title: String,
    pub applicability: Applicability,
    /// Empty when the fix is display-only.
    pub changes: Vec<Change>,
}

/// A permission that a finding speaks of, with what makes it narrow or broad.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Subject {
    /// The permission's name, such as `User.RevokeSessions.All`.
    #[serde(serialize_with = "crate::text::serialize_name")]
    #[schemars(with = "String")]
    pub permission: PermissionName,
    /// `delegated` (Scope) or `application` (Role).
    #[serde(serialize_with = "crate::text::serialize_kind")]
    #[schemars(with = "String")]
    pub kind: PermissionType,
    /// Microsoft's privilege level, 1 (low) to 5 (high); null where none is published.
    pub privilege_level: Option<u8>,
    /// How many operations (method and path) of the catalogue it unlocks.
    pub operations: usize,
}

/// Where in the file a finding stands.
#[derive(Clone, Debug)]
pub struct Place {
    /// What is marked.
    pub span: Span,
    /// The words beside the mark.
    pub label: String,
    /// Other places that belong to it.
    pub related: Vec<(Span, String)>,
}

/// One thing that a rule has to say.
#[derive(Clone, Debug)]
pub struct Finding {
    pub rule: &'static RuleInfo,
    pub severity: Severity,
    pub confidence: Confidence,
    /// One sentence, without a full stop.
    pub message: String,
    /// None for what stands in no file: a call of the command line.
    pub place: Option<Place>,
    /// The app's name or id, where the manifest gives one.
    pub app: Option<String>,
    /// The permission that the finding is about.
    pub subject: Option<Subject>,
    /// What should stand in its stead.
    pub instead: Vec<Subject>,
    /// Why, a sentence each.
    pub notes: Vec<String>,
    pub fix: Option<Fix>,
    /// Tells findings of one rule in one file apart, whatever line they stand on.
    pub key: String,
}

impl Finding {
    pub fn new(rule: &'static RuleInfo, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.severity,
            confidence: Confidence::High,
            message: message.into(),
            place: None,
            app: None,
            subject: None,
            instead: Vec::new(),
            notes: Vec::new(),
            fix: None,
            key: String::new(),
        }
    }

    pub fn at(mut self, span: Span, label: impl Into<String>) -> Self {
        self.place = Some(Place {
            span,
            label: label.into(),
            related: Vec::new(),
        });
        self
    }

    pub fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        if let Some(place) = &mut self.place {
            place.related.push((span, label.into()));
        }
        self
    }

    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    pub fn notes(mut self, notes: impl IntoIterator<Item = String>) -> Self {
        self.notes.extend(notes);
        self
    }

    pub fn about(mut self, subject: Subject) -> Self {
        self.subject = Some(subject);
        self
    }

    pub fn instead(mut self, instead: Vec<Subject>) -> Self {
        self.instead = instead;
        self
    }

    pub fn fix(mut self, fix: Option<Fix>) -> Self {
        self.fix = fix;
        self
    }

    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = key.into();
        self
    }
}
