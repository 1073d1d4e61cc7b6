//! The policy of a repository: severities, exceptions, the deny-list, the baseline, and where reports go.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops there")]

use std::process::Output;

use e2e::Folder;

const REVOKE: &str = "application POST /users/{id}/revokeSignInSessions";

fn run(folder: &Folder, arguments: &[&str]) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = folder.entralint(arguments).output().unwrap();
    (
        status.code().unwrap(),
        String::from_utf8(stdout).unwrap(),
        String::from_utf8(stderr).unwrap(),
    )
}

/// A folder with the headline case and this configuration.
fn folder(config: &str) -> Folder {
    let folder = Folder::with(&["apps/headline.json"]);
    folder.write("entralint.toml", format!("calls = ['{REVOKE}']\n{config}"));
    folder
}

#[test]
fn an_exception_accepts_a_finding_and_its_fix_is_not_made() {
    let folder = folder(
        "[[allow]]\npermission = 'Directory.ReadWrite.All'\nreason = 'until the migration'\nexpires = 2999-12-31\n",
    );
    let (code, out, _) = run(&folder, &["check", "--format", "concise"]);
    assert_eq!((code, out.as_str()), (0, ""), "{out}");
    let before = folder.read("headline.json");
    run(&folder, &["check", "--fix", "--unsafe-fixes"]);
    assert_eq!(folder.read("headline.json"), before);
}

#[test]
fn an_expired_exception_lets_the_finding_return_and_says_so() {
    let folder = folder(
        "[[allow]]\nrule = 'broader-permission'\nreason = 'until the migration'\nowner = 'identity@contoso.com'\nexpires = '2020-01-31'\n",
    );
    let (code, out, _) = run(&folder, &["check"]);
    assert_eq!(code, 1);
    assert!(
        out.contains("expired on 2020-01-31: until the migration; ask identity@contoso.com"),
        "{out}"
    );
}

#[test]
fn a_comment_accepts_the_findings_of_its_element() {
    let folder = Folder::empty();
    let app = |comment: &str| {
        format!(
            r#"{{
  "displayName": "a", "signInAudience": "AzureADMyOrg",
  "requiredResourceAccess": [
    {{
      "resourceAppId": "00000003-0000-0000-c000-000000000000",
      "resourceAccess": [
        // {comment}
        {{ "id": "19dbc75e-c2e2-444c-a770-ec69d8559fc7", "type": "Role" }}
      ]
    }}
  ]
}}
"#
        )
    };
    let check = ["check", "--calls", REVOKE, "--format", "concise"];
    folder.write(
        "app.jsonc",
        app("entralint: allow(broader-permission, privileged-permission) approved in CHG-1"),
    );
    let (code, out, _) = run(&folder, &check);
    assert_eq!(code, 0, "{out}");
    folder.write("app.jsonc", app("entralint: allow(broader-permission)"));
    let (_, out, _) = run(&folder, &check);
    assert!(out.contains("gives no reason"), "{out}");
    folder.write("app.jsonc", app("entralint: allow(broader-permision) x"));
    let (_, out, _) = run(&folder, &check);
    assert!(out.contains("did you mean broader-permission?"), "{out}");
}

#[test]
fn mistakes_of_the_policy_point_at_their_line() {
    for (config, line, words) in [
        (
            "[rules]\nbroader-permision = 'off'\n",
            3,
            "did you mean broader-permission?",
        ),
        (
            "[rules]\nbroader-permission = 'loud'\n",
            3,
            "is no severity",
        ),
        ("[[allow]]\nreason = 'x'\n", 2, "would accept every finding"),
        (
            "[[allow]]\nrule = 'broader-permission'\n",
            2,
            "add `reason`",
        ),
        (
            "[[allow]]\nrule = 'broader-permission'\nreason = 'x'\nexpires = 'soon'\n",
            5,
            "is no date",
        ),
        (
            "[[allow]]\nrule = 'retired-api'\nreason = 'x'\n[[allow]]\nrule = 'retired-api'\nreason = 'y'\n",
            5,
            "stands here twice",
        ),
        (
            "[[forbid]]\npermission = 'User Read'\nreason = 'x'\n",
            3,
            "is no permission",
        ),
        (
            "required-version = '99.0.0'\n",
            2,
            "wants entralint 99.0.0 or newer",
        ),
        ("extends = ['missing.toml']\n", 2, "missing.toml"),
        ("extends = ['entralint.toml']\n", 2, "extends itself"),
    ] {
        let folder = folder(config);
        let (code, out, error) = run(&folder, &["check", "--format", "concise"]);
        assert_eq!(code, 2, "{config}{out}{error}");
        assert!(
            out.starts_with(&format!("entralint.toml:{line}:")) && out.contains(words),
            "{config}{out}{error}"
        );
    }
}

#[test]
fn a_locked_rule_is_made_stricter_and_never_weaker() {
    let folder = folder("extends = ['org.toml']\n[rules]\nbroader-permission = 'off'\n");
    folder.write(
        "org.toml",
        "locked = ['broader-permission']\n[rules]\nbroader-permission = 'warning'\n",
    );
    let (_, out, _) = run(&folder, &["check", "--format", "concise"]);
    assert!(out.contains("warning[broader-permission]"), "{out}");
    let (_, out, _) = run(&folder, &["config", "show"]);
    assert!(
        out.contains("broader-permission = \"warning\" # org.toml:3, locked"),
        "{out}"
    );
}

#[test]
fn an_unused_exception_is_reported_unless_it_was_inherited() {
    let unused = "[[allow]]\nrule = 'retired-api'\nreason = 'x'\n";
    let own = folder(unused);
    let (_, out, _) = run(&own, &["check", "--format", "concise"]);
    assert!(out.contains("unused-allow"), "{out}");
    let inherited = folder("extends = ['org.toml']\n");
    inherited.write("org.toml", unused);
    let (_, out, _) = run(&inherited, &["check", "--format", "concise"]);
    assert!(!out.contains("unused-allow"), "{out}");
}

#[test]
fn the_baseline_accepts_what_is_there_and_nothing_new() {
    let folder = folder("");
    let (code, ..) = run(&folder, &["check"]);
    assert_eq!(code, 1);
    let (code, _, error) = run(&folder, &["baseline", "write"]);
    assert_eq!(code, 0, "{error}");
    let written = folder.read("entralint-baseline.json");
    let (code, out, _) = run(&folder, &["check"]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("accepted in entralint-baseline.json"), "{out}");
    // Written again it is the same, byte for byte.
    run(&folder, &["baseline", "write"]);
    assert_eq!(folder.read("entralint-baseline.json"), written);
    // A moved element keeps its identity; another app is new.
    let app = folder.read("headline.json");
    folder.write("headline.json", app.replace("\n", "\n\n"));
    let (code, out, _) = run(&folder, &["check"]);
    assert_eq!(code, 0, "{out}");
    folder.write("other.json", &app);
    let (code, ..) = run(&folder, &["check"]);
    assert_eq!(code, 1);
    // What is gone is stale, and goes.
    std::fs::remove_file(folder.path().join("headline.json")).unwrap();
    let (_, out, _) = run(&folder, &["check"]);
    assert!(out.contains("stale"), "{out}");
    let (code, _, error) = run(&folder, &["baseline", "prune"]);
    assert_eq!(code, 0, "{error}");
    assert!(
        !folder
            .read("entralint-baseline.json")
            .contains("headline.json")
    );
}

#[test]
fn a_damaged_baseline_is_an_error_with_a_line() {
    let folder = folder("");
    folder.write(
        "entralint-baseline.json",
        "{\n  \"version\": 1,\n<<<<<<< HEAD\n  \"findings\": []\n}\n",
    );
    let (code, _, error) = run(&folder, &["check"]);
    assert_eq!(code, 2);
    assert!(error.contains("entralint-baseline.json:3:"), "{error}");
}

#[test]
fn every_format_has_the_same_findings() {
    let folder = folder("");
    let formats = [
        "concise", "jsonl", "json", "sarif", "github", "azure", "gitlab", "junit", "markdown",
        "html",
    ];
    let outputs: Vec<String> = formats
        .iter()
        .map(|format| format!("{format}=out.{format}"))
        .collect();
    let mut arguments = vec!["check", "headline.json"];
    for output in &outputs {
        arguments.extend(["--output", output]);
    }
    let (code, full, _) = run(&folder, &arguments);
    assert_eq!(code, 1);
    let rules: Vec<&str> = full
        .lines()
        .filter(|line| {
            ["error[", "warning[", "note["]
                .iter()
                .any(|s| line.starts_with(s))
        })
        .filter_map(|line| line.split(['[', ']']).nth(1))
        .collect();
    assert!(!rules.is_empty());
    for format in formats {
        let out = folder.read(&format!("out.{format}"));
        for rule in &rules {
            assert!(out.contains(rule), "{format} has no {rule}:\n{out}");
        }
        assert!(out.contains("headline.json"), "{format}:\n{out}");
    }
    let concise = folder.read("out.concise");
    assert_eq!(concise.lines().count(), rules.len(), "{concise}");
}

#[test]
fn findings_never_fail_a_run_that_says_so_and_errors_always_do() {
    let folder = folder("");
    for flags in [["--exit-zero", "--strict"], ["--fail-on", "never"]] {
        let (code, ..) = run(&folder, &["check", flags[0], flags[1]]);
        assert_eq!(code, 0, "{flags:?}");
    }
    let (code, _, error) = run(&folder, &["check", "--select", "broad-permission"]);
    assert_eq!(code, 2);
    assert!(error.contains("no rule is called"), "{error}");
    let (code, _, _) = run(&folder, &["check", "--select", "retired-api"]);
    assert_eq!(code, 0);
    let (code, out, _) = run(
        &folder,
        &["check", "--app", "nothing*", "--format", "concise"],
    );
    assert_eq!((code, out.as_str()), (0, ""));
}

#[test]
fn a_denied_call_is_explained() {
    let folder = Folder::empty();
    let (code, out, _) = run(
        &folder,
        &[
            "denied",
            "POST https://graph.microsoft.com/v1.0/users/ada/revokeSignInSessions: Authorization_RequestDenied",
        ],
    );
    assert_eq!(code, 0);
    assert!(out.contains("User.RevokeSessions.All"), "{out}");
    let (code, _, error) = run(&folder, &["denied", "missing.har"]);
    assert_eq!(code, 2);
    assert!(error.contains("there is no such file"), "{error}");
    let (code, out, error) = run(&folder, &["denied", "all is well"]);
    assert_eq!((code, out.as_str()), (3, ""));
    assert!(error.contains("nothing in the text says"), "{error}");
    folder.write("broken.har", "{\"log\": {\"entries\": [");
    let (code, _, error) = run(&folder, &["denied", "broken.har"]);
    assert_eq!(code, 2);
    assert!(error.contains("broken.har:1:"), "{error}");
}

#[test]
fn completions_and_the_rules_are_listed() {
    let folder = Folder::empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (code, out, _) = run(&folder, &["completions", shell]);
        assert!(code == 0 && out.contains("entralint"), "{shell}");
    }
    let (code, out, _) = run(&folder, &["rules", "--format", "json"]);
    assert!(code == 0 && out.contains("\"broader-permission\""), "{out}");
    let (code, out, _) = run(&folder, &["man"]);
    assert!(code == 0 && out.contains(".TH"), "{out}");
}

#[test]
fn a_nearer_configuration_counts_for_the_files_below_it_from_any_working_folder() {
    let folder = Folder::empty();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    let app = Folder::with(&["apps/headline.json"]).read("headline.json");
    folder.write("packages/a/app.json", &app);
    folder.write("packages/b/app.json", &app);
    folder.write("entralint.toml", "[rules]\nprivileged-permission = 'off'\n");
    folder.write(
        "packages/a/entralint.toml",
        format!(
            "calls = ['{REVOKE}']\n[rules]\nbroader-permission = 'note'\n[[allow]]\nrule = 'retired-api'\nreason = 'x'\n"
        ),
    );
    let (code, out, error) = run(&folder, &["check", "--format", "concise"]);
    assert_eq!(code, 1, "{out}{error}");
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines[0].starts_with("packages/a/app.json:"), "{out}");
    assert!(lines[0].contains("note[broader-permission]"), "{out}");
    assert!(lines[1].contains("unused-allow"), "{out}");
    assert!(lines[2].starts_with("packages/b/app.json:"), "{out}");
    assert!(lines[2].contains("warning[broader-permission]"), "{out}");
    let output = folder
        .entralint(&["check", "--format", "concise"])
        .current_dir(folder.path().join("packages/a"))
        .output()
        .unwrap();
    let inner = String::from_utf8(output.stdout).unwrap();
    assert!(inner.contains("packages/a/app.json:"), "{inner}");
    assert!(inner.contains("note[broader-permission]"), "{inner}");
    let (_, out, _) = run(&folder, &["config", "show", "packages/a"]);
    assert!(
        out.contains("broader-permission = \"note\" # packages/a/entralint.toml:3")
            && out.contains("privileged-permission = \"off\" # entralint.toml:2"),
        "{out}"
    );
}

#[test]
fn a_locked_rule_is_not_weakened_by_flags_exceptions_or_the_baseline() {
    let folder = folder(
        "extends = ['org.toml']\n[[allow]]\npermission = 'Directory.ReadWrite.All'\nreason = 'x'\n",
    );
    folder.write("org.toml", "locked = ['broader-permission']\n");
    for flags in [
        &["--ignore", "broader-permission"] as &[&str],
        &["--select", "retired-api"],
        &["--min-confidence", "high"],
        &[],
    ] {
        let mut arguments = vec!["check", "--format", "concise"];
        arguments.extend(flags);
        let (code, out, _) = run(&folder, &arguments);
        assert_eq!(code, 1, "{flags:?}{out}");
        assert!(out.contains("[broader-permission]"), "{flags:?}{out}");
    }
    run(&folder, &["baseline", "write"]);
    let (code, out, _) = run(&folder, &["check"]);
    assert_eq!(code, 1, "{out}");
    assert!(
        out.contains("another configuration locks the rule"),
        "{out}"
    );
}
