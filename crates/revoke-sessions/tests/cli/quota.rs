//! The pace keeps within the quota, and memory within bounds.

use std::time::{Duration, Instant};

use fake_graph::{FakeGraph, Quota};

use crate::desk::Desk;

fn users(count: usize) -> String {
    (0..count)
        .map(|n| format!("user{n}@contoso.com\n"))
        .collect()
}

#[test]
fn the_pace_keeps_within_the_quota_and_uses_it() {
    // The documented quota, fifteen times as fast: 200 at once, then 300 a second.
    let quota = Quota::new(200, Duration::from_secs_f64(200.0 / 300.0));
    let desk = Desk::new(FakeGraph::builder().quota(quota));
    desk.write("users.txt", users(2000));
    let start = Instant::now();
    let (code, json) = desk.json("bulk --users users.txt --yes --rate 300 --burst 200");
    let took = start.elapsed().as_secs_f64();
    assert_eq!((code, &json["revoked"]), (0, &2000.into()));
    let throttled = desk.graph.totals().throttled;
    println!("{throttled} refusals in {took:.1} s; the quota allows 6.0 s");
    assert!(throttled <= 10, "{throttled} refusals");
    // 1,800 users wait for the quota: 6 seconds at the least. Much more would be a pace too slow,
    // or a machine under load.
    assert!((5.9..30.0).contains(&took), "{took} s");
}

#[test]
fn a_quota_that_others_use_too_is_followed() {
    // Half of what the command is told, and nothing at once.
    let mut quota = Quota::new(100, Duration::from_secs(1));
    quota.initial = Some(0);
    quota.shortest_wait = Duration::from_millis(500);
    let desk = Desk::new(FakeGraph::builder().quota(quota));
    desk.write("users.txt", users(300));
    let (code, json) = desk.json("bulk --users users.txt --yes --rate 200 --burst 100");
    assert_eq!((code, &json["revoked"]), (0, &300.into()), "{json}");
    let throttled = desk.graph.totals().throttled;
    println!("{throttled} refusals for 300 users");
    assert!(throttled <= 60, "{throttled} refusals for 300 users");
}

/// Fifty thousand users in memory that grows with the list and not with the answers.
#[cfg(target_os = "linux")]
#[test]
fn fifty_thousand_users_stay_within_64_mib() {
    use std::process::Stdio;

    use crate::desk::text;

    let desk = Desk::new(FakeGraph::builder().log(0));
    desk.write("users.txt", users(50_000));
    let mut child = desk
        .command("bulk --users users.txt --yes --rate 100000 --burst 100000 --concurrency 64")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        // The high-water mark only rises; the last one read before the end is near the truth.
        if let Ok(status) = std::fs::read_to_string(&status) {
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = line.and_then(|kib| kib.trim().trim_end_matches(" kB").parse::<u64>().ok());
            peak = peak.max(kib.unwrap_or(0));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert_eq!(desk.graph.totals().revocations, 50_000);
    println!("peak {} MiB", peak >> 10);
    assert!((1..64 << 10).contains(&peak), "{peak} kB");
}
