//! Prints the processor time that it takes to start, answer and solve: `bench [PERMISSIONS.json [PROVISIONING.json]]`.
//!
//! With arguments, loading these files is measured too, and everything else on them instead of the
//! embedded catalog.

#![allow(clippy::print_stdout, reason = "its output is its purpose")]

use std::collections::BTreeMap;
use std::error::Error;
use std::hint::black_box;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use msgraph_permissions::{
    Answer, Call, Catalog, CatalogInput, Exactness, LookupOptions, Operation, Scheme,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut files = std::env::args_os().skip(1);
    let permissions = files.next().map(std::fs::read).transpose()?;
    let provisioning = files.next().map(std::fs::read).transpose()?;

    // What a process pays: the first use, cold.
    let revoke: Call = "POST /users/alice@contoso.com/revokeSignInSessions".parse()?;
    let start = Instant::now();
    let answer = Catalog::embedded().lookup(&revoke, Scheme::Application, LookupOptions::default());
    row("embedded, first lookup", start.elapsed());
    black_box(answer);

    let loaded;
    let catalog = match &permissions {
        Some(permissions) => {
            let load = || {
                Catalog::load(CatalogInput {
                    permissions,
                    provisioning: provisioning.as_deref(),
                    overrides: true,
                    source: "bench".to_owned(),
                })
            };
            let (time, _) = best(10, load);
            row("load from files", time);
            loaded = load()?;
            &loaded
        }
        None => Catalog::embedded(),
    };
    let info = catalog.info();
    println!(
        "{:<36} {} permissions, {} templates, {} operations",
        "catalog", info.permissions, info.templates, info.operations
    );

    let lookups = 10_000;
    let (time, _) = best(5, || {
        for _ in 0..lookups {
            black_box(catalog.lookup(
                black_box(&revoke),
                Scheme::Application,
                LookupOptions::default(),
            ));
        }
    });
    row("one lookup", time / lookups);
    let unknown: Vec<Call> = (0..10_000)
        .map(|number| format!("POST /users/{{id}}/revokeSigninSession{number}").parse())
        .collect::<Result<_, _>>()?;
    let (time, _) = best(3, || answers_to(catalog, &unknown));
    row("10,000 unknown calls", time);

    let operations: Vec<Operation<'_>> = catalog.operations().collect();
    let (time, _) = best(5, || answers(catalog, &operations));
    row(&format!("all {} single calls", operations.len()), time);

    for count in [100, 500, 2_000] {
        let sets = sets(&operations, count);
        solve(catalog, &format!("sets of {count} calls"), &sets);
    }
    let mut workloads: BTreeMap<(Scheme, &str), Vec<Operation<'_>>> = BTreeMap::new();
    for operation in &operations {
        let root = operation.template.split('/').nth(1).unwrap_or("");
        workloads
            .entry((operation.scheme, root))
            .or_default()
            .push(*operation);
    }
    let sets: Vec<Vec<Operation<'_>>> = workloads.into_values().collect();
    solve(catalog, "all calls of a workload", &sets);
    let sets: Vec<Vec<Operation<'_>>> = Scheme::ALL
        .into_iter()
        .map(|scheme| {
            let of_scheme = |operation: &&Operation<'_>| operation.scheme == scheme;
            operations.iter().filter(of_scheme).copied().collect()
        })
        .collect();
    solve(catalog, "all calls of a type", &sets);
    if let Some(peak) = peak_memory() {
        println!("{:<36} {peak}", "peak memory");
    }
    Ok(())
}

/// Sets of calls of one type: half near each other, as an app's calls are, half spread over everything.
fn sets<'a>(operations: &[Operation<'a>], count: usize) -> Vec<Vec<Operation<'a>>> {
    let mut sets = Vec::new();
    for scheme in Scheme::ALL {
        let of_scheme: Vec<Operation<'a>> = operations
            .iter()
            .filter(|operation| operation.scheme == scheme)
            .copied()
            .collect();
        for start in 0..10 {
            let step = if start % 2 == 0 {
                1
            } else {
                (of_scheme.len() / count).max(1)
            };
            sets.push(
                of_scheme
                    .iter()
                    .cycle()
                    .skip(start * of_scheme.len() / 10)
                    .step_by(step)
                    .take(count)
                    .copied()
                    .collect(),
            );
        }
    }
    sets
}

fn solve(catalog: &Catalog, name: &str, sets: &[Vec<Operation<'_>>]) {
    let (mut worst, mut sum, mut exact) = (Duration::ZERO, Duration::ZERO, 0);
    for set in sets {
        let answers = answers(catalog, set);
        let (time, solution) = best(3, || catalog.solve(&answers));
        worst = worst.max(time);
        sum += time;
        exact += u32::from(solution.exactness == Exactness::Exact);
    }
    let count = u32::try_from(sets.len()).unwrap_or(u32::MAX).max(1);
    println!(
        "{name:<36} mean {:.3} ms, worst {:.3} ms, exact {exact} of {count}",
        (sum / count).as_secs_f64() * 1_000.0,
        worst.as_secs_f64() * 1_000.0,
    );
}

fn answers_to(catalog: &Catalog, calls: &[Call]) -> Vec<Answer> {
    calls
        .iter()
        .map(|call| catalog.lookup(call, Scheme::Application, LookupOptions::default()))
        .collect()
}

fn answers(catalog: &Catalog, operations: &[Operation<'_>]) -> Vec<Answer> {
    operations
        .iter()
        .filter_map(|operation| {
            let call: Call = format!("{} {}", operation.method, operation.template)
                .parse()
                .ok()?;
            Some(catalog.lookup(&call, operation.scheme, LookupOptions::default()))
        })
        .collect()
}

/// The shortest of some runs, and what the last gave.
fn best<T>(runs: u32, mut work: impl FnMut() -> T) -> (Duration, T) {
    let time = |work: &mut dyn FnMut() -> T| {
        let (start, passed) = (cpu(), Instant::now());
        let result = black_box(work());
        let (spent, passed) = (cpu().saturating_sub(start), passed.elapsed());
        // The system counts processor time in steps of some milliseconds.
        (if passed < STEP { passed } else { spent }, result)
    };
    let mut shortest = time(&mut work);
    for _ in 1..runs {
        let (again, result) = time(&mut work);
        shortest = (shortest.0.min(again), result);
    }
    shortest
}

/// Below this, the time that passed is the better measure.
const STEP: Duration = Duration::from_millis(20);

/// The time that this thread has spent on a processor, where the system tells; else the time that passed.
fn cpu() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|text| text.split_whitespace().next()?.parse().ok())
        .map_or_else(|| START.elapsed(), Duration::from_nanos)
}

fn row(name: &str, time: Duration) {
    println!("{name:<36} {:.3} ms", time.as_secs_f64() * 1_000.0);
}

/// The process's largest resident set, where the system tells.
fn peak_memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.trim_start_matches("VmHWM:").trim().to_owned())
}
