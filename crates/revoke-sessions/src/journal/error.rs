//! Why a journal cannot be used, and what to do then.

use std::io;
use std::path::{Path, PathBuf};

use super::VERSION;
use crate::words::counted;

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JournalError {
    #[error("cannot use the journal {}: {source}", .path.display())]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error(
        "the journal {path} is there already. To go on with that run, use --resume {path}; for a new \
         run, choose another name with --journal", path = .0.display()
    )]
    Exists(PathBuf),
    #[error(
        "another run is using the journal {}. Wait until it has ended, or stop it first", .0.display()
    )]
    Locked(PathBuf),
    #[error("{} is no journal of revoke-sessions: {reason}", .path.display())]
    NotAJournal { path: PathBuf, reason: String },
    #[error(
        "the journal {} ends before its list of users does. A run sends nothing before its list is \
         complete, so nothing was sent: start a new run from your list", .0.display()
    )]
    IncompleteList(PathBuf),
    #[error(
        "the list of users in the journal {} is damaged{}, so who is still to be sent cannot be read \
         from it. {} Start a new run from your list: revoking a user again is harmless",
        .path.display(), place(.line), sent(.outcomes)
    )]
    Damaged {
        path: PathBuf,
        /// The first line that is wrong, if one is.
        line: Option<usize>,
        /// How many outcomes stand in it all the same.
        outcomes: usize,
    },
    #[error(
        "the journal {} is of version {version}, and this program reads version {VERSION}: use the \
         program that wrote it", .path.display()
    )]
    OtherVersion { path: PathBuf, version: u32 },
}

fn place(line: &Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!(" in line {line}"))
}

fn sent(outcomes: &usize) -> String {
    match outcomes {
        0 => "It holds no outcome, but users may have been sent.".to_owned(),
        n => format!(
            "It holds {}, so users were sent.",
            counted(*n, "outcome", "outcomes")
        ),
    }
}

impl JournalError {
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| JournalError::Io {
            path: path.to_owned(),
            source,
        }
    }
}
