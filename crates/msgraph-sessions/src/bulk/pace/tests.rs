use super::*;

/// How many get their turn within so many seconds.
async fn within(pacer: &Pacer, seconds: u64) -> u32 {
    let mut turns = 0;
    let _ = tokio::time::timeout(Duration::from_secs(seconds), async {
        loop {
            pacer.turn().await;
            turns += 1;
        }
    })
    .await;
    turns
}

fn saying(used: &str) -> HeaderMap {
    HeaderMap::from_iter([(USED.parse().unwrap(), used.parse().unwrap())])
}

#[tokio::test(start_paused = true)]
async fn the_first_go_at_once_and_the_rest_at_the_rate() {
    let pacer = Pacer::new(Pace::new(100, 10.0).unwrap());
    let start = Instant::now();
    for _ in 0..100 {
        pacer.turn().await;
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
    let turns = within(&pacer, 60).await;
    assert!((599..=601).contains(&turns), "{turns}");
}

#[tokio::test(start_paused = true)]
async fn a_timer_that_ends_late_costs_no_turn() {
    let pacer = Pacer::new(Pace::new(1, 20.0).unwrap());
    let start = Instant::now();
    for _ in 0..200 {
        pacer.turn().await;
        // What a busy machine adds to every turn.
        tokio::time::advance(Duration::from_millis(4)).await;
    }
    let took = start.elapsed().as_secs_f64();
    assert!((9.9..10.1).contains(&took), "{took}");
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_is_busy_for_a_moment_costs_no_turn() {
    let pacer = Pacer::new(Pace::new(1, 20.0).unwrap());
    let start = Instant::now();
    for turn in 0..400 {
        pacer.turn().await;
        if turn % 20 == 0 {
            // As if the timer of the next turn had gone off late.
            let next = pacer.turn();
            let late = tokio::time::advance(Duration::from_millis(400));
            tokio::join!(next, late);
        }
    }
    let took = start.elapsed().as_secs_f64();
    assert!((20.9..21.1).contains(&took), "{took} s for 420 users");
}

#[tokio::test(start_paused = true)]
async fn what_an_answer_says_is_left_counts() {
    let pacer = Pacer::new(Pace::new(1_000, 10.0).unwrap());
    pacer.observe(&saying("0.95"));
    assert!((149..=151).contains(&within(&pacer, 10).await));
    // Over the quota by 5 %: 50 are owed, which takes 5 seconds.
    pacer.observe(&saying("1.05"));
    assert!((49..=51).contains(&within(&pacer, 10).await));
}

#[tokio::test(start_paused = true)]
async fn an_answer_never_raises_what_is_left() {
    let pacer = Pacer::new(Pace::new(10, 1.0).unwrap());
    for _ in 0..10 {
        pacer.turn().await;
    }
    for odd in ["0.1", "-3", "NaN", "inf", "", "80%"] {
        pacer.observe(&saying(odd));
    }
    assert_eq!(within(&pacer, 5).await, 5);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_answer_slows_down_for_a_while() {
    let pacer = Pacer::new(Pace::new(1_000, 10.0).unwrap());
    pacer.observe(&saying("1.0"));
    for _ in 0..16 {
        pacer.throttled();
    }
    let soon = within(&pacer, 20).await;
    assert!((180..=190).contains(&soon), "{soon}");
    tokio::time::advance(Duration::from_secs(60)).await;
    within(&pacer, 200).await;
    let later = within(&pacer, 60).await;
    assert!((599..=601).contains(&later), "{later}");
}

#[tokio::test(start_paused = true)]
async fn a_quota_that_was_used_up_before_is_no_reason_to_slow_down() {
    let pacer = Pacer::new(Pace::new(1_000, 10.0).unwrap());
    for _ in 0..16 {
        pacer.throttled();
    }
    let turns = within(&pacer, 20).await;
    assert!((199..=201).contains(&turns), "{turns}");
}

#[tokio::test(start_paused = true)]
async fn without_a_quota_nobody_waits() {
    let pacer = Pacer::new(Pace::unlimited());
    let start = Instant::now();
    for _ in 0..10_000 {
        pacer.turn().await;
    }
    pacer.throttled();
    pacer.observe(&saying("1.8"));
    pacer.turn().await;
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[test]
fn a_pace_must_get_somewhere() {
    assert_eq!(Pace::new(0, 1.0), Err(PaceError::NothingAtOnce));
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(Pace::new(1, rate), Err(PaceError::Rate));
    }
    assert_eq!(Pace::unlimited().time_for(u64::MAX), Duration::ZERO);
}
