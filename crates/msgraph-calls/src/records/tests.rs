use std::fmt::Write as _;

use super::*;
use crate::testing::{api, show, source};

fn reads(name: &str, text: &str, select: &Select) -> String {
    let source = source(name, text);
    let recording = match read(&source, &api(), select) {
        Ok(recording) => recording,
        Err(error) => {
            let place = error.span().map(|span| source.line_column(span.start));
            return format!("{error} {place:?}\n");
        }
    };
    let mut out = format!(
        "{}: {} of {} requests",
        recording.format, recording.taken, recording.requests
    );
    for (reason, count) in &recording.left_out {
        let _ = write!(out, ", {count} {}", reason.as_str());
    }
    if let Some((first, last)) = recording.window {
        let _ = write!(
            out,
            ", {first} to {last}, {} days",
            recording.days().unwrap_or_default()
        );
    }
    out.push('\n');
    for (app, rows) in &recording.apps {
        let _ = writeln!(out, "app {app}: {rows} rows");
    }
    out + &show(&source, &recording.evidence)
}

/// One fixture of the folder, one snapshot.
macro_rules! fixtures {
    ($($test:ident: $file:literal),* $(,)?) => {
        $(#[test]
        fn $test() {
            let text = include_str!(concat!("fixtures/", $file));
            insta::with_settings!({omit_expression => true}, {
                insta::assert_snapshot!(reads($file, text, &Select::default()));
            });
        })*
    };
}

fixtures! {
    har: "session.har",
    har_of_a_batch: "batch.har",
    portal_csv: "portal-export.csv",
    query_answer: "query-answer.json",
    command_line_array: "rows.json",
    diagnostic_lines: "diagnostic.jsonl",
    dev_proxy_report: "minimal-permissions.json",
    dev_proxy_guidance: "guidance.json",
    batch_body: "batch.json",
    postman_collection: "calls.postman_collection.json",
    insomnia_4: "insomnia-4.json",
    insomnia_5: "insomnia-5.yaml",
    bruno_request: "revoke.bru",
    http_file: "calls.http",
    kiota_lock: "kiota-lock.json",
    openapi_description: "openapi.yaml",
}

#[test]
fn rows_of_one_app_can_be_selected() {
    let select = Select {
        app_id: Some("aaaaaaaa-0000-4000-8000-000000000002".to_owned()),
    };
    insta::assert_snapshot!(reads(
        "log.csv",
        include_str!("fixtures/portal-export.csv"),
        &select
    ));
    let other = Select {
        app_id: Some("bbbbbbbb-0000-4000-8000-000000000009".to_owned()),
    };
    insta::assert_snapshot!(reads(
        "log.csv",
        include_str!("fixtures/portal-export.csv"),
        &other
    ));
}

#[test]
fn errors_say_what_and_where() {
    let none = Select::default();
    let mut out = String::new();
    for (name, text) in [
        ("x.json", "{}"),
        ("x.txt", "hello"),
        (
            "x.har",
            "{\"log\": {\"entries\": [\n  {\"request\": {\"method\": \"GET\"\n",
        ),
        ("x.har", "[]"),
        ("x.har", "{\"log\": {}}"),
        ("x.csv", "TimeGenerated,RequestUri,Status\n"),
        (
            "x.json",
            "{\"tables\": [{\"columns\": [{\"name\": \"RequestUri\"}], \"rows\": []}]}",
        ),
        ("x.jsonl", "{\"RequestUri\": \"a\"}\n{broken RequestUri\n"),
        (
            "kiota-lock.json",
            "{\"includePatterns\": [\"/users#FETCH\"]}",
        ),
        (
            "x.yaml",
            "openapi: 3.0.0\nservers: [{url: https://api.example.com}]\n",
        ),
        ("x.yaml", "openapi: 3.0.0\npaths: [\n"),
    ] {
        out.push_str(&reads(name, text, &none));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn no_value_of_a_recording_is_printed() {
    // Every secret of the fixtures contains this word.
    for text in [
        include_str!("fixtures/session.har"),
        include_str!("fixtures/batch.har"),
        include_str!("fixtures/calls.postman_collection.json"),
        include_str!("fixtures/insomnia-4.json"),
        include_str!("fixtures/calls.http"),
        include_str!("fixtures/revoke.bru"),
    ] {
        assert!(text.contains("hush"), "the fixture has no secret to leak");
    }
    for (name, text) in [
        ("a.har", include_str!("fixtures/session.har")),
        ("b.har", include_str!("fixtures/batch.har")),
        (
            "c.json",
            include_str!("fixtures/calls.postman_collection.json"),
        ),
        ("d.json", include_str!("fixtures/insomnia-4.json")),
        ("e.http", include_str!("fixtures/calls.http")),
        ("f.bru", include_str!("fixtures/revoke.bru")),
    ] {
        let out = reads(name, text, &Select::default());
        assert!(!out.contains("hush"), "{out}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(name in "[a-z]{0,3}\\.(har|csv|json|jsonl|bru|http|yaml)", text in ".{0,400}") {
        let _ = reads(&name, &text, &Select::default());
    }

    #[test]
    fn any_change_to_a_recording_is_read_or_refused(at in 0_usize..1_500, with in "[\\[\\]{}\",:a-z0-9é]{0,3}") {
        for (name, text) in [
            ("a.har", include_str!("fixtures/session.har")),
            ("b.csv", include_str!("fixtures/portal-export.csv")),
            ("c.json", include_str!("fixtures/query-answer.json")),
            ("d.yaml", include_str!("fixtures/insomnia-5.yaml")),
        ] {
            let at = at.min(text.len());
            if text.is_char_boundary(at) {
                let changed = format!("{}{with}{}", &text[..at], text.get(at + with.len()..).unwrap_or_default());
                let _ = reads(name, &changed, &Select::default());
            }
        }
    }
}
