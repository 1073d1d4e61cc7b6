//! Runs over a list, from the first question to the results.

use fake_graph::FakeGraph;

use crate::desk::{Desk, LEAST, says, text};

#[test]
fn everyone_of_a_list_is_revoked_and_the_limits_are_said() {
    let desk = Desk::plain();
    desk.write(
        "users.txt",
        "alice@contoso.com\nbob_x.com#EXT#@contoso.com\n",
    );
    says(
        "bulk",
        desk.command("bulk --users users.txt --yes --concurrency 1"),
    );
    let bob = desk.graph.user("bob_x.com#EXT#@contoso.com").unwrap();
    assert_eq!((bob.revocations, bob.effective), (1, 0));
}

#[test]
fn who_failed_is_listed_with_the_reason_and_the_way_on() {
    let desk = Desk::plain();
    desk.write("users.txt", "alice@contoso.com\nghost@contoso.com\n");
    says(
        "bulk-failed",
        desk.command("bulk --users users.txt --yes --journal run.jsonl --results results.csv"),
    );
    let results = desk.read("results.csv");
    let rows: Vec<&str> = results.lines().collect();
    assert_eq!(rows.len(), 3);
    assert!(
        rows[1].starts_with("alice@contoso.com,revoked,,200,,,,"),
        "{results}"
    );
    assert!(
        rows[2]
            .starts_with("ghost@contoso.com,failed,,404,Request_ResourceNotFound,\"refused: 404"),
        "{results}"
    );
}

#[test]
fn no_file_and_no_output_holds_the_token() {
    let desk = Desk::plain();
    desk.write("users.txt", "alice@contoso.com\nghost@contoso.com\n");
    let token = desk.graph.application_token(LEAST);
    let line = "bulk --users users.txt --yes --journal run.jsonl --results results.csv";
    let said = text(&desk.command_with(line, &token).output().unwrap());
    for text in [said, desk.read("run.jsonl"), desk.read("results.csv")] {
        assert!(!text.contains("eyJ"), "{text}");
    }
}

#[test]
fn json_holds_whoever_is_not_revoked() {
    let desk = Desk::plain();
    desk.write("users.txt", "alice@contoso.com\nghost@contoso.com\n");
    says(
        "bulk-json",
        desk.command("bulk --users users.txt --yes --journal run.jsonl --format json"),
    );
}

#[test]
fn many_failures_are_cut_short_on_the_screen_and_whole_in_the_results() {
    let graph = (0..30).fold(FakeGraph::builder(), |graph, n| {
        graph.absent(format!("ghost{n}@contoso.com"))
    });
    let desk = Desk::new(graph);
    let users: String = (0..30).map(|n| format!("ghost{n}@contoso.com\n")).collect();
    desk.write("users.txt", users);
    let output = desk
        .command("bulk --users users.txt --yes --results results.csv")
        .output()
        .unwrap();
    let said = text(&output);
    assert!(
        said.contains("… and 10 more, all in the journal and in --results"),
        "{said}"
    );
    assert_eq!(desk.read("results.csv").matches(",failed,").count(), 30);
}

#[test]
fn a_run_that_is_refused_everywhere_stops_early() {
    let desk = Desk::plain();
    let users: String = (0..500).map(|n| format!("user{n}@contoso.com\n")).collect();
    desk.write("users.txt", users);
    let token = desk.graph.application_token(["User.Read.All"]);
    let output = desk
        .command_with("bulk --users users.txt --yes", &token)
        .output()
        .unwrap();
    let said = text(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("Stopped, because every answer was that the permission is missing."),
        "{said}"
    );
    assert!(said.contains("To send the rest again:"), "{said}");
    assert!(
        desk.graph.totals().requests < 60,
        "{:?}",
        desk.graph.totals()
    );
}

#[test]
fn a_token_that_ends_on_the_way_stops_the_run_as_a_matter_of_sign_in() {
    let desk = Desk::plain();
    let users: String = (0..300).map(|n| format!("user{n}@contoso.com\n")).collect();
    desk.write("users.txt", users);
    // A few go through, and then the token's time is over.
    desk.graph.add_rule("latency:20ms=always".parse().unwrap());
    desk.graph.add_rule(
        "expired-token@user:user100@contoso.com=always"
            .parse()
            .unwrap(),
    );
    let output = desk
        .command("bulk --users users.txt --yes --journal run.jsonl")
        .output()
        .unwrap();
    let said = text(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("Stopped, because the sign-in does not hold: refused: 401"),
        "{said}"
    );
    assert!(
        said.contains("revoke-sessions bulk --resume run.jsonl"),
        "{said}"
    );
    assert!(desk.graph.totals().requests < 200);
    assert!(
        desk.read("run.jsonl")
            .trim_end()
            .ends_with("\"event\":\"stopped\"}")
    );
}

#[test]
fn the_own_account_is_told_with_its_line_and_comes_last_on_request() {
    let desk = Desk::plain();
    desk.write(
        "users.txt",
        "# all\nOperator@contoso.com\nalice@contoso.com\n",
    );
    let token = desk.graph.delegated_token(LEAST);
    let line = "bulk --users users.txt --yes --journal run.jsonl --concurrency 1";
    says("bulk-self", desk.command_with(line, &token));
    assert!(!desk.path("run.jsonl").exists());
    let output = desk
        .command_with(&format!("{line} --include-self"), &token)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert_eq!(
        desk.outcomes("run.jsonl"),
        ["alice@contoso.com revoked", "Operator@contoso.com revoked"]
    );
}

#[test]
fn an_opaque_token_leaves_open_who_is_signed_in() {
    let desk = Desk::plain();
    desk.write("users.txt", "alice@contoso.com\n");
    says(
        "bulk-opaque",
        desk.command_with("bulk --users users.txt --yes", "opaque"),
    );
    assert_eq!(desk.graph.totals().requests, 0);
}

#[test]
fn a_journal_that_is_there_is_never_overwritten() {
    let desk = Desk::plain();
    desk.write("users.txt", "alice@contoso.com\n");
    desk.write("run.jsonl", "precious");
    says(
        "journal-exists",
        desk.command("bulk --users users.txt --yes --journal run.jsonl"),
    );
    assert_eq!(desk.read("run.jsonl"), "precious");
    assert_eq!(desk.graph.totals().requests, 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_journal_that_cannot_be_written_leaves_no_stub() {
    let desk = Desk::plain();
    desk.write("users.txt", "alice@contoso.com\n");
    let inner = desk.command("bulk --users users.txt --yes --journal run.jsonl");
    let (program, arguments) = (inner.get_program(), inner.get_args());
    // No file may grow: what a full disk does, but for the number of the error.
    let script = "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\"";
    let variables = inner
        .get_envs()
        .filter_map(|(name, value)| Some((name, value?)));
    let output = std::process::Command::new("sh")
        .args(["-c", script])
        .arg(program)
        .args(arguments)
        .env_clear()
        .envs(variables)
        .current_dir(desk.path("."))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    let said = "error: cannot use the journal run.jsonl: File too large";
    assert!(text(&output).contains(said), "{}", text(&output));
    assert!(!desk.path("run.jsonl").exists());
    assert_eq!(desk.graph.totals().requests, 0);
}

#[cfg(unix)]
#[test]
fn results_go_into_a_pipe_and_leave_it_there() {
    use std::os::unix::fs::FileTypeExt as _;

    let desk = Desk::plain();
    desk.write("users.txt", "alice@contoso.com\n");
    let pipe = desk.path("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let mut run = desk
        .command("bulk --users users.txt --yes --results pipe")
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    while desk.graph.revocations("alice@contoso.com") == 0 {
        assert!(run.try_wait().unwrap().is_none(), "it ended too early");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    // Open for both, so that nobody waits for the other end, and what is written stays.
    let reader = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(&pipe)
        .unwrap();
    assert_eq!(run.wait().unwrap().code(), Some(0));
    assert!(reader.metadata().unwrap().file_type().is_fifo());
    assert!(std::fs::metadata(&pipe).unwrap().file_type().is_fifo());
    let mut rows = String::new();
    let mut lines = std::io::BufReader::new(reader);
    for _ in 0..2 {
        std::io::BufRead::read_line(&mut lines, &mut rows).unwrap();
    }
    assert!(rows.contains("\nalice@contoso.com,revoked,"), "{rows}");
}

#[test]
fn results_without_a_place_are_refused_before_anything_is_sent() {
    let desk = Desk::plain();
    desk.write("users.txt", "alice@contoso.com\n");
    says(
        "results-nowhere",
        desk.command("bulk --users users.txt --yes --results nowhere/results.csv"),
    );
    let output = desk
        .command("bulk --users users.txt --yes --results .")
        .output()
        .unwrap();
    assert!(
        text(&output).contains("cannot write the results to .:"),
        "{}",
        text(&output)
    );
    assert_eq!(desk.graph.totals().requests, 0);
}

#[test]
fn every_request_is_bare_and_named() {
    let desk = Desk::plain();
    desk.write("users.txt", "alice@contoso.com\n");
    assert_eq!(desk.json("bulk --users users.txt --yes").0, 0);
    let [seen] = &desk.graph.requests()[..] else {
        panic!("one request was sent");
    };
    assert_eq!(seen.method, "POST");
    assert_eq!(
        seen.target,
        "/v1.0/users/alice@contoso.com/revokeSignInSessions"
    );
    assert_eq!(seen.header("content-length"), Some("0"));
    assert!(
        seen.header("user-agent")
            .unwrap()
            .starts_with("revoke-sessions/")
    );
    assert_eq!(seen.header("api-version"), None);
}

#[test]
fn what_graph_says_is_no_order_to_a_terminal_or_a_spreadsheet() {
    let rule = r#"json:400:{"error":{"code":"BadRequest","message":"=cmd|'/c calc'!A0\u001b[31m\u0007\r\nred"}}@user:alice@contoso.com=always"#;
    let desk = Desk::new(FakeGraph::builder().rule(rule.parse().unwrap()));
    desk.write("users.txt", "alice@contoso.com\n");
    let line = "bulk --users users.txt --yes --journal run.jsonl --results all.csv --report all.md";
    let output = desk.command(line).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    let results = desk.read("all.csv");
    assert!(results.contains(",'=cmd|"), "{results}");
    for said in [
        text(&output),
        results,
        desk.read("all.md"),
        desk.read("run.jsonl"),
    ] {
        let control = said.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(control, None, "{said}");
    }
}
