use entralint_core::config::Config;
use source_text::{Edit, Encoding, FileId, Source, apply};

use super::{Action, actions};
use crate::testing::at_cursor;

fn config(text: &str) -> Source {
    Source::new(
        FileId::new(90),
        "entralint.toml",
        text.to_owned(),
        Encoding::Utf8,
    )
}

/// The files after each of the actions for the first finding of a rule.
fn after(files: &[(&str, &str)], rule: &str, config: &Source) -> Vec<String> {
    at_cursor(files, |view, _| {
        let finding = view.findings.iter().find(|f| f.rule.id == rule);
        let finding = finding.expect("the rule reports something");
        actions(view, finding, config)
            .into_iter()
            .map(|Action { title, at, text }| {
                let source = if at.path == config.name() {
                    config
                } else {
                    view.source
                };
                let edit = Edit {
                    span: at.span,
                    new: text,
                };
                let new = apply(source.text(), &[edit]).expect("the place is in the file");
                format!("{title}\n{new}")
            })
            .collect()
    })
}

const CODE: (&str, &str) = (
    "src/desk.ts",
    "import { Client } from '@microsoft/microsoft-graph-client';\nawait client.api(`/users/${id}/revokeSignInSessions`).post({});\n",
);

const JSON: &str = r#"{
  "displayName": "desk [\"1\"]",
  "requiredResourceAccess": [{
    "resourceAppId": "00000003-0000-0000-c000-000000000000",
    "resourceAccess": [{ "id": "741f803b-c850-494e-b5df-cde7c675a1ca", "type": "Role" }]
  }]
}$0"#;

#[test]
fn a_manifest_without_comments_has_an_entry_alone() {
    let all = after(
        &[("app.json", JSON), CODE],
        "broader-permission",
        &config(""),
    );
    insta::assert_snapshot!(all.join("\n---\n"));
}

#[test]
fn the_entry_goes_behind_what_is_there() {
    let old = config("calls = []\r\n# end");
    let all = after(&[("app.json", JSON), CODE], "broader-permission", &old);
    assert_eq!(
        all,
        [
            "Allow broader-permission in entralint.toml (write the reason)\ncalls = []\r\n# end\r\n\r\n[[allow]]\r\nrule = \"broader-permission\"\r\napp = \"desk [[]\\\"1\\\"[]]\"\r\npermission = \"User.ReadWrite.All\"\r\nreason = \"\"\r\n"
        ]
    );
}

#[test]
fn the_entry_accepts_the_finding_once_it_has_a_reason() {
    let all = after(
        &[("app.json", JSON), CODE],
        "broader-permission",
        &config(""),
    );
    let text = all[0].split_once('\n').expect("it has a title").1;
    assert!(Config::parse(&config(text)).is_err(), "a reason is missing");
    let filled = text.replace("reason = \"\"", "reason = \"as agreed\"");
    let parsed = Config::parse(&config(&filled)).expect("it is right");
    at_cursor(&[("app.json", JSON), CODE], |view, _| {
        let mut findings = view.findings.to_vec();
        parsed.policy.apply(&mut findings, &[], view.plan.today());
        let finding = findings.iter().find(|f| f.rule.id == "broader-permission");
        assert!(!finding.expect("it is kept").is_open());
    });
}

#[test]
fn a_comment_goes_above_the_line() {
    let script = "Connect-MgGraph -Scopes 'User.ReadWrite.All'$0\n  Revoke-MgUserSignInSession -UserId $id\n";
    let all = after(&[("lock.ps1", script)], "broader-permission", &config(""));
    insta::assert_snapshot!(all.join("\n---\n"));
}

#[test]
fn no_comment_goes_into_a_command_or_a_string() {
    let script = "Connect-MgGraph `\n  -Scopes 'User.ReadWrite.All'$0\nRevoke-MgUserSignInSession -UserId $id\n";
    let all = after(&[("lock.ps1", script)], "broader-permission", &config(""));
    assert_eq!(all.len(), 1, "{all:?}");
}
