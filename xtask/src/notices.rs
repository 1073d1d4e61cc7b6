//! What other people's code is in the programs, and under which licence: `THIRD-PARTY.md`, and for a release the
//! licence texts themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::codegen::{Contents, Output};

/// The packages that become programs or libraries of ours.
const SHIPPED: &[&str] = &[
    "entralint",
    "entralint-mcp",
    "msgraph-sessions",
    "revoke-sessions",
];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    repository: Option<String>,
    source: Option<String>,
    manifest_path: PathBuf,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    /// `null` for what is linked; `build` and `dev` stay out of the programs.
    kind: Option<String>,
}

/// The packages that are linked into what is shipped, on any platform, without our own.
fn shipped(root: &Path) -> Result<Vec<Package>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(root)
        .output()
        .context("cannot run `cargo metadata`")?;
    if !output.status.success() {
        bail!(
            "`cargo metadata` failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let metadata: Metadata = serde_json::from_slice(&output.stdout)
        .context("`cargo metadata` printed something else than it documents")?;
    let nodes: BTreeMap<&str, &Node> = metadata
        .resolve
        .nodes
        .iter()
        .map(|node| (node.id.as_str(), node))
        .collect();
    let mut queue: Vec<&str> = metadata
        .packages
        .iter()
        .filter(|package| package.source.is_none() && SHIPPED.contains(&package.name.as_str()))
        .map(|package| package.id.as_str())
        .collect();
    let mut linked = BTreeSet::new();
    while let Some(id) = queue.pop() {
        if !linked.insert(id.to_owned()) {
            continue;
        }
        let deps = nodes.get(id).map_or(&[][..], |node| &node.deps);
        queue.extend(
            deps.iter()
                .filter(|dep| dep.dep_kinds.iter().any(|kind| kind.kind.is_none()))
                .map(|dep| dep.pkg.as_str()),
        );
    }
    let mut packages: Vec<Package> = metadata
        .packages
        .into_iter()
        .filter(|package| package.source.is_some() && linked.contains(&package.id))
        .collect();
    packages.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    Ok(packages)
}

/// `THIRD-PARTY.md`. It names no versions: `Cargo.lock` has them, and the file then changes only with the crates.
///
/// # Errors
///
/// When `cargo metadata` cannot be run, or a crate states no licence.
pub(crate) fn output(root: &Path) -> Result<Output> {
    let mut rows = BTreeMap::new();
    for package in shipped(root)? {
        let Some(license) = package.license else {
            bail!("{} {} states no licence", package.name, package.version);
        };
        let license = license.replace('/', " OR ");
        rows.insert(package.name, (license, package.repository));
    }
    let mut text = String::from(
        "# Third-party code\n\n\
         <!-- Written by `cargo xtask codegen` from Cargo.lock. -->\n\n\
         The programs contain these crates, unchanged, on one platform or another. Their versions stand in\n\
         `Cargo.lock`; the archives of a release hold the text of every licence.\n\n\
         `progenitor-client` is under the Mozilla Public License 2.0: its source is on\n\
         [crates.io](https://crates.io/crates/progenitor-client) and in its repository below.\n\n\
         | crate | licence | source |\n|---|---|---|\n",
    );
    for (name, (license, repository)) in rows {
        let source = repository.unwrap_or_else(|| format!("https://crates.io/crates/{name}"));
        // A failed write to a string is not possible; writeln's error is that of the formatter alone.
        let _ = writeln!(text, "| {name} | {license} | <{source}> |");
    }
    Ok(Output {
        path: "THIRD-PARTY.md".to_owned(),
        contents: Contents::Text(text),
    })
}

/// Prints the licence texts of all shipped crates, equal ones once.
///
/// # Errors
///
/// When `cargo metadata` cannot be run or a file cannot be read.
pub(crate) fn print_texts(root: &Path) -> Result<()> {
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in shipped(root)? {
        let folder = package
            .manifest_path
            .parent()
            .context("a manifest lies in a folder")?;
        let mut found = false;
        let mut files: Vec<PathBuf> = fs::read_dir(folder)
            .with_context(|| format!("cannot read {}", folder.display()))?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .collect();
        files.sort();
        for file in files {
            let name = file
                .file_name()
                .map(|name| name.to_string_lossy().to_ascii_lowercase());
            let is_license = name.is_some_and(|name| {
                ["license", "licence", "copying", "notice", "unlicense"]
                    .iter()
                    .any(|word| name.starts_with(word))
            });
            if is_license && file.is_file() {
                let text = fs::read_to_string(&file)
                    .with_context(|| format!("cannot read {}", file.display()))?;
                texts
                    .entry(text.replace("\r\n", "\n").trim().to_owned())
                    .or_default()
                    .push(format!("{} {}", package.name, package.version));
                found = true;
            }
        }
        if !found {
            let license = package.license.unwrap_or_default();
            texts
                .entry(format!("{license} (the crate contains no licence file)"))
                .or_default()
                .push(format!("{} {}", package.name, package.version));
        }
    }
    for (text, mut crates) in texts {
        crates.dedup();
        println!("{}\n\n{text}\n\n{}\n", crates.join(", "), "-".repeat(80));
    }
    Ok(())
}
