//! The arguments of the commands that answer one question: `needs`, `explain`, `denied`.

use camino::Utf8PathBuf;
use clap::Args;

use super::shared::CatalogArgs;
use super::values::ListFormat;

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
    #[arg(long, value_name = "FILE", conflicts_with_all = ["calls", "calls_from", "scheme"])]
    pub(crate) from: Option<Utf8PathBuf>,

    /// The calls concern other users than the one signed in
    #[arg(long)]
    pub(crate) other_users: bool,

    /// How the answer is written to standard output: text, unless --from is given, which answers in JSON only
    #[arg(long, value_enum)]
    pub(crate) format: Option<ListFormat>,

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
