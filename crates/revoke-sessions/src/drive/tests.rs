use std::fs::File;
use std::time::Duration;

use fake_graph::FakeGraph;
use graph_sessions::{Client, Cloud, StaticToken, UserIdOrUpn, bulk};

use super::*;
use crate::journal::Journal;
use crate::report::{Summary, summary_text};
use crate::users::User;

fn client(graph: &FakeGraph) -> Client {
    let token = graph.application_token(["User.RevokeSessions.All"]);
    Client::builder(StaticToken::new(&token).unwrap())
        .cloud(Cloud::custom(graph.url(), graph.url()).unwrap())
        .build()
        .unwrap()
}

fn users(count: usize) -> Vec<UserIdOrUpn> {
    (0..count)
        .map(|n| format!("user{n}@contoso.com").parse().unwrap())
        .collect()
}

#[tokio::test]
async fn a_journal_that_cannot_be_written_stops_the_run_and_nothing_counts() {
    let graph = FakeGraph::start().unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    // Opened for reading alone, as a full disk would refuse as well.
    let journal = Journal::of_file(file.path(), File::open(file.path()).unwrap());
    let users = users(500);
    let list: Vec<User> = users.iter().cloned().map(User::new).collect();
    let mut run = Run::new(&list);
    let stop = Stop::new();
    let options = bulk::Options::default().stop(stop.clone());
    let outcomes = bulk::revoke_iter(&client(&graph), users, options)
        .map(|outcome| (outcome.user.to_string(), outcome.result));
    let mut progress = Progress::new(500, false);
    let sink = journal.into_sink().unwrap();
    let end = drive(outcomes, &mut run, Some(sink), &stop, &mut progress).await;
    assert!(matches!(end, End::Journal(_)), "{end:?}");
    assert_eq!(run.counts().revoked, 0);
    assert!(graph.totals().revocations < 100, "{:?}", graph.totals());
    let said = summary_text(&Summary {
        run: &run,
        counts: run.counts(),
        end: &end,
        skipped_lines: 0,
        took: Duration::ZERO,
        journal: Some(file.path()),
        resume: None,
    });
    assert!(
        said.starts_with("Stopped, because the journal cannot be written: Bad file descriptor"),
        "{said}"
    );
    assert!(
        said.contains("Users whose outcome is not in it are sent again on --resume."),
        "{said}"
    );
}

#[tokio::test]
async fn without_a_journal_outcomes_count_at_once() {
    let graph = FakeGraph::start().unwrap();
    let users = users(40);
    let list: Vec<User> = users.iter().cloned().map(User::new).collect();
    let mut run = Run::new(&list);
    let stop = Stop::new();
    let outcomes = bulk::revoke_iter(&client(&graph), users, bulk::Options::default())
        .map(|outcome| (outcome.user.to_string(), outcome.result));
    let mut progress = Progress::new(40, false);
    let end = drive(outcomes, &mut run, None, &stop, &mut progress).await;
    assert!(matches!(end, End::Finished), "{end:?}");
    assert!(run.counts().is_complete());
}
