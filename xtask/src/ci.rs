//! What continuous integration runs, as a list of commands.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

/// One command, run in the workspace's root.
struct Step {
    /// What the step is for, as shown in the log.
    title: &'static str,
    /// Arguments to cargo.
    cargo: &'static [&'static str],
    /// Environment variables set for this step alone.
    env: &'static [(&'static str, &'static str)],
    /// The exit code that means success.
    expected: i32,
}

/// Quick checks first, so that a slip is known early.
///
/// Features are the default ones throughout, so that every step shares what the first has built.
/// The others of `msgraph-sessions` build OpenSSL or a second TLS library, which needs more than
/// cargo brings.
const STEPS: &[Step] = &[
    Step {
        title: "formatting",
        cargo: &["fmt", "--all", "--check"],
        env: &[],
        expected: 0,
    },
    Step {
        title: "generated files are current",
        cargo: &["xtask", "codegen", "--check"],
        env: &[],
        expected: 0,
    },
    Step {
        title: "lints",
        cargo: &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ],
        env: &[],
        expected: 0,
    },
    Step {
        title: "the client without its default features",
        cargo: &[
            "clippy",
            "--package",
            "msgraph-sessions",
            "--lib",
            "--no-default-features",
            "--locked",
            "--",
            "-D",
            "warnings",
        ],
        env: &[],
        expected: 0,
    },
    Step {
        title: "the linter without its default features",
        cargo: &[
            "clippy",
            "--package",
            "entralint",
            "--no-default-features",
            "--locked",
            "--",
            "-D",
            "warnings",
        ],
        env: &[],
        expected: 0,
    },
    Step {
        title: "tests that are opt-in",
        cargo: &[
            "clippy",
            "--package",
            "e2e",
            "--all-targets",
            "--all-features",
            "--locked",
            "--",
            "-D",
            "warnings",
        ],
        env: &[],
        expected: 0,
    },
    Step {
        title: "README: lint the example, which has a finding",
        cargo: &[
            "run",
            "--quiet",
            "--locked",
            "--package",
            "entralint",
            "--",
            "check",
            "examples/session-revoker.json",
        ],
        env: &[],
        expected: 1,
    },
    Step {
        title: "documentation",
        cargo: &["doc", "--workspace", "--no-deps", "--locked"],
        env: &[("RUSTDOCFLAGS", "-D warnings")],
        expected: 0,
    },
    Step {
        title: "every crate can be packaged",
        cargo: &[
            "package",
            "--workspace",
            "--no-verify",
            "--allow-dirty",
            "--quiet",
            "--locked",
        ],
        env: &[],
        expected: 0,
    },
    Step {
        title: "README: run every test",
        cargo: &["test", "--workspace", "--locked"],
        env: &[],
        expected: 0,
    },
    Step {
        title: "every test that needs Microsoft's published data, in ../shared or where ENTRALINT_SHARED says",
        cargo: &["test", "--workspace", "--locked", "--", "--ignored"],
        env: &[],
        expected: 0,
    },
];

/// Whether Microsoft's published data is where the tests look for it. It is no part of the repository, and a machine
/// without it must pass as well.
fn has_published_data(root: &Path) -> bool {
    let folder = std::env::var_os("ENTRALINT_SHARED")
        .map_or_else(|| root.join("../shared"), std::path::PathBuf::from);
    folder.join("data/permissions.json").is_file()
}

/// Runs the steps in order and stops at the first that fails, or prints them.
pub(crate) fn run(root: &Path, list: bool) -> Result<ExitCode> {
    for step in STEPS {
        let shown = format!("cargo {}", step.cargo.join(" "));
        println!("== {}: {shown}", step.title);
        if list {
            continue;
        }
        if step.cargo.contains(&"--ignored") && !has_published_data(root) {
            println!("== skipped: Microsoft's published data is not on this machine");
            continue;
        }
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo)
            .args(step.cargo)
            .envs(step.env.iter().copied())
            .current_dir(root)
            .status()
            .with_context(|| format!("cannot run `{shown}`"))?;
        if status.code() != Some(step.expected) {
            eprintln!("== failed: {} ({status}): {shown}", step.title);
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}
