//! `bulk`: every user of a list, with a journal.

mod origin;

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use msgraph_sessions::{Cloud, UserIdOrUpn, bulk};

use self::origin::{Origin, Prepared, resumed, same_tenant, started};
use crate::cli::BulkCommand;
use crate::exclude::Exclusions;
use crate::failure::{Exit, Failure};
use crate::journal::{Event, EventKind, ExcludedUser, Journal, Line, check_new};
use crate::lists;
use crate::outcome::Outcome;
use crate::report::{self, LeastTime, Listing, Plan};
use crate::run::Run;
use crate::select::{Selected, exclude, guard_self};
use crate::send::{Facts, Job, header, nothing_to_do};
use crate::session::{self, Session};
use crate::shell;
use crate::users::{User, folded, folded_text};
use crate::words::now;

/// `revoke-sessions bulk`
pub(crate) async fn run(command: BulkCommand) -> Result<Exit, Failure> {
    let files = command.users.iter().chain(&command.exclude);
    if files.filter(|path| lists::is_stdin(path)).count() > 1 {
        return Err(Failure::InputTwice);
    }
    command.evidence.check()?;
    let exclusions = Exclusions::load(&command.exclude)?;
    let prepared = match &command.resume {
        Some(journal) => resumed(&command, journal)?,
        // The command line sees to it that there is a list where there is no journal.
        None => {
            let list = command.users.as_deref().unwrap_or(Path::new("-"));
            started(&command, list)?
        }
    };
    carry_out(&command, prepared, exclusions).await
}

/// Excludes, asks, and sends: the same for a run that begins and for one that goes on.
async fn carry_out(
    command: &BulkCommand,
    prepared: Prepared,
    exclusions: Exclusions,
) -> Result<Exit, Failure> {
    let common = &command.common;
    let Prepared {
        run: origin,
        users,
        never_sent,
        mut facts,
        cloud,
        path,
    } = prepared;
    facts.never_sent = exclusions.accounts.iter().map(ExcludedUser::of).collect();
    let accounts = [exclusions.accounts, never_sent.clone()].concat();
    let Selected {
        mut users,
        excluded,
        mut unmatched,
    } = exclude(users, &accounts)?;
    // They were left out when the run began, or were not in its list even then.
    let known: HashSet<String> = never_sent
        .iter()
        .flat_map(User::names)
        .map(folded)
        .collect();
    unmatched.retain(|name| !known.contains(&folded_text(name)));
    let out: Vec<(usize, Outcome)> = excluded
        .iter()
        .map(|user| (user.place, Outcome::excluded(user.user.as_str())))
        .collect();
    facts.exclude(&excluded);
    facts.exclusions.extend(exclusions.sources);
    facts.exclusions.dedup();
    facts.unmatched = unmatched;
    let is_new = matches!(origin, Origin::List);
    let (mut run, mut journal, then) = match origin {
        Origin::List => (Run::new(&users), None, None),
        Origin::Journal {
            run,
            journal,
            header,
        } => (run, journal, Some(header)),
    };
    if is_new {
        for (at, user) in users.iter_mut().enumerate() {
            user.place = at;
        }
    } else {
        for (at, outcome) in &out {
            run.note(*at, outcome.clone());
        }
    }
    if users.is_empty() {
        if let Some(journal) = &mut journal {
            // They stay out in every later part, too.
            journal.append(out.into_iter().map(|(_, outcome)| Line::Outcome(outcome)))?;
        }
        let why = match facts.excluded.len() {
            _ if !is_new => "Nothing to do: the journal leaves no user to send.".to_owned(),
            0 => "Nothing to do: the list names no user.".to_owned(),
            _ => report::everyone_excluded(&facts),
        };
        let journal = (!is_new).then_some(path.as_path());
        return nothing_to_do(common, &command.evidence, (&run, &facts), journal, &why);
    }
    let shown = (!command.dry_run || !is_new).then_some(path.as_path());
    if command.dry_run {
        let plan = plan(command, &run, &facts, (&cloud, None), shown);
        session::show_plan(common.format, &plan)?;
        return Ok(Exit::Complete);
    }
    session::check_yes(common)?;
    if is_new {
        // Creating it tells as well, but only after a person has signed in and confirmed.
        check_new(&path)?;
    }
    let session = Session::open(common, cloud).await?;
    same_tenant(then.as_deref(), &session)?;
    let own = guard_self(&mut users, &session.caller.signed_in, command.include_self)?;
    if is_new {
        // The own account comes last, and the journal has the order in which users are sent.
        run = Run::new(&users);
        for (at, user) in users.iter_mut().enumerate() {
            user.place = at;
        }
    }
    let cloud = session.client.cloud();
    session::confirm(
        common,
        &plan(command, &run, &facts, (cloud, Some(&session)), Some(&path)),
    )?;
    let journal = match journal {
        Some(mut journal) => {
            let resumed = Event {
                at: now(),
                event: EventKind::Resumed,
            };
            let excluded = out.into_iter().map(|(_, outcome)| Line::Outcome(outcome));
            journal.append(std::iter::once(Line::Event(resumed)).chain(excluded))?;
            journal
        }
        None => {
            let header = header(&session, &run, &facts, now());
            session::say_who_can_read(&path);
            Journal::create(&path, &header, run.users())?
        }
    };
    let sending: Vec<(usize, UserIdOrUpn)> = users
        .into_iter()
        .map(|user| (user.place, user.user))
        .collect();
    let options = options(command);
    let least = command.pace.pace().time_for(sending.len() as u64);
    let job = Job {
        common,
        evidence: &command.evidence,
        session,
        run,
        sending,
        own,
        facts,
        journal: Some(journal),
        options,
        least,
        names: false,
    };
    job.send(|path| resume_command(command, path)).await
}

fn options(command: &BulkCommand) -> bulk::Options {
    let mut options = bulk::Options::default()
        .pace(command.pace.pace())
        .max_outage(Duration::from_secs(command.pace.max_outage));
    if let Some(concurrency) = command.pace.concurrency {
        let most = usize::try_from(concurrency.get()).unwrap_or(usize::MAX);
        options = options.concurrency(most);
    }
    options
}

fn plan<'a>(
    command: &BulkCommand,
    run: &'a Run,
    facts: &'a Facts,
    (cloud, session): (&'a Cloud, Option<&'a Session>),
    journal: Option<&'a Path>,
) -> Plan<'a> {
    let send = run.open().count();
    Plan {
        run,
        send,
        guests: run.open().filter(|user| user.guest).count(),
        cloud: (cloud.name(), cloud.graph_root()),
        tenant: session.and_then(|s| s.caller.tenant.as_deref()),
        sender: session.map(Session::sender),
        facts,
        time: LeastTime::of(command.pace.pace(), send),
        journal,
        listing: if command.dry_run {
            Listing::DryRun
        } else {
            Listing::None
        },
    }
}

/// The command line that takes up what is left, to be copied. The exclusions are in the journal.
fn resume_command(command: &BulkCommand, journal: &Path) -> String {
    let mut words = vec![
        "revoke-sessions".to_owned(),
        "bulk".to_owned(),
        "--resume".to_owned(),
        journal.display().to_string(),
    ];
    words.extend(command.include_self.then(|| "--include-self".to_owned()));
    words.extend(command.evidence.arguments());
    words.extend(command.pace.arguments());
    words.extend(command.common.arguments());
    shell::line(&words)
}
