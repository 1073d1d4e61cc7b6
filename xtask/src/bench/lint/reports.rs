//! The formats of a report: what writing 2,000 findings takes, and whether 50,000 take as much for each.

use anyhow::{Result, ensure};

use super::Bench;
use super::data::check;
use super::table::Quantity;

const FORMATS: [&str; 11] = [
    "full", "concise", "json", "jsonl", "sarif", "github", "azure", "gitlab", "junit", "markdown",
    "html",
];

pub(super) fn run(bench: &mut Bench) -> Result<()> {
    // Seven findings each.
    let few = bench.data.with_findings(300)?;
    let many = bench.data.with_findings(7_200)?;
    let mut per_finding = Vec::new();
    for folder in [&few, &many] {
        let concise = bench
            .stopwatch
            .entralint(check(folder))
            .with("--format")
            .with("jsonl");
        let findings = bench
            .stopwatch
            .output(&concise)?
            .lines()
            .filter(|line| line.contains("\"rule\""))
            .count();
        ensure!(findings >= 2_000, "only {findings} findings");
        // The same run with the findings counted in place of written: the difference is the format.
        let counted = bench
            .stopwatch
            .entralint(check(folder))
            .with("--statistics");
        let mut costs = Vec::new();
        for format in FORMATS {
            let written = bench
                .stopwatch
                .entralint(check(folder))
                .with("--format")
                .with(format);
            let times = if folder == &few { 15 } else { 3 };
            let [written, counted] = bench.stopwatch.compare([&written, &counted], times)?;
            let cost = (written.cpu_ms() - counted.cpu_ms()).max(0.0);
            costs.push(cost);
        }
        per_finding.push((findings, costs));
    }
    let [(few, few_costs), (many, many_costs)] = per_finding.as_slice() else {
        return Ok(());
    };
    for ((format, few_cost), many_cost) in FORMATS.iter().zip(few_costs).zip(many_costs) {
        bench.table.bound_beside(
            &format!("{few} findings as {format}, CPU of writing"),
            Quantity::Milliseconds(*few_cost),
            &format!("{many} findings {}", Quantity::Milliseconds(*many_cost)),
            Quantity::Milliseconds(50.0),
        );
        // Below a millisecond the difference of two runs says nothing about growth.
        let each = |cost: f64, findings: usize| cost.max(1.0) / findings as f64;
        bench.table.bound(
            &format!("{format}: a finding of {many} against one of {few}"),
            Quantity::Times(each(*many_cost, *many) / each(*few_cost, *few)),
            Quantity::Times(1.5),
        );
    }
    Ok(())
}
