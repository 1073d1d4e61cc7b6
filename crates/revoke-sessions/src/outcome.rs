//! What became of one user, as the journal, the results file and the reports know it.

use std::time::SystemTime;

use jiff::Timestamp;
use msgraph_sessions::{Confirmation, Effect, Error, ErrorKind, Revoked};
use serde::{Deserialize, Serialize};

use crate::redact::redacted;
use crate::words::{now, rounded};

/// What became of one user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Outcome {
    /// When it was known.
    pub(crate) at: Timestamp,
    /// The user, as in the list.
    pub(crate) user: String,
    /// What became of them.
    pub(crate) outcome: Kind,
    /// When the request that was confirmed was sent, by this machine's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sent_at: Option<Timestamp>,
    /// When Graph confirmed it, by Graph's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) graph_time: Option<Timestamp>,
    /// Graph's last status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    /// How the answer confirms it: `true`, `empty`, `context`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) confirmation: Option<String>,
    /// Graph's error code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    /// What happened, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
    /// The innermost reason why a connection failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cause: Option<String>,
    /// Graph's own words, which may name the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) graph_message: Option<String>,
    /// Graph's id of the request, which Microsoft's support asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) request_id: Option<String>,
    /// This program's id of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) client_request_id: Option<String>,
    /// How often the request was sent.
    #[serde(default)]
    pub(crate) attempts: u32,
    /// Whether an answer was lost, so that the sessions may be revoked all the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) maybe_done: bool,
}

/// The ways it can end for a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// Graph confirmed that the sessions are revoked.
    Revoked,
    /// Graph answered with success, and the answer does not confirm it.
    Unconfirmed,
    /// Not revoked, or not known to be.
    Failed,
    /// Taken out of the run by an exclusion when it was resumed.
    Excluded,
}

impl Kind {
    /// The word for it in files and reports.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Kind::Revoked => "revoked",
            Kind::Unconfirmed => "unconfirmed",
            Kind::Failed => "failed",
            Kind::Excluded => "excluded",
        }
    }

    /// Whether a resumed run leaves the user alone.
    pub(crate) fn is_settled(self) -> bool {
        matches!(self, Kind::Revoked | Kind::Excluded)
    }
}

impl Outcome {
    /// What Graph's answer for a user comes to. `None` where nothing was asked of Graph, so that the
    /// user stays open: the run was being stopped, or there was no access token.
    pub(crate) fn of(user: &str, result: &Result<Revoked, Error>) -> Option<Self> {
        match result {
            Ok(revoked) => Some(Outcome {
                sent_at: timestamp(Some(revoked.sent_at)),
                graph_time: timestamp(revoked.graph_time),
                status: Some(revoked.status),
                confirmation: confirmation(revoked.confirmation),
                request_id: revoked.request_id.clone(),
                client_request_id: revoked.client_request_id.clone(),
                attempts: revoked.attempts,
                ..Outcome::bare(user, Kind::Revoked)
            }),
            Err(error) => {
                let maybe_done = error.effect() == Effect::Unknown;
                let unasked = matches!(error.kind(), ErrorKind::Stopped | ErrorKind::Token);
                if unasked && !maybe_done {
                    return None;
                }
                let kind = match error.kind() {
                    ErrorKind::Unconfirmed => Kind::Unconfirmed,
                    _ => Kind::Failed,
                };
                Some(Outcome {
                    status: error.status(),
                    code: error.code().map(clean),
                    message: Some(clean(&error.to_string())),
                    cause: error.causes().last().map(|cause| clean(cause)),
                    graph_message: error.message().map(clean),
                    request_id: error.request_id().map(str::to_owned),
                    client_request_id: error.client_request_id().map(str::to_owned),
                    attempts: error.attempts(),
                    maybe_done,
                    ..Outcome::bare(user, kind)
                })
            }
        }
    }

    /// A user taken out of a run that is resumed.
    pub(crate) fn excluded(user: &str) -> Self {
        Outcome::bare(user, Kind::Excluded)
    }

    fn bare(user: &str, outcome: Kind) -> Self {
        Outcome {
            at: now(),
            user: user.to_owned(),
            outcome,
            sent_at: None,
            graph_time: None,
            status: None,
            confirmation: None,
            code: None,
            message: None,
            cause: None,
            graph_message: None,
            request_id: None,
            client_request_id: None,
            attempts: 0,
            maybe_done: false,
        }
    }

    /// Why the user is not revoked, the same for all who failed alike: without request ids and times.
    pub(crate) fn reason(&self) -> String {
        let message = self.message.as_deref().unwrap_or("failed");
        let reason = message.split("; ").next().unwrap_or(message);
        match &self.cause {
            Some(cause) => format!("{reason}: {cause}"),
            None => reason.to_owned(),
        }
    }
}

/// The words of others, without what a terminal or a spreadsheet would take as an order, and without a
/// token.
pub(crate) fn clean(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    redacted(&text)
}

fn confirmation(confirmation: Confirmation) -> Option<String> {
    let word = match confirmation {
        Confirmation::True => "true",
        Confirmation::Empty => "empty",
        Confirmation::ContextOnly => "context",
        _ => return None,
    };
    Some(word.to_owned())
}

fn timestamp(time: Option<SystemTime>) -> Option<Timestamp> {
    Timestamp::try_from(time?).ok().map(rounded)
}

#[cfg(test)]
impl Outcome {
    /// An outcome of some moment, for tests.
    pub(crate) fn sample(user: &str, outcome: Kind) -> Self {
        Outcome {
            at: Timestamp::UNIX_EPOCH,
            status: Some(200),
            attempts: 1,
            ..Outcome::bare(user, outcome)
        }
    }
}
