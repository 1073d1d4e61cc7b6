//! Prints the calls of every file under a folder as JSON: `cargo run --example calls -- FOLDER permissions.json`.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "an example")]

use std::path::Path;

use msgraph_calls::{Api, Evidence, Helpers, Options, collect_helpers, scan, worth_scanning};
use msgraph_permissions::Method;
use source_text::{FileId, Source};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap();
    let data: serde_json::Value =
        serde_json::from_slice(&std::fs::read(arguments.next().unwrap()).unwrap()).unwrap();
    let mut operations: Vec<(Method, String)> = Vec::new();
    for permission in data["permissions"].as_object().unwrap().values() {
        for set in permission["pathSets"].as_array().into_iter().flatten() {
            for path in set["paths"].as_object().unwrap().keys() {
                for method in set["methods"].as_array().unwrap() {
                    if let Ok(method) = method.as_str().unwrap().parse() {
                        operations.push((method, path.clone()));
                    }
                }
            }
        }
    }
    let api = Api::new(
        operations
            .iter()
            .map(|(method, path)| (*method, path.as_str())),
    );
    let mut files = Vec::new();
    walk(Path::new(&folder), &mut files);
    files.sort();
    let mut sources = Vec::new();
    for file in files {
        let name = file
            .strip_prefix(&folder)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let bytes = std::fs::read(&file).unwrap();
        if worth_scanning(name.as_str().into(), &bytes)
            && let Ok(source) = Source::decode(FileId::new(sources.len() as u32), name, bytes)
        {
            sources.push(source);
        }
    }
    let mut helpers = Helpers::default();
    for source in &sources {
        helpers.merge(collect_helpers(source, &api));
    }
    let (mut calls, mut unresolved) = (Vec::new(), Vec::new());
    let mut all = Evidence::default();
    for source in &sources {
        let evidence = scan(source, &api, &helpers, &Options::default());
        for call in &evidence.calls {
            calls.push(serde_json::json!({
                "file": source.name().as_str(), "line": source.line_column(call.span.start).0, "method": call.method.as_str(),
                "path": call.path, "template": call.template, "certainty": call.certainty.as_str(), "kind": call.kind.as_str(),
                "steps": call.steps.iter().map(|step| format!("{} {}:{}", step.text, source.line_column(step.span.start).0, source.line_column(step.span.start).1)).collect::<Vec<_>>(),
            }));
        }
        for place in &evidence.unresolved {
            unresolved.push(serde_json::json!({
                "file": source.name().as_str(), "line": source.line_column(place.span.start).0, "root": place.root, "missing": place.missing.as_str(), "text": place.text,
            }));
        }
        all.merge(evidence);
    }
    let skipped: Vec<_> = all
        .skipped
        .iter()
        .map(|(reason, count)| (reason.as_str(), count))
        .collect();
    println!(
        "{}",
        serde_json::json!({"calls": calls, "unresolved": unresolved, "skipped": skipped})
    );
}

fn walk(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else {
            files.push(path);
        }
    }
}
