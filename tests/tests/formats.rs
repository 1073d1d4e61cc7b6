//! The formats for programs: what they promise is what they write.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops there")]

use e2e::Folder;
use serde_json::Value;

const REVOKE: &str = "POST /users/{id}/revokeSignInSessions";

fn json(folder: &Folder, arguments: &[&str]) -> Value {
    let output = folder.entralint(arguments).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn schema(path: &str) -> jsonschema::Validator {
    let text = std::fs::read_to_string(e2e::root().join(path)).unwrap();
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    // The published schema's pattern for a language tag ends in a stray bracket, which is no valid
    // regular expression. The logs here name no language.
    for definition in ["run", "toolComponent"] {
        let language = format!("/definitions/{definition}/properties/language");
        if let Some(language) = schema.pointer_mut(&language) {
            language.as_object_mut().unwrap().remove("pattern");
        }
    }
    jsonschema::validator_for(&schema).unwrap()
}

fn assert_valid(validator: &jsonschema::Validator, document: &Value) {
    let errors: Vec<String> = validator
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

/// Something of every sort: several files, findings with and without a place, related places.
fn busy_folder() -> Folder {
    let folder = Folder::with(&[
        "apps/mixed.json",
        "apps/both-types.json",
        "apps/helpdesk.json",
    ]);
    folder.write("broken app.json", "{ \"requiredResourceAccess\": [");
    folder.write(
        "latin1.json",
        b"{ \"requiredResourceAccess\": [], \"x\": \"\xe4\" }",
    );
    folder
}

const BUSY: [&str; 7] = [
    "check",
    "--calls",
    REVOKE,
    "--calls",
    "GET /no/such/path",
    "--calls",
    "PATCH /users/{id}",
];

#[test]
fn json_keeps_to_its_published_schema() {
    let folder = busy_folder();
    let document = json(&folder, &[&BUSY[..], &["--format", "json"]].concat());
    assert_valid(&schema("docs/schema/check.v1.json"), &document);
    assert!(document["findings"].as_array().unwrap().len() > 8);
}

/// The documents of a version stay what they were: programs that read them go on reading. An example is written once, and
/// is not written anew when the format gains a member.
#[test]
fn frozen_examples_keep_to_the_schemas() {
    let folder = e2e::root().join("docs/schema/examples");
    let mut seen = Vec::new();
    for entry in folder.read_dir_utf8().unwrap() {
        let path = entry.unwrap().into_path();
        let text = std::fs::read_to_string(&path).unwrap();
        let stem = path.file_stem().unwrap();
        let documents: Vec<Value> = match path.extension() {
            Some("toml") => vec![toml::from_str(&text).unwrap()],
            Some("jsonl") => text
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect(),
            _ => vec![serde_json::from_str(&text).unwrap()],
        };
        let schema = schema(&format!("docs/schema/{stem}.json"));
        for document in &documents {
            assert_valid(&schema, document);
        }
        seen.push(format!("{stem}.json"));
    }
    let mut schemas: Vec<String> = e2e::root()
        .join("docs/schema")
        .read_dir_utf8()
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_owned())
        .filter(|name| name.ends_with(".json"))
        .collect();
    schemas.sort();
    seen.sort();
    assert_eq!(seen, schemas, "each schema has an example");
    for name in schemas {
        let text = std::fs::read_to_string(e2e::root().join("docs/schema").join(&name)).unwrap();
        let schema: Value = serde_json::from_str(&text).unwrap();
        let id = schema["$id"].as_str().unwrap();
        assert!(id.ends_with(&format!("/docs/schema/{name}")), "{id}");
    }
}

#[test]
fn sarif_is_valid_and_its_uris_are_relative() {
    let folder = busy_folder();
    let document = json(&folder, &[&BUSY[..], &["--format", "sarif"]].concat());
    assert_valid(&schema("tests/fixtures/sarif-schema-2.1.0.json"), &document);

    let results = document["runs"][0]["results"].as_array().unwrap();
    assert!(results.len() > 8);
    let mut fingerprints = Vec::new();
    for result in results {
        for location in result["locations"].as_array().unwrap() {
            let uri = location["physicalLocation"]["artifactLocation"]["uri"]
                .as_str()
                .unwrap();
            assert!(!uri.contains(':') && !uri.starts_with('/'), "{uri}");
            assert!(!uri.contains(' '), "{uri}");
        }
        fingerprints.push(result["partialFingerprints"]["entralint/v2"].to_string());
    }
    let all = fingerprints.len();
    fingerprints.sort();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), all, "fingerprints tell findings apart");

    for rule in document["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap()
    {
        let severity: f32 = rule["properties"]["security-severity"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        assert!((0.1..=10.0).contains(&severity));
    }
}

#[test]
fn programs_are_told_what_could_not_be_read() {
    let folder = Folder::with(&["apps/headline.json"]);
    let arguments = ["check", "headline.json", "absent.json", "--format"];
    let document = json(&folder, &[&arguments[..], &["json"]].concat());
    assert_eq!(document["errors"].as_array().unwrap().len(), 1);
    assert_eq!(
        document["summary"]["warnings"], 2,
        "findings are still reported"
    );

    let log = json(&folder, &[&arguments[..], &["sarif"]].concat());
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let notification = &invocation["toolExecutionNotifications"][0]["message"]["text"];
    assert!(notification.as_str().unwrap().starts_with("absent.json: "));
    assert_valid(&schema("tests/fixtures/sarif-schema-2.1.0.json"), &log);
}

#[test]
fn fingerprints_do_not_move_with_the_lines() {
    let folder = Folder::with(&["apps/headline.json"]);
    let fingerprints = |folder: &Folder| {
        json(folder, &["check", "--format", "sarif"])["runs"][0]["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|result| result["partialFingerprints"].clone())
            .collect::<Vec<_>>()
    };
    let before = fingerprints(&folder);
    assert!(!before.is_empty());
    let moved = format!("\n\n\n{}", folder.read("headline.json"));
    folder.write("headline.json", moved);
    assert_eq!(fingerprints(&folder), before);
}

#[test]
fn the_list_gives_the_bytes_of_every_permission() {
    let folder = Folder::with(&["apps/mixed.json", "apps/both-types.json"]);
    let document = json(&folder, &["list", "--format", "json"]);
    assert_valid(&schema("docs/schema/list.v1.json"), &document);
    let entries = document["permissions"].as_array().unwrap();
    assert_eq!(entries.len(), 10);
    assert_eq!(document["other_apis"].as_array().unwrap().len(), 1);
    for entry in entries {
        let text = folder.read(entry["file"].as_str().unwrap());
        let at = |key: &str| usize::try_from(entry[key].as_u64().unwrap()).unwrap();
        let literal = &text[at("start_offset")..at("end_offset")];
        let line = text.lines().nth(at("line") - 1).unwrap();
        assert!(
            line[at("column") - 1..].starts_with(literal),
            "{literal} at {}:{}",
            at("line"),
            at("column")
        );
        match entry["id"].as_str() {
            Some(id) => assert_eq!(literal, format!("{id:?}")),
            None => assert_eq!(entry["status"], "unresolved"),
        }
    }
}

#[test]
fn a_place_is_in_the_bytes_of_the_file_whatever_its_encoding() {
    let folder = Folder::with(&["apps/headline.json"]);
    let text = folder.read("headline.json");
    let utf16: Vec<u8> = "\u{feff}"
        .encode_utf16()
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    folder.write("utf16.json", &utf16);
    let document = json(&folder, &["check", "--format", "json", "utf16.json"]);
    let place = &document["findings"][0]["place"];
    let at = |key: &str| usize::try_from(place[key].as_u64().unwrap()).unwrap();
    let literal: Vec<u16> = utf16[at("start_offset")..at("end_offset")]
        .chunks_exact(2)
        .map(|unit| u16::from_le_bytes([unit[0], unit[1]]))
        .collect();
    assert_eq!(
        String::from_utf16(&literal).unwrap(),
        "\"19dbc75e-c2e2-444c-a770-ec69d8559fc7\""
    );
}
