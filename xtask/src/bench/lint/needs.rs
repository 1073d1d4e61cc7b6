//! `needs`: every call of the catalog alone, and sets of calls.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use msgraph_permissions::{Catalog, Operation, Scheme};

use super::Bench;
use super::table::Quantity;

pub(super) fn run(bench: &mut Bench) -> Result<()> {
    let (calls, count) = bench.data.single_calls()?;
    let run = bench
        .stopwatch
        .entralint(["needs".as_ref(), "--from".as_ref(), calls.as_os_str()]);
    let cost = bench.stopwatch.cost(&run, 5)?;
    bench.table.bound(
        &format!("all {count} single calls in one `needs`, CPU"),
        cost.cpu(),
        Quantity::Milliseconds(100.0),
    );
    let of_type: Vec<Operation<'_>> = Catalog::embedded()
        .operations()
        .filter(|operation| operation.scheme == Scheme::Application)
        .collect();
    for count in [100, 500, 2_000] {
        // Spread over all of Microsoft Graph, which is harder than the calls of one app.
        let step = of_type.len() / count;
        let set: Vec<_> = of_type.iter().step_by(step).take(count).copied().collect();
        measure(bench, &format!("a set of {count} calls"), &set)?;
    }
    let mut workloads: BTreeMap<&str, Vec<Operation<'_>>> = BTreeMap::new();
    for operation in &of_type {
        let root = operation.template.split('/').nth(1).unwrap_or("");
        workloads.entry(root).or_default().push(*operation);
    }
    let largest = workloads.into_iter().max_by_key(|(_, set)| set.len());
    if let Some((root, set)) = largest {
        measure(
            bench,
            &format!("all {} calls below /{root}", set.len()),
            &set,
        )?;
    }
    measure(
        bench,
        &format!("all {} application calls", of_type.len()),
        &of_type,
    )
}

fn measure(bench: &mut Bench, what: &str, set: &[Operation<'_>]) -> Result<()> {
    let file = bench.data.set("set", set)?;
    let run = bench
        .stopwatch
        .entralint(["needs".as_ref(), "--from".as_ref(), file.as_os_str()]);
    let answer: serde_json::Value = serde_json::from_str(&bench.stopwatch.output(&run)?)?;
    ensure!(
        answer["unanswered"].as_array().is_some_and(Vec::is_empty),
        "a published call was not answered"
    );
    let exact = if answer["exact"] == true {
        "exact"
    } else {
        "a bound was hit"
    };
    let cost = bench.stopwatch.cost(&run, 21)?;
    bench.table.bound_beside(
        &format!("{what}, CPU"),
        cost.cpu(),
        exact,
        Quantity::Milliseconds(50.0),
    );
    Ok(())
}
