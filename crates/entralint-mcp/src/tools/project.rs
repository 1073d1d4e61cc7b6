//! Tools about the files of a project: `check`, `calls`, `list_permissions`, `fix`.

mod calls;
mod check;
mod fix;
mod list;
mod open;

pub(super) use calls::{CallsArgs, CallsResult, calls};
pub(super) use check::{CheckArgs, CheckResult, check};
pub(super) use fix::{FixArgs, FixResult, fix};
pub(super) use list::{ListArgs, ListResult, list};

/// The largest file that is read, in bytes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Remarks, errors and files that are named in a result whose list is another one.
const FEW: usize = 10;

/// A few lines, and how many more there are.
fn few(mut lines: Vec<String>) -> Vec<String> {
    if lines.len() > FEW {
        let more = lines.len() - FEW;
        lines.truncate(FEW);
        lines.push(format!("and {more} more"));
    }
    lines
}
