//! The linter as people run it: whole processes of the release build, beside plain programs that do part of the work.
//!
//! Processor time is compared, not time passed, so that other work on the machine changes little. Each row names its
//! target; a row that misses it says so, and nothing fails: figures of another machine are no proof.

mod code;
mod data;
mod fixes;
mod manifests;
mod needs;
mod reports;
mod servers;
mod stopwatch;
mod table;
mod talk;
mod terraform;

use anyhow::Result;

use super::Context;
use data::Data;
pub(super) use servers::{lsp, mcp};
use stopwatch::Stopwatch;
use table::Table;

/// A call that is judged in every manifest.
const CALL: &str = "POST /users/{id}/revokeSignInSessions";

/// What a section measures with, and where it writes its rows.
struct Bench {
    stopwatch: Stopwatch,
    data: Data,
    table: Table,
}

pub(super) fn run(context: &Context) -> Result<()> {
    let mut bench = Bench {
        stopwatch: Stopwatch::build(context.root)?,
        data: Data::below(&context.root.join("target").join("bench"))?,
        table: Table::begin(),
    };
    for section in [
        manifests::run,
        needs::run,
        fixes::run,
        code::run,
        terraform::run,
        reports::run,
    ] {
        section(&mut bench)?;
    }
    bench.table.end();
    super::scan::run(context)
}
