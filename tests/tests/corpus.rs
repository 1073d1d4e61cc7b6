//! Real manifests, where they are at hand: nothing panics, every file is reported, and a fix touches
//! nothing but what it says.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops there")]

use std::collections::BTreeMap;
use std::ops::Range;

use camino::{Utf8Path, Utf8PathBuf};
use e2e::Folder;
use serde_json::Value;

fn copy(from: &Utf8Path, to: &Utf8Path) -> Vec<Utf8PathBuf> {
    let mut files = Vec::new();
    std::fs::create_dir_all(to).unwrap();
    for entry in from.read_dir_utf8().unwrap() {
        let path = entry.unwrap().into_path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            files.extend(copy(&path, &target));
        } else {
            std::fs::write(&target, std::fs::read(&path).unwrap()).unwrap();
            files.push(target);
        }
    }
    files
}

/// A folder with a copy of the corpus, and its JSON files relative to it.
fn corpus() -> (Folder, Vec<String>) {
    let shared = e2e::shared();
    let folder = Folder::empty();
    let mut files: Vec<String> = copy(&shared.join("corpus"), folder.path())
        .into_iter()
        .filter(|path| path.extension() == Some("json"))
        .map(|path| path.strip_prefix(folder.path()).unwrap().to_string())
        .collect();
    files.sort();
    assert!(files.len() > 200, "the corpus is there: {}", files.len());
    (folder, files)
}

fn document(output: &std::process::Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

#[test]
#[ignore = "needs the published data"]
fn every_file_is_reported_and_nothing_panics() {
    let (folder, files) = corpus();
    let output = folder
        .entralint(&["check", "--no-scan", "--verbose", "--format", "json", "."])
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert_eq!(output.status.code(), Some(1), "{stderr}");

    let document = document(&output);
    let reported: BTreeMap<&str, &str> = document["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| {
            (
                file["file"].as_str().unwrap(),
                file["outcome"].as_str().unwrap(),
            )
        })
        .collect();
    for file in &files {
        let nothing = stderr.lines().any(|line| {
            line.strip_prefix(file.as_str())
                .is_some_and(|rest| rest.starts_with(": no supported permission declaration found"))
        });
        assert!(
            reported.contains_key(file.as_str()) != nothing,
            "{file} is reported once, as a declaration or as none"
        );
        if reported.get(file.as_str()) == Some(&"unsupported") {
            assert!(
                stderr.contains(&format!("{file}: not checked: ")),
                "{file}: the shape is named"
            );
        }
    }
    assert!(reported.values().filter(|o| **o == "manifest").count() > 60);
}

#[test]
#[ignore = "needs the published data"]
fn each_file_alone_is_judged_as_in_the_folder() {
    let (folder, files) = corpus();
    let findings = |arguments: &[&str]| {
        let output = folder.entralint(arguments).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!stderr.contains("panicked"), "{arguments:?}: {stderr}");
        assert!(output.status.code().is_some(), "{arguments:?}");
        document(&output)["findings"].as_array().unwrap().clone()
    };
    let together = findings(&["check", "--no-scan", "--format", "json", "."]);
    for file in files.iter().step_by(4) {
        let alone = findings(&["check", "--no-scan", "--format", "json", file]);
        let in_folder: Vec<&Value> = together
            .iter()
            .filter(|finding| finding["place"]["file"] == file.as_str())
            .collect();
        // A file that declares nothing and is named may have a syntax error that a walk passes by.
        if !in_folder.is_empty() {
            assert_eq!(alone.iter().collect::<Vec<_>>(), in_folder, "{file}");
        }
    }
}

/// Where, in the bytes of a file, the list of its requests stands, with some room for the commas
/// and the entries around them.
fn region(entries: &[Value], file: &str) -> Option<Range<usize>> {
    // PowerShell's exports are indented by up to 70 characters a line, in UTF-16 of two bytes each, and a list's opening
    // bracket stands some lines before the first id.
    const ROOM: usize = 800;
    let offsets = |key: &str| {
        entries
            .iter()
            .filter(|entry| entry["file"] == file)
            .map(|entry| usize::try_from(entry[key].as_u64().unwrap()).unwrap())
            .collect::<Vec<_>>()
    };
    let start = offsets("start_offset").into_iter().min()?;
    let end = offsets("end_offset").into_iter().max()?;
    Some(start.saturating_sub(ROOM)..end + ROOM)
}

#[test]
#[ignore = "needs the published data"]
fn a_fix_changes_requests_and_no_other_byte_and_twice_is_once() {
    let (folder, files) = corpus();
    let before: BTreeMap<&String, Vec<u8>> = files
        .iter()
        .map(|file| (file, std::fs::read(folder.path().join(file)).unwrap()))
        .collect();
    let listed = document(
        &folder
            .entralint(&["list", "--format", "json", "."])
            .output()
            .unwrap(),
    );
    // An app that requests other APIs alone can get its first permission of Microsoft Graph in addition.
    let entries: Vec<Value> = ["permissions", "other_apis"]
        .into_iter()
        .flat_map(|key| listed[key].as_array().unwrap().clone())
        .collect();
    let fix = [
        "check",
        "--no-scan",
        "--calls",
        "POST /users/{id}/revokeSignInSessions",
        "--fix",
        "--unsafe-fixes",
        "--format",
        "json",
        ".",
    ];
    let output = folder.entralint(&fix).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert!(!stderr.contains("a fix was dropped"), "{stderr}");

    let mut changed = 0;
    let mut after = BTreeMap::new();
    for file in &files {
        let old = &before[file];
        let new = std::fs::read(folder.path().join(file)).unwrap();
        if *old != new {
            changed += 1;
            let region = region(&entries, file).unwrap_or_else(|| panic!("{file}: no request"));
            for op in similar::capture_diff_slices(similar::Algorithm::Myers, old, &new) {
                if op.tag() != similar::DiffTag::Equal {
                    let touched = op.old_range();
                    assert!(
                        region.start <= touched.start && touched.end <= region.end,
                        "{file}: bytes {touched:?} are outside of the requests, {region:?}"
                    );
                }
            }
        }
        after.insert(file, new);
    }
    assert!(changed > 10, "only {changed} files were fixed");

    folder.entralint(&fix).output().unwrap();
    for file in &files {
        let again = std::fs::read(folder.path().join(file)).unwrap();
        assert_eq!(after[file], again, "{file}: fixing twice is fixing once");
    }
}
