//! Evidence: the calls that a file makes, those that could not be resolved, and what was skipped.

use std::collections::BTreeMap;
use std::fmt;

use msgraph_permissions::{Method, PermissionType};
use source_text::Span;

/// What one file, or a whole project, says about Microsoft Graph calls.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The calls, in the order in which they stand in the file.
    pub calls: Vec<Found>,
    /// Places that surely or probably call Microsoft Graph, without a path or a method that can be read.
    pub unresolved: Vec<Unresolved>,
    /// What was looked at and left out, with the reason.
    pub skipped: Skipped,
    /// Functions that other programs can call and that send whatever path they are given: who calls them, and with what,
    /// does not stand in the project.
    pub exported: usize,
}

impl Evidence {
    /// Adds the evidence of another file.
    pub fn merge(&mut self, other: Self) {
        self.calls.extend(other.calls);
        self.unresolved.extend(other.unresolved);
        self.skipped.merge(&other.skipped);
        self.exported += other.exported;
    }

    /// Whether nothing was found and nothing was left out.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty() && self.unresolved.is_empty() && self.skipped.is_empty()
    }
}

/// A call of Microsoft Graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The HTTP method.
    pub method: Method,
    /// The path from the root of the API, without version and query, an id as `{id}`: `/users/{id}/revokeSignInSessions`.
    /// It holds no id, name or secret of the file.
    pub path: String,
    /// The template of the catalog that the path matches, as the catalog spells it. `None`: the catalog has no such path,
    /// or not with this method.
    pub template: Option<String>,
    /// The version of the API, where the call names one.
    pub version: Option<Version>,
    /// How the caller signs in, where the code shows it.
    pub scheme: Option<PermissionType>,
    /// Where the call is made: the member chain, the cmdlet, the request. Its first byte is the place to show.
    pub span: Span,
    /// Where the path is written, if that is another place than `span`: the literal behind a variable.
    pub path_span: Option<Span>,
    /// In which form the call is written.
    pub kind: Kind,
    /// How sure it is that this call is made.
    pub certainty: Certainty,
    /// For a call that makes a subscription, the template that reads what it is about: reading that is what it needs.
    pub reads: Option<String>,
    /// How method and path were read, for `--explain`.
    pub steps: Vec<Step>,
    /// What Microsoft Graph answered; recordings only.
    pub outcome: Option<Outcome>,
}

/// One step from the text to the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What was read: "path literal", "through `url`", "method from `post(`".
    pub text: String,
    /// Where.
    pub span: Span,
}

/// A version of Microsoft Graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// `v1.0`
    V1,
    /// `beta`
    Beta,
}

impl Version {
    /// The segment of a URL: `v1.0` or `beta`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
        }
    }
}

/// In which form a call is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A URL or path that is given to an HTTP client.
    Url,
    /// A member chain of a Microsoft Graph SDK.
    Chain,
    /// A PowerShell cmdlet.
    Cmdlet,
    /// An action of a Logic App, a Power Automate flow or a pipeline.
    Workflow,
    /// A request within a `$batch`.
    Batch,
    /// A HAR recording.
    Har,
    /// A report of Dev Proxy.
    DevProxy,
    /// Rows of `MicrosoftGraphActivityLogs`.
    Log,
    /// A collection of requests: Postman, Insomnia, Bruno, `.http`.
    Collection,
    /// The lock file or the description of a generated client.
    Generated,
}

impl Kind {
    /// The word for output and configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Chain => "chain",
            Self::Cmdlet => "cmdlet",
            Self::Workflow => "workflow",
            Self::Batch => "batch",
            Self::Har => "har",
            Self::DevProxy => "dev-proxy",
            Self::Log => "log",
            Self::Collection => "collection",
            Self::Generated => "generated",
        }
    }
}

/// How sure it is that a call is made. Greater is surer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// The verb is assumed from a name, the path may end otherwise, or the file only may call.
    Possible,
    /// The host is a variable and the path is in the catalog, or the verb is a default or comes from a helper.
    Likely,
    /// The host is Microsoft Graph's, or the receiver is known as its client, or it is a cmdlet of its SDK or a recorded
    /// request; and the verb stands in the call.
    Certain,
}

impl Certainty {
    /// The word for output: `certain`, `likely` or `possible`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        }
    }
}

impl fmt::Display for Certainty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What Microsoft Graph answered to a recorded request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// A status of 2xx: the permissions of that time were enough.
    Succeeded,
    /// 403: the app wanted this and was refused.
    Forbidden,
    /// Another status, such as 404 or 429: it was called, and says nothing about permissions.
    Other(u16),
}

/// A place that calls Microsoft Graph in a way that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unresolved {
    /// The first segment of the path in lower case, where that much is known: `users`.
    pub root: Option<String>,
    /// What could not be read.
    pub missing: Missing,
    /// Where the call is made.
    pub span: Span,
    /// What stands there, cut to one line, without values: `/{}/{}/appRoleAssignments`.
    pub text: String,
}

/// What is missing to know a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Missing {
    /// The path, or a segment of it where the API has words.
    Path,
    /// The method.
    Method,
    /// Whether the receiver is a client of Microsoft Graph, or what it calls.
    Receiver,
}

impl Missing {
    /// The word for output: `path`, `method` or `receiver`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Method => "method",
            Self::Receiver => "receiver",
        }
    }
}

/// How many files or places were left out, for each reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Skipped(BTreeMap<SkipReason, usize>);

impl Skipped {
    /// Counts one more.
    pub fn add(&mut self, reason: SkipReason) {
        *self.0.entry(reason).or_default() += 1;
    }

    /// How often for this reason.
    pub fn count(&self, reason: SkipReason) -> usize {
        self.0.get(&reason).copied().unwrap_or_default()
    }

    /// Adds the counts of another.
    pub fn merge(&mut self, other: &Self) {
        for (reason, count) in &other.0 {
            *self.0.entry(*reason).or_default() += count;
        }
    }

    /// The reasons with their counts, which are above zero.
    pub fn iter(&self) -> impl Iterator<Item = (SkipReason, usize)> + '_ {
        self.0.iter().map(|(reason, count)| (*reason, *count))
    }

    /// Whether nothing was left out.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Why something was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SkipReason {
    /// A URL in a comment or a doc string.
    Comment,
    /// A test, a fixture or a mock, by its name.
    Test,
    /// Code that a generator wrote.
    Generated,
    /// Code of others in the repository: `node_modules`, `vendor`.
    Vendored,
    /// Minified code.
    Minified,
    /// Larger than the limit.
    TooLarge,
    /// A table of translations.
    Translation,
    /// A URL in a message: a log line, an exception, a print.
    Message,
    /// Documentation, such as Markdown.
    Documentation,
    /// Not a text in an encoding that is read.
    NotText,
    /// In a programming language that is not read, with a sign of Microsoft Graph.
    Language,
}

impl SkipReason {
    /// The word for output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Comment => "comment",
            Self::Test => "test",
            Self::Generated => "generated",
            Self::Vendored => "vendored",
            Self::Minified => "minified",
            Self::TooLarge => "too-large",
            Self::Translation => "translation",
            Self::Message => "message",
            Self::Documentation => "documentation",
            Self::NotText => "not-text",
            Self::Language => "language",
        }
    }
}

/// What a scan looks at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Read tests, fixtures, mocks and samples too. Their calls are no more than [`Certainty::Possible`].
    pub include_tests: bool,
}
