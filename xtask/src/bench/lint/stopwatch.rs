//! Runs programs from start to end and says what they cost.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;

use super::table::Quantity;

/// The release build of the linter, and the small program that measures it.
pub(super) struct Stopwatch {
    entralint: PathBuf,
    yardstick: PathBuf,
}

/// A program and its arguments.
#[derive(Clone)]
pub(super) struct Run {
    program: PathBuf,
    arguments: Vec<OsString>,
    threads: Option<usize>,
}

/// What a program cost: the median of its processor time and of the time that passed, and the highest peak of memory.
#[derive(Clone, Copy)]
pub(super) struct Cost {
    cpu: f64,
    passed: f64,
    peak: f64,
}

/// What yardstick prints of one run.
#[derive(Deserialize)]
struct Measured {
    code: Option<i32>,
    cpu: u64,
    passed: u64,
    peak: u64,
}

impl Stopwatch {
    /// Builds what is measured.
    pub(super) fn build(root: &Path) -> Result<Self> {
        Ok(Self {
            entralint: build(root, "entralint")?,
            yardstick: build(root, "yardstick")?,
        })
    }

    /// A run of the linter.
    pub(super) fn entralint<I: Into<OsString>>(
        &self,
        arguments: impl IntoIterator<Item = I>,
    ) -> Run {
        Run::of(&self.entralint, arguments)
    }

    /// A run of one of the plain programs.
    pub(super) fn yardstick<I: Into<OsString>>(
        &self,
        arguments: impl IntoIterator<Item = I>,
    ) -> Run {
        Run::of(&self.yardstick, arguments)
    }

    /// What one program costs.
    pub(super) fn cost(&self, run: &Run, times: usize) -> Result<Cost> {
        let [cost] = self.compare([run], times)?;
        Ok(cost)
    }

    /// What some programs cost, run by turns so that they share the machine's moods.
    pub(super) fn compare<const N: usize>(
        &self,
        runs: [&Run; N],
        times: usize,
    ) -> Result<[Cost; N]> {
        let mut measured: [Vec<Measured>; N] = std::array::from_fn(|_| Vec::new());
        for _ in 0..times {
            for (run, measured) in runs.iter().zip(&mut measured) {
                measured.push(self.once(run)?);
            }
        }
        Ok(measured.map(|measured| Cost::of(&measured)))
    }

    /// What the linter prints.
    pub(super) fn output(&self, run: &Run) -> Result<String> {
        let output = run
            .command(&run.program)
            .args(&run.arguments)
            .stderr(Stdio::null())
            .output()
            .context("cannot run the program")?;
        String::from_utf8(output.stdout).context("the output is not UTF-8")
    }

    fn once(&self, run: &Run) -> Result<Measured> {
        let output = run
            .command(&self.yardstick)
            .arg("run")
            .arg(&run.program)
            .args(&run.arguments)
            .output()
            .context("cannot run yardstick")?;
        ensure!(
            output.status.success(),
            "yardstick failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let measured: Measured = serde_json::from_slice(&output.stdout)?;
        // 0 and 1 are verdicts of linters and of grep; anything else means that nothing was measured.
        if !matches!(measured.code, Some(0 | 1)) {
            bail!(
                "{} {:?} ended with {:?}",
                run.program.display(),
                run.arguments,
                measured.code
            );
        }
        Ok(measured)
    }
}

impl Run {
    /// Any program.
    pub(super) fn of<I: Into<OsString>>(
        program: impl Into<PathBuf>,
        arguments: impl IntoIterator<Item = I>,
    ) -> Self {
        Self {
            program: program.into(),
            arguments: arguments.into_iter().map(Into::into).collect(),
            threads: None,
        }
    }

    /// The same with one argument more.
    pub(super) fn with(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// The same on so many threads of rayon.
    pub(super) fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Some(threads) = self.threads {
            command.env("RAYON_NUM_THREADS", threads.to_string());
        }
        command
    }
}

impl Cost {
    fn of(measured: &[Measured]) -> Self {
        let median = |of: fn(&Measured) -> u64| {
            let mut values: Vec<u64> = measured.iter().map(of).collect();
            values.sort_unstable();
            values.get(values.len() / 2).copied().unwrap_or_default() as f64
        };
        let peak = measured
            .iter()
            .map(|one| one.peak)
            .max()
            .unwrap_or_default();
        Self {
            cpu: median(|one| one.cpu) / 1e3,
            passed: median(|one| one.passed) / 1e3,
            peak: peak as f64 / 1e6,
        }
    }

    /// Processor time of all threads.
    pub(super) fn cpu(&self) -> Quantity {
        Quantity::Milliseconds(self.cpu)
    }

    /// Processor time in milliseconds.
    pub(super) fn cpu_ms(&self) -> f64 {
        self.cpu
    }

    /// Time passed.
    pub(super) fn passed(&self) -> Quantity {
        Quantity::Milliseconds(self.passed)
    }

    /// The largest resident set.
    pub(super) fn peak(&self) -> Quantity {
        Quantity::Megabytes(self.peak)
    }

    /// The largest resident set in megabytes.
    pub(super) fn peak_mb(&self) -> f64 {
        self.peak
    }
}

/// Builds a program of the workspace as it is released. Each has a build of its own, so that neither gets the features
/// of the other's dependencies.
pub(super) fn build(root: &Path, package: &str) -> Result<PathBuf> {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--release", "--package", package])
        .args(["--message-format", "json-render-diagnostics"])
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo")?;
    ensure!(
        output.status.success(),
        "the release build of {package} failed"
    );
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["target"]["name"] == package)
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .with_context(|| format!("cargo named no executable of {package}"))
}

/// Where a program is on the search path, if it is.
pub(super) fn find(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}
