//! What may be concluded from evidence: the table of certainty, ownership and what is unresolved.

use camino::Utf8PathBuf;
use entra_manifest::FileId;
use msgraph_calls::{Certainty, Kind, Missing, Outcome};
use msgraph_permissions::{Catalog, LookupOptions};

use crate::calls::{DeclaredCall, FoundIn, Origin, UnresolvedCall, Window};
use crate::config::Config;
use crate::finding::{Applicability, Confidence, Location, Severity, locate};
use crate::plan::{FileEvidence, Plan, Project, TopLevel, join};
use crate::testing;
use crate::unit::{Judge, app_ids};

const BROAD: &str = "19dbc75e-c2e2-444c-a770-ec69d8559fc7";
const AUDIT: &str = "b0afded3-3588-46d8-8b3d-9842eff778da";

fn at() -> Location {
    let source = source_text::Source::decode(FileId::new(9), "src/x.ts", b"call()".to_vec())
        .expect("it is UTF-8");
    locate(&source, source.span(0, 4))
}

fn found(call: &str, certainty: Certainty) -> DeclaredCall {
    DeclaredCall {
        call: call.parse().expect("it is a call"),
        origin: Origin::Found(Box::new(FoundIn {
            at: at(),
            certainty,
            kind: Kind::Url,
            steps: Vec::new(),
            outcome: None,
        })),
    }
}

/// What is said of an app that requests `ids` as application permissions: rule, severity, and whether a fix is made.
fn concluded(
    ids: &[&str],
    calls: Vec<DeclaredCall>,
    unresolved: Option<Option<&str>>,
    apps: usize,
    whole: bool,
) -> Vec<String> {
    let evidence = [FileEvidence {
        path: Utf8PathBuf::from("src/x.ts"),
        calls,
        unresolved: unresolved
            .map(|root| UnresolvedCall {
                root: root.map(str::to_owned),
                missing: Missing::Path,
                at: at(),
                text: "call()".to_owned(),
            })
            .into_iter()
            .collect(),
        recording_of: None,
        partly: false,
        recorded: None,
        mentions: std::collections::BTreeSet::new(),
        in_own_session: false,
        properties: std::collections::BTreeSet::new(),
    }];
    concluded_from(ids, &evidence, apps, whole)
}

/// The same from the evidence of these files.
fn concluded_from(
    ids: &[&str],
    evidence: &[FileEvidence],
    apps: usize,
    whole: bool,
) -> Vec<String> {
    let accesses: Vec<String> = ids
        .iter()
        .map(|id| format!(r#"{{ "id": "{id}", "type": "Role" }}"#))
        .collect();
    let app = format!(
        r#"{{ "requiredResourceAccess": [{{ "resourceAppId": "00000003-0000-0000-c000-000000000000", "resourceAccess": [{}] }}] }}"#,
        accesses.join(", ")
    );
    let text = format!("[{}]", vec![app; apps].join(", "));
    let (texts, manifest) = testing::read("app.json", &text);
    let app_ids = app_ids(texts.unit(), &manifest);
    let config = Config::default();
    let joined = join(&app_ids, evidence, &Project::default(), &config, whole);
    let plan = Plan::new(
        Catalog::embedded(),
        &config,
        LookupOptions::default(),
        Vec::new(),
        TopLevel::Absent,
        Vec::new(),
    )
    .single(apps == 1)
    .with_evidence(joined);
    let findings = Judge::new(&plan).check(texts.unit(), &manifest).findings;
    let mut lines: Vec<String> = findings
        .iter()
        .filter(|finding| finding.rule.id != "privileged-permission")
        .map(|finding| {
            let fixed = finding
                .fix
                .as_ref()
                .is_some_and(|fix| fix.applicability != Applicability::DisplayOnly);
            assert!(
                finding
                    .fix
                    .as_ref()
                    .is_none_or(|fix| fix.applicability != Applicability::Safe),
                "nothing that follows from calls is safe: {}",
                finding.message
            );
            format!(
                "{} {}{}",
                finding.rule.id,
                finding.severity.as_str(),
                if fixed { " fixed" } else { "" }
            )
        })
        .collect();
    lines.sort();
    lines.dedup();
    lines
}

const REVOKE: &str = "application POST /users/{id}/revokeSignInSessions";

#[test]
fn missing_is_an_error_a_warning_or_a_note_by_certainty_and_never_for_shared_calls() {
    for (certainty, severity) in [
        (Certainty::Certain, Severity::Error),
        (Certainty::Likely, Severity::Warning),
        (Certainty::Possible, Severity::Note),
    ] {
        assert_eq!(
            concluded(&[], vec![found(REVOKE, certainty)], None, 1, true),
            [format!("missing-permission {} fixed", severity.as_str())]
        );
        let shared = concluded(&[], vec![found(REVOKE, certainty)], None, 2, true);
        assert!(shared.is_empty(), "{shared:?}");
    }
}

#[test]
fn broader_needs_certain_or_likely_calls_and_nothing_open_below_the_same_root() {
    for certainty in [Certainty::Certain, Certainty::Likely] {
        for apps in [1, 2] {
            let broad = |unresolved| {
                concluded(
                    &[BROAD],
                    vec![found(REVOKE, certainty)],
                    unresolved,
                    apps,
                    true,
                )
            };
            assert_eq!(broad(None), ["broader-permission error fixed"]);
            for root in [
                Some("users"),
                Some("me"),
                Some("nowhere"),
                Some("$batch"),
                None,
            ] {
                assert_eq!(broad(Some(root)), ["broader-permission note"], "{root:?}");
            }
            // Directory.ReadWrite.All unlocks nothing below this root.
            assert_eq!(
                broad(Some(Some("print"))),
                ["broader-permission error fixed"]
            );
        }
    }
    assert_eq!(
        concluded(
            &[BROAD],
            vec![found(REVOKE, Certainty::Possible)],
            None,
            1,
            true
        ),
        ["broader-permission note"]
    );
}

#[test]
fn unused_needs_all_of_the_source_and_is_a_warning_at_most() {
    let unused = |certainty, unresolved, whole| {
        concluded(
            &[AUDIT],
            vec![found("application GET /users", certainty)],
            unresolved,
            1,
            whole,
        )
        .into_iter()
        .filter(|line| line.starts_with("unused"))
        .collect::<Vec<_>>()
    };
    assert_eq!(
        unused(Certainty::Certain, None, true),
        ["unused-permission warning fixed"]
    );
    assert!(unused(Certainty::Certain, None, false).is_empty());
    assert!(unused(Certainty::Certain, Some(None), true).is_empty());
    assert!(unused(Certainty::Certain, Some(Some("auditlogs")), true).is_empty());
}

fn file(path: &str, calls: Vec<DeclaredCall>) -> FileEvidence {
    FileEvidence {
        path: path.into(),
        calls,
        unresolved: Vec::new(),
        recording_of: None,
        partly: false,
        recorded: None,
        mentions: std::collections::BTreeSet::new(),
        in_own_session: false,
        properties: std::collections::BTreeSet::new(),
    }
}

fn recorded(call: &str, outcome: Outcome) -> DeclaredCall {
    DeclaredCall {
        call: call.parse().expect("it is a call"),
        origin: Origin::Found(Box::new(FoundIn {
            at: at(),
            certainty: Certainty::Certain,
            kind: Kind::Log,
            steps: Vec::new(),
            outcome: Some(outcome),
        })),
    }
}

fn unused(files: &[FileEvidence]) -> Vec<String> {
    let mut lines = concluded_from(&[AUDIT], files, 1, true);
    lines.retain(|line| line.starts_with("unused"));
    lines
}

const USERS: &str = "application GET /users";

#[test]
fn unused_is_not_concluded_where_calls_may_be_made_that_no_reader_sees() {
    let source = file("src/x.ts", vec![found(USERS, Certainty::Certain)]);
    assert_eq!(
        unused(std::slice::from_ref(&source)),
        ["unused-permission warning fixed"]
    );
    let other = FileEvidence {
        partly: true,
        ..file("src/y.rb", Vec::new())
    };
    assert!(unused(&[source, other]).is_empty());
}

#[test]
fn unused_is_not_concluded_where_a_recording_contradicts_the_source() {
    let source = file("src/x.ts", vec![found(USERS, Certainty::Certain)]);
    let with = |call, outcome| {
        unused(&[
            source.clone(),
            file("log.json", vec![recorded(call, outcome)]),
        ])
    };
    assert_eq!(
        with(USERS, Outcome::Succeeded),
        ["unused-permission warning fixed"]
    );
    assert!(with("application GET /groups", Outcome::Succeeded).is_empty());
}

#[test]
fn a_call_that_a_long_recording_lacks_is_less_sure() {
    let missing = |last: &str| {
        let (texts, manifest) = testing::read(
            "app.json",
            r#"[{ "requiredResourceAccess": [{ "resourceAppId": "00000003-0000-0000-c000-000000000000", "resourceAccess": [] }] }]"#,
        );
        let app_ids = app_ids(texts.unit(), &manifest);
        let evidence = [
            file(
                "src/x.ts",
                vec![
                    found(REVOKE, Certainty::Certain),
                    found(USERS, Certainty::Certain),
                ],
            ),
            FileEvidence {
                recorded: Some(Window {
                    first: "2026-01-01T00:00:00Z".parse().expect("it is a time"),
                    last: last.parse().expect("it is a time"),
                    requests: 12,
                }),
                ..file("log.json", vec![recorded(USERS, Outcome::Succeeded)])
            },
        ];
        let config = Config::default();
        let joined = join(&app_ids, &evidence, &Project::default(), &config, true);
        let plan = Plan::new(
            Catalog::embedded(),
            &config,
            LookupOptions::default(),
            Vec::new(),
            TopLevel::Absent,
            Vec::new(),
        )
        .single(true)
        .with_evidence(joined);
        let findings = Judge::new(&plan).check(texts.unit(), &manifest).findings;
        let finding = findings
            .into_iter()
            .find(|finding| finding.message.contains("User.RevokeSessions.All"))
            .expect("the permission is missing");
        (
            finding.confidence,
            finding
                .notes
                .iter()
                .any(|note| note.contains("hold no such request")),
        )
    };
    assert_eq!(missing("2026-02-04T00:00:00Z"), (Confidence::Medium, true));
    assert_eq!(missing("2026-01-04T00:00:00Z"), (Confidence::High, false));
}

#[test]
fn recordings_alone_say_no_use_in_thirty_days_and_nothing_of_a_shorter_time() {
    let alone = |last: &str| {
        unused(&[FileEvidence {
            recorded: Some(Window {
                first: "2026-01-01T00:00:00Z".parse().expect("it is a time"),
                last: last.parse().expect("it is a time"),
                requests: 12,
            }),
            ..file("log.json", vec![recorded(USERS, Outcome::Succeeded)])
        }])
    };
    assert_eq!(
        alone("2026-01-31T00:00:00Z"),
        ["unused-permission warning fixed"]
    );
    assert!(alone("2026-01-30T00:00:00Z").is_empty());
    let no_times = file("session.har", vec![recorded(USERS, Outcome::Succeeded)]);
    assert!(unused(&[no_times]).is_empty());
}

#[test]
fn a_refusal_shows_that_a_permission_is_missing() {
    let refused = file("log.json", vec![recorded(REVOKE, Outcome::Forbidden)]);
    assert_eq!(
        concluded_from(&[], &[refused], 1, true),
        ["missing-permission error fixed"]
    );
}

#[test]
fn an_app_without_known_calls_gets_a_conditional_finding_without_a_fix() {
    assert_eq!(
        concluded(&[BROAD], Vec::new(), None, 1, true),
        ["broader-permission warning"]
    );
    // It does other work as well.
    assert_eq!(
        concluded(&[BROAD, AUDIT], Vec::new(), None, 1, true),
        ["broader-permission note"]
    );
}
