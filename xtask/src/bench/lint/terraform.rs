//! Terraform, against checkov with one check.

use anyhow::Result;

use super::Bench;
use super::data::check;
use super::stopwatch::{Run, find};
use super::table::{Other, Quantity, Target};

pub(super) fn run(bench: &mut Bench) -> Result<()> {
    let folder = bench.data.terraform(1_000)?;
    let ours = bench.stopwatch.entralint(check(&folder));
    let cost = bench.stopwatch.cost(&ours, 7)?;
    bench.table.bound(
        "1,000 Terraform files of 4 kB, CPU",
        cost.cpu(),
        Quantity::Milliseconds(500.0),
    );
    let what = "1,000 Terraform files of 4 kB, CPU";
    let Some(checkov) = find("checkov") else {
        bench.table.missing(what, "checkov is not installed");
        return Ok(());
    };
    let checkov = Run::of(
        checkov,
        [
            "--framework",
            "terraform",
            "--check",
            "CKV_AZURE_190",
            "--quiet",
            "--compact",
            "-d",
        ],
    )
    .with(&folder);
    let [ours, other] = bench.stopwatch.compare([&ours, &checkov], 1)?;
    bench.table.ratio(
        what,
        ours.cpu(),
        Other {
            name: "checkov, one check",
            quantity: other.cpu(),
        },
        Target::TimesLess(300.0),
    );
    Ok(())
}
