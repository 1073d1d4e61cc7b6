//! Many users: a stream of users in, a stream of outcomes out.
//!
//! Users are sent at the pace that Graph's quota allows, several at a time, and every user that was
//! taken from the input gets exactly one [`Outcome`]. The input is read only as fast as users are sent,
//! so that it may be of any length.
//!
//! ```
//! use msgraph_sessions::{Client, UserIdOrUpn, bulk};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let graph = fake_graph::FakeGraph::builder().absent("carol@contoso.com").start()?;
//! # let token = graph.application_token(["User.RevokeSessions.All"]);
//! # let client = Client::builder(msgraph_sessions::StaticToken::new(&token)?)
//! #     .cloud(msgraph_sessions::Cloud::custom(graph.url(), graph.url())?)
//! #     .build()?;
//! let users = ["alice@contoso.com", "bob@contoso.com", "carol@contoso.com"];
//! let users: Vec<UserIdOrUpn> = users.into_iter().map(str::parse).collect::<Result<_, _>>()?;
//! let mut outcomes = bulk::revoke_iter(&client, users, bulk::Options::default());
//! let mut failed = Vec::new();
//! while let Some(outcome) = outcomes.next().await {
//!     if let Err(error) = outcome.result {
//!         println!("{}: {error}", outcome.user);
//!         failed.push(outcome.user.to_string());
//!     }
//! }
//! assert_eq!(failed, ["carol@contoso.com"]);
//! # assert_eq!(graph.revocations("bob@contoso.com"), 1);
//! # Ok(())
//! # }
//! ```

mod brake;
mod outcomes;
mod pace;
mod run;
mod width;

use std::sync::Arc;
use std::time::Duration;

use futures_util::{Stream, stream};

pub use self::brake::Event;
use self::brake::{Brake, Listener, Settings};
pub use self::outcomes::{End, Hold, Outcome, Outcomes, Rest};
pub(crate) use self::pace::Pacer;
pub use self::pace::{Pace, PaceError};
use self::run::Run;
use self::width::Width;
use crate::client::Client;
use crate::retry::RetryPolicy;
use crate::stop::Stop;
use crate::user::UserIdOrUpn;

/// How a bulk run goes about it.
#[derive(Clone, Debug)]
#[must_use]
pub struct Options {
    concurrency: Option<usize>,
    pace: Pace,
    retry: RetryPolicy,
    max_pause: Duration,
    outage: Settings,
    stop: Stop,
    hold: Hold,
}

impl Default for Options {
    /// As many users at a time as the pace needs, at the documented pace, each tried up to 8 times within
    /// half an hour, not counting the pauses that Graph asks for, each of which is waited for up to an
    /// hour. After 20 failures of everyone the run pauses, for 15 minutes at most.
    fn default() -> Self {
        Self {
            concurrency: None,
            pace: Pace::default(),
            retry: RetryPolicy::default()
                .max_tries(8)
                .max_elapsed(Duration::from_secs(30 * 60))
                .max_wait(Duration::from_secs(5 * 60)),
            max_pause: Duration::from_secs(60 * 60),
            outage: Settings {
                failures: 20,
                longest: Duration::from_secs(15 * 60),
                listener: Listener::default(),
            },
            stop: Stop::new(),
            hold: Hold::new(),
        }
    }
}

impl Options {
    /// How many users are under way at most; 0 counts as 1. Without this, 128.
    ///
    /// There are fewer where answers come quickly: 16 at first, and then as many as it takes to use the
    /// pace in full.
    pub fn concurrency(mut self, users: usize) -> Self {
        self.concurrency = Some(users.max(1));
        self
    }

    /// How many users are sent over time.
    pub fn pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// When a user is sent again; takes the place of the client's own policy.
    ///
    /// After a 429 only the policy's number of tries counts, not its times: every user waits for as long
    /// as Graph asks, and none fails for the length of the pause. See [`max_pause`](Self::max_pause).
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// The longest pause, asked for by a 429, that the run waits for; an hour without this.
    ///
    /// A longer one ends the run as [`stop`](Self::stop) does: users that were not sent yet fail with
    /// [`ErrorKind::Stopped`](crate::ErrorKind::Stopped) and what Graph asked to wait, and no further user
    /// is taken from the input. Only those that were sent and throttled fail with
    /// [`ErrorKind::Throttled`](crate::ErrorKind::Throttled).
    pub fn max_pause(mut self, pause: Duration) -> Self {
        self.max_pause = pause;
        self
    }

    /// After how many failures of one kind, of several users and without a success, the run pauses and
    /// sends one user at a time until one is answered; 20 without this. 0 never pauses: every user then
    /// uses up its own tries. So do fewer than five users, which may fail for reasons of their own.
    pub fn outage_after(mut self, failures: u32) -> Self {
        self.outage.failures = failures;
        self
    }

    /// How long such a pause may last; 15 minutes without this. After it the run ends as
    /// [`stop`](Self::stop) does, and [`Outcomes::end`] says [`End::Unavailable`].
    pub fn max_outage(mut self, outage: Duration) -> Self {
        self.outage.longest = outage;
        self
    }

    /// Hears of pauses while they happen. Is called from the task that polls the outcomes, and must not
    /// block.
    pub fn on_event(mut self, listener: impl Fn(Event) + Send + Sync + 'static) -> Self {
        self.outage.listener = Listener::new(listener);
        self
    }

    /// Ends the run in good order when asked: no further user is taken from the input, those that wait
    /// fail with [`ErrorKind::Stopped`](crate::ErrorKind::Stopped), and those on the wire get their answer.
    pub fn stop(mut self, stop: Stop) -> Self {
        self.stop = stop;
        self
    }

    /// Takes no further user from the input while it is held, to be decided by what comes back.
    pub fn hold(mut self, hold: Hold) -> Self {
        self.hold = hold;
        self
    }
}

/// Revokes the sessions of every user of a stream, in any order.
///
/// Nothing is sent unless the outcomes are polled. Waiting for the next outcome may be dropped and
/// begun again without loss; dropping the [`Outcomes`] themselves drops what is on the wire, whose
/// users may or may not have been revoked. To end without that doubt, use [`Options::stop`] and read on
/// to the end. What is left of the input then is given back by [`Outcomes::into_rest`].
pub fn revoke<'a, S>(client: &Client, users: S, options: Options) -> Outcomes<'a>
where
    S: Stream<Item = UserIdOrUpn> + Send + 'a,
{
    let Options {
        concurrency,
        pace,
        retry,
        max_pause,
        outage,
        stop,
        hold,
    } = options;
    let width = Width::new(concurrency);
    let brake = Brake::new(outage, width.most());
    let run = Run::new(Pacer::new(pace), brake, width, max_pause, stop);
    Outcomes::new(client.clone(), Box::pin(users), retry, Arc::new(run), hold)
}

/// The same for users that are at hand, or that an iterator reads.
pub fn revoke_iter<'a, I>(client: &Client, users: I, options: Options) -> Outcomes<'a>
where
    I: IntoIterator<Item = UserIdOrUpn>,
    I::IntoIter: Send + 'a,
{
    revoke(client, stream::iter(users), options)
}
