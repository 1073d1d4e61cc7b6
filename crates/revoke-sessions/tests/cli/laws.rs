//! What must hold in every run: exclusions, confirmations, outages, evidence, secrets.

use std::fs;
use std::process::Stdio;

use fake_graph::FakeGraph;

use crate::desk::{Desk, LEAST, text};

const GLASS: &str = "00000000-0000-4000-8000-000000000009";
const VARIABLE: &str = "REVOKE_SESSIONS_EXCLUDE";

#[test]
fn an_account_named_in_two_ways_is_excluded_in_both() {
    let desk = Desk::plain();
    desk.write(
        "users.csv",
        format!("userPrincipalName,id\nglass@contoso.com,\n,{GLASS}\nglass@contoso.com,{GLASS}\nbob@contoso.com,\n"),
    );
    for exclusion in ["glass@contoso.com", GLASS] {
        desk.write("glass.txt", exclusion);
        let (code, json) =
            desk.json("bulk --users users.csv --exclude glass.txt --yes --journal run.jsonl");
        // The list still has a row by name alone, so an exclusion by id must not be trusted to be another.
        if code == 2 {
            assert_eq!(desk.graph.totals().requests, 0);
            continue;
        }
        assert_eq!((code, &json["revoked"]), (0, &1.into()));
        assert_eq!(json["excludedUsers"][0]["user"], "glass@contoso.com");
        fs::remove_file(desk.path("run.jsonl")).unwrap();
    }
    assert_eq!(desk.graph.revocations("glass@contoso.com"), 0);
    assert_eq!(desk.graph.revocations(GLASS), 0);
}

#[test]
fn standing_exclusions_hold_for_every_command() {
    let desk = Desk::plain();
    desk.write("users.txt", "alice@contoso.com\nglass@contoso.com\n");
    desk.write("standing.txt", "glass@contoso.com\n");
    let folder = desk.path("config/revoke-sessions");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("exclude.txt"), "glass@contoso.com\n").unwrap();
    let config = desk.path("config");
    for (name, value) in [
        (VARIABLE, "glass@contoso.com".into()),
        (VARIABLE, "standing.txt".into()),
        ("XDG_CONFIG_HOME", config.into_os_string()),
    ] {
        for arguments in [
            "bulk --users users.txt --yes",
            "user glass@contoso.com alice@contoso.com --yes",
        ] {
            let mut command = desk.command(arguments);
            let output = command.env(name, &value).output().unwrap();
            let said = text(&output);
            assert_eq!(output.status.code(), Some(0), "{said}");
            assert!(
                said.contains("excluded       1 user: glass@contoso.com"),
                "{said}"
            );
            for file in fs::read_dir(desk.path(".")).unwrap() {
                let path = file.unwrap().path();
                if path.extension().is_some_and(|it| it == "jsonl") {
                    fs::remove_file(path).unwrap();
                }
            }
        }
    }
    let token = desk.graph.delegated_token(LEAST);
    let mut me = desk.command_with("me --yes", &token);
    let output = me.env(VARIABLE, "operator@contoso.com").output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert_eq!(desk.graph.revocations("glass@contoso.com"), 0);
    assert_eq!(desk.graph.revocations("operator@contoso.com"), 0);
}

#[test]
fn a_standing_exclusion_that_cannot_be_read_stops_every_command() {
    let desk = Desk::plain();
    desk.write("empty.txt", "");
    for value in ["missing.txt", "empty.txt", "glass"] {
        let mut command = desk.command("user alice@contoso.com --yes");
        let output = command.env(VARIABLE, value).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{value}: {}", text(&output));
    }
    assert_eq!(desk.graph.totals().requests, 0);
}

#[test]
fn a_resumed_run_finds_an_exclusion_by_either_name() {
    let desk = Desk::new(FakeGraph::builder().rule("status:404=always".parse().unwrap()));
    desk.write(
        "users.csv",
        format!("userPrincipalName,id\nglass@contoso.com,{GLASS}\nbob@contoso.com,\n"),
    );
    assert_eq!(
        desk.json("bulk --users users.csv --yes --journal run.jsonl")
            .0,
        1
    );
    desk.graph.clear_rules();
    desk.write(
        "glass.txt",
        format!("userPrincipalName,id\nother@contoso.com,{GLASS}\n"),
    );
    let (code, json) = desk.json("bulk --resume run.jsonl --exclude glass.txt --yes");
    assert_eq!((code, &json["excluded"]), (0, &1.into()));
    assert_eq!(desk.graph.revocations("glass@contoso.com"), 0);
    assert_eq!(desk.graph.revocations("bob@contoso.com"), 1);
}

#[test]
fn what_is_not_confirmed_is_counted_apart_and_sent_again() {
    let rule = |text: &str| text.parse().unwrap();
    let desk = Desk::new(
        FakeGraph::builder()
            .rule(rule(
                r#"json:200:{"value":"false"}@user:a@contoso.com=next"#,
            ))
            .rule(rule(
                r#"json:200:{"status":"blocked"}@user:b@contoso.com=next"#,
            ))
            .rule(rule(
                r#"json:200:{"error":{"code":"Blocked"}}@user:c@contoso.com=next"#,
            ))
            .rule(rule(r#"json:200:{"value":null}@user:d@contoso.com=next"#)),
    );
    desk.write(
        "users.txt",
        "a@contoso.com\nb@contoso.com\nc@contoso.com\nd@contoso.com\ne@contoso.com\n",
    );
    let (code, json) = desk.json("bulk --users users.txt --yes --journal run.jsonl");
    assert_eq!(code, 1);
    assert_eq!(
        (&json["revoked"], &json["unconfirmed"], &json["failed"]),
        (&1.into(), &3.into(), &1.into())
    );
    let (code, json) = desk.json("bulk --resume run.jsonl --yes");
    assert_eq!((code, &json["revoked"]), (0, &5.into()));
    assert_eq!(desk.graph.totals().revocations, 5);
}

#[test]
fn an_outage_costs_seconds_and_no_user() {
    let desk = Desk::new(FakeGraph::builder().rule("html:502=for:3s".parse().unwrap()));
    let users: String = (0..300).map(|n| format!("user{n}@contoso.com\n")).collect();
    desk.write("users.txt", users);
    let output = desk
        .command("bulk --users users.txt --yes")
        .output()
        .unwrap();
    let said = text(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(
        said.contains("Paused: 20 requests in a row failed"),
        "{said}"
    );
    assert!(said.contains("The service answers again"), "{said}");
    assert_eq!(desk.graph.totals().revocations, 300);
}

#[test]
fn an_outage_that_lasts_ends_the_run_and_keeps_the_rest_open() {
    let desk = Desk::new(FakeGraph::builder().rule("reset=always".parse().unwrap()));
    let users: String = (0..300).map(|n| format!("user{n}@contoso.com\n")).collect();
    desk.write("users.txt", users);
    let (code, json) = desk.json("bulk --users users.txt --yes --max-outage 2 --journal run.jsonl");
    assert_eq!((code, &json["end"]), (1, &"unavailable".into()));
    assert!(json["notSent"].as_u64().unwrap() >= 250, "{json}");
    desk.graph.clear_rules();
    assert_eq!(desk.json("bulk --resume run.jsonl --yes").0, 0);
    assert_eq!(desk.graph.totals().revocations, 300);
}

#[test]
fn the_files_for_the_ticket_name_everyone() {
    let desk = Desk::plain();
    desk.write(
        "users.txt",
        "alice@contoso.com\nghost@contoso.com\nglass@contoso.com\nnot a user\n",
    );
    desk.write("glass.txt", "glass@contoso.com\n");
    let line = "bulk --users users.txt --exclude glass.txt --skip-bad-lines --yes --journal run.jsonl \
                --results results.csv --report";
    for report in ["ticket.html", "ticket.md"] {
        let output = desk.command(&format!("{line} {report}")).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", text(&output));
        for file in [report, "results.csv", "run.jsonl"] {
            let content = desk.read(file);
            let plain = content.replace('\\', "");
            for word in [
                "alice@contoso.com",
                "ghost@contoso.com",
                "glass@contoso.com",
                "neither an object id",
            ] {
                assert!(plain.contains(word), "{word} in {file}: {content}");
            }
            assert!(!content.contains("eyJ"), "{content}");
        }
        let page = desk.read(report);
        for word in [
            "started",
            "without a user",
            "Not revoked: 1 user",
            "What revoking does not do",
        ] {
            assert!(page.contains(word), "{word}: {page}");
        }
        fs::remove_file(desk.path("run.jsonl")).unwrap();
    }
    let output = desk
        .command(&format!("{line} ticket.pdf"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
}

#[test]
fn a_few_users_have_a_journal_results_a_dry_run_and_standard_input() {
    let desk = Desk::plain();
    let dry = desk
        .bare("user alice@contoso.com --dry-run")
        .output()
        .unwrap();
    assert_eq!(dry.status.code(), Some(0), "{}", text(&dry));
    assert!(
        text(&dry).contains("  alice@contoso.com\n"),
        "{}",
        text(&dry)
    );
    assert_eq!(desk.graph.totals().requests, 0);
    desk.write("list", "alice@contoso.com\nghost@contoso.com\n");
    let output = desk
        .command("user - --yes --journal few.jsonl --results few.csv")
        .stdin(Stdio::from(fs::File::open(desk.path("list")).unwrap()))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert_eq!(desk.read("few.csv").lines().count(), 3);
    assert!(
        text(&output).contains("revoke-sessions bulk --resume few.jsonl"),
        "{}",
        text(&output)
    );
    assert_eq!(desk.outcomes("few.jsonl").len(), 2);
}

#[test]
fn a_token_in_the_wrong_place_is_not_shown() {
    let desk = Desk::plain();
    let token = desk.graph.application_token(LEAST);
    for option in [
        "--token-file",
        "--secret-file",
        "--auth",
        "--timeout",
        "--cloud",
        "--exclude",
    ] {
        let auth = if option == "--secret-file" {
            "client-secret"
        } else {
            "token"
        };
        let mut command =
            desk.bare("user alice@contoso.com --yes --tenant contoso.com --client-id x");
        if option != "--auth" {
            command.args(["--auth", auth]);
        }
        let output = command.args([option, &token]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{option}: {}", text(&output));
        assert!(
            !text(&output).contains(&token[..30]),
            "{option}: {}",
            text(&output)
        );
    }
}

#[test]
fn verbose_and_log_say_why_and_hold_no_secret() {
    let desk = Desk::plain();
    let token = desk.graph.application_token(LEAST);
    let mut command =
        desk.bare("user alice@contoso.com --yes --verbose --log run.log --auth token");
    command.env("REVOKE_SESSIONS_TOKEN", &token);
    // Nothing listens there.
    let address = "http://127.0.0.1:9";
    let output = command
        .args(["--graph", address, "--authority", address])
        .output()
        .unwrap();
    let said = text(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for text in [&said, &desk.read("run.log")] {
        assert!(text.contains("Connection refused"), "{text}");
        assert!(!text.contains(&token[..30]), "{text}");
    }
    assert!(
        !desk.read("run.log").contains("alice"),
        "{}",
        desk.read("run.log")
    );
}

#[test]
fn no_proxy_sees_what_is_sent_to_this_machine() {
    let desk = Desk::plain();
    let mut command = desk.command("user alice@contoso.com --yes");
    for name in [
        "HTTP_PROXY",
        "http_proxy",
        "ALL_PROXY",
        "REVOKE_SESSIONS_PROXY",
    ] {
        command.env(name, "http://127.0.0.1:9");
    }
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_at_the_end_does_not_change_what_was_revoked() {
    let desk = Desk::plain();
    desk.write("users.txt", "alice@contoso.com\n");
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = desk
        .command("bulk --users users.txt --yes --results /dev/full --report report.md")
        .stdout(full)
        .output()
        .unwrap();
    let said = text(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(
        said.contains("error: cannot write the results to /dev/full"),
        "{said}"
    );
    assert!(desk.read("report.md").contains("alice@contoso.com"));
}

#[cfg(unix)]
#[test]
fn a_journal_that_is_deleted_on_the_way_stops_the_run() {
    let desk = Desk::new(FakeGraph::builder().rule("latency:50ms=always".parse().unwrap()));
    let users: String = (0..2_000)
        .map(|n| format!("user{n}@contoso.com\n"))
        .collect();
    desk.write("users.txt", users);
    let child = desk
        .command("bulk --users users.txt --yes --journal run.jsonl --concurrency 4")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while desk.graph.totals().revocations < 20 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    fs::remove_file(desk.path("run.jsonl")).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = text(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("it was deleted, moved or replaced while the run was going on"),
        "{said}"
    );
    assert!(desk.graph.totals().revocations < 2_000);
}

#[test]
fn help_fits_the_screen() {
    let desk = Desk::plain();
    for command in ["user", "me", "bulk", "verify"] {
        let output = desk.bare(&format!("{command} --help")).output().unwrap();
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            assert!(line.chars().count() <= 100, "{command}: {line}");
        }
    }
}
