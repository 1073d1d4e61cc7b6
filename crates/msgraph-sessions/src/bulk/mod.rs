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

mod pace;
mod run;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};

pub(crate) use self::pace::Pacer;
pub use self::pace::{Pace, PaceError};
pub(crate) use self::run::{Over, Run};
use crate::answer::Revoked;
use crate::call::CallOptions;
use crate::client::Client;
use crate::error::{Error, ErrorKind, Parts};
use crate::operations::USER_REVOKE_SIGN_IN_SESSIONS;
use crate::retry::RetryPolicy;
use crate::stop::Stop;
use crate::user::UserIdOrUpn;

/// How a bulk run goes about it.
#[derive(Clone, Debug)]
#[must_use]
pub struct Options {
    concurrency: usize,
    pace: Pace,
    retry: RetryPolicy,
    max_pause: Duration,
    stop: Stop,
}

impl Default for Options {
    /// 16 users at a time, at the documented pace, each tried up to 8 times within half an hour, not
    /// counting the pauses that Graph asks for, each of which is waited for up to an hour.
    fn default() -> Self {
        Self {
            concurrency: 16,
            pace: Pace::default(),
            retry: RetryPolicy::default()
                .with_max_tries(8)
                .with_max_elapsed(Duration::from_secs(30 * 60))
                .with_max_wait(Duration::from_secs(5 * 60)),
            max_pause: Duration::from_secs(60 * 60),
            stop: Stop::new(),
        }
    }
}

impl Options {
    /// How many users are under way at a time; 0 counts as 1.
    pub fn concurrency(mut self, users: usize) -> Self {
        self.concurrency = users.max(1);
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

    /// The longest pause, asked for by a 429, that the run waits for; an hour without this, which is
    /// also the longest that is ever read from an answer.
    ///
    /// A longer one ends the run as [`stop`](Self::stop) does: users that were not sent yet fail with
    /// [`ErrorKind::Stopped`] and what Graph asked to wait, and no further user is taken from the input.
    /// Only those that were sent and throttled fail with [`ErrorKind::Throttled`].
    pub fn max_pause(mut self, pause: Duration) -> Self {
        self.max_pause = pause;
        self
    }

    /// Ends the run in good order when asked: no further user is taken from the input, those that wait
    /// fail with [`ErrorKind::Stopped`], and those on the wire get their answer.
    pub fn stop(mut self, stop: Stop) -> Self {
        self.stop = stop;
        self
    }
}

/// What became of one user.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// Position of the user in the input, from 0.
    pub index: usize,
    /// The user.
    pub user: UserIdOrUpn,
    /// Graph's answer, or why there is none.
    pub result: Result<Revoked, Error>,
}

/// Revokes the sessions of every user of a stream, in any order.
///
/// Nothing is sent unless the outcomes are polled. Waiting for the next outcome may be dropped and
/// begun again without loss; dropping the [`Outcomes`] themselves drops what is on the wire, whose
/// users may or may not have been revoked. To end without that doubt, use [`Options::stop`] and read on
/// to the end.
pub fn revoke<'a, S>(client: &Client, users: S, options: Options) -> Outcomes<'a>
where
    S: Stream<Item = UserIdOrUpn> + Send + 'a,
{
    let Options {
        concurrency,
        pace,
        retry,
        max_pause,
        stop,
    } = options;
    let run = Arc::new(Run::new(Pacer::new(pace), max_pause, stop));
    let client = client.clone();
    let until = Arc::clone(&run);
    let outcomes = users
        .enumerate()
        .take_until(async move { until.ended().await })
        .map(move |(index, user)| {
            let (client, run, retry) = (client.clone(), Arc::clone(&run), retry.clone());
            async move {
                let result = one(&client, &user, run, retry).await;
                Outcome {
                    index,
                    user,
                    result,
                }
            }
        })
        .buffer_unordered(concurrency);
    Outcomes(Box::pin(outcomes))
}

/// The same for users that are at hand, or that an iterator reads.
pub fn revoke_iter<'a, I>(client: &Client, users: I, options: Options) -> Outcomes<'a>
where
    I: IntoIterator<Item = UserIdOrUpn>,
    I::IntoIter: Send + 'a,
{
    revoke(client, stream::iter(users), options)
}

async fn one(
    client: &Client,
    user: &UserIdOrUpn,
    run: Arc<Run>,
    retry: RetryPolicy,
) -> Result<Revoked, Error> {
    // The gate comes first: a turn taken before a long pause would be one of another time.
    if let Err(Over { pause }) = run.turn(&client.shared().gate).await {
        return Err(Error::new(Parts {
            kind: ErrorKind::Stopped,
            operation: USER_REVOKE_SIGN_IN_SESSIONS.id(),
            retry_after: pause,
            ..Parts::default()
        }));
    }
    let call = CallOptions {
        retry: Some(retry),
        run: Some(run),
    };
    client.revoke_user(user, call).await
}

/// The outcomes of a bulk run, as they come.
#[must_use = "nothing is sent unless the outcomes are polled"]
pub struct Outcomes<'a>(Pin<Box<dyn Stream<Item = Outcome> + Send + 'a>>);

impl Outcomes<'_> {
    /// The next outcome, or `None` after the last. May be dropped and called again without loss.
    pub async fn next(&mut self) -> Option<Outcome> {
        self.0.next().await
    }
}

impl Stream for Outcomes<'_> {
    type Item = Outcome;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Outcome>> {
        self.0.as_mut().poll_next(context)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl fmt::Debug for Outcomes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcomes").finish_non_exhaustive()
    }
}
