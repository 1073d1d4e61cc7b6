//! The command line.

use camino::Utf8PathBuf;
use clap::{Args, Parser, Subcommand, ValueEnum};

use entralint_core::finding::{Confidence, Severity};

use entralint_project::calls::CallOptions;
use entralint_project::catalog::CatalogOptions;
use entralint_project::read::LARGEST_MIB;

/// Checks that apps request no more Microsoft Graph permissions than their calls need.
///
/// Compares the permissions an app requests with the calls it makes, reports permissions that are
/// too broad, missing or unused, and fixes the declaration. Works offline.
#[derive(Debug, Parser)]
#[command(name = "entralint", version, propagate_version = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Say why each file was or was not checked
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check manifests against the calls that the app makes
    Check(CheckArgs),
    /// Serve an editor over standard input and output (Language Server Protocol)
    #[cfg(feature = "lsp")]
    Lsp,
    /// Write a commented entralint.toml: the apps of the repository, their sources, their calls
    Init(InitArgs),
    /// List every declared permission with its place
    List(ListArgs),
    /// List the calls of Microsoft Graph that code makes, with their places
    Calls(ListCallsArgs),
    /// Say which permissions calls need, one by one and together
    Needs(NeedsArgs),
    /// Explain a rule, a permission or a call
    Explain(ExplainArgs),
    /// Say why Microsoft Graph denied a call: read an error message, a HAR file or a log
    Denied(DeniedArgs),
    /// List the rules
    Rules(RulesArgs),
    /// Accept today's findings, so that only new ones fail
    #[command(subcommand)]
    Baseline(BaselineCommand),
    /// Show the configuration that counts, and where each part of it comes from
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    #[command(hide = true)]
    Man,
    /// Show, fetch and compare the permissions data
    #[command(subcommand)]
    Catalog(CatalogCommand),
}

/// Which permissions data to use.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Catalog")]
pub(crate) struct CatalogArgs {
    /// Microsoft's permissions.json to use in place of the embedded catalog
    #[arg(long, value_name = "FILE", global = false)]
    pub(crate) catalog: Option<Utf8PathBuf>,

    /// Microsoft's provisioningInfo.json, which gives the permissions their ids; the one beside
    /// --catalog where none is named. check and list need one
    #[arg(long, value_name = "FILE", requires = "catalog")]
    pub(crate) provisioning: Option<Utf8PathBuf>,

    /// The service principal of Microsoft Graph in your tenant, as `az ad sp show --id
    /// 00000003-0000-0000-c000-000000000000` writes it: its ids and permissions are used in place of
    /// those of the catalog
    #[arg(long, value_name = "FILE")]
    pub(crate) service_principal: Option<Utf8PathBuf>,

    /// Take the catalog as it is, without the cited corrections
    #[arg(long)]
    pub(crate) no_overrides: bool,

    /// Configuration file; otherwise entralint.toml here or in a folder above, up to the git root
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<Utf8PathBuf>,

    /// Read no configuration file
    #[arg(long, conflicts_with = "config")]
    pub(crate) isolated: bool,
}

impl CatalogArgs {
    /// The same for the project.
    pub(crate) fn options(&self) -> CatalogOptions {
        CatalogOptions {
            catalog: self.catalog.clone(),
            provisioning: self.provisioning.clone(),
            service_principal: self.service_principal.clone(),
            without_overrides: self.no_overrides,
            config: self.config.clone(),
            isolated: self.isolated,
        }
    }
}

/// Which calls the apps make.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Calls")]
pub(crate) struct CallArgs {
    /// A call that the app makes, such as 'POST /users/{id}/revokeSignInSessions', with
    /// 'delegated', 'personal' or 'application' before it where that is known; repeatable
    #[arg(long = "calls", value_name = "CALL")]
    pub(crate) calls: Vec<String>,

    /// A file with one call a line; blank lines and lines that begin with # are skipped
    #[arg(long, value_name = "FILE")]
    pub(crate) calls_from: Vec<Utf8PathBuf>,

    /// The calls concern other users than the one signed in, so permissions that reach no
    /// further than one's own account are not enough
    #[arg(long)]
    pub(crate) other_users: bool,
}

impl CallArgs {
    /// The same for the project.
    pub(crate) fn options(&self) -> CallOptions {
        CallOptions {
            calls: self.calls.clone(),
            calls_from: self.calls_from.clone(),
            other_users: self.other_users,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Manifests and folders to check; - is standard input
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<Utf8PathBuf>,

    /// How findings are written to standard output
    #[arg(long, value_enum, default_value_t = Format::Full)]
    pub(crate) format: Format,

    /// Write the findings to a file as well, such as sarif=entralint.sarif; repeatable
    #[arg(long, value_name = "FORMAT=PATH", value_parser = output)]
    pub(crate) output: Vec<(Format, Utf8PathBuf)>,

    /// Lowest severity that makes the exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::Warning, value_name = "SEVERITY")]
    pub(crate) fail_on: FailOn,

    /// Exit with 0 whatever is found; errors still exit with 2
    #[arg(long)]
    pub(crate) exit_zero: bool,

    /// Report these rules only; repeatable, or a list with commas
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(crate) select: Vec<String>,

    /// Do not report these rules; repeatable, or a list with commas
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,

    /// Report findings of this confidence or more
    #[arg(long, value_enum, value_name = "CONFIDENCE")]
    pub(crate) min_confidence: Option<ConfidenceArg>,

    /// Report this app only, by name, address or file; * and ? stand for any characters; repeatable
    #[arg(long, value_name = "NAME")]
    pub(crate) app: Vec<String>,

    /// Count the findings by rule and by app instead of showing them
    #[arg(long, conflicts_with_all = ["files", "diff"])]
    pub(crate) statistics: bool,

    /// Show each file, and why it was or was not checked, instead of the findings
    #[arg(long, conflicts_with = "diff")]
    pub(crate) files: bool,

    /// The baseline; otherwise `baseline` of the configuration, or entralint-baseline.json at the repository's root
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<Utf8PathBuf>,

    /// Report what is in the baseline, too
    #[arg(long, conflicts_with = "baseline")]
    pub(crate) no_baseline: bool,

    /// Exit with 0 where there is nothing to check
    #[arg(long)]
    pub(crate) allow_empty: bool,

    /// Apply the safe fixes: those that change nothing that is granted
    #[arg(long, conflicts_with = "diff")]
    pub(crate) fix: bool,

    /// Show what --fix would change, and change nothing
    #[arg(long, conflicts_with = "format")]
    pub(crate) diff: bool,

    /// With --fix or --diff: also the fixes that change what is granted
    #[arg(long)]
    pub(crate) unsafe_fixes: bool,

    /// When to colour the findings
    #[arg(long, value_enum, default_value_t = ColorChoice::Auto, value_name = "WHEN")]
    pub(crate) color: ColorChoice,

    /// Fail where something was not checked: not supported yet, not resolved, ignored, not read
    #[arg(long)]
    pub(crate) strict: bool,

    /// Do not search code for calls
    #[arg(long)]
    pub(crate) no_scan: bool,

    /// Also search tests, fixtures and samples for calls
    #[arg(long)]
    pub(crate) include_tests: bool,

    #[command(flatten)]
    pub(crate) walk: WalkArgs,

    #[command(flatten)]
    pub(crate) calls: CallArgs,

    #[command(flatten)]
    pub(crate) catalog: CatalogArgs,
}

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The folder to look at, in which entralint.toml is written
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub(crate) folder: Utf8PathBuf,

    #[command(flatten)]
    pub(crate) walk: WalkArgs,
}

/// What of a folder is read.
#[derive(Clone, Debug, Args)]
pub(crate) struct WalkArgs {
    /// The largest file that is read, in MiB
    #[arg(long, value_name = "MIB", default_value_t = LARGEST_MIB, value_parser = clap::value_parser!(u64).range(1..=4095))]
    pub(crate) max_file_size: u64,
}

impl WalkArgs {
    /// The same in bytes.
    pub(crate) fn limit(&self) -> u64 {
        self.max_file_size * 1024 * 1024
    }
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Manifests and folders to look at; - is standard input
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<Utf8PathBuf>,

    /// How the list is written to standard output
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,

    /// Exit with 0 where there is nothing to list
    #[arg(long)]
    pub(crate) allow_empty: bool,

    #[command(flatten)]
    pub(crate) walk: WalkArgs,

    #[command(flatten)]
    pub(crate) catalog: CatalogArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ListCallsArgs {
    /// Files and folders to search; - is standard input
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<Utf8PathBuf>,

    /// How the calls are written to standard output
    #[arg(long, value_enum, default_value_t = CallsFormat::Text)]
    pub(crate) format: CallsFormat,

    /// Show how each call was read
    #[arg(long)]
    pub(crate) explain: bool,

    /// Also search tests, fixtures and samples
    #[arg(long)]
    pub(crate) include_tests: bool,

    /// Exit with 0 where no call is found
    #[arg(long)]
    pub(crate) allow_empty: bool,

    #[command(flatten)]
    pub(crate) walk: WalkArgs,

    #[command(flatten)]
    pub(crate) catalog: CatalogArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CallsFormat {
    /// A line each
    Text,
    /// For programs: one JSON document
    Json,
    /// For `entralint needs --from`: a line for each type of permission
    Jsonl,
}

#[derive(Debug, Args)]
pub(crate) struct NeedsArgs {
    /// Calls, such as 'POST /users/{id}/revokeSignInSessions'; - reads one a line from standard
    /// input
    #[arg(value_name = "CALL")]
    pub(crate) calls: Vec<String>,

    /// The type of permission: delegated, application or personal; without it, delegated and
    /// application
    #[arg(long, value_name = "SCHEME")]
    pub(crate) scheme: Option<String>,

    /// A file with one call a line; blank lines and lines that begin with # are skipped
    #[arg(long, value_name = "FILE")]
    pub(crate) calls_from: Vec<Utf8PathBuf>,

    /// JSON Lines, each {"scheme": …, "calls": […]}, to be answered by a line each; - is
    /// standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["calls", "calls_from", "scheme", "format"])]
    pub(crate) from: Option<Utf8PathBuf>,

    /// The calls concern other users than the one signed in
    #[arg(long)]
    pub(crate) other_users: bool,

    /// How the answer is written to standard output
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,

    #[command(flatten)]
    pub(crate) catalog: CatalogArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A rule, such as broader-permission, a permission, such as User.RevokeSessions.All, or a
    /// call, such as 'POST /users/{id}/revokeSignInSessions'
    #[arg(value_name = "RULE|PERMISSION|CALL")]
    pub(crate) subject: String,

    #[command(flatten)]
    pub(crate) catalog: CatalogArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CatalogCommand {
    /// Say which catalog is used, and how much it holds
    Show(CatalogArgs),
    /// List the cited corrections to the published data
    Overrides(CatalogArgs),
    /// Download Microsoft's published files (the only use of a network)
    Fetch(FetchArgs),
    /// Say what changed from one catalog to another, for your calls and manifests and in all
    Diff(DiffArgs),
    /// List what is doubtful in a catalog
    Check(CatalogCheckArgs),
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// The catalog before: a permissions.json, a folder that catalog fetch wrote, or embedded;
    /// a provisioningInfo.json beside it is used
    #[arg(value_name = "OLD")]
    pub(crate) old: Utf8PathBuf,

    /// The catalog after
    #[arg(value_name = "NEW")]
    pub(crate) new: Utf8PathBuf,

    /// Your manifests and the folders that hold them
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<Utf8PathBuf>,

    /// List everything that changed, however long
    #[arg(long)]
    pub(crate) all: bool,

    /// Compare the catalogs as they are, without the cited corrections
    #[arg(long)]
    pub(crate) no_overrides: bool,

    /// Configuration file; otherwise entralint.toml here or in a folder above
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<Utf8PathBuf>,

    /// How the changes are written to standard output
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,

    #[command(flatten)]
    pub(crate) calls: CallArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CatalogCheckArgs {
    /// List everything, however long
    #[arg(long)]
    pub(crate) all: bool,

    /// How the doubts are written to standard output
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,

    #[command(flatten)]
    pub(crate) catalog: CatalogArgs,
}

#[derive(Debug, Args)]
pub(crate) struct FetchArgs {
    /// The folder to write to, in your repository
    #[arg(long, value_name = "FOLDER", default_value = "graph-catalog")]
    pub(crate) to: Utf8PathBuf,

    /// Where to fetch from, instead of Microsoft's repository: a URL to which the files' names
    /// are added
    #[arg(long, value_name = "URL")]
    pub(crate) from: Option<String>,

    /// How long each file may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) timeout: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people: each finding with its lines of the file
    Full,
    /// For programs: one JSON document
    Json,
    /// For code scanning services: SARIF 2.1.0
    Sarif,
    /// One line a finding
    Concise,
    /// For programs: one JSON object a line
    Jsonl,
    /// For GitHub Actions: workflow commands, and the step's summary
    Github,
    /// For Azure Pipelines: logging commands, and a summary of the run
    Azure,
    /// For GitLab: a Code Quality report
    Gitlab,
    /// For build servers: JUnit XML
    Junit,
    /// For a comment on a pull request
    Markdown,
    /// For people who look after many apps: one page
    Html,
}

/// A format and the file to write it to.
fn output(text: &str) -> Result<(Format, Utf8PathBuf), String> {
    let (format, path) = text
        .split_once('=')
        .ok_or("write a format and a file, such as sarif=entralint.sarif")?;
    if path.is_empty() {
        return Err("the file is missing: write sarif=entralint.sarif, say".to_owned());
    }
    Ok((Format::from_str(format, false)?, path.into()))
}

/// A confidence, as the command line spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ConfidenceArg {
    /// Everything
    Low,
    /// Without findings that something unread or unanswered may change
    Medium,
    /// Only findings that nothing known speaks against
    High,
}

impl From<ConfidenceArg> for Confidence {
    fn from(value: ConfidenceArg) -> Self {
        match value {
            ConfidenceArg::Low => Confidence::Low,
            ConfidenceArg::Medium => Confidence::Medium,
            ConfidenceArg::High => Confidence::High,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct DeniedArgs {
    /// The error message, or a file that holds it: text, a HAR file, a log; - or nothing is standard input
    #[arg(value_name = "TEXT|FILE", default_value = "-")]
    pub(crate) text: String,

    /// How the explanation is written to standard output
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,

    #[command(flatten)]
    pub(crate) catalog: CatalogArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RulesArgs {
    /// How the list is written to standard output
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BaselineCommand {
    /// Write today's findings to the baseline; what it holds already keeps its date
    Write(Box<CheckArgs>),
    /// Remove entries that no finding has any more
    Prune(Box<CheckArgs>),
    /// List the entries
    Show(Box<CheckArgs>),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show the configuration that counts for a file or a folder
    Show(ConfigShowArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ConfigShowArgs {
    /// The file or folder
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) path: Utf8PathBuf,

    /// Configuration file, in place of those that are found
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<Utf8PathBuf>,

    /// Read no configuration file
    #[arg(long, conflicts_with = "config")]
    pub(crate) isolated: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// A line each
    Text,
    /// For programs: one JSON document
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal
    Auto,
    Always,
    Never,
}

/// A severity, as the command line spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Worth knowing; nothing has to change
    Note,
    /// Should change
    Warning,
    /// Must change
    Error,
    /// Findings never fail
    Never,
}

impl FailOn {
    /// The severity; `None` where findings never fail.
    pub(crate) fn severity(self) -> Option<Severity> {
        match self {
            FailOn::Note => Some(Severity::Note),
            FailOn::Warning => Some(Severity::Warning),
            FailOn::Error => Some(Severity::Error),
            FailOn::Never => None,
        }
    }
}
