//! What became of one user, as the journal, the results file and the reports know it.

use jiff::Timestamp;
use msgraph_sessions::{Effect, Error, ErrorKind, Revoked};
use serde::{Deserialize, Serialize};

use crate::words::now;

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
    /// Graph's last status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    /// Graph's error code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    /// What happened, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
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
    /// Graph answered with success and the value `false`.
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
    /// user stays open: the run was being stopped, or nobody was signed in.
    pub(crate) fn of(user: &str, result: &Result<Revoked, Error>) -> Option<Self> {
        let at = now();
        match result {
            Ok(revoked) => Some(Outcome {
                at,
                user: user.to_owned(),
                outcome: Kind::Revoked,
                status: Some(revoked.status),
                code: None,
                message: None,
                graph_message: None,
                request_id: revoked.request_id.clone(),
                client_request_id: revoked.client_request_id.clone(),
                attempts: revoked.attempts,
                maybe_done: false,
            }),
            Err(error) => {
                let maybe_done = error.effect() == Effect::Unknown;
                let unasked = matches!(error.kind(), ErrorKind::Stopped | ErrorKind::Token);
                if unasked && !maybe_done {
                    return None;
                }
                Some(Outcome {
                    at,
                    user: user.to_owned(),
                    outcome: match error.kind() {
                        ErrorKind::Unconfirmed => Kind::Unconfirmed,
                        _ => Kind::Failed,
                    },
                    status: error.status(),
                    code: error.code().map(str::to_owned),
                    message: Some(error.to_string()),
                    graph_message: error.message().map(str::to_owned),
                    request_id: error.request_id().map(str::to_owned),
                    client_request_id: error.client_request_id().map(str::to_owned),
                    attempts: error.attempts(),
                    maybe_done,
                })
            }
        }
    }

    /// A user taken out of a run that is resumed.
    pub(crate) fn excluded(user: &str) -> Self {
        Outcome {
            at: now(),
            user: user.to_owned(),
            outcome: Kind::Excluded,
            status: None,
            code: None,
            message: None,
            graph_message: None,
            request_id: None,
            client_request_id: None,
            attempts: 0,
            maybe_done: false,
        }
    }
}

#[cfg(test)]
impl Outcome {
    /// An outcome of some moment, for tests.
    pub(crate) fn sample(user: &str, outcome: Kind) -> Self {
        Outcome {
            at: Timestamp::UNIX_EPOCH,
            user: user.to_owned(),
            outcome,
            status: Some(200),
            code: None,
            message: None,
            graph_message: None,
            request_id: None,
            client_request_id: None,
            attempts: 1,
            maybe_done: false,
        }
    }
}
