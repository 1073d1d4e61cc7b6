//! The lines of a journal, as JSON.

use std::io;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::outcome::Outcome;
use crate::users::User;

/// The form of the journal that this program writes. It reads the earlier one, too, in which a user had one
/// name and exclusions were a number.
pub(crate) const VERSION: u32 = 2;

/// The first line: what the run is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Header {
    /// What wrote the journal: always `revoke-sessions`.
    pub(crate) journal: String,
    /// Its form.
    pub(crate) version: u32,
    /// The program's version.
    pub(crate) program: String,
    /// When the run was started.
    pub(crate) started: Timestamp,
    /// The cloud, by name.
    pub(crate) cloud: String,
    /// The root address of Graph.
    pub(crate) graph: String,
    /// The tenant, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tenant: Option<String>,
    /// The app that sends, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) client_id: Option<String>,
    /// The signed-in operator, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) signed_in_as: Option<String>,
    /// How many users the run has.
    pub(crate) users: usize,
    /// SHA-256 over the users in their order, each followed by a line end.
    pub(crate) users_sha256: String,
    /// How many users of the list were excluded.
    pub(crate) excluded: usize,
    /// Who they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) excluded_users: Vec<ExcludedUser>,
    /// Where the exclusions came from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) exclusions: Vec<String>,
    /// Every account that the run must not send, in the list or not: they hold when it is resumed, on
    /// whatever machine.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) never_sent: Vec<ExcludedUser>,
    /// How many lines of the list named no user and were skipped on request.
    pub(crate) skipped_lines: usize,
    /// Which lines these are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) skipped: Vec<SkippedLine>,
}

/// An account that is not sent, because an exclusion names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ExcludedUser {
    /// As in the list, or in the exclusions.
    pub(crate) user: String,
    /// Further names of the same account.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) also: Vec<String>,
}

impl ExcludedUser {
    pub(crate) fn of(user: &User) -> Self {
        ExcludedUser {
            user: user.user.to_string(),
            also: user.others.iter().map(ToString::to_string).collect(),
        }
    }
}

/// A line of the list that names no user and was skipped on request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SkippedLine {
    /// From 1.
    pub(crate) line: u64,
    /// What is wrong with it.
    pub(crate) reason: String,
}

/// A user of the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Planned {
    /// As it is sent.
    pub(crate) user: String,
    /// Further names of the same account, by which a later exclusion finds it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) also: Vec<String>,
    /// Whether it is known to be a guest.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) guest: bool,
}

/// Something that happened to the run itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Event {
    /// When.
    pub(crate) at: Timestamp,
    /// What.
    pub(crate) event: EventKind,
}

/// What can happen to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum EventKind {
    /// It goes on after a stop.
    Resumed,
    /// The operator stopped it.
    Interrupted,
    /// It stopped itself, because going on was of no use.
    Stopped,
    /// Every user was tried.
    Finished,
}

/// A line after the users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[expect(clippy::large_enum_variant, reason = "one line exists at a time")]
pub(crate) enum Line {
    /// What became of a user.
    Outcome(Outcome),
    /// What happened to the run.
    Event(Event),
}

/// Hash over the users of a run, in their order, with all of their names from version 2 on.
pub(crate) fn users_sha256(version: u32, users: &[Planned]) -> String {
    let mut hash = Sha256::new();
    for user in users {
        hash.update(user.user.as_bytes());
        if version >= 2 {
            for name in &user.also {
                hash.update(b"\t");
                hash.update(name.as_bytes());
            }
        }
        hash.update(b"\n");
    }
    base16ct::lower::encode_string(&hash.finalize())
}

/// Writes a line with its end.
pub(super) fn write_line(writer: &mut impl io::Write, line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *writer, line)?;
    writer.write_all(b"\n")
}
