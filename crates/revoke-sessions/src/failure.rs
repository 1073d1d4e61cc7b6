//! Why a command ends early, and with which exit code.

use std::path::PathBuf;
use std::process::ExitCode;

use msgraph_sessions::{BuildError, CloudError, TokenError};

use crate::auth::{AuthError, with_detail};
use crate::journal::JournalError;
use crate::redact::shown;
use crate::select::SelectError;
use crate::users::{BadLine, BadReason, ListError};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everyone was revoked.
    Complete,
    /// Not everyone was.
    Incomplete,
    /// Usage or sign-in.
    Usage,
    /// Nothing to do.
    Nothing,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::Complete => 0,
            Exit::Incomplete => 1,
            Exit::Usage => 2,
            Exit::Nothing => 3,
        })
    }
}

/// So many bad lines are listed.
const LISTED: usize = 20;

/// Why nothing was sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("cannot read {}: {source}", shown(.path))]
    List {
        path: PathBuf,
        #[source]
        source: ListError,
    },
    #[error("{}", bad_lines(.path, .lines, .list))]
    BadLines {
        path: PathBuf,
        lines: Vec<BadLine>,
        /// Whether it is the list of users, whose bad lines may be left out, or one of exclusions.
        list: bool,
    },
    #[error("`{user}`: {reason}. Nothing was sent")]
    User { user: String, reason: BadReason },
    #[error(
        "REVOKE_SESSIONS_EXCLUDE holds {word}, which is neither a file nor an object id or a user \
         principal name. Nothing was sent"
    )]
    ExclusionVariable { word: String },
    #[error("{user} is your own account, and it is excluded. Nothing was sent")]
    MeExcluded { user: String },
    #[error(
        "the access token does not say who is signed in, so whether the account is excluded cannot be \
         told. Nothing was sent"
    )]
    MeUnknown,
    #[error("cannot write the log to {}: {source}", .path.display())]
    Log {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("cannot write the report to {}: {source}", .path.display())]
    Report {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("name the report FILE.html or FILE.md: {} is neither", .path.display())]
    ReportForm { path: PathBuf },
    #[error("{} names no account to exclude. Nothing was sent", .path.display())]
    NoExclusion { path: PathBuf },
    #[error(
        "{first} and {second} are the same file, {}: give each its own. Nothing was sent", .path.display()
    )]
    SameFile {
        path: PathBuf,
        first: String,
        second: &'static str,
    },
    #[error("{option} needs the name of a file, and `-` is none. Nothing was sent")]
    NotAFile { option: &'static str },
    #[error("`-` stands for the users of standard input and is given alone. Nothing was sent")]
    StdinAmongUsers,
    #[error("`-` is given more than once, and standard input can be read only once")]
    InputTwice,
    #[error("cannot use the certificates of {}: {reason}", .path.display())]
    RootCertificate { path: PathBuf, reason: String },
    #[error(transparent)]
    Select(#[from] SelectError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Cloud(#[from] CloudError),
    #[error("--cloud and {other} cannot be used together: which Graph is meant?")]
    TwoClouds { other: String },
    #[error(transparent)]
    Auth(#[from] AuthError),
    #[error("cannot sign in: {}", with_detail(.0))]
    SignIn(#[from] TokenError),
    #[error(transparent)]
    Build(#[from] BuildError),
    #[error("the journal is of a run against {journal}, and this command is for {asked}")]
    OtherCloud { journal: String, asked: String },
    #[error(
        "the journal is of a run against {graph}, which is none of the four clouds: give the same \
         --graph and --authority as then"
    )]
    CustomCloud { graph: String },
    #[error(
        "the journal is of a run in tenant {journal}, and you are signed in to tenant {now}: nothing \
         was sent"
    )]
    OtherTenant { journal: String, now: String },
    #[error(
        "`me` needs a signed-in user, and the access token is of an app by itself. Use `user` with \
         an object id or user principal name"
    )]
    MeAsApp,
    #[error("nothing was sent: without a terminal to ask at, pass --yes")]
    NoTerminal,
    #[error("nothing was sent: not confirmed")]
    NotConfirmed,
    #[error("cannot write the results to {}: {source}", .path.display())]
    Results {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("cannot write the result as JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl Failure {
    /// Why signing in failed, from the outermost reason to the innermost.
    pub(crate) fn causes(&self) -> Vec<String> {
        match self {
            Failure::SignIn(error) | Failure::Auth(AuthError::Token(error)) => error.causes(),
            _ => Vec::new(),
        }
    }
}

fn bad_lines(path: &std::path::Path, lines: &[BadLine], list: &bool) -> String {
    let count = crate::words::counted(lines.len(), "line", "lines");
    let verb = if lines.len() == 1 { "names" } else { "name" };
    let mut out = format!("{count} of {} {verb} no user:\n", path.display());
    for bad in lines.iter().take(LISTED) {
        out += &format!("  line {}: {}\n", bad.line, bad.reason);
    }
    if lines.len() > LISTED {
        out += &format!("  … and {} more\n", lines.len() - LISTED);
    }
    out += "Nothing was sent. Correct the list";
    if *list {
        out += ", or pass --skip-bad-lines to go on without these lines";
    }
    out
}
