//! What is published: what each package holds, what it builds on, and that every list of packages is complete.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops there")]

use std::collections::BTreeSet;
use std::process::Command;

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(e2e::root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "cargo {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(e2e::root().join(path)).unwrap()
}

/// The packages that go to a registry, and the programs among them.
fn published() -> (BTreeSet<String>, BTreeSet<String>) {
    let metadata = cargo(&["metadata", "--format-version", "1", "--no-deps", "--locked"]);
    let metadata: serde_json::Value = serde_json::from_str(&metadata).unwrap();
    let mut packages = BTreeSet::new();
    let mut programs = BTreeSet::new();
    for package in metadata["packages"].as_array().unwrap() {
        if package["publish"].is_array() {
            continue;
        }
        let name = package["name"].as_str().unwrap().to_owned();
        let targets = package["targets"].as_array().unwrap();
        if targets.iter().any(|target| target["kind"][0] == "bin") {
            programs.insert(name.clone());
        }
        packages.insert(name);
    }
    (packages, programs)
}

/// The names of the crates that a build contains, on any platform.
fn tree(arguments: &[&str]) -> BTreeSet<String> {
    let base = [
        "tree", "--locked", "--edges", "normal", "--target", "all", "--prefix", "none", "--format",
        "{lib}",
    ];
    cargo(&[&base[..], arguments].concat())
        .lines()
        .map(|line| line.trim_end_matches(" (*)").replace('_', "-"))
        .collect()
}

#[test]
fn without_the_feature_fetch_the_linter_has_no_tls_and_no_http() {
    const NETWORK: [&str; 8] = [
        "ureq",
        "rustls",
        "ring",
        "aws-lc-rs",
        "native-tls",
        "openssl",
        "reqwest",
        "rustls-platform-verifier",
    ];
    let without = tree(&["--package", "entralint", "--no-default-features"]);
    assert!(without.contains("entralint-core"), "{without:?}");
    for name in NETWORK {
        assert!(!without.contains(name), "{name}");
    }
    let with = tree(&["--package", "entralint"]);
    assert!(with.contains("rustls-platform-verifier"), "{with:?}");
    // Certificates are the platform's alone.
    assert!(!with.contains("webpki-roots"));
}

#[test]
fn every_package_holds_its_licences_and_notices_and_no_tests() {
    let (packages, _) = published();
    assert!(packages.len() >= 12, "{packages:?}");
    for package in packages {
        let list = cargo(&[
            "package",
            "--list",
            "--allow-dirty",
            "--locked",
            "--package",
            &package,
        ]);
        let files: BTreeSet<&str> = list.lines().collect();
        for file in ["LICENSE-MIT", "LICENSE-APACHE", "THIRD-PARTY.md"] {
            assert!(files.contains(file), "{package} has no {file}");
        }
        assert!(
            !files
                .iter()
                .any(|file| file.starts_with("tests/") || file.ends_with(".snap.new")),
            "{package}: {files:?}"
        );
    }
    assert!(read("THIRD-PARTY.md").contains("Mozilla Public License 2.0"));
}

#[test]
fn every_program_is_in_the_release() {
    let (_, programs) = published();
    let workflow = read(".github/workflows/release.yml");
    let loops: Vec<&str> = workflow
        .lines()
        .filter(|line| line.trim_start().starts_with("for program in "))
        .collect();
    assert_eq!(loops.len(), 2, "one for archives, one for components");
    for program in &programs {
        assert!(
            workflow.contains(&format!("--package {program}")),
            "{program} is not built"
        );
        for line in &loops {
            assert!(
                line.split([' ', ';']).any(|word| word == program),
                "{program} is missing in: {line}"
            );
        }
    }
}

#[test]
fn every_package_is_published_after_what_it_builds_on() {
    let (packages, _) = published();
    let workflow = read(".github/workflows/release.yml");
    let line = workflow
        .lines()
        .find(|line| line.contains("cargo publish"))
        .unwrap();
    // cargo sorts a whole workspace by its dependencies, and leaves out what is not published.
    assert!(line.contains("--workspace"), "{line}");
    assert!(packages.contains("entralint-project"));
}
