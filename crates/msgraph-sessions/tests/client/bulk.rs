//! Many users.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use msgraph_sessions::bulk::{self, Options, Pace};
use msgraph_sessions::{ErrorKind, RetryPolicy, Stop, UserIdOrUpn};
use wiremock::ResponseTemplate;

use crate::support::{SUCCESS, client, json, quick, received, server, server_in_turn, user};

fn users(count: usize) -> Vec<UserIdOrUpn> {
    (0..count)
        .map(|number| user(&format!("u{number}@contoso.com")))
        .collect()
}

#[tokio::test]
async fn every_user_has_one_outcome_and_one_request() {
    let server = server(json(200, SUCCESS)).await;
    let mut outcomes = bulk::revoke_iter(&client(&server), users(200), Options::default());
    let mut seen = BTreeSet::new();
    while let Some(outcome) = outcomes.next().await {
        assert_eq!(
            outcome.user.as_str(),
            format!("u{}@contoso.com", outcome.index)
        );
        assert!(outcome.result.is_ok());
        assert!(seen.insert(outcome.index));
    }
    assert_eq!(seen.len(), 200);
    assert_eq!(received(&server).await.len(), 200);
}

#[tokio::test]
async fn no_more_users_are_under_way_than_allowed() {
    let server = server(json(200, SUCCESS).set_delay(Duration::from_millis(50))).await;
    let start = Instant::now();
    let options = Options::default().concurrency(4);
    let mut outcomes = bulk::revoke_iter(&client(&server), users(16), options);
    while outcomes.next().await.is_some() {}
    assert!(start.elapsed() >= Duration::from_millis(4 * 50));
}

#[tokio::test]
async fn the_pace_is_kept() {
    let server = server(json(200, SUCCESS)).await;
    let options = Options::default().pace(Pace::new(10, 50.0).unwrap());
    let start = Instant::now();
    let mut outcomes = bulk::revoke_iter(&client(&server), users(35), options);
    while outcomes.next().await.is_some() {}
    assert!(start.elapsed() >= Duration::from_millis(490));
}

#[tokio::test]
async fn a_throttled_user_is_sent_again_and_everybody_waits() {
    let throttled = ResponseTemplate::new(429).insert_header("retry-after", "0.4");
    let server = server_in_turn(vec![throttled, json(200, SUCCESS)]).await;
    let start = Instant::now();
    let options = Options::default().concurrency(4).retry(quick());
    let mut outcomes = bulk::revoke_iter(&client(&server), users(40), options);
    let mut done = 0;
    while let Some(outcome) = outcomes.next().await {
        assert!(outcome.result.is_ok());
        done += 1;
    }
    assert_eq!(done, 40);
    assert!(start.elapsed() >= Duration::from_millis(400));
    assert_eq!(received(&server).await.len(), 41);
}

#[tokio::test]
async fn one_bad_user_does_not_stop_the_others() {
    let missing = json(404, r#"{"error":{"code":"Request_ResourceNotFound"}}"#);
    let server = server_in_turn(vec![missing, json(200, SUCCESS)]).await;
    let mut outcomes = bulk::revoke_iter(&client(&server), users(10), Options::default());
    let mut failed = 0;
    let mut revoked = 0;
    while let Some(outcome) = outcomes.next().await {
        match outcome.result {
            Ok(_) => revoked += 1,
            Err(error) => {
                assert_eq!(error.status(), Some(404));
                failed += 1;
            }
        }
    }
    assert_eq!((revoked, failed), (9, 1));
}

#[tokio::test]
async fn after_a_stop_what_is_on_the_wire_is_answered_and_nothing_else_is_sent() {
    let server = server(json(200, SUCCESS).set_delay(Duration::from_secs(1))).await;
    let stop = Stop::new();
    let options = Options::default().concurrency(4).stop(stop.clone());
    let mut outcomes = bulk::revoke_iter(&client(&server), users(100), options);
    let stop_at_four = async {
        while received(&server).await.len() < 4 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        stop.stop();
    };
    let read_all = async {
        let mut revoked = 0;
        while let Some(outcome) = outcomes.next().await {
            assert!(outcome.result.is_ok());
            revoked += 1;
        }
        revoked
    };
    let (revoked, ()) = tokio::join!(read_all, stop_at_four);
    assert_eq!(revoked, 4);
    assert_eq!(received(&server).await.len(), 4);
}

#[tokio::test]
async fn a_stop_ends_the_wait_for_a_quota_at_once() {
    let throttled = ResponseTemplate::new(429).insert_header("retry-after", "120");
    let server = server(throttled).await;
    let stop = Stop::new();
    let options = Options::default()
        .concurrency(4)
        .retry(RetryPolicy::default())
        .stop(stop.clone());
    let client = client(&server);
    let mut outcomes = bulk::revoke_iter(&client, users(100), options);
    let asked = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(200)).await;
        stop.stop();
    });
    let start = Instant::now();
    let mut stopped = 0;
    while let Some(outcome) = outcomes.next().await {
        let error = outcome.result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Stopped);
        assert!(error.is_transient());
        stopped += 1;
    }
    asked.await.unwrap();
    assert_eq!(stopped, 4);
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn waiting_for_an_outcome_can_be_dropped_without_loss() {
    let server = server(json(200, SUCCESS).set_delay(Duration::from_millis(20))).await;
    let options = Options::default().concurrency(3);
    let mut outcomes = bulk::revoke_iter(&client(&server), users(30), options);
    let mut seen = BTreeSet::new();
    loop {
        match tokio::time::timeout(Duration::from_millis(3), outcomes.next()).await {
            Ok(Some(outcome)) => assert!(seen.insert(outcome.index)),
            Ok(None) => break,
            Err(_) => {}
        }
    }
    assert_eq!(seen.len(), 30);
    assert_eq!(received(&server).await.len(), 30);
}

#[tokio::test]
async fn what_answers_say_of_the_quota_slows_the_run_down() {
    let nearly = json(200, SUCCESS).insert_header("x-ms-throttle-limit-percentage", "1.0");
    let server = server(nearly).await;
    let options = Options::default()
        .concurrency(2)
        .pace(Pace::new(1_000, 20.0).unwrap());
    let start = Instant::now();
    let mut outcomes = bulk::revoke_iter(&client(&server), users(12), options);
    while outcomes.next().await.is_some() {}
    assert!(start.elapsed() >= Duration::from_millis(400));
}

#[tokio::test]
async fn the_input_is_read_only_as_fast_as_users_are_sent() {
    let server = server(json(200, SUCCESS)).await;
    let read = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = {
        let read = std::sync::Arc::clone(&read);
        users(1000).into_iter().inspect(move |_| {
            read.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        })
    };
    let options = Options::default().concurrency(8);
    let mut outcomes = bulk::revoke_iter(&client(&server), counted, options);
    for done in 1..=100 {
        outcomes.next().await.unwrap();
        assert!(read.load(std::sync::atomic::Ordering::SeqCst) <= done + 8);
    }
}

#[tokio::test]
async fn a_pause_longer_than_a_call_may_take_holds_users_back_and_fails_none() {
    let throttled = ResponseTemplate::new(429).insert_header("retry-after", "1");
    let server = server_in_turn(vec![throttled, json(200, SUCCESS)]).await;
    let short = Duration::from_millis(200);
    let options = Options::default()
        .concurrency(4)
        .retry(quick().max_elapsed(short).max_wait(short));
    let start = Instant::now();
    let mut outcomes = bulk::revoke_iter(&client(&server), users(40), options);
    let mut revoked = 0;
    while let Some(outcome) = outcomes.next().await {
        assert!(outcome.result.is_ok(), "{:?}", outcome.result);
        revoked += 1;
    }
    assert_eq!(revoked, 40);
    assert_eq!(received(&server).await.len(), 41);
    assert!(start.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn the_time_of_a_pause_does_not_count_against_the_tries_after_it() {
    let throttled = ResponseTemplate::new(429).insert_header("retry-after", "1");
    let busy = ResponseTemplate::new(503);
    let server = server_in_turn(vec![throttled, busy, json(200, SUCCESS)]).await;
    let options = Options::default()
        .concurrency(1)
        .retry(quick().max_elapsed(Duration::from_millis(800)));
    let mut outcomes = bulk::revoke_iter(&client(&server), users(1), options);
    let revoked = outcomes.next().await.unwrap().result.unwrap();
    assert_eq!(revoked.attempts, 3);
}

#[tokio::test]
async fn an_hour_is_waited_for_by_default_until_a_stop() {
    let throttled = ResponseTemplate::new(429).insert_header("retry-after", "3600");
    let server = server(throttled).await;
    let stop = Stop::new();
    let options = Options::default().concurrency(4).stop(stop.clone());
    let client = client(&server);
    let mut outcomes = bulk::revoke_iter(&client, users(100), options);
    let waiting = tokio::time::timeout(Duration::from_millis(300), outcomes.next()).await;
    assert!(waiting.is_err(), "{waiting:?}");
    assert!(client.paused_for() > Some(Duration::from_secs(3_500)));
    stop.stop();
    let mut stopped = 0;
    while let Some(outcome) = outcomes.next().await {
        assert_eq!(outcome.result.unwrap_err().kind(), ErrorKind::Stopped);
        stopped += 1;
    }
    assert_eq!(stopped, 4);
}

#[tokio::test]
async fn a_pause_that_is_too_long_ends_the_run_and_fails_only_who_was_throttled() {
    let throttled = ResponseTemplate::new(429).insert_header("retry-after", "3600");
    let server = server(throttled).await;
    let options = Options::default()
        .concurrency(4)
        // One user is sent; the others wait for their turn.
        .pace(Pace::new(1, 0.01).unwrap())
        .max_pause(Duration::from_secs(1_800));
    let mut outcomes = bulk::revoke_iter(&client(&server), users(100), options);
    let (mut throttled, mut open) = (0, 0);
    while let Some(outcome) = outcomes.next().await {
        let error = outcome.result.unwrap_err();
        assert!(error.retry_after() > Some(Duration::from_secs(3_500)));
        match (error.kind(), error.attempts()) {
            (ErrorKind::Throttled, 1) => throttled += 1,
            (ErrorKind::Stopped, 0) => open += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((throttled, open), (1, 3));
    assert_eq!(received(&server).await.len(), 1);
}

#[tokio::test]
async fn a_run_that_begins_in_too_long_a_pause_sends_nobody() {
    let throttled = ResponseTemplate::new(429).insert_header("retry-after", "3600");
    let server = server(throttled).await;
    let client = client(&server);
    client.me_revoke_sign_in_sessions().await.unwrap_err();
    let options = Options::default().max_pause(Duration::from_secs(1_800));
    let mut outcomes = bulk::revoke_iter(&client, users(100), options);
    while let Some(outcome) = outcomes.next().await {
        let error = outcome.result.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Stopped, 0));
    }
    assert_eq!(received(&server).await.len(), 1);
}

#[tokio::test]
async fn a_held_run_takes_nobody_and_goes_on_when_released() {
    let server = server(json(200, SUCCESS)).await;
    let hold = bulk::Hold::new();
    let options = Options::default().concurrency(4).hold(hold.clone());
    let mut outcomes = bulk::revoke_iter(&client(&server), users(20), options);
    outcomes.next().await.unwrap();
    hold.set(true);
    let mut done = 1;
    while outcomes.next().await.is_some() {
        done += 1;
    }
    assert!(done <= 5, "{done}");
    assert_eq!(outcomes.end(), Some(bulk::End::Held));
    hold.set(false);
    while outcomes.next().await.is_some() {
        done += 1;
    }
    assert_eq!((done, outcomes.end()), (20, Some(bulk::End::Finished)));
    assert_eq!(received(&server).await.len(), 20);
}

#[tokio::test]
async fn users_that_were_never_taken_are_given_back() {
    let server = server(json(200, SUCCESS)).await;
    let stop = Stop::new();
    let options = Options::default().concurrency(4).stop(stop.clone());
    let mut outcomes = bulk::revoke_iter(&client(&server), users(50), options);
    let mut seen = BTreeSet::new();
    for _ in 0..10 {
        seen.insert(outcomes.next().await.unwrap().user);
    }
    stop.stop();
    while let Some(outcome) = outcomes.next().await {
        seen.insert(outcome.user);
    }
    assert_eq!(outcomes.end(), Some(bulk::End::Stopped));
    let mut rest = outcomes.into_rest();
    let mut left = 0;
    while let Some(user) = rest.next().await {
        assert!(seen.insert(user));
        left += 1;
    }
    assert!(left >= 36, "{left}");
    assert_eq!(seen.len(), 50);
}

#[tokio::test]
async fn an_outage_pauses_the_run_and_fails_no_user() {
    let mut answers = vec![ResponseTemplate::new(502); 24];
    answers.push(json(200, SUCCESS));
    let server = server_in_turn(answers).await;
    let events = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let told = std::sync::Arc::clone(&events);
    let options = Options::default()
        .retry(quick().max_tries(3))
        .on_event(move |event| told.lock().unwrap().push(event));
    let mut outcomes = bulk::revoke_iter(&client(&server), users(200), options);
    let (mut revoked, mut failed) = (0, 0);
    while let Some(outcome) = outcomes.next().await {
        match outcome.result {
            Ok(_) => revoked += 1,
            Err(_) => failed += 1,
        }
    }
    assert_eq!((revoked, failed), (200, 0));
    let events = events.lock().unwrap();
    assert!(
        matches!(events[0], bulk::Event::Paused { .. }),
        "{events:?}"
    );
    assert!(
        matches!(events.last(), Some(bulk::Event::Resumed { .. })),
        "{events:?}"
    );
}

#[tokio::test]
async fn an_outage_that_lasts_ends_the_run_as_unavailable() {
    let server = server(ResponseTemplate::new(502)).await;
    let options = Options::default()
        .retry(quick())
        .max_outage(Duration::from_secs(2));
    let mut outcomes = bulk::revoke_iter(&client(&server), users(2_000), options);
    let mut taken = 0;
    while let Some(outcome) = outcomes.next().await {
        let error = outcome.result.unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::Stopped),
            "{error}"
        );
        taken += 1;
    }
    assert!(taken <= 40, "{taken}");
    assert_eq!(outcomes.end(), Some(bulk::End::Unavailable));
    let requests = received(&server).await.len();
    assert!(requests <= 100, "{requests}");
}

#[tokio::test]
async fn a_portal_in_the_place_of_graph_pauses_the_run_too() {
    let server = server(json(200, "<html>sign in to the guest network</html>")).await;
    let options = Options::default()
        .retry(quick())
        .max_outage(Duration::from_secs(2));
    let mut outcomes = bulk::revoke_iter(&client(&server), users(2_000), options);
    let mut taken = 0;
    while let Some(outcome) = outcomes.next().await {
        assert!(outcome.result.is_err());
        taken += 1;
    }
    assert!(taken <= 40, "{taken}");
}
