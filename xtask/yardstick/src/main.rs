//! The stopwatch of `cargo xtask bench`, and the plain programs that the linter is compared with.
//!
//! A package of its own, so that it is built with the profile and the few dependencies that make the comparison fair,
//! and so that the process that starts what is measured is small: Linux counts the memory of a process before `exec`
//! as the peak of the program that it starts.
#![expect(clippy::print_stdout, reason = "its output is its purpose")]

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use ignore::WalkBuilder;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use wait4::Wait4 as _;

fn main() -> Result<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let work = arguments.next().unwrap_or_default();
    let target = PathBuf::from(arguments.next().unwrap_or_default());
    match work.to_str() {
        Some("run") => run(&target, &arguments.collect::<Vec<_>>())?,
        Some("parse") => parse(&target),
        Some("rewrite") => rewrite(&target)?,
        _ => bail!(
            "usage: yardstick run PROGRAM ARGUMENT... | yardstick parse FOLDER | yardstick rewrite FOLDER"
        ),
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs a program without output and prints what it cost: processor time (with that of the processes that it waited
/// for) and time passed in microseconds, peak memory in bytes.
fn run(program: &Path, arguments: &[OsString]) -> Result<()> {
    let start = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot run {}", program.display()))?;
    let used = child.wait4()?;
    let passed = start.elapsed();
    let cost = serde_json::json!({
        "code": used.status.code(),
        "cpu": (used.rusage.utime + used.rusage.stime).as_micros(),
        "passed": passed.as_micros(),
        "peak": used.rusage.maxrss,
    });
    println!("{cost}");
    Ok(())
}

/// Walks a folder as the linter does, and parses every JSON file into serde_json's tree, on all processors.
fn parse(folder: &Path) {
    let parsed: usize = files(folder)
        .par_iter()
        .filter_map(|path| {
            let bytes = fs::read(path).ok()?;
            let value: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
            Some(usize::from(value.is_object()))
        })
        .sum();
    println!("{parsed}");
}

/// Writes every JSON file of a folder anew, one after the other: a file of another name, synced, then renamed.
fn rewrite(folder: &Path) -> Result<()> {
    for path in files(folder) {
        let text = fs::read(&path)?;
        let new = path.with_extension("new");
        let mut file = File::create(&new)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&new, &path)?;
    }
    Ok(())
}

/// The JSON files below a folder that no ignore file excludes.
fn files(folder: &Path) -> Vec<PathBuf> {
    WalkBuilder::new(folder)
        .hidden(false)
        .require_git(false)
        .filter_entry(|entry| entry.file_name() != ".git")
        .build()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
        .map(ignore::DirEntry::into_path)
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect()
}
