//! `user` and `me`: a few users, without a journal.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use msgraph_sessions::bulk::{self, Pace};
use msgraph_sessions::{RetryPolicy, Stop, UserIdOrUpn};

use crate::caller::SignedIn;
use crate::cli::{Common, MeCommand, UserCommand};
use crate::drive::{End, drive};
use crate::failure::{Exit, Failure};
use crate::report::{LeastTime, Plan, Summary};
use crate::run::Run;
use crate::select::guard_self;
use crate::session::{self, Session};
use crate::signals;
use crate::users::{User, folded};

/// `revoke-sessions user`
pub(crate) async fn users(command: UserCommand) -> Result<Exit, Failure> {
    let common = &command.common;
    session::check_yes(common)?;
    let session = open(common).await?;
    let mut users: Vec<User> = Vec::new();
    for user in command.users {
        if !users
            .iter()
            .any(|known| folded(&known.user) == folded(&user))
        {
            users.push(User::new(user));
        }
    }
    guard_self(&mut users, &session.caller.signed_in, command.include_self)?;
    let mut run = Run::new(&users);
    session::confirm(common, &plan(&session, &run))?;
    let stop = Stop::new();
    signals::watch(stop.clone());
    let ids: Vec<UserIdOrUpn> = users.into_iter().map(|user| user.user).collect();
    // A person waits for these few: tries as many as a single call makes.
    let options = bulk::Options::default()
        .retry(RetryPolicy::default())
        .stop(stop.clone());
    let outcomes = bulk::revoke_iter(&session.client, ids, options)
        .map(|outcome| (outcome.user.to_string(), outcome.result));
    let mut progress = session::progress(run.users().len());
    let paused = || session.client.paused_for();
    let end = drive(outcomes, &mut run, None, &stop, &mut progress, paused).await;
    conclude(common, &run, &end, progress.finish())
}

/// `revoke-sessions me`
pub(crate) async fn me(command: MeCommand) -> Result<Exit, Failure> {
    let common = &command.common;
    session::check_yes(common)?;
    let session = open(common).await?;
    let name = match &session.caller.signed_in {
        SignedIn::App => return Err(Failure::MeAsApp),
        SignedIn::User { id, name } => name.as_ref().or(id.as_ref()).cloned(),
        SignedIn::Unknown => None,
    };
    // Only a label: the call itself names nobody.
    let label = name.unwrap_or_else(|| "the signed-in user".to_owned());
    let mut run = Run::one(&label);
    session::confirm(common, &plan(&session, &run))?;
    let stop = Stop::new();
    let client = session.client.clone();
    let outcomes = stream::once(async move {
        let result = client.me_revoke_sign_in_sessions().await;
        (label, result)
    });
    let mut progress = session::progress(1);
    let paused = || session.client.paused_for();
    let end = drive(
        Box::pin(outcomes),
        &mut run,
        None,
        &stop,
        &mut progress,
        paused,
    )
    .await;
    conclude(common, &run, &end, progress.finish())
}

async fn open(common: &Common) -> Result<Session, Failure> {
    let cloud = common.cloud.asked()?.unwrap_or_default();
    Session::open(common, cloud).await
}

fn plan<'a>(session: &'a Session, run: &'a Run) -> Plan<'a> {
    let cloud = session.client.cloud();
    Plan {
        run,
        send: run.users().len(),
        guests: run.users().iter().filter(|user| user.guest).count(),
        cloud: (cloud.name(), cloud.graph_root()),
        tenant: session.caller.tenant.as_deref(),
        sender: Some(session.sender()),
        duplicates: 0,
        excluded: 0,
        unmatched: &[],
        skipped_lines: 0,
        time: LeastTime::of(Pace::default(), run.users().len()),
        journal: None,
        resumed: false,
    }
}

fn conclude(common: &Common, run: &Run, end: &End, took: Duration) -> Result<Exit, Failure> {
    let summary = Summary {
        run,
        counts: run.counts(),
        end,
        skipped_lines: 0,
        took,
        journal: None,
        results: None,
        resume: None,
    };
    session::conclude(common.format, &summary)
}
