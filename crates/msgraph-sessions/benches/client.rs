//! What the client costs, against the fake Graph in this process: `cargo xtask bench client`.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::error::Error;
use std::time::{Duration, Instant};

use fake_graph::{FakeGraph, Quota};
use msgraph_sessions::bulk::{self, Options, Pace};
use msgraph_sessions::{Client, Cloud, StaticToken, UserIdOrUpn};

type Outcome = Result<(), Box<dyn Error>>;

/// Calls of each kind, taken in turns so that both meet the same machine.
const CALLS: usize = 5_000;
/// Users of the run without a quota.
const USERS: usize = 20_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    // `cargo bench --bench client -- outage` runs that part alone.
    let parts: Vec<String> = std::env::args()
        .skip(1)
        .filter(|it| !it.starts_with('-'))
        .collect();
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|it| it == part);
    if wanted("calls") {
        overhead().await?;
        without_quota().await?;
    }
    if wanted("quota") {
        with_quota("full at the start", None).await?;
        with_quota("empty at the start", Some(0)).await?;
    }
    if wanted("latency") {
        for seconds in [0.3, 1.2, 3.0] {
            with_latency(seconds).await?;
        }
    }
    if wanted("outage") {
        with_outage(Duration::ZERO).await?;
        with_outage(Duration::from_secs(10)).await?;
    }
    Ok(())
}

/// How much of the quota a run uses where answers take their time.
async fn with_latency(seconds: f64) -> Outcome {
    const RATE: f64 = 20.0;
    const MANY: usize = 1_000;
    let mut quota = Quota::DOCUMENTED;
    quota.initial = Some(0);
    let graph = FakeGraph::builder()
        .quota(quota)
        .rule(format!("latency:{seconds}s=always").parse()?)
        .log(1)
        .start()?;
    let client = client(&graph)?;
    // As much as the server has: nothing at the start, and then its rate.
    let options = Options::default().pace(Pace::new(1, RATE)?);
    let start = Instant::now();
    let mut outcomes = bulk::revoke_iter(&client, users(MANY)?, options);
    let mut revoked = 0_u32;
    while let Some(outcome) = outcomes.next().await {
        revoked += u32::from(outcome.result.is_ok());
    }
    let took = start.elapsed().as_secs_f64();
    let sending = took - seconds;
    println!(
        "quota at {seconds} s an answer: {revoked} users in {took:.1} s, {:.1} % of the quota until the \
         last was sent, {} answers 429",
        f64::from(revoked) / (RATE * sending) * 100.0,
        graph.totals().throttled
    );
    Ok(())
}

/// What an outage in the middle of a run costs.
async fn with_outage(outage: Duration) -> Outcome {
    const MANY: usize = 2_000;
    let mut builder = FakeGraph::builder().log(1);
    if !outage.is_zero() {
        let rule = format!("html:502=for:{}ms", outage.as_millis());
        builder = builder.rule(rule.parse()?);
    }
    let graph = builder.start()?;
    let client = client(&graph)?;
    let start = Instant::now();
    let mut outcomes = bulk::revoke_iter(&client, users(MANY)?, Options::default());
    let (mut revoked, mut failed) = (0, 0);
    while let Some(outcome) = outcomes.next().await {
        match outcome.result {
            Ok(_) => revoked += 1,
            Err(_) => failed += 1,
        }
    }
    let lost = start.elapsed().saturating_sub(outage);
    println!(
        "outage of {:.0} s over {MANY} users: {revoked} revoked, {failed} failed, {:.1} s beyond the \
         outage, {} faults",
        outage.as_secs_f64(),
        lost.as_secs_f64(),
        graph.totals().faults
    );
    Ok(())
}

fn client(graph: &FakeGraph) -> Result<Client, Box<dyn Error>> {
    let token = graph.application_token(["User.RevokeSessions.All"]);
    let cloud = Cloud::custom(graph.url(), graph.url())?;
    Ok(Client::builder(StaticToken::new(&token)?)
        .cloud(cloud)
        .build()?)
}

fn users(count: usize) -> Result<Vec<UserIdOrUpn>, msgraph_sessions::UserError> {
    (0..count)
        .map(|number| UserIdOrUpn::new(format!("user{number}@contoso.com")))
        .collect()
}

/// One call after the other, over one connection, by the client and by reqwest alone.
async fn overhead() -> Outcome {
    let graph = FakeGraph::builder().log(1).start()?;
    let client = client(&graph)?;
    let token = graph.application_token(["User.RevokeSessions.All"]);
    let plain = plain_client()?;
    let user = UserIdOrUpn::new("alice@contoso.com")?;
    let url = format!("{}/v1.0/users/{user}/revokeSignInSessions", graph.url());
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..CALLS {
        let start = Instant::now();
        client.revoke(&user).await?;
        ours.push(start.elapsed());

        let start = Instant::now();
        let answer = plain
            .post(&url)
            .bearer_auth(&token)
            .header("content-length", "0")
            .send()
            .await?
            .error_for_status()?;
        let _: serde_json::Value = answer.json().await?;
        theirs.push(start.elapsed());
    }
    let (ours, theirs) = (median(&mut ours), median(&mut theirs));
    println!("one call, median of {CALLS}:");
    println!("  {:<28} {:>8.1} µs", "msgraph-sessions", micros(ours));
    println!("  {:<28} {:>8.1} µs", "plain reqwest", micros(theirs));
    println!(
        "  {:<28} {:>8.1} µs",
        "overhead",
        micros(ours.saturating_sub(theirs))
    );
    Ok(())
}

/// reqwest with the least that a POST to Graph needs; the fake has no TLS to set up.
fn plain_client() -> Result<reqwest::Client, Box<dyn Error>> {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    Ok(reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .build()?)
}

/// As fast as the fake answers.
async fn without_quota() -> Outcome {
    let graph = FakeGraph::builder().log(1).start()?;
    let client = client(&graph)?;
    println!("{USERS} users without a quota:");
    for concurrency in [1, 16, 64] {
        let options = Options::default()
            .concurrency(concurrency)
            .pace(Pace::unlimited());
        let start = Instant::now();
        run(&client, USERS, options).await?;
        let name = format!("{concurrency} at a time");
        println!("  {name:<28} {:>8.0} users/s", per_second(USERS, start));
    }
    let start = Instant::now();
    for result in client.revoke_batch(&users(USERS)?).await {
        result?;
    }
    let name = "batches of 20, one at a time";
    println!("  {name:<28} {:>8.0} users/s", per_second(USERS, start));
    Ok(())
}

/// Graph's quota with the time cut to a tenth: 300 at once, then 20 a second.
async fn with_quota(name: &str, initial: Option<u32>) -> Outcome {
    const AT_ONCE: u32 = 300;
    const PER_SECOND: f64 = 20.0;
    let graph = FakeGraph::builder()
        .quota(Quota {
            initial,
            ..Quota::new(AT_ONCE, Duration::from_secs(15))
        })
        .start()?;
    let client = client(&graph)?;
    let count = 800;
    let options = Options::default().pace(Pace::new(AT_ONCE, PER_SECOND)?);
    let start = Instant::now();
    run(&client, count, options).await?;
    let seconds = start.elapsed().as_secs_f64();
    let allowed = f64::from(initial.unwrap_or(AT_ONCE)) + PER_SECOND * seconds;
    println!("{count} users, quota of {AT_ONCE} and {PER_SECOND} a second, {name}:");
    println!("  {:<28} {seconds:>8.1} s", "time");
    println!(
        "  {:<28} {:>8.1} %",
        "share of the quota used",
        100.0 * whole(count) / allowed
    );
    println!("  {:<28} {:>8}", "throttled", graph.totals().throttled);
    Ok(())
}

async fn run(client: &Client, count: usize, options: Options) -> Outcome {
    let mut outcomes = bulk::revoke_iter(client, users(count)?, options);
    while let Some(outcome) = outcomes.next().await {
        outcome.result?;
    }
    Ok(())
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn per_second(count: usize, start: Instant) -> f64 {
    whole(count) / start.elapsed().as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "counts here are small")]
fn whole(count: usize) -> f64 {
    count as f64
}
