//! Recordings and collections: files that list requests instead of making them.
//!
//! Such a file is named by the user, never found by walking. A format is one file here and one line in `FORMATS`. What
//! a recording holds beyond method, path, status, time, the permissions of a log's row and the body of a refusal is not
//! looked at: no header, no value of a variable, no token leaves this module, and ids only in the body of a refusal.

mod activity;
mod api_description;
mod batch;
mod bruno;
mod collect;
mod dev_proxy;
mod har;
mod http_file;
mod insomnia;
mod kiota;
mod postman;
mod variables;

use std::collections::BTreeMap;

use jiff::Timestamp;
use msgraph_permissions::{Method, PermissionType};
use source_text::{Source, Span};

use self::collect::Collector;
use crate::{Api, Evidence};

/// A format of recordings or collections.
trait Format: Sync {
    /// The name for output.
    fn name(&self) -> &'static str;
    /// Whether a file is of this format.
    fn claims(&self, head: &Head<'_>) -> bool;
    /// Hands every request of the file to the collector.
    fn read(&self, collector: &mut Collector<'_>) -> Result<(), RecordError>;
}

/// In the order in which they are tried: the surer mark first.
const FORMATS: &[&dyn Format] = &[
    &har::Har,
    &activity::QueryAnswer,
    &activity::Rows,
    &activity::Lines,
    &activity::Csv,
    &dev_proxy::MinimalPermissions,
    &dev_proxy::Guidance,
    &batch::Batch,
    &postman::Postman,
    &insomnia::Version4,
    &insomnia::Version5,
    &bruno::Bruno,
    &http_file::HttpFile,
    &kiota::Lock,
    &api_description::OpenApi,
];

/// What is looked at to tell a format.
struct Head<'a> {
    /// The file's name without its folder, in lower case.
    name: String,
    text: &'a str,
    /// The members of the outermost JSON object, or of the first element of an outermost JSON array; empty otherwise.
    members: Vec<String>,
    is_array: bool,
}

impl Head<'_> {
    fn has(&self, member: &str) -> bool {
        self.members
            .iter()
            .any(|known| known.eq_ignore_ascii_case(member))
    }

    fn ends_with(&self, ending: &str) -> bool {
        self.name.ends_with(ending)
    }
}

/// Which rows of a log are taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Select {
    /// The app's client id. Without it, the rows of all apps are one set.
    pub app_id: Option<String>,
}

/// What a recording says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// The name of its format: `har`, `activity-log`, `postman`.
    pub format: &'static str,
    /// Its calls, equal ones once, at the first place.
    pub evidence: Evidence,
    /// How many requests, or rows of a log, the file holds.
    pub requests: usize,
    /// How many of them go to Microsoft Graph and were taken.
    pub taken: usize,
    /// How many were left out, for each reason.
    pub left_out: BTreeMap<LeftOut, usize>,
    /// Times of the first and the last request that was taken, where the file tells.
    pub window: Option<(Timestamp, Timestamp)>,
    /// How many rows each app has, by client id; logs only. All apps of the file, whichever was selected.
    pub apps: BTreeMap<String, usize>,
    /// The first requests that were refused, in the file's order.
    pub refusals: Vec<Refusal>,
    /// How many further ones were refused.
    pub more_refusals: usize,
}

impl Recording {
    /// Days between the first and the last request, rounded down: how long an unused permission was watched.
    pub fn days(&self) -> Option<i64> {
        let (first, last) = self.window?;
        Some(last.duration_since(first).as_hours() / 24)
    }
}

/// A recorded request that was answered with 401 or 403.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP method.
    pub method: Method,
    /// The path without version and query, an id as `{id}`.
    pub path: String,
    /// The status: 401 or 403.
    pub status: u16,
    /// How the caller signed in, where the recording tells.
    pub scheme: Option<PermissionType>,
    /// The permissions of the token, where the recording has a column for them; words that nothing has checked.
    pub held: Option<Vec<String>>,
    /// The body of the answer, where it was recorded; it may hold ids, and is for finding error codes in it.
    pub answer: Option<String>,
    /// The whole entry or row, the first of equal ones.
    pub entry: Span,
    /// How many requests it stands for: equal ones without a body are one.
    pub times: usize,
}

/// Why a request of a recording was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum LeftOut {
    /// It goes to another host.
    OtherHost,
    /// A preflight of a browser, or another method that needs no permission.
    Preflight,
    /// It was never answered.
    Aborted,
    /// `POST /$batch`: the requests within are taken instead.
    Envelope,
    /// It belongs to another app than the selected one.
    OtherApp,
    /// Method or address are missing or cannot be read.
    Unreadable,
}

impl LeftOut {
    /// The words for output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OtherHost => "other host",
            Self::Preflight => "preflight",
            Self::Aborted => "not answered",
            Self::Envelope => "batch envelope",
            Self::OtherApp => "other app",
            Self::Unreadable => "unreadable",
        }
    }
}

/// A recording that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// No format has these marks.
    #[error(
        "not a recording of a known format: give a HAR file, a Dev Proxy report, an export of MicrosoftGraphActivityLogs (CSV, JSON, JSON Lines), a $batch body, a Postman, Insomnia or Bruno collection, a .http file, kiota-lock.json or an OpenAPI description"
    )]
    UnknownFormat,
    /// The text is not of the format that its name or its beginning promises.
    #[error("not a valid {format} file: {reason}")]
    Syntax {
        /// The format's name.
        format: &'static str,
        /// What is wrong.
        reason: String,
        /// Where.
        span: Span,
    },
    /// A column or a member that the format cannot do without is missing.
    #[error(
        "the {format} file has no `{member}`, without which it says nothing: export it again with that member"
    )]
    Missing {
        /// The format's name.
        format: &'static str,
        /// The column or member.
        member: &'static str,
        /// Where it was looked for.
        span: Span,
    },
    /// The description is one of another API.
    #[error("no server of Microsoft Graph under `servers`: the file describes another API")]
    OtherApi {
        /// Where it begins.
        span: Span,
    },
    /// No row belongs to the selected app.
    #[error("no row belongs to app {wanted}; the file has rows of {}", list(.found))]
    NoSuchApp {
        /// The selected app.
        wanted: String,
        /// The apps that have rows, a few of them.
        found: Vec<String>,
    },
}

impl RecordError {
    /// The place of the error, where it has one.
    pub const fn span(&self) -> Option<Span> {
        match self {
            Self::Syntax { span, .. } | Self::Missing { span, .. } | Self::OtherApi { span } => {
                Some(*span)
            }
            Self::UnknownFormat | Self::NoSuchApp { .. } => None,
        }
    }
}

fn list(apps: &[String]) -> String {
    if apps.is_empty() {
        "no app".to_owned()
    } else {
        apps.join(", ")
    }
}

/// Reads a recording.
///
/// # Errors
///
/// When the file is of no known format, or not what its format wants, or has no row of the selected app.
pub fn read(source: &Source, api: &Api, select: &Select) -> Result<Recording, RecordError> {
    let head = head(source);
    let format = FORMATS
        .iter()
        .find(|format| format.claims(&head))
        .ok_or(RecordError::UnknownFormat)?;
    let mut collector = Collector::new(source, api, select, format.name());
    format.read(&mut collector)?;
    collector.finish()
}

fn head(source: &Source) -> Head<'_> {
    let text = source.text();
    let name = source
        .name()
        .file_name()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let (members, is_array) = collect::outer_members(text);
    Head {
        name,
        text,
        members,
        is_array,
    }
}

#[cfg(test)]
mod tests;
