//! `--fix`: 10,000 files that each have something to fix, against a loop that only writes them anew.

use anyhow::{Result, ensure};

use super::Bench;
use super::data::check;
use super::table::{Other, Target};

pub(super) fn run(bench: &mut Bench) -> Result<()> {
    const FILES: usize = 10_000;
    let folder = bench.data.to_fix(FILES)?;
    let rewrite = bench
        .stopwatch
        .yardstick(["rewrite".as_ref(), folder.as_os_str()]);
    let other = bench.stopwatch.cost(&rewrite, 3)?;
    let fix = bench.stopwatch.entralint(check(&folder)).with("--fix");
    let ours = bench.stopwatch.cost(&fix, 1)?;
    let again = bench
        .stopwatch
        .output(&bench.stopwatch.entralint(check(&folder)).with("--fix"))?;
    ensure!(
        !again.contains("duplicate-permission"),
        "--fix fixed nothing"
    );
    bench.table.ratio(
        "--fix on 10,000 files, CPU",
        ours.cpu(),
        Other {
            name: "write, sync, rename",
            quantity: other.cpu(),
        },
        Target::AtMost(3.0),
    );
    // What syncing takes depends on the disk alone; this row is time passed.
    bench.table.ratio(
        "--fix on 10,000 files, time passed",
        ours.passed(),
        Other {
            name: "write, sync, rename",
            quantity: other.passed(),
        },
        Target::AtMost(3.0),
    );
    Ok(())
}
