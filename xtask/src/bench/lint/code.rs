//! A repository of source code, against a plain search of the same files.

use anyhow::Result;

use super::Bench;
use super::stopwatch::{Run, find};
use super::table::{Other, Quantity, Target};

/// What people search for when they want to know where Microsoft Graph is called.
const WORDS: [&str; 10] = [
    "graph.microsoft.com",
    "GraphServiceClient",
    "graphClient",
    "Invoke-MgGraphRequest",
    "Connect-MgGraph",
    "revokeSignInSessions",
    "RevokeSignInSessions",
    "requiredResourceAccess",
    "microsoft-graph-client",
    "msgraph",
];

pub(super) fn run(bench: &mut Bench) -> Result<()> {
    const FILES: usize = 15_000;
    let folder = bench.data.sources(FILES)?;
    let check = bench
        .stopwatch
        .entralint(["check".as_ref(), folder.as_os_str()]);
    let what = "15,000 source files of 6 kB, CPU";
    let search = find("rg")
        .map(|rg| ("rg -lF, ten words", Run::of(rg, ["-lF", "--hidden"])))
        .or_else(|| {
            let grep = find("grep")?;
            let run = Run::of(grep, ["-rlF", "--exclude-dir=.git"]);
            Some(("grep -rlF, ten words", run))
        });
    let ours = match search {
        Some((name, mut search)) => {
            for word in WORDS {
                search = search.with("-e").with(word);
            }
            let search = search.with(&folder);
            let [ours, other] = bench.stopwatch.compare([&check, &search], 5)?;
            let other = Other {
                name,
                quantity: other.cpu(),
            };
            bench
                .table
                .ratio(what, ours.cpu(), other, Target::AtMost(3.0));
            ours
        }
        None => {
            bench
                .table
                .missing(what, "neither rg nor grep is installed");
            bench.stopwatch.cost(&check, 3)?
        }
    };
    let few = bench.data.sources(FILES / 10)?;
    let few = bench
        .stopwatch
        .entralint(["check".as_ref(), few.as_os_str()]);
    let few = bench.stopwatch.cost(&few, 3)?;
    bench.table.bound_beside(
        "15,000 source files, peak",
        ours.peak(),
        &format!("1,500 files {}", few.peak()),
        Quantity::Megabytes(few.peak_mb() * 2.0),
    );
    Ok(())
}
