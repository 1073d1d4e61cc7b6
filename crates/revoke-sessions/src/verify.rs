//! `verify`: reads back since when the sessions of a run's users are valid.
//!
//! Optional: the confirmation of Graph is what counts, and reading takes a permission that revoking does
//! not need. Revoking sets `signInSessionsValidFromDateTime` to its own time, so a value that is older than
//! the revocation is worth a look.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use msgraph_sessions::operations::{Scheme, USER_GET_SESSIONS_VALID_FROM};
use msgraph_sessions::{Error, UserIdOrUpn, ValidFrom};
use serde::Serialize;

use crate::cli::{Format, VerifyCommand};
use crate::failure::{Exit, Failure};
use crate::journal::{Journal, JournalError};
use crate::outcome::{Kind, Outcome, clean};
use crate::progress::say;
use crate::run::Run;
use crate::session::{self, Session};
use crate::words::counted;

/// Requests at the same time: reading has a quota of its own, far above that of writes.
const AT_A_TIME: usize = 8;

/// Graph writes whole seconds, and so does the clock in the header of its answers.
const ROUNDING: SignedDuration = SignedDuration::from_secs(2);

/// `revoke-sessions verify`
pub(crate) async fn run(command: VerifyCommand) -> Result<Exit, Failure> {
    let common = &command.common;
    let replay = Journal::look(&command.journal)?;
    let cloud = match common.cloud.asked()? {
        Some(cloud) if cloud.graph_root() != replay.header.graph => {
            return Err(Failure::OtherCloud {
                journal: replay.header.graph.clone(),
                asked: cloud.graph_root().to_owned(),
            });
        }
        Some(cloud) => cloud,
        None => replay
            .header
            .cloud
            .parse()
            .map_err(|_| Failure::CustomCloud {
                graph: replay.header.graph.clone(),
            })?,
    };
    let run = Run::resumed(replay);
    let mut asked = Vec::new();
    for (user, outcome) in run.results() {
        // Who was never sent has nothing to be read back.
        let Some(outcome) = outcome.filter(|it| it.attempts > 0) else {
            continue;
        };
        let id =
            UserIdOrUpn::new(user.user.as_str()).map_err(|reason| JournalError::NotAJournal {
                path: command.journal.clone(),
                reason: format!("of a user in it, {reason}"),
            })?;
        asked.push((id, user.guest, outcome));
    }
    if asked.is_empty() {
        say("Nothing to verify: no user of the journal was sent.");
        if common.format == Format::Json {
            session::print(&(serde_json::to_string_pretty(&Document::of(Vec::new()))? + "\n"))?;
        }
        return Ok(Exit::Nothing);
    }
    let least = USER_GET_SESSIONS_VALID_FROM
        .least(Scheme::Application)
        .unwrap_or_default();
    say(&format!(
        "Reading signInSessionsValidFromDateTime of {}. This is optional, and takes the permission \
         {least}, which revoking does not need. The value can lag behind by a few minutes.",
        counted(asked.len(), "user", "users")
    ));
    let session = Session::open(common, cloud).await?;
    let client = &session.client;
    let mut progress = session::progress(asked.len(), Duration::ZERO);
    let found: Vec<Checked> = stream::iter(asked)
        .map(|(user, guest, outcome)| async move {
            let read = client.sessions_valid_from(&user).await;
            Checked::of(&user, guest, outcome, read)
        })
        .buffered(AT_A_TIME)
        .inspect(|checked| progress.done(checked.finding == Finding::NotRead))
        .collect()
        .await;
    progress.finish();
    let document = Document::of(found);
    session::print(&match common.format {
        Format::Text => document.text(),
        Format::Json => serde_json::to_string_pretty(&document)? + "\n",
    })?;
    Ok(match (document.older + document.open, document.not_read) {
        (0, 0) => Exit::Complete,
        _ => Exit::Incomplete,
    })
}

/// What was read of one user.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Checked {
    user: String,
    guest: bool,
    /// What the journal says.
    outcome: Kind,
    /// When the user was revoked, or last sent, by Graph's clock where it is known.
    revoked_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_from: Option<String>,
    finding: Finding,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Finding {
    /// The sessions are valid only since the revocation, or later.
    Verified,
    /// The value is older than the revocation.
    Older,
    /// Graph shows no value, or one that is no time.
    NoValue,
    /// It could not be read.
    NotRead,
}

impl Checked {
    fn of(
        user: &UserIdOrUpn,
        guest: bool,
        outcome: &Outcome,
        read: Result<ValidFrom, Error>,
    ) -> Self {
        let revoked_at = outcome.graph_time.unwrap_or(outcome.at);
        let mut checked = Checked {
            user: user.to_string(),
            guest,
            outcome: outcome.outcome,
            revoked_at,
            valid_from: None,
            finding: Finding::NotRead,
            reason: None,
        };
        let value = match read {
            Ok(read) => read.valid_from,
            Err(error) => {
                checked.reason = Some(clean(&error.to_string()));
                return checked;
            }
        };
        let time = value
            .as_deref()
            .and_then(|text| text.parse::<Timestamp>().ok());
        checked.valid_from = value.as_deref().map(clean);
        checked.finding = match time {
            None => Finding::NoValue,
            Some(time) if time < earliest(outcome) => Finding::Older,
            Some(_) => Finding::Verified,
        };
        checked
    }
}

/// The earliest value that the revocation can have set: Graph answered after it set it, and the request
/// was on its way for as long as this machine's clock says.
fn earliest(outcome: &Outcome) -> Timestamp {
    let answered = outcome.graph_time.unwrap_or(outcome.at);
    let way = match outcome.sent_at {
        Some(sent) => outcome.at.duration_since(sent).max(SignedDuration::ZERO),
        // Lost answers have no time of their own: the last try was within this time.
        None => SignedDuration::from_mins(5),
    };
    answered
        .checked_sub(way + ROUNDING)
        .unwrap_or(Timestamp::MIN)
}

/// All that was read.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    version: u32,
    users: usize,
    verified: usize,
    older: usize,
    open: usize,
    not_read: usize,
    /// Who is not verified.
    findings: Vec<Checked>,
}

impl Document {
    fn of(checked: Vec<Checked>) -> Self {
        let count = |finding: Finding| checked.iter().filter(|it| it.finding == finding).count();
        Document {
            version: 1,
            users: checked.len(),
            verified: count(Finding::Verified),
            older: count(Finding::Older),
            open: count(Finding::NoValue),
            not_read: count(Finding::NotRead),
            findings: checked
                .into_iter()
                .filter(|it| it.finding != Finding::Verified)
                .collect(),
        }
    }

    fn text(&self) -> String {
        let mut out = format!(
            "Verified: the sessions of {} are valid only since the revocation.\n",
            counted(self.verified, "user", "users")
        );
        for (finding, title) in [
            (Finding::Older, "Older than the revocation"),
            (Finding::NoValue, "Without a value"),
            (Finding::NotRead, "Not read"),
        ] {
            let found: Vec<&Checked> = self
                .findings
                .iter()
                .filter(|it| it.finding == finding)
                .collect();
            if found.is_empty() {
                continue;
            }
            out += &format!("\n{title}: {}\n", counted(found.len(), "user", "users"));
            for it in found {
                let guest = if it.guest { " (guest)" } else { "" };
                let what = match (&it.valid_from, &it.reason) {
                    (Some(value), _) => format!("valid from {value}, revoked at {}", it.revoked_at),
                    (None, Some(reason)) => reason.clone(),
                    (None, None) => format!("revoked at {}", it.revoked_at),
                };
                out += &format!("  {}{guest} ({}): {what}\n", it.user, it.outcome.word());
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_way_of_the_request_and_whole_seconds_count() {
        let mut outcome = Outcome::sample("a@x.y", Kind::Revoked);
        outcome.at = time("2026-01-01T12:00:03.5Z");
        outcome.sent_at = Some(time("2026-01-01T12:00:02.5Z"));
        // Graph's clock is two hours ahead of this machine's.
        outcome.graph_time = Some(time("2026-01-01T14:00:03Z"));
        assert_eq!(earliest(&outcome), time("2026-01-01T14:00:00Z"));
        outcome.graph_time = None;
        assert_eq!(earliest(&outcome), time("2026-01-01T12:00:00.5Z"));
    }
}
