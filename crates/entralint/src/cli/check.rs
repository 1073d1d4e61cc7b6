//! The arguments of `entralint check` and `entralint baseline`.

use camino::Utf8PathBuf;
use clap::{Args, Subcommand};

use super::shared::{CallArgs, CatalogArgs, WalkArgs};
use super::values::{ConfidenceArg, FailOn, Format, When, output};

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
    #[arg(long, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    pub(crate) color: When,

    /// When to link rule ids to their pages in the terminal
    #[arg(long, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    pub(crate) hyperlinks: When,

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

#[derive(Debug, Subcommand)]
pub(crate) enum BaselineCommand {
    /// Write today's findings to the baseline; what it holds already keeps its date
    Write(Box<CheckArgs>),
    /// Remove entries that no finding has any more
    Prune(Box<CheckArgs>),
    /// List the entries
    Show(Box<CheckArgs>),
}
