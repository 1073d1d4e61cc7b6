use std::fs::File;
use std::time::Duration;

use fake_graph::FakeGraph;
use futures_util::StreamExt as _;
use msgraph_sessions::{Client, Cloud, StaticToken, UserIdOrUpn, bulk};

use super::*;
use crate::journal::Journal;
use crate::report::{Sender, Summary, summary_text};
use crate::send::Facts;
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

fn bulk_of(client: &Client, users: Vec<UserIdOrUpn>, options: bulk::Options) -> Bulk<'static> {
    let places = (0..users.len()).collect();
    Bulk::new(client, users, places, 0, options)
}

#[tokio::test]
async fn late_successes_continue_a_run_that_was_denied_so_far() {
    // The first users are denied at once, while one is still on the wire.
    let mut graph = FakeGraph::builder();
    for n in 1..=20 {
        let rule = format!("status:403@user:user{n}@contoso.com=always");
        graph = graph.rule(rule.parse().unwrap());
    }
    let graph = graph
        .rule(
            "latency:400ms@user:user0@contoso.com=always"
                .parse()
                .unwrap(),
        )
        .start()
        .unwrap();
    let users = users(200);
    let list: Vec<User> = users.iter().cloned().map(User::new).collect();
    let mut run = Run::new(&list);
    let controls = Controls::of(Stop::new());
    let options = bulk::Options::default()
        .concurrency(8)
        .hold(controls.hold.clone());
    let answers = bulk_of(&client(&graph), users, options);
    let mut progress = Progress::new(200, Duration::ZERO, false);
    let end = drive(answers, &mut run, None, controls, &mut progress, || None).await;
    assert!(matches!(end, End::Finished), "{end:?}");
    let counts = run.counts();
    assert_eq!((counts.revoked, counts.failed, counts.open), (180, 20, 0));
}

#[tokio::test]
async fn a_run_that_is_denied_says_so_and_leaves_the_rest_open() {
    let graph = FakeGraph::builder()
        .rule("status:403=always".parse().unwrap())
        .start()
        .unwrap();
    let users = users(200);
    let list: Vec<User> = users.iter().cloned().map(User::new).collect();
    let mut run = Run::new(&list);
    let controls = Controls::of(Stop::new());
    let options = bulk::Options::default().hold(controls.hold.clone());
    let answers = bulk_of(&client(&graph), users, options);
    let mut progress = Progress::new(200, Duration::ZERO, false);
    let end = drive(answers, &mut run, None, controls, &mut progress, || None).await;
    assert!(matches!(end, End::Denied), "{end:?}");
    assert!(run.counts().open >= 140, "{:?}", run.counts());
}

#[tokio::test]
async fn a_journal_that_cannot_be_written_stops_the_run_and_names_who_was_sent() {
    let graph = FakeGraph::start().unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    // Opened for reading alone, as a full disk would refuse as well.
    let journal = Journal::of_file(file.path(), File::open(file.path()).unwrap());
    let users = users(500);
    let list: Vec<User> = users.iter().cloned().map(User::new).collect();
    let mut run = Run::new(&list);
    let stop = Stop::new();
    let options = bulk::Options::default().stop(stop.clone());
    let answers = bulk_of(&client(&graph), users, options);
    let mut progress = Progress::new(500, Duration::ZERO, false);
    let sink = journal.into_sink().unwrap();
    let controls = Controls::of(stop);
    let end = drive(
        answers,
        &mut run,
        Some(sink),
        controls,
        &mut progress,
        || None,
    )
    .await;
    assert!(matches!(end, End::Journal(_)), "{end:?}");
    // Whoever was revoked is named as such, and nobody else.
    let sent = graph.totals().revocations as usize;
    assert!((1..100).contains(&sent), "{sent}");
    let counts = run.counts();
    assert_eq!(
        (counts.revoked, counts.unrecorded, counts.open),
        (sent, sent, 500 - sent)
    );
    for outcome in run.unrecorded() {
        assert_eq!(graph.revocations(&outcome.user), 1, "{}", outcome.user);
    }
    let said = summary_text(&Summary {
        run: &run,
        counts,
        end: &end,
        facts: &Facts::default(),
        sender: Sender::default(),
        started: jiff::Timestamp::UNIX_EPOCH,
        names: false,
        took: Duration::ZERO,
        journal: Some(file.path()),
        results: None,
        resume: None,
    });
    assert!(
        said.starts_with("Stopped, because the journal cannot be written: Bad file descriptor"),
        "{said}"
    );
    let (_, listed) = said
        .split_once("Sent, and perhaps not in the journal:\n")
        .unwrap();
    assert_eq!(listed.matches(": revoked at ").count(), sent, "{said}");
}

#[tokio::test]
async fn without_a_journal_outcomes_count_at_once() {
    let graph = FakeGraph::start().unwrap();
    let users = users(40);
    let list: Vec<User> = users.iter().cloned().map(User::new).collect();
    let mut run = Run::new(&list);
    let answers = bulk_of(&client(&graph), users, bulk::Options::default());
    let mut progress = Progress::new(40, Duration::ZERO, false);
    let controls = Controls::of(Stop::new());
    let end = drive(answers, &mut run, None, controls, &mut progress, || None).await;
    assert!(matches!(end, End::Finished), "{end:?}");
    assert!(run.counts().is_complete());
}

#[test]
fn without_a_journal_everyone_not_revoked_is_listed() {
    let list: Vec<User> = users(50).into_iter().map(User::new).collect();
    let mut run = Run::new(&list);
    for n in 0..30 {
        let user = format!("user{n}@contoso.com");
        run.note(n, Outcome::sample(&user, Kind::Failed));
    }
    let said = |journal, results| {
        summary_text(&Summary {
            run: &run,
            counts: run.counts(),
            end: &End::Interrupted,
            facts: &Facts::default(),
            sender: Sender::default(),
            started: jiff::Timestamp::UNIX_EPOCH,
            names: false,
            took: Duration::ZERO,
            journal,
            results,
            resume: None,
        })
    };
    let alone = said(None, None);
    assert_eq!(alone.matches("@contoso.com: failed\n").count(), 30);
    assert_eq!(alone.matches("@contoso.com: not sent\n").count(), 20);
    let path = std::path::Path::new("file");
    let journal = said(Some(path), None);
    assert!(
        journal.contains("… and 10 more, all in the journal\n"),
        "{journal}"
    );
    let both = said(Some(path), Some(path));
    assert!(
        both.contains("… and 10 more, all in the journal and in --results\n"),
        "{both}"
    );
}

#[test]
fn a_lull_is_explained() {
    assert_eq!(
        lull(Some(Duration::from_secs(90)), 2),
        "Graph asked for a pause; going on in about 1 min 30 s."
    );
    assert_eq!(
        lull(None, 2),
        "No answer for a while; still trying, with 2 users left."
    );
}

#[tokio::test(start_paused = true)]
async fn a_long_silence_does_not_end_the_run() {
    let mut run = Run::one("alice@contoso.com");
    let mut progress = Progress::new(1, Duration::ZERO, false);
    let silence = async {
        tokio::time::sleep(QUIET * 5).await;
        None
    };
    let answers = Plain(Box::pin(
        futures_util::stream::once(silence).filter_map(std::future::ready),
    ));
    let asked = std::cell::Cell::new(0);
    let paused = || {
        asked.set(asked.get() + 1);
        None
    };
    let controls = Controls::of(Stop::new());
    let end = drive(answers, &mut run, None, controls, &mut progress, paused).await;
    assert!(matches!(end, End::Finished), "{end:?}");
    assert!((4..=5).contains(&asked.get()), "{}", asked.get());
}

#[tokio::test]
async fn the_own_account_is_sent_when_every_other_user_is_answered() {
    let graph = FakeGraph::builder()
        .rule(
            "latency:300ms@user:user0@contoso.com=always"
                .parse()
                .unwrap(),
        )
        .start()
        .unwrap();
    let users = users(10);
    let places = (0..10).collect();
    let bulk = Bulk::new(&client(&graph), users, places, 1, bulk::Options::default());
    let answers: Vec<Answer> = bulk.collect().await;
    assert_eq!(answers.len(), 10);
    // Even the slowest of the others comes before it.
    assert_eq!((answers[8].at, answers[9].at), (0, 9));
    let alone = Bulk::new(
        &client(&graph),
        vec!["user0@contoso.com".parse().unwrap()],
        vec![0],
        1,
        bulk::Options::default(),
    );
    assert_eq!(alone.count().await, 1);
}
