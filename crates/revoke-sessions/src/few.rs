//! `user` and `me`: a few users, each named in the result.

use std::time::Duration;

use futures_util::stream;
use msgraph_sessions::bulk::{self, Pace};
use msgraph_sessions::{Cloud, RetryPolicy, Stop, UserIdOrUpn};

use crate::caller::SignedIn;
use crate::cli::{MeCommand, UserCommand};
use crate::drive::{Answer, Controls, Plain, drive};
use crate::exclude::Exclusions;
use crate::failure::{Exit, Failure};
use crate::journal::{ExcludedUser, Journal, check_new};
use crate::lists;
use crate::report::{self, LeastTime, Listing, Plan, Sender, Summary};
use crate::run::Run;
use crate::select::{Selected, exclude, guard_self};
use crate::send::{Facts, Job, conclude, header, nothing_to_do};
use crate::session::{self, Session};
use crate::shell;
use crate::users::{User, UserList, folded, parse_user};
use crate::words::now;

/// `revoke-sessions user`
pub(crate) async fn users(command: UserCommand) -> Result<Exit, Failure> {
    let common = &command.common;
    command.evidence.check()?;
    if command.users == ["-"] && command.exclude.iter().any(|path| lists::is_stdin(path)) {
        return Err(Failure::InputTwice);
    }
    let list = named(&command)?;
    let exclusions = Exclusions::load(&command.exclude)?;
    let Selected {
        mut users,
        excluded,
        unmatched,
    } = exclude(list.users, &exclusions.accounts)?;
    let mut facts = Facts {
        duplicates: list.duplicates,
        exclusions: exclusions.sources,
        never_sent: exclusions.accounts.iter().map(ExcludedUser::of).collect(),
        // The standing ones are many, and a few users rarely hold one of them.
        unmatched: if command.exclude.is_empty() {
            Vec::new()
        } else {
            unmatched
        },
        ..Facts::default()
    };
    facts.exclude(&excluded);
    if users.is_empty() {
        let why = match facts.excluded.len() {
            0 => "Nothing to do: standard input names no user.".to_owned(),
            _ => report::everyone_excluded(&facts),
        };
        let run = Run::new(&users);
        return nothing_to_do(common, &command.evidence, (&run, &facts), None, &why);
    }
    let cloud = common.cloud.asked()?.unwrap_or_default();
    if command.dry_run {
        let run = Run::new(&users);
        session::show_plan(
            common.format,
            &plan(&cloud, None, &run, &facts, Listing::DryRun),
        )?;
        return Ok(Exit::Complete);
    }
    session::check_yes(common)?;
    if let Some(path) = &command.journal {
        check_new(path)?;
    }
    let session = Session::open(common, cloud).await?;
    let own = guard_self(&mut users, &session.caller.signed_in, command.include_self)?;
    let run = Run::new(&users);
    let cloud = session.client.cloud();
    session::confirm(
        common,
        &plan(cloud, Some(&session), &run, &facts, Listing::Names),
    )?;
    let journal = match &command.journal {
        Some(path) => {
            session::say_who_can_read(path);
            let header = header(&session, &run, &facts, now());
            Some(Journal::create(path, &header, run.users())?)
        }
        None => None,
    };
    let job = Job {
        common,
        evidence: &command.evidence,
        session,
        run,
        sending: users
            .into_iter()
            .map(|user| user.user)
            .enumerate()
            .collect(),
        own,
        facts,
        journal,
        // A person waits for these few: tries as many as a single call makes, and no long pause.
        options: bulk::Options::default()
            .retry(RetryPolicy::default())
            .outage_after(0),
        least: Duration::ZERO,
        names: true,
    };
    job.send(|path| {
        let mut words = ["revoke-sessions", "bulk", "--resume"]
            .map(str::to_owned)
            .to_vec();
        words.push(path.display().to_string());
        words.extend(command.include_self.then(|| "--include-self".to_owned()));
        words.extend(command.evidence.arguments());
        words.extend(common.arguments());
        shell::line(&words)
    })
    .await
}

/// The users of the command line, or of standard input for `-`.
fn named(command: &UserCommand) -> Result<UserList, Failure> {
    if command.users == ["-"] {
        return lists::read_users(std::path::Path::new("-"), None, false);
    }
    if command.users.iter().any(|text| text == "-") {
        return Err(Failure::StdinAmongUsers);
    }
    let mut list = UserList::default();
    for text in &command.users {
        let user = parse_user(text.trim()).map_err(|reason| Failure::User {
            user: text.clone(),
            reason,
        })?;
        if list
            .users
            .iter()
            .any(|known| folded(&known.user) == folded(&user))
        {
            list.duplicates += 1;
        } else {
            list.users.push(User::new(user));
        }
    }
    Ok(list)
}

/// `revoke-sessions me`
pub(crate) async fn me(command: MeCommand) -> Result<Exit, Failure> {
    let common = &command.common;
    command.evidence.check()?;
    session::check_yes(common)?;
    let exclusions = Exclusions::load(&[])?;
    let cloud = common.cloud.asked()?.unwrap_or_default();
    let session = Session::open(common, cloud).await?;
    let user = match &session.caller.signed_in {
        SignedIn::App => return Err(Failure::MeAsApp),
        SignedIn::User { id, name } => of_names(name.as_deref(), id.as_deref()),
        SignedIn::Unknown => None,
    };
    let facts = Facts {
        exclusions: exclusions.sources,
        ..Facts::default()
    };
    match &user {
        Some(user) => {
            let selected = exclude(vec![user.clone()], &exclusions.accounts)?;
            if selected.users.is_empty() {
                return Err(Failure::MeExcluded {
                    user: user.user.to_string(),
                });
            }
        }
        None if !exclusions.accounts.is_empty() => return Err(Failure::MeUnknown),
        None => {}
    }
    // Only a label: the call itself names no user.
    let label = user.map_or_else(
        || "the signed-in user".to_owned(),
        |user| user.user.to_string(),
    );
    let mut run = Run::one(&label);
    let cloud = session.client.cloud();
    session::confirm(
        common,
        &plan(cloud, Some(&session), &run, &facts, Listing::Names),
    )?;
    let started = now();
    let client = session.client.clone();
    let answers = Plain(Box::pin(stream::once(async move {
        Answer {
            at: 0,
            user: label,
            result: client.revoke_me().await,
        }
    })));
    let mut progress = session::progress(1, Duration::ZERO);
    let paused = || session.client.paused_for();
    let controls = Controls::of(Stop::new());
    let end = drive(answers, &mut run, None, controls, &mut progress, paused).await;
    let summary = Summary {
        run: &run,
        counts: run.counts(),
        end: &end,
        facts: &facts,
        sender: Sender::of(&session),
        started,
        took: progress.finish(),
        names: true,
        journal: None,
        results: command.evidence.results.as_deref(),
        resume: None,
    };
    conclude(common, &command.evidence, &summary)
}

/// A user by what an access token says.
fn of_names(name: Option<&str>, id: Option<&str>) -> Option<User> {
    let mut names = [name, id]
        .into_iter()
        .flatten()
        .filter_map(|text| UserIdOrUpn::new(text).ok());
    let first = names.next()?;
    Some(User {
        others: names.collect(),
        ..User::new(first)
    })
}

fn plan<'a>(
    cloud: &'a Cloud,
    session: Option<&'a Session>,
    run: &'a Run,
    facts: &'a Facts,
    listing: Listing,
) -> Plan<'a> {
    Plan {
        run,
        send: run.users().len(),
        guests: run.users().iter().filter(|user| user.guest).count(),
        cloud: (cloud.name(), cloud.graph_root()),
        tenant: session.and_then(|s| s.caller.tenant.as_deref()),
        sender: session.map(Session::sender),
        facts,
        time: LeastTime::of(Pace::default(), run.users().len()),
        journal: None,
        listing,
    }
}
