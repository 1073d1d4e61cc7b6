//! Prints how fast a catalog loads, answers and solves: `bench PERMISSIONS.json [PROVISIONING.json]`.
//!
//! Without arguments, it measures the embedded catalog.

#![allow(clippy::print_stdout, reason = "its output is its purpose")]

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use msgraph_permissions::{
    Answer, Call, Catalog, CatalogInput, Exactness, LookupOptions, Operation, Scheme,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut files = std::env::args_os().skip(1);
    let permissions = files.next().map(std::fs::read).transpose()?;
    let provisioning = files.next().map(std::fs::read).transpose()?;

    let loaded;
    let catalog = match &permissions {
        Some(permissions) => {
            let load = |provisioning| {
                Catalog::load(CatalogInput {
                    permissions,
                    provisioning,
                    overrides: true,
                    source: "bench".to_owned(),
                })
            };
            // What a process pays: the first load, cold.
            let start = Instant::now();
            loaded = load(provisioning.as_deref())?;
            row("load, first", start.elapsed());
            let (time, _) = best(20, || load(provisioning.as_deref()));
            row("load", time);
            let (time, _) = best(20, || load(None));
            row("load, permissions alone", time);
            &loaded
        }
        None => {
            let (time, catalog) = best(1, Catalog::embedded);
            row("load, embedded", time);
            catalog
        }
    };
    let info = catalog.info();
    println!(
        "{:<28} {} permissions, {} templates, {} operations",
        "catalog", info.permissions, info.templates, info.operations
    );

    let revoke: Call = "POST /users/alice@contoso.com/revokeSignInSessions".parse()?;
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
    let unknown: Call = "POST /users/alice@contoso.com/revokeSigninSession".parse()?;
    let (time, _) = best(50, || {
        catalog.lookup(&unknown, Scheme::Application, LookupOptions::default())
    });
    row("one lookup, unknown path", time);

    let operations: Vec<Operation<'_>> = catalog.operations().collect();
    let (time, _) = best(5, || answers(catalog, &operations));
    row(&format!("all {} operations", operations.len()), time);

    for count in [12, 100, 500] {
        let mut worst = Duration::ZERO;
        let mut sum = Duration::ZERO;
        let mut exact = 0;
        let mut sets = 0;
        for scheme in Scheme::ALL {
            for start in 0..10 {
                let of_scheme: Vec<Operation<'_>> = operations
                    .iter()
                    .filter(|operation| operation.scheme == scheme)
                    .copied()
                    .collect();
                // Half near each other, as an app's calls are, and half spread over everything.
                let step = if start % 2 == 0 {
                    1
                } else {
                    (of_scheme.len() / count).max(1)
                };
                let first = start * of_scheme.len() / 10;
                let chosen: Vec<Operation<'_>> = of_scheme
                    .iter()
                    .cycle()
                    .skip(first)
                    .step_by(step)
                    .take(count)
                    .copied()
                    .collect();
                let answers = answers(catalog, &chosen);
                let (time, solution) = best(3, || catalog.solve(&answers));
                worst = worst.max(time);
                sum += time;
                sets += 1;
                exact += u32::from(solution.exactness == Exactness::Exact);
            }
        }
        row(&format!("{count} calls, mean"), sum / sets);
        row(&format!("{count} calls, worst"), worst);
        println!("{:<28} {exact} of {sets}", format!("{count} calls, exact"));
    }
    if let Some(peak) = peak_memory() {
        println!("{:<28} {peak}", "peak memory");
    }
    Ok(())
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
        let start = Instant::now();
        let result = black_box(work());
        (start.elapsed(), result)
    };
    let mut shortest = time(&mut work);
    for _ in 1..runs {
        let (again, result) = time(&mut work);
        shortest = (shortest.0.min(again), result);
    }
    shortest
}

fn row(name: &str, time: Duration) {
    println!("{name:<28} {:.3} ms", time.as_secs_f64() * 1_000.0);
}

/// The process's largest resident set, where the system tells.
fn peak_memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.trim_start_matches("VmHWM:").trim().to_owned())
}
