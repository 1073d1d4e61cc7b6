//! The command line.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use msgraph_sessions::bulk::Pace;
use msgraph_sessions::{Cloud, Network};

use crate::auth::AuthOptions;
use crate::failure::Failure;
use crate::log::LogOptions;
use crate::report;

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

const EXIT_CODES: &str = "\
Standing exclusions, for every command: the variable REVOKE_SESSIONS_EXCLUDE (files, or accounts), the
file revoke-sessions-exclude.txt or .csv next to the program, and revoke-sessions/exclude.txt or .csv in
the configuration folder (XDG_CONFIG_HOME or ~/.config; APPDATA on Windows).

Exit codes:
  0  every user was revoked
  1  not every user was; who and why is listed
  2  usage or sign-in: nothing was sent, or the run could not go on
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

/// The files for the ticket.
#[derive(Debug, Args)]
#[command(next_help_heading = "Evidence")]
pub(crate) struct EvidenceOptions {
    /// Write a CSV file with one row a user when the run ends
    #[arg(long, value_name = "FILE")]
    pub(crate) results: Option<PathBuf>,
    /// Write one page for the ticket when the run ends: who, when, by whom, who not and why
    #[arg(long, value_name = "FILE.html|FILE.md")]
    pub(crate) report: Option<PathBuf>,
}

impl EvidenceOptions {
    /// Finds out before a run whether its files will have a place.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if let Some(path) = &self.report {
            report::page_form(path)?;
        }
        for path in self.results.iter().chain(&self.report) {
            report::check_place(path).map_err(|source| Failure::Results {
                path: path.clone(),
                source,
            })?;
        }
        Ok(())
    }

    /// Whether any file is asked for.
    pub(crate) fn is_wanted(&self) -> bool {
        self.results.is_some() || self.report.is_some()
    }

    /// The same options as words of a command line.
    pub(crate) fn arguments(&self) -> Vec<String> {
        [("--results", &self.results), ("--report", &self.report)]
            .into_iter()
            .filter_map(|(name, path)| {
                Some([name.to_owned(), path.as_ref()?.display().to_string()])
            })
            .flatten()
            .collect()
    }
}

/// Seconds of an outage that a run waits for, unless told otherwise.
const MAX_OUTAGE: u64 = 15 * 60;

/// Seconds that a request may take, unless told otherwise.
const TIMEOUT: f64 = 30.0;

/// How fast.
#[derive(Debug, Args)]
#[command(next_help_heading = "Pace")]
pub(crate) struct PaceOptions {
    /// Users a second [default: Graph's quota for one app: 3,000 at once, then 20 a second]
    #[arg(long, value_name = "N", value_parser = rate)]
    pub(crate) rate: Option<f64>,
    /// Users at once before the rate holds [default: 1 with --rate]
    #[arg(long, value_name = "N", requires = "rate")]
    pub(crate) burst: Option<NonZeroU32>,
    /// Requests under way at the same time, at most [default: as many as the rate needs, up to 128]
    #[arg(long, value_name = "N")]
    pub(crate) concurrency: Option<NonZeroU32>,
    /// Seconds to wait while the service fails for every user, before the run ends
    #[arg(long, value_name = "SECONDS", default_value_t = MAX_OUTAGE)]
    pub(crate) max_outage: u64,
}

impl PaceOptions {
    pub(crate) fn pace(&self) -> Pace {
        match self.rate {
            Some(rate) => Pace::new(self.burst.map_or(1, NonZeroU32::get), rate)
                .expect("the command line takes only rates of which a pace can be made"),
            None => Pace::default(),
        }
    }

    /// The same options as words of a command line; what is the default is left out.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let outage = Some(self.max_outage).filter(|n| *n != MAX_OUTAGE);
        [
            ("--rate", self.rate.map(|rate| rate.to_string())),
            ("--burst", self.burst.map(|burst| burst.to_string())),
            ("--concurrency", self.concurrency.map(|n| n.to_string())),
            ("--max-outage", outage.map(|n| n.to_string())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some([name.to_owned(), value?]))
        .flatten()
        .collect()
    }
}

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

/// How to reach the services.
#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct NetworkOptions {
    /// Proxy for everything that is sent: http://host:port [default: that of the environment]
    #[arg(
        long,
        value_name = "URL",
        env = "REVOKE_SESSIONS_PROXY",
        hide_env_values = true
    )]
    proxy: Option<String>,
    /// Use no proxy, whatever the environment says
    #[arg(long, conflicts_with = "proxy")]
    no_proxy: bool,
    /// File with certificate authorities (PEM) to trust beside those of the system; repeatable
    #[arg(long, value_name = "FILE")]
    root_certificate: Vec<PathBuf>,
}

impl NetworkOptions {
    /// The settings for the client and for signing in.
    pub(crate) fn network(&self) -> Result<Network, Failure> {
        let mut network = Network::new();
        if let Some(proxy) = &self.proxy {
            network = network.proxy(proxy)?;
        }
        if self.no_proxy {
            network = network.without_proxy();
        }
        for path in &self.root_certificate {
            let pem = std::fs::read(path).map_err(|source| Failure::RootCertificate {
                path: path.clone(),
                reason: source.to_string(),
            })?;
            network =
                network
                    .add_root_certificate(&pem)
                    .map_err(|error| Failure::RootCertificate {
                        path: path.clone(),
                        reason: error.to_string(),
                    })?;
        }
        Ok(network)
    }

    /// The same options as words of a command line. A proxy's password is left out with the proxy: the
    /// line is shown, and may be kept.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let mut words = Vec::new();
        if let Some(proxy) = self.proxy.as_ref().filter(|proxy| !proxy.contains('@')) {
            words.extend(["--proxy".to_owned(), proxy.clone()]);
        }
        words.extend(self.no_proxy.then(|| "--no-proxy".to_owned()));
        for path in &self.root_certificate {
            words.extend(["--root-certificate".to_owned(), path.display().to_string()]);
        }
        words
    }
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

const GRAPH_VARIABLE: &str = "REVOKE_SESSIONS_GRAPH";
const AUTHORITY_VARIABLE: &str = "REVOKE_SESSIONS_AUTHORITY";

/// Which Graph.
#[derive(Debug, Args)]
#[command(next_help_heading = "Cloud")]
pub(crate) struct CloudOptions {
    /// global, us-gov, us-gov-dod or china [default: global]
    #[arg(long, value_name = "NAME", value_parser = cloud)]
    pub(crate) cloud: Option<Cloud>,
    /// Root address of Graph, for a proxy or a test server: https, or http on this machine
    #[arg(
        long,
        value_name = "URL",
        requires = "authority",
        env = GRAPH_VARIABLE,
        hide_env_values = true
    )]
    pub(crate) graph: Option<String>,
    /// Address to sign in at, with --graph
    #[arg(
        long,
        value_name = "URL",
        requires = "graph",
        env = AUTHORITY_VARIABLE,
        hide_env_values = true
    )]
    pub(crate) authority: Option<String>,
}

impl CloudOptions {
    /// The cloud that was asked for, if any.
    pub(crate) fn asked(&self) -> Result<Option<Cloud>, Failure> {
        let given = [
            ("--graph", GRAPH_VARIABLE, &self.graph),
            ("--authority", AUTHORITY_VARIABLE, &self.authority),
        ];
        let given = given
            .into_iter()
            .find_map(|(option, variable, value)| Some((option, variable, value.as_ref()?)));
        if let (Some(_), Some((option, variable, value))) = (&self.cloud, given) {
            // An option that was not typed is not looked for.
            let from_environment = std::env::var(variable).is_ok_and(|known| known == *value);
            return Err(Failure::TwoClouds {
                other: match from_environment {
                    true => format!("the environment variable {variable}"),
                    false => option.to_owned(),
                },
            });
        }
        match (&self.graph, &self.authority) {
            (Some(graph), Some(authority)) => Ok(Some(Cloud::custom(graph, authority)?)),
            _ => Ok(self.cloud.clone()),
        }
    }
}

impl CloudOptions {
    /// The same options as words of a command line.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let cloud = self.cloud.as_ref().map(Cloud::name);
        [
            ("--cloud", cloud),
            ("--graph", self.graph.as_deref()),
            ("--authority", self.authority.as_deref()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some([name.to_owned(), value?.to_owned()]))
        .flatten()
        .collect()
    }
}

fn cloud(text: &str) -> Result<Cloud, String> {
    text.parse()
        .map_err(|error: msgraph_sessions::CloudError| error.to_string())
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text
        .parse()
        .map_err(|_| "write a number of users a second, such as 5".to_owned())?;
    Pace::new(1, rate)
        .map(|_| rate)
        .map_err(|error| error.to_string())
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
