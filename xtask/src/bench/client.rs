//! The client: what a call costs, what a run achieves, and, when asked, what a build takes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use super::Context;

/// A program that uses the client, and one that uses reqwest as it comes.
const PROGRAMS: &[Program] = &[
    Program {
        name: "msgraph-sessions",
        main: r#"
            #[tokio::main]
            async fn main() -> Result<(), Box<dyn std::error::Error>> {
                let token = msgraph_sessions::StaticToken::from_env("GRAPH_TOKEN")?;
                let client = msgraph_sessions::Client::new(token)?;
                client.revoke_me().await?;
                Ok(())
            }
        "#,
    },
    Program {
        name: "reqwest",
        main: r#"
            #[tokio::main]
            async fn main() -> Result<(), Box<dyn std::error::Error>> {
                let token = std::env::var("GRAPH_TOKEN")?;
                let url = "https://graph.microsoft.com/v1.0/me/revokeSignInSessions";
                let client = reqwest::Client::new();
                let answer = client.post(url).bearer_auth(token).header("content-length", "0");
                answer.send().await?.error_for_status()?;
                Ok(())
            }
        "#,
    },
];

struct Program {
    /// The dependency that makes the difference.
    name: &'static str,
    main: &'static str,
}

pub(super) fn run(context: &Context) -> Result<()> {
    let status = cargo(context.root)
        .args([
            "bench",
            "--quiet",
            "--package",
            "msgraph-sessions",
            "--bench",
            "client",
        ])
        .status()
        .context("cannot run cargo")?;
    ensure!(status.success(), "the benchmark failed ({status})");
    if context.heavy {
        println!("clean build (dev profile) of a program with one dependency and tokio:");
        for program in PROGRAMS {
            clean_build(context.root, program)?;
        }
    } else {
        println!("(--heavy: also clean builds)");
    }
    Ok(())
}

fn clean_build(root: &Path, program: &Program) -> Result<()> {
    let folder = tempfile::tempdir().context("no temporary folder")?;
    let dependency = match program.name {
        "msgraph-sessions" => format!(
            "{{ path = {:?} }}",
            root.join("crates").join("msgraph-sessions")
        ),
        _ => "\"0.13\"".to_owned(),
    };
    fs::write(
        folder.path().join("Cargo.toml"),
        format!(
            "[package]\nname = \"measured\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
             {} = {dependency}\n\
             tokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}\n",
            program.name
        ),
    )?;
    fs::create_dir(folder.path().join("src"))?;
    fs::write(folder.path().join("src/main.rs"), program.main)?;
    // The same versions in both, and nothing but the build is timed.
    fs::copy(root.join("Cargo.lock"), folder.path().join("Cargo.lock"))?;
    ensure!(
        cargo(folder.path())
            .args(["fetch", "--quiet"])
            .status()?
            .success(),
        "cannot fetch the dependencies of {}",
        program.name
    );
    let crates = crates(folder.path())?;
    let start = Instant::now();
    let status = cargo(folder.path())
        .args(["build", "--quiet"])
        .env("CARGO_TARGET_DIR", folder.path().join("target"))
        .stdout(Stdio::null())
        .status()?;
    ensure!(status.success(), "cannot build with {}", program.name);
    println!(
        "  {:<28} {:>8.1} s {crates:>6} crates",
        program.name,
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

/// How many crates a build takes, build scripts and macros included, the program itself not.
fn crates(folder: &Path) -> Result<usize> {
    let output = cargo(folder)
        .args(["tree", "--prefix", "none", "--edges", "normal,build"])
        .output()
        .context("cannot run cargo")?;
    ensure!(output.status.success(), "cargo tree failed");
    let text = String::from_utf8(output.stdout).context("cargo tree's output is not text")?;
    let names: BTreeSet<&str> = text
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .filter(|line| !line.is_empty())
        .collect();
    Ok(names.len().saturating_sub(1))
}

fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(folder);
    command
}
