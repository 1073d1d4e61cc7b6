//! Runs the fake Graph until it is interrupted.

use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use fake_graph::{FakeGraph, Quota, Registration, RetryAfter, Rule};

/// A local Microsoft Graph for tests: sign-in, session revocation, batches, throttling and faults.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 8010)]
    port: u16,
    /// Speak https under this name, with a new authority whose certificate is written to --authority-file
    #[arg(long, value_name = "NAME", requires = "authority_file")]
    tls: Option<String>,
    /// Where the authority's certificate goes (PEM)
    #[arg(long, value_name = "FILE", requires = "tls")]
    authority_file: Option<PathBuf>,
    /// Seed of all randomness
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Write quota as WRITES/SECONDS, such as Microsoft's 3000/150; none when left out
    #[arg(long, value_parser = quota)]
    quota: Option<Quota>,
    /// Form of Retry-After when the quota is used up: decimal, integer, date or missing
    #[arg(long, value_parser = retry_after, default_value = "decimal")]
    retry_after: RetryAfter,
    /// Fault rule, such as `reset=2%`, `html:503@batch=next:3`, `latency:50ms=always`; repeatable
    #[arg(long = "fault", value_name = "RULE")]
    faults: Vec<Rule>,
    /// File of user ids or names, one a line: nobody else exists
    #[arg(long, value_name = "FILE")]
    users: Option<PathBuf>,
    /// User who does not exist; repeatable
    #[arg(long, value_name = "USER")]
    absent: Vec<String>,
    /// Permission that the app's tokens carry, of both kinds; repeatable
    #[arg(long = "permission", default_value = "User.RevokeSessions.All")]
    permissions: Vec<String>,
    /// Seconds that issued tokens are good for
    #[arg(long, default_value_t = 3600)]
    token_lifetime: u64,
}

fn quota(text: &str) -> Result<Quota, String> {
    let wrong = || format!("`{text}` is not WRITES/SECONDS such as 3000/150");
    let (writes, seconds) = text.split_once('/').ok_or_else(wrong)?;
    let writes: u32 = writes.parse().map_err(|_| wrong())?;
    let seconds: f64 = seconds.parse().map_err(|_| wrong())?;
    if writes == 0 || seconds <= 0.0 {
        return Err(wrong());
    }
    let window = Duration::try_from_secs_f64(seconds).map_err(|_| wrong())?;
    Ok(Quota::new(writes, window))
}

fn retry_after(text: &str) -> Result<RetryAfter, String> {
    Ok(match text {
        "decimal" => RetryAfter::Decimal,
        "integer" => RetryAfter::Integer,
        "date" => RetryAfter::Date,
        "missing" => RetryAfter::Missing,
        _ => return Err("choose decimal, integer, date or missing".to_owned()),
    })
}

fn start(options: Options) -> io::Result<FakeGraph> {
    let app = Registration {
        application: options.permissions.clone(),
        delegated: options.permissions,
        ..Registration::default()
    };
    let mut builder = FakeGraph::builder()
        .address(SocketAddr::from((Ipv4Addr::LOCALHOST, options.port)))
        .seed(options.seed)
        .registration(app)
        .token_lifetime(Duration::from_secs(options.token_lifetime));
    if let Some(mut quota) = options.quota {
        quota.retry_after = options.retry_after;
        builder = builder.quota(quota);
    }
    if let Some(path) = options.users {
        let users = std::fs::read_to_string(path)?;
        builder = builder.users(users.lines().map(str::trim).filter(|line| !line.is_empty()));
    }
    for user in options.absent {
        builder = builder.absent(user);
    }
    for rule in options.faults {
        builder = builder.rule(rule);
    }
    if let Some(name) = options.tls {
        builder = builder.tls(name);
    }
    let graph = builder.start()?;
    if let (Some(path), Some(authority)) = (options.authority_file, graph.authority()) {
        std::fs::write(path, authority)?;
    }
    Ok(graph)
}

fn main() -> ExitCode {
    let options = Options::parse();
    let app = Registration::default();
    match start(options) {
        Ok(graph) => {
            // Whoever started this may have closed its output; serving goes on.
            let _ = writeln!(
                io::stdout(),
                "listening on {}\nclient id {}\nclient secret {}",
                graph.url(),
                app.client_id,
                app.client_secret
            );
            graph.wait();
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "fake-graph: {error}");
            ExitCode::FAILURE
        }
    }
}
