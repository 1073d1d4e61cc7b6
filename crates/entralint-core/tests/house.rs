//! What this crate may not reach: the command line, the terminal and the file system are the binary's.

use std::path::{Path, PathBuf};

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the crate has its sources") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
}

#[test]
fn the_core_reaches_no_command_line_terminal_or_file_system() {
    const FORBIDDEN: [&str; 12] = [
        "clap::",
        "std::fs",
        "fs::read",
        "std::env::",
        "std::process",
        "std::net",
        "stdout()",
        "stderr()",
        "stdin()",
        "println!",
        "eprintln!",
        ".canonicalize",
    ];
    let mut files = Vec::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut files,
    );
    assert!(files.len() > 20, "only {} sources were found", files.len());
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a source is text");
        for word in FORBIDDEN {
            assert!(!text.contains(word), "{} has {word}", file.display());
        }
    }
}

#[test]
fn the_core_depends_on_nothing_that_reaches_them() {
    let manifest = include_str!("../Cargo.toml");
    for dependency in ["clap", "ignore", "tempfile", "ureq", "anstream", "tokio"] {
        assert!(
            !manifest
                .lines()
                .any(|line| line.starts_with(&format!("{dependency}."))
                    || line.starts_with(&format!("{dependency} "))),
            "{dependency} belongs to the binary"
        );
    }
}
