//! The evaluator against Terraform: a folder of `tests/fixtures/terraform-values` is a configuration, and its
//! `result.json` holds what `jsonencode(local.result)` gave in `terraform console`, with the version that gave it.

use std::fs;
use std::path::{Path, PathBuf};

use camino::Utf8PathBuf;
use source_text::{Encoding, FileId, Source};

use super::{Env, Eval};
use crate::formats::terraform::data::with_json;
use crate::formats::terraform::project::{Project, load, role};
use crate::formats::terraform::symbol::Each;
use crate::read::{Unit, Want, Wanted};

fn sources(
    root: &Path,
    folder: &Path,
    next: &mut u32,
    wanted: impl Fn(&str) -> bool,
) -> Vec<Source> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries
        .map(|e| e.unwrap().path())
        .filter(|p| p.is_file())
        .collect();
    paths.sort();
    paths
        .into_iter()
        .filter(|path| wanted(path.file_name().unwrap().to_str().unwrap()))
        .map(|path| {
            *next += 1;
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .replace('\\', "/");
            Source::new(
                FileId::new(*next),
                name,
                fs::read_to_string(path).unwrap(),
                Encoding::Utf8,
            )
        })
        .collect()
}

/// What the evaluator makes of `local.result`, as JSON.
fn result(root: &Path) -> String {
    let mut next = 0;
    let own = sources(root, root, &mut next, |name| role(name.into()).is_some());
    let mut wanted: Vec<Wanted> = Vec::new();
    loop {
        let unit = Unit::folder(&own).with(&wanted);
        let wants = match load(unit) {
            Err(wants) => wants,
            Ok(folders) => {
                let project = Project::new(unit, &folders);
                let eval = Eval::new(&project, None);
                let each = Each::One;
                let declared = eval.module(0).local(0, "result").unwrap();
                let value = eval.eval(declared.expr, Env::new(0, declared.file, &each));
                let mut json = String::new();
                let known = eval.json(&value, &mut json);
                let wants = eval.into_wants();
                if wants.is_empty() {
                    return if known.is_some() {
                        json
                    } else {
                        format!("{value:#?}")
                    };
                }
                wants
            }
        };
        for want in wants {
            let files = match &want {
                Want::File(path) => {
                    let path = root.join(path);
                    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                    sources(root, path.parent().unwrap(), &mut next, |n| n == name)
                }
                Want::Folder { path, pattern } => {
                    let glob = globset::Glob::new(pattern).unwrap().compile_matcher();
                    sources(root, &root.join(path), &mut next, |n| glob.is_match(n))
                }
            };
            wanted.push(Wanted { want, files });
        }
    }
}

/// The recorded result and the version of Terraform that gave it.
fn recorded(root: &Path) -> (String, String) {
    let text = fs::read_to_string(root.join("result.json")).unwrap();
    let source = Source::new(
        FileId::default(),
        Utf8PathBuf::from("result.json"),
        text,
        Encoding::Utf8,
    );
    let member = |name: &str| {
        with_json(&source, |json| {
            let object = json.as_object().unwrap();
            let member = object
                .properties
                .iter()
                .find(|p| p.name.as_str() == name)
                .unwrap();
            member.value.as_string_lit().unwrap().value.to_string()
        })
        .unwrap()
    };
    (member("result"), member("terraform"))
}

#[test]
fn values_are_those_of_terraform() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/terraform-values");
    let mut configurations: Vec<PathBuf> = fs::read_dir(root)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.is_dir())
        .collect();
    configurations.sort();
    assert!(configurations.len() >= 20);
    let mut differ = String::new();
    for path in configurations {
        let (expected, version) = recorded(&path);
        assert!(!version.is_empty());
        let result = result(&path);
        if result != expected {
            differ.push_str(&format!(
                "{}\n  here      {result}\n  Terraform {expected}\n",
                path.display()
            ));
        }
    }
    assert!(differ.is_empty(), "{differ}");
}

#[test]
fn what_never_ends_is_bounded() {
    let deep = format!(
        "locals {{\n  result = {}1{}\n}}\n",
        "[".repeat(60),
        "]".repeat(60)
    );
    let chain: String = (0..5_000)
        .map(|n| format!("  a{n} = local.a{}\n", n + 1))
        .collect();
    let doubled: String = (0..40)
        .map(|n| format!("  b{n} = concat(local.b{0}, local.b{0})\n", n + 1))
        .collect();
    let grown: String = (0..60)
        .map(|n| format!("  c{n} = \"${{local.c{0}}}${{local.c{0}}}\"\n", n + 1))
        .collect();
    let nested: String = (0..60)
        .map(|n| format!("  d{n} = [local.d{0}, local.d{0}]\n", n + 1))
        .collect();
    let branches: String = (0..40)
        .map(|n| {
            format!(
                "  e{n} = local.v ? [local.e{0}, local.e{0}] : [local.e{0}]\n",
                n + 1
            )
        })
        .collect();
    let loops = "for a in range(1000) : [".repeat(6);
    let texts = [
        deep,
        format!("locals {{\n{chain}  result = local.a0\n}}\n"),
        format!("locals {{\n{doubled}  b40 = [1]\n  result = local.b0\n}}\n"),
        format!("locals {{\n{grown}  c60 = \"x\"\n  result = local.c0\n}}\n"),
        format!(
            "locals {{\n{nested}  d60 = [1]\n  result = [local.d0 == local.d0, flatten(local.d0), jsonencode(local.d0), toset([local.d0, local.d0])]\n}}\n"
        ),
        format!("locals {{\n  result = [{loops}1{}\n}}\n", "]".repeat(7)),
        "locals {\n  result = local.result\n}\n".to_owned(),
        "locals {\n  result = [for x in local.y : x]\n  y = flatten([local.result])\n}\n"
            .to_owned(),
        format!("locals {{\n{branches}  v = length(var.x) > 0\n  e40 = 1\n  result = flatten(local.e0)\n}}\n"),
        "locals {\n  result = regexall(\"(a+)+b?\", join(\"\", [for i in range(9999) : \"aaaaaaaaaaaaaaaa\"]))\n}\n"
            .to_owned(),
        "locals {\n  result = setproduct(range(1000), range(1000), range(1000))\n}\n".to_owned(),
    ];
    let run = move || {
        for text in texts {
            let sources = [Source::new(FileId::new(1), "main.tf", text, Encoding::Utf8)];
            let unit = Unit::folder(&sources);
            let folders = load(unit).unwrap();
            let project = Project::new(unit, &folders);
            let eval = Eval::new(&project, None);
            let each = Each::One;
            let Some(declared) = eval.module(0).local(0, "result") else {
                panic!("{:?}", folders[0].broken)
            };
            let value = eval.eval(declared.expr, Env::new(0, declared.file, &each));
            let _ = eval.json(&value, &mut String::new());
        }
    };
    // Half of what a thread gets by default.
    std::thread::Builder::new()
        .stack_size(1 << 20)
        .spawn(run)
        .unwrap()
        .join()
        .unwrap();
}
