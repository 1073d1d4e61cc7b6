use super::*;

fn brake(longest: u64) -> (Arc<Brake>, Arc<Mutex<Vec<Event>>>) {
    let events = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&events);
    let settings = Settings {
        failures: 20,
        longest: Duration::from_secs(longest),
        listener: Listener::new(move |event| told.lock().unwrap().push(event)),
    };
    (Arc::new(Brake::new(settings, 16)), events)
}

fn fail(brake: &Brake, times: u64) {
    for call in 0..times {
        brake.tried(call, Some(Trouble::Unavailable), None);
    }
}

#[tokio::test(start_paused = true)]
async fn failures_of_everyone_close_it_and_one_success_opens_it() {
    let (brake, events) = brake(900);
    fail(&brake, 19);
    assert!(!brake.is_closed());
    brake.tried(7, None, None);
    fail(&brake, 19);
    brake.tried(99, Some(Trouble::NoAnswer), None);
    assert!(!brake.is_closed(), "failures of another kind");
    fail(&brake, 1);
    assert!(brake.is_closed());
    let start = Instant::now();
    brake.pass(1).await.unwrap();
    assert_eq!(start.elapsed(), Duration::from_secs(1));
    let second = tokio::spawn({
        let brake = Arc::clone(&brake);
        async move { brake.pass(2).await.is_ok() }
    });
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(!second.is_finished(), "two probes at once");
    brake.tried(1, None, None);
    assert!(second.await.unwrap());
    assert!(!brake.is_closed());
    let events = events.lock().unwrap();
    assert!(
        matches!(
            events[..],
            [
                Event::Paused { failures: 20, .. },
                Event::Probing,
                Event::Resumed { .. }
            ]
        ),
        "{events:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_few_users_that_always_fail_are_no_outage() {
    let (brake, _) = brake(900);
    for _ in 0..50 {
        fail(&brake, 4);
    }
    assert!(!brake.is_closed());
}

#[tokio::test(start_paused = true)]
async fn probes_take_turns_and_an_outage_that_lasts_is_given_up() {
    let (brake, events) = brake(60);
    fail(&brake, 20);
    let start = Instant::now();
    let tasks: Vec<_> = (0..3)
        .map(|call| {
            let brake = Arc::clone(&brake);
            tokio::spawn(async move {
                let mut probes = 0;
                while brake.pass(call).await.is_ok() {
                    probes += 1;
                    brake.tried(call, Some(Trouble::Unavailable), None);
                }
                probes
            })
        })
        .collect();
    let mut probes = Vec::new();
    for task in tasks {
        probes.push(task.await.unwrap());
    }
    assert!(probes.iter().all(|probes| *probes >= 3), "{probes:?}");
    assert!(start.elapsed() <= Duration::from_secs(60));
    assert!(start.elapsed() >= Duration::from_secs(40));
    assert!(matches!(
        events.lock().unwrap().last(),
        Some(Event::GivenUp { .. })
    ));
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_is_not_sent_gives_its_turn_away() {
    let (brake, _) = brake(900);
    fail(&brake, 20);
    brake.pass(1).await.unwrap();
    brake.withdraw(1);
    brake.pass(2).await.unwrap();
}
