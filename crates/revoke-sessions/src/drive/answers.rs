//! Where answers come from: a bulk run of the client, or anything else.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::{Stream, StreamExt as _, stream};
use msgraph_sessions::bulk::{self, Outcomes};
use msgraph_sessions::{Client, Error, Revoked, UserIdOrUpn};
use tokio::sync::oneshot;

/// What became of the user at a place of the run.
pub(crate) struct Answer {
    pub(crate) at: usize,
    pub(crate) user: String,
    pub(crate) result: Result<Revoked, Error>,
}

/// Where answers come from.
pub(crate) trait Source: Stream<Item = Answer> + Unpin {
    /// Why there is no further answer, if there is a reason.
    fn end(&self) -> Option<bulk::End>;
}

/// A bulk run of the client, whose positions are places of the run.
pub(crate) struct Bulk<'a> {
    pub(crate) outcomes: Outcomes<'a>,
    /// From the position of a user in what is sent to the place in the run.
    pub(crate) places: Vec<usize>,
    /// How many are still to be answered before the operator's own account is sent.
    others: usize,
    /// Says that none is.
    answered: Option<oneshot::Sender<()>>,
}

impl Bulk<'static> {
    /// Sends users, of whom the last `own` are the operator: not before every other user is answered, since
    /// the sign-in of the run may not outlive it.
    pub(crate) fn new(
        client: &Client,
        mut users: Vec<UserIdOrUpn>,
        places: Vec<usize>,
        own: usize,
        options: bulk::Options,
    ) -> Self {
        let others = users.len().saturating_sub(own);
        let last = users.split_off(others);
        let (answered, all_answered) = oneshot::channel();
        let last = stream::once(async move {
            // The sender is gone only with the run itself.
            let _ = all_answered.await;
            stream::iter(last)
        });
        let users = stream::iter(users).chain(last.flatten());
        let mut bulk = Bulk {
            outcomes: bulk::revoke(client, users, options),
            places,
            others,
            answered: Some(answered),
        };
        bulk.release();
        bulk
    }

    /// Lets the own account go once no other is left.
    fn release(&mut self) {
        if self.others == 0
            && let Some(answered) = self.answered.take()
        {
            // Without a receiver there is nothing left to send.
            let _ = answered.send(());
        }
    }
}

impl Stream for Bulk<'static> {
    type Item = Answer;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Answer>> {
        let this = &mut *self;
        let outcome = ready!(this.outcomes.poll_next_unpin(context));
        Poll::Ready(outcome.map(|outcome| {
            this.others = this.others.saturating_sub(1);
            this.release();
            Answer {
                at: this.places[outcome.index],
                user: outcome.user.to_string(),
                result: outcome.result,
            }
        }))
    }
}

impl Source for Bulk<'static> {
    fn end(&self) -> Option<bulk::End> {
        self.outcomes.end()
    }
}

/// Answers from anywhere else.
pub(crate) struct Plain<S>(pub(crate) S);

impl<S: Stream<Item = Answer> + Unpin> Stream for Plain<S> {
    type Item = Answer;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Answer>> {
        self.0.poll_next_unpin(context)
    }
}

impl<S: Stream<Item = Answer> + Unpin> Source for Plain<S> {
    fn end(&self) -> Option<bulk::End> {
        None
    }
}
