//! Manifests: one, thousands, and large files that are none.

use anyhow::Result;

use super::Bench;
use super::data::check;
use super::stopwatch::{Run, find};
use super::table::{Other, Quantity, Target};

/// What people write in an afternoon: a walk that knows four ids.
const WALK: &str = include_str!("walk.py");

pub(super) fn run(bench: &mut Bench) -> Result<()> {
    one(bench)?;
    python(bench)?;
    for (count, times) in [(10_000, 5), (100_000, 3)] {
        parse_only(bench, count, times)?;
    }
    let others = bench.data.large_others(50, 30)?;
    let run = bench
        .stopwatch
        .entralint(check(&others))
        .with("--allow-empty")
        .threads(2);
    let cost = bench.stopwatch.cost(&run, 1)?;
    bench.table.bound(
        "50 files of 30 MB that are no manifests, peak",
        cost.peak(),
        Quantity::Megabytes(150.0),
    );
    Ok(())
}

/// What it takes to begin: one manifest, with all of Microsoft Graph embedded.
fn one(bench: &mut Bench) -> Result<()> {
    let path = bench.data.one_manifest()?;
    let run = bench.stopwatch.entralint(check(&path));
    let version = bench.stopwatch.entralint(["--version"]);
    let [ours, version] = bench.stopwatch.compare([&run, &version], 300)?;
    bench.table.bound_beside(
        "one manifest, CPU",
        ours.cpu(),
        &format!("--version {}", version.cpu()),
        Quantity::Milliseconds(version.cpu_ms() * 1.3 + 2.0),
    );
    bench.table.bound_beside(
        "one manifest, peak",
        ours.peak(),
        &format!("--version {}", version.peak()),
        Quantity::Megabytes(version.peak_mb() + 8.0),
    );
    Ok(())
}

fn python(bench: &mut Bench) -> Result<()> {
    const WHAT: &str = "3,000 manifests of 3 kB, CPU";
    let Some(python) = find("python3") else {
        bench.table.missing(WHAT, "python3 is not installed");
        return Ok(());
    };
    // A launcher that looks for the right version would be measured with it.
    let python = bench.stopwatch.output(&Run::of(
        python,
        ["-c", "import sys; print(sys.executable)"],
    ))?;
    let script = bench.data.file("walk.py", WALK)?;
    let folder = bench.data.manifests(3_000)?;
    let run = bench.stopwatch.entralint(check(&folder));
    let walk = Run::of(python.trim(), [script.as_os_str(), folder.as_os_str()]);
    let [ours, other] = bench.stopwatch.compare([&run, &walk], 7)?;
    bench.table.ratio(
        WHAT,
        ours.cpu(),
        Other {
            name: "Python walk",
            quantity: other.cpu(),
        },
        Target::TimesLess(4.0),
    );
    Ok(())
}

fn parse_only(bench: &mut Bench, count: usize, times: usize) -> Result<()> {
    let folder = bench.data.manifests(count)?;
    let run = bench.stopwatch.entralint(check(&folder));
    let parse = bench
        .stopwatch
        .yardstick(["parse".as_ref(), folder.as_os_str()]);
    let [ours, other] = bench.stopwatch.compare([&run, &parse], times)?;
    let thousands = count / 1_000;
    bench.table.ratio(
        &format!("{thousands},000 manifests, CPU"),
        ours.cpu(),
        Other {
            name: "parse only",
            quantity: other.cpu(),
        },
        Target::AtMost(1.6),
    );
    bench.table.bound_beside(
        &format!("{thousands},000 manifests, peak"),
        ours.peak(),
        &format!("parse only {}", other.peak()),
        Quantity::Megabytes(100.0),
    );
    Ok(())
}
