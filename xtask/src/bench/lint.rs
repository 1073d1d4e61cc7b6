//! The linter as people run it: whole processes, from start to finish.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::Context;

/// A call that is judged in every manifest.
const CALL: &str = "POST /users/{id}/revokeSignInSessions";

pub(super) fn run(context: &Context) -> Result<()> {
    let binary = build(context.root)?;
    let folder = tempfile::tempdir().context("no temporary folder")?;
    let one = folder.path().join("one.json");
    fs::write(&one, manifest(0))?;

    println!("entralint check, whole processes (release build)");
    let embedded = measure(&binary, &[], &one, 200)?;
    print_row("one manifest, embedded catalogue", &embedded);
    match full_catalogue(context.root) {
        Some(arguments) => {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let full = measure(&binary, &arguments, &one, 100)?;
            print_row("one manifest, full catalogue", &full);
            println!(
                "{:<40} {:>9.1} ms",
                "  of which loading it (difference)",
                (full.median.saturating_sub(embedded.median)).as_secs_f64() * 1000.0
            );
        }
        None => println!("skipped: the full catalogue is not in ../shared/data"),
    }

    let many = folder.path().join("many");
    fs::create_dir(&many)?;
    let mut bytes = 0;
    for number in 0..10_000_u32 {
        let text = manifest(number);
        bytes += text.len();
        let below = many.join(format!("{:02}", number % 100));
        fs::create_dir_all(&below)?;
        fs::write(below.join(format!("{number}.json")), text)?;
    }
    println!("10,000 manifests of {} bytes on average:", bytes / 10_000);
    print_row("  embedded catalogue", &measure(&binary, &[], &many, 7)?);
    Ok(())
}

fn build(root: &Path) -> Result<PathBuf> {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--release", "--package", "entralint"])
        .args(["--message-format", "json-render-diagnostics"])
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo")?;
    if !output.status.success() {
        bail!("the release build failed");
    }
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["target"]["name"] == "entralint")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .context("cargo named no executable")
}

/// Microsoft's published files, where they are at hand.
fn full_catalogue(root: &Path) -> Option<Vec<String>> {
    let data = root.join("../shared/data");
    let file = |name: &str| {
        let path = data.join(name);
        path.is_file().then(|| path.display().to_string())
    };
    Some(vec![
        "--catalog".to_owned(),
        file("permissions.json")?,
        "--provisioning".to_owned(),
        file("provisioningInfo.json")?,
    ])
}

/// A manifest of about 3 kB that has something to say: every tenth asks for too much.
fn manifest(number: u32) -> String {
    let id = if number.is_multiple_of(10) {
        "19dbc75e-c2e2-444c-a770-ec69d8559fc7"
    } else {
        "77f3a031-c388-4f99-b373-dc68676a979e"
    };
    let urls: Vec<String> = (0..39)
        .map(|at| {
            format!("      \"https://app{number}.contoso.com/signin-oidc/callback/number/{at}\"")
        })
        .collect();
    format!(
        "{{\n  \"displayName\": \"App {number}\",\n  \"signInAudience\": \"AzureADMyOrg\",\n  \"web\": {{\n    \"redirectUris\": [\n{}\n    ]\n  }},\n  \"requiredResourceAccess\": [\n    {{\n      \"resourceAppId\": \"00000003-0000-0000-c000-000000000000\",\n      \"resourceAccess\": [\n        {{\n          \"id\": \"{id}\",\n          \"type\": \"Role\"\n        }},\n        {{\n          \"id\": \"37f7f235-527c-4136-accd-4a02d197296e\",\n          \"type\": \"Scope\"\n        }}\n      ]\n    }}\n  ]\n}}\n",
        urls.join(",\n")
    )
}

struct Figures {
    median: Duration,
    best: Duration,
    worst: Duration,
    /// Peak resident memory in kB, where the system tells it.
    peak: Option<u64>,
}

fn measure(binary: &Path, arguments: &[&str], path: &Path, times: usize) -> Result<Figures> {
    let mut durations = Vec::with_capacity(times);
    for _ in 0..times {
        let start = Instant::now();
        let status = command(binary, arguments, path)
            .status()
            .context("cannot run the binary")?;
        durations.push(start.elapsed());
        // 0 and 1 are verdicts; anything else means that nothing was measured.
        if !matches!(status.code(), Some(0 | 1)) {
            bail!("{} failed: {status}", binary.display());
        }
    }
    durations.sort();
    let at = |index: usize| durations.get(index).copied().unwrap_or_default();
    Ok(Figures {
        median: at(durations.len() / 2),
        best: at(0),
        worst: at(durations.len().saturating_sub(1)),
        peak: highest_peak(binary, arguments, path)?,
    })
}

fn command(binary: &Path, arguments: &[&str], path: &Path) -> Command {
    let mut command = Command::new(binary);
    command
        .args(["check", "--calls", CALL])
        .args(arguments)
        .arg(path)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// The highest of a few runs: a process of milliseconds can end before it was looked at.
fn highest_peak(binary: &Path, arguments: &[&str], path: &Path) -> Result<Option<u64>> {
    let mut highest = None;
    for _ in 0..10 {
        highest = highest.max(peak(binary, arguments, path)?);
    }
    Ok(highest)
}

/// The high-water mark of the process's memory, as `/proc` last told it before the process ended.
fn peak(binary: &Path, arguments: &[&str], path: &Path) -> Result<Option<u64>> {
    let mut child = command(binary, arguments, path)
        .spawn()
        .context("cannot run the binary")?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak = None;
    while child.try_wait()?.is_none() {
        let now = fs::read_to_string(&status).ok().and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
            line.split_whitespace().nth(1)?.parse().ok()
        });
        peak = peak.max(now);
    }
    Ok(peak)
}

fn print_row(what: &str, figures: &Figures) {
    let ms = |duration: Duration| duration.as_secs_f64() * 1000.0;
    let peak = figures.peak.map_or_else(String::new, |kb| {
        format!(", peak {:.1} MB", kb as f64 / 1024.0)
    });
    println!(
        "{what:<40} {:>9.1} ms (best {:.1}, worst {:.1}{peak})",
        ms(figures.median),
        ms(figures.best),
        ms(figures.worst),
    );
}
