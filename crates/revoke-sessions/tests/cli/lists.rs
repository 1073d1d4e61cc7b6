//! What a list of users may be, and what is refused.

use std::fs::File;

use crate::desk::{Desk, says, text};

const GLASS: &str = "00000000-0000-4000-8000-000000000009";

#[test]
fn a_dry_run_shows_who_and_how_many_and_sends_nothing() {
    let desk = Desk::plain();
    desk.write("break-glass.txt", "glass@contoso.com\nolder@contoso.com\n");
    desk.write(
        "users.csv",
        "userPrincipalName,displayName\nalice@contoso.com,Alice\nglass@contoso.com,\nbob_x.com#EXT#@contoso.com,Bob\nAlice@contoso.com,\n",
    );
    says(
        "dry-run",
        desk.bare("bulk --users users.csv --exclude break-glass.txt --dry-run"),
    );
    says(
        "dry-run-json",
        desk.bare("bulk --users users.csv --exclude break-glass.txt --dry-run --format json"),
    );
    assert_eq!(desk.graph.totals().requests, 0);
}

#[test]
fn a_dry_run_says_how_long_a_long_list_takes() {
    let desk = Desk::plain();
    let users: String = (0..50_000)
        .map(|n| format!("user{n}@contoso.com\n"))
        .collect();
    desk.write("users.txt", users);
    says(
        "dry-run-long",
        desk.bare("bulk --users users.txt --dry-run"),
    );
    says(
        "dry-run-rate",
        desk.bare("bulk --users users.txt --dry-run --rate 5 --cloud us-gov"),
    );
}

#[test]
fn bad_lines_are_listed_before_anything_is_sent() {
    let desk = Desk::plain();
    desk.write(
        "users.txt",
        "alice@contoso.com\n\nalice\nbob@contoso.com;x\n",
    );
    says("bad-lines", desk.command("bulk --users users.txt --yes"));
    assert_eq!(desk.graph.totals().requests, 0);
    says(
        "bad-lines-skipped",
        desk.command("bulk --users users.txt --yes --skip-bad-lines --journal run.jsonl"),
    );
    assert_eq!(desk.outcomes("run.jsonl"), ["alice@contoso.com revoked"]);
}

#[test]
fn many_bad_lines_are_counted() {
    let desk = Desk::plain();
    desk.write("users.txt", "x\n".repeat(25));
    let output = desk
        .command("bulk --users users.txt --yes")
        .output()
        .unwrap();
    let said = text(&output);
    assert!(
        said.contains("25 lines of users.txt name no user:"),
        "{said}"
    );
    assert!(
        said.contains("  line 20: ") && !said.contains("  line 21: "),
        "{said}"
    );
    assert!(said.contains("… and 5 more"), "{said}");
}

#[test]
fn a_bad_line_among_the_exclusions_is_never_left_out() {
    let desk = Desk::plain();
    desk.write("users.txt", "alice@contoso.com\n");
    desk.write("break-glass.txt", "glass\n");
    says(
        "bad-exclusion",
        desk.command("bulk --users users.txt --exclude break-glass.txt --skip-bad-lines --yes"),
    );
}

#[test]
fn exclusions_that_exclude_nobody_stop_the_run() {
    let desk = Desk::plain();
    desk.write("users.txt", "alice@contoso.com\n");
    desk.write("empty.txt", "");
    desk.write("comments.txt", "# glass@contoso.com\n\n");
    desk.write("header.csv", "userPrincipalName,id\n");
    desk.write("glass.txt", "glass@contoso.com\n");
    for name in ["empty.txt", "comments.txt", "header.csv"] {
        let line = "bulk --users users.txt --yes --exclude glass.txt --exclude";
        let output = desk.command(&format!("{line} {name}")).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", text(&output));
        let said = format!("error: {name} names no account to exclude. Nothing was sent");
        assert!(text(&output).contains(&said), "{}", text(&output));
    }
    for arguments in [
        "--users - --exclude -",
        "--users users.txt --exclude - --exclude -",
    ] {
        let mut command = desk.command(&format!("bulk --yes {arguments}"));
        let input = File::open(desk.path("users.txt")).unwrap();
        let output = command.stdin(input).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", text(&output));
        assert!(
            text(&output).contains("`-` is given more than once"),
            "{}",
            text(&output)
        );
    }
    assert_eq!(desk.graph.totals().requests, 0);
}

#[test]
fn an_open_quotation_mark_is_never_left_out_with_the_lines_behind_it() {
    let desk = Desk::plain();
    desk.write(
        "users.txt",
        "alice@contoso.com\n\"bob@contoso.com\ncarol@contoso.com\n",
    );
    let output = desk
        .command("bulk --users users.txt --yes --skip-bad-lines")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(
        text(&output).contains("cannot read users.txt: the quotation mark of line 2 is not closed"),
        "{}",
        text(&output)
    );
    assert_eq!(desk.graph.totals().requests, 0);
}

#[test]
fn an_exclusion_that_cannot_be_compared_stops_the_run() {
    let desk = Desk::plain();
    desk.write("users.txt", format!("{GLASS}\nalice@contoso.com\n"));
    desk.write("break-glass.txt", "glass@contoso.com\n");
    says(
        "exclusion-by-name",
        desk.command("bulk --users users.txt --exclude break-glass.txt --yes"),
    );
    desk.write(
        "break-glass.txt",
        format!("userPrincipalName,id\nglass@contoso.com,{GLASS}\n"),
    );
    let (code, json) = desk.json("bulk --users users.txt --exclude break-glass.txt --yes");
    assert_eq!((code, &json["revoked"]), (0, &1.into()));
    assert_eq!(desk.graph.revocations(GLASS), 0);
}

#[test]
fn nothing_to_do_is_exit_3() {
    let desk = Desk::plain();
    desk.write("empty.txt", "# nobody yet\n\n");
    says("nobody", desk.command("bulk --users empty.txt --yes"));
    desk.write("users.txt", "alice@contoso.com\n");
    says(
        "all-excluded",
        desk.command("bulk --users users.txt --exclude users.txt --yes"),
    );
}

#[test]
fn a_list_comes_from_standard_input_too() {
    let desk = Desk::plain();
    desk.write("users.txt", "\u{feff}alice@contoso.com\r\nbob@contoso.com");
    let input = File::open(desk.path("users.txt")).unwrap();
    let output = desk
        .command("bulk --users - --yes")
        .stdin(input)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert_eq!(desk.graph.totals().revocations, 2);
    desk.write("users.txt", "alice");
    let input = File::open(desk.path("users.txt")).unwrap();
    let mut command = desk.command("bulk --users - --yes");
    command.stdin(input);
    says("bad-stdin", command);
}

#[test]
fn lists_that_cannot_be_read_are_told_with_the_place() {
    let desk = Desk::plain();
    desk.write("latin1.txt", b"alice@contoso.com\nzo\xEB@contoso.com\n");
    desk.write("people.csv", "name,mail\nAlice,alice@contoso.com\n");
    for (arguments, said) in [
        (
            "--users missing.txt",
            "error: cannot read missing.txt: No such file",
        ),
        ("--users .", "error: cannot read .: Is a directory"),
        (
            "--users latin1.txt",
            "error: cannot read latin1.txt: line 2 is not UTF-8",
        ),
        (
            "--users people.csv",
            "error: cannot read people.csv: its header has no column that names users (name, mail); name the column with --column",
        ),
        (
            "--users people.csv --column upn",
            "error: cannot read people.csv: it has no column `upn` (there is: name, mail)",
        ),
        (
            "--users people.csv --column mail --exclude missing.txt",
            "error: cannot read missing.txt: No such file",
        ),
    ] {
        let output = desk
            .command(&format!("bulk --yes {arguments}"))
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", text(&output));
        assert!(text(&output).contains(said), "{}", text(&output));
    }
    let (code, json) = desk.json("bulk --yes --users people.csv --column mail");
    assert_eq!((code, &json["revoked"]), (0, &1.into()));
}

#[test]
fn a_cloud_and_another_graph_are_refused_with_where_it_comes_from() {
    let desk = Desk::plain();
    desk.write("users.txt", "alice@contoso.com\n");
    let line = "bulk --users users.txt --dry-run --cloud china";
    let (graph, authority) = ("https://graph.example", "https://login.example");
    let mut by_variable = desk.bare(line);
    by_variable
        .env("REVOKE_SESSIONS_GRAPH", graph)
        .env("REVOKE_SESSIONS_AUTHORITY", authority);
    let mut by_option = desk.bare(line);
    by_option.args(["--graph", graph, "--authority", authority]);
    for (mut command, other) in [
        (
            by_variable,
            "the environment variable REVOKE_SESSIONS_GRAPH",
        ),
        (by_option, "--graph"),
    ] {
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", text(&output));
        let said = format!("error: --cloud and {other} cannot be used together");
        assert!(text(&output).contains(&said), "{}", text(&output));
    }
}

#[test]
fn options_that_do_not_fit_are_refused() {
    let desk = Desk::plain();
    desk.write("users.txt", "alice@contoso.com\n");
    for (arguments, said) in [
        ("bulk", "--users <FILE>"),
        (
            "bulk --users users.txt --resume run.jsonl",
            "cannot be used with",
        ),
        (
            "bulk --users users.txt --dry-run --rate 0",
            "users a second must be a number from 0.001 on",
        ),
        (
            "bulk --users users.txt --dry-run --rate fast",
            "write a number of users a second",
        ),
        ("bulk --users users.txt --dry-run --burst 3", "--rate <N>"),
        (
            "bulk --users users.txt --dry-run --timeout 0",
            "write a number of seconds from 0.1 to 3600",
        ),
        (
            "bulk --users users.txt --dry-run --cloud mars",
            "no such cloud: `mars` (there is: global, us-gov, us-gov-dod, china)",
        ),
        (
            "bulk --users users.txt --dry-run --graph http://example.com --authority https://example.com",
            "plain http is for loopback hosts only",
        ),
        ("user", "<USER>"),
        ("", "Usage:"),
    ] {
        let output = desk.bare(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments}");
        assert!(
            text(&output).contains(said),
            "{arguments}: {}",
            text(&output)
        );
    }
}

/// Who would be sent, and how many duplicates there are.
fn sent(desk: &Desk, list: &str) -> (Vec<String>, u64) {
    desk.write("list.csv", list);
    let output = desk
        .bare("bulk --users list.csv --dry-run --format json")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let plan: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let users = plan["users"].as_array().unwrap().iter();
    let users = users.map(|it| it["user"].as_str().unwrap().to_owned());
    (users.collect(), plan["duplicates"].as_u64().unwrap())
}

#[test]
fn exports_of_spreadsheets_and_sign_in_logs_are_read_as_they_are() {
    let desk = Desk::plain();
    // The line that tells a spreadsheet what separates values, in several spellings.
    for first in ["sep=;", "SEP=;", "\"sep=;\"", "\u{feff}sep=;"] {
        let list = format!("{first}\r\nUserPrincipalName;Mail\r\nalice@contoso.com;a,b\r\n");
        assert_eq!(sent(&desk, &list).0, ["alice@contoso.com"], "{first}");
    }
    // Rows without a name are sent by their id.
    let list = format!("userPrincipalName,id\n,{GLASS}\nalice@contoso.com,\n\n,,\n");
    assert_eq!(sent(&desk, &list).0, [GLASS, "alice@contoso.com"]);
    // In sign-in logs `User` is a display name, and `User ID` and `Username` say who it is.
    let list = format!("Date,User,User ID\n2026,Alice Adams,{GLASS}\n2026,Alice,{GLASS}\n");
    assert_eq!(sent(&desk, &list), (vec![GLASS.to_owned()], 1));
    let list = format!("User,User ID,Username\nBob,{GLASS},bob@contoso.com\n");
    assert_eq!(sent(&desk, &list).0, ["bob@contoso.com"]);
}
