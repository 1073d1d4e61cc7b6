//! `entralint explain`: a rule, a permission, or a call.

use entralint_core::{explain, rules};

use super::OK;
use crate::cli::ExplainArgs;
use crate::cmd;

/// Runs the command and gives its exit code.
///
/// # Errors
///
/// That there is no such rule or permission, with what comes nearest.
pub(crate) fn run(args: &ExplainArgs) -> Result<u8, String> {
    let page = match rules::find(&args.subject) {
        Some(rule) => rule.markdown(),
        None => explain::explain(cmd::open(&args.catalog, &[])?.catalog.get(), &args.subject)?,
    };
    cmd::print(&page)?;
    Ok(OK)
}
