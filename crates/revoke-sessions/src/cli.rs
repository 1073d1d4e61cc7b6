//! The command line.

mod cloud;
mod evidence;
mod network;
mod pace;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use self::cloud::CloudOptions;
pub(crate) use self::evidence::EvidenceOptions;
pub(crate) use self::network::NetworkOptions;
pub(crate) use self::pace::PaceOptions;
use crate::auth::AuthOptions;
use crate::files::Files;
use crate::log::LogOptions;

/// Revokes sign-in sessions in Microsoft Entra ID: one user, or a list of fifty thousand.
///
/// Every refresh token and browser session of the users stops working; they have to sign in again.
/// The app needs the permission User.RevokeSessions.All and nothing broader.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The command wraps its lines to the width of the terminal.
const EXIT_CODES: &str = "\
Standing exclusions, for every command: the variable REVOKE_SESSIONS_EXCLUDE (files, or accounts), the \
file revoke-sessions-exclude.txt or .csv next to the program, and revoke-sessions/exclude.txt or .csv in \
the configuration folder (XDG_CONFIG_HOME or ~/.config; APPDATA on Windows).

Exit codes:
  0  every user was revoked
  1  not every user was; who and why is listed
  2  usage or sign-in: nothing was sent, or the run could not go on, or its journal not be written
  3  nothing to do";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Revoke the sessions of one user, or of a few
    User(Box<UserCommand>),
    /// Revoke the sessions of the signed-in user
    Me(Box<MeCommand>),
    /// Revoke the sessions of every user of a list, with a journal that a stopped run resumes from
    Bulk(Box<BulkCommand>),
    /// Read back since when the sessions of a run's users are valid (optional; takes a further permission)
    Verify(Box<VerifyCommand>),
}

impl Command {
    /// What every command takes.
    pub(crate) fn common(&self) -> &Common {
        match self {
            Command::User(command) => &command.common,
            Command::Me(command) => &command.common,
            Command::Bulk(command) => &command.common,
            Command::Verify(command) => &command.common,
        }
    }

    /// Every file that the command line names.
    pub(crate) fn files(&self) -> Files<'_> {
        let mut files = Files::default();
        let common = self.common();
        files.write("--log", common.log.file());
        files.read("--root-certificate", &common.network.root_certificate);
        common.auth.files(&mut files);
        match self {
            Command::User(command) => {
                files.read("--exclude", &command.exclude);
                files.write("--journal", command.journal.as_deref());
                command.evidence.files(&mut files);
            }
            Command::Me(command) => command.evidence.files(&mut files),
            Command::Bulk(command) => {
                files.read("--users", &command.users);
                files.read("--exclude", &command.exclude);
                files.write("--journal", command.journal.as_deref());
                files.write("--resume", command.resume.as_deref());
                command.evidence.files(&mut files);
            }
            Command::Verify(command) => files.read("the journal", Some(&command.journal)),
        }
        files
    }
}

#[derive(Debug, Args)]
pub(crate) struct UserCommand {
    /// Object ids or user principal names; `-` reads them from standard input
    #[arg(required = true, value_name = "USER")]
    pub(crate) users: Vec<String>,
    /// List of accounts that are never sent; repeatable. The standing exclusions hold as well
    #[arg(long, value_name = "FILE")]
    pub(crate) exclude: Vec<PathBuf>,
    /// Send your own account too, last
    #[arg(long)]
    pub(crate) include_self: bool,
    /// Show who would be sent; sign in nowhere and send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Write a journal, from which `bulk --resume` goes on
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    pub(crate) journal: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) evidence: EvidenceOptions,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct MeCommand {
    #[command(flatten)]
    pub(crate) evidence: EvidenceOptions,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct BulkCommand {
    /// List of users: one a line, or CSV with a header; `-` reads standard input
    #[arg(long, value_name = "FILE", required_unless_present = "resume")]
    pub(crate) users: Option<PathBuf>,
    /// Column of the list that names the user [default: userPrincipalName and the like, or id]
    #[arg(long, value_name = "NAME", requires = "users")]
    pub(crate) column: Option<String>,
    /// Leave out lines of the list that name no user, instead of refusing the list
    #[arg(long, requires = "users")]
    pub(crate) skip_bad_lines: bool,
    /// List of accounts that are never sent, such as break-glass accounts; repeatable. The standing
    /// exclusions hold as well
    #[arg(long, value_name = "FILE")]
    pub(crate) exclude: Vec<PathBuf>,
    /// Send your own account too, last
    #[arg(long)]
    pub(crate) include_self: bool,
    /// Show who would be sent, and how long it would take; sign in nowhere and send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Journal of the new run [default: revoke-sessions-TIME.jsonl in this folder]
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    pub(crate) journal: Option<PathBuf>,
    /// Go on with the run of this journal: send everyone who is not confirmed in it
    #[arg(long, value_name = "JOURNAL", conflicts_with = "users")]
    pub(crate) resume: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) evidence: EvidenceOptions,
    #[command(flatten)]
    pub(crate) pace: PaceOptions,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// Reads back what a revocation set.
#[derive(Debug, Args)]
pub(crate) struct VerifyCommand {
    /// Journal of the run whose users are read
    #[arg(value_name = "JOURNAL")]
    pub(crate) journal: PathBuf,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// Seconds that a request may take, unless told otherwise.
const TIMEOUT: f64 = 30.0;

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Do not ask before sending; needed where there is no terminal
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Form of what is written to standard output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Seconds that one request may take before it counts as unanswered
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value_t = TIMEOUT)]
    pub(crate) timeout: f64,
    #[command(flatten)]
    pub(crate) log: LogOptions,
    #[command(flatten)]
    pub(crate) network: NetworkOptions,
    #[command(flatten)]
    pub(crate) cloud: CloudOptions,
    #[command(flatten)]
    pub(crate) auth: AuthOptions,
}

impl Common {
    /// The same options as words of a command line; what is the default is left out.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let mut words = Vec::new();
        if (self.timeout - TIMEOUT).abs() >= f64::EPSILON {
            words.extend(["--timeout".to_owned(), self.timeout.to_string()]);
        }
        words.extend(self.network.arguments());
        words.extend(self.cloud.arguments());
        words.extend(self.auth.arguments());
        words
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// One JSON document
    Json,
}

fn seconds(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|seconds| (0.1..=3600.0).contains(seconds))
        .ok_or_else(|| "write a number of seconds from 0.1 to 3600".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
