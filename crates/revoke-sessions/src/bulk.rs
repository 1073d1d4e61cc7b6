//! `bulk`: every user of a list, with a journal.

use std::path::{Path, PathBuf};
use std::time::Duration;

use msgraph_sessions::{Cloud, UserIdOrUpn, bulk};

use crate::cli::BulkCommand;
use crate::drive::End;
use crate::exclude::Exclusions;
use crate::failure::{Exit, Failure};
use crate::journal::{Event, EventKind, Header, Journal, JournalError, Line, Replay, check_new};
use crate::lists;
use crate::outcome::Outcome;
use crate::progress::say;
use crate::report::{LeastTime, Listing, Plan, Sender, Summary};
use crate::run::Run;
use crate::select::{Selected, exclude, guard_self};
use crate::send::{Facts, Job, conclude, header};
use crate::session::{self, Session};
use crate::shell;
use crate::users::{self, User};
use crate::words::{counted, now};

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

/// A run, new or resumed, before the exclusions.
struct Prepared {
    run: Origin,
    /// Who is open, in the order in which they are sent.
    users: Vec<User>,
    facts: Facts,
    cloud: Cloud,
    path: PathBuf,
}

/// Where the run comes from.
enum Origin {
    /// A list: the journal is still to be made.
    List,
    /// A journal, which is not locked for a dry run.
    Journal {
        run: Run,
        journal: Option<Journal>,
        header: Box<Header>,
    },
}

/// Reads the list of a new run.
fn started(command: &BulkCommand, list: &Path) -> Result<Prepared, Failure> {
    let list = lists::read_users(list, command.column.as_deref(), command.skip_bad_lines)?;
    let mut facts = Facts {
        duplicates: list.duplicates,
        ..Facts::default()
    };
    facts.skip(&list.bad);
    Ok(Prepared {
        run: Origin::List,
        users: list.users,
        facts,
        cloud: command.common.cloud.asked()?.unwrap_or_default(),
        path: command.journal.clone().unwrap_or_else(default_journal),
    })
}

/// Reads the journal of a run that goes on.
fn resumed(command: &BulkCommand, path: &Path) -> Result<Prepared, Failure> {
    let (journal, replay) = if command.dry_run {
        (None, Journal::look(path)?)
    } else {
        let (journal, replay) = Journal::resume(path)?;
        (Some(journal), replay)
    };
    report_damage(&replay);
    let cloud = same_cloud(command.common.cloud.asked()?, &replay.header)?;
    let header = replay.header.clone();
    let facts = Facts {
        excluded: header.excluded_users.clone(),
        exclusions: header.exclusions.clone(),
        skipped: header.skipped.clone(),
        resumed: true,
        ..Facts::default()
    };
    let run = Run::resumed(replay);
    Ok(Prepared {
        users: open_users(path, &run)?,
        run: Origin::Journal {
            run,
            journal,
            header: Box::new(header),
        },
        facts,
        cloud,
        path: path.to_owned(),
    })
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
        mut facts,
        cloud,
        path,
    } = prepared;
    let Selected {
        mut users,
        excluded,
        unmatched,
    } = exclude(users, &exclusions.accounts)?;
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
        let lines = out.into_iter().map(|(_, outcome)| Line::Outcome(outcome));
        return nothing_to_do(command, &run, facts, journal.as_mut(), lines, &path, is_new);
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
    guard_self(&mut users, &session.caller.signed_in, command.include_self)?;
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

/// Every user is excluded, or settled.
fn nothing_to_do(
    command: &BulkCommand,
    run: &Run,
    facts: Facts,
    journal: Option<&mut Journal>,
    excluded: impl Iterator<Item = Line>,
    path: &Path,
    is_new: bool,
) -> Result<Exit, Failure> {
    if is_new {
        say(if facts.excluded.is_empty() {
            "Nothing to do: the list names no user."
        } else {
            "Nothing to do: every user of the list is excluded."
        });
        return Ok(Exit::Nothing);
    }
    if let Some(journal) = journal {
        // They stay out in every later part, too.
        journal.append(excluded)?;
    }
    say("Nothing to do: the journal leaves no user to send.");
    if command.evidence.is_wanted() {
        let summary = Summary {
            run,
            counts: run.counts(),
            end: &End::Finished,
            facts: &facts,
            sender: Sender::default(),
            started: now(),
            took: Duration::ZERO,
            names: false,
            journal: Some(path),
            results: command.evidence.results.as_deref(),
            resume: None,
        };
        conclude(&command.common, &command.evidence, &summary)?;
    }
    Ok(Exit::Nothing)
}

fn default_journal() -> PathBuf {
    let now = now().strftime("%Y%m%dT%H%M%SZ");
    PathBuf::from(format!("revoke-sessions-{now}.jsonl"))
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

/// A run goes on where it began: another cloud has other users of the same name.
fn same_cloud(asked: Option<Cloud>, header: &Header) -> Result<Cloud, Failure> {
    match asked {
        Some(cloud) if cloud.graph_root() == header.graph => Ok(cloud),
        Some(cloud) => Err(Failure::OtherCloud {
            journal: header.graph.clone(),
            asked: cloud.graph_root().to_owned(),
        }),
        None => header.cloud.parse().map_err(|_| Failure::CustomCloud {
            graph: header.graph.clone(),
        }),
    }
}

/// And in the same tenant.
fn same_tenant(header: Option<&Header>, session: &Session) -> Result<(), Failure> {
    let then = header.and_then(|header| header.tenant.as_deref());
    match (then, session.caller.tenant.as_deref()) {
        (Some(then), Some(now)) if !then.eq_ignore_ascii_case(now) => Err(Failure::OtherTenant {
            journal: then.to_owned(),
            now: now.to_owned(),
        }),
        _ => Ok(()),
    }
}

fn report_damage(replay: &Replay) {
    if replay.torn {
        say("The journal's last line was cut short by the stop; its user is sent again.");
    }
    if replay.unreadable > 0 {
        let lines = counted(replay.unreadable, "line", "lines");
        say(&format!(
            "{lines} of the journal cannot be read; users without another line are sent again."
        ));
    }
}

/// Who is still to be sent, as they can be sent. Those who failed before come last, so that they
/// cannot keep anyone from a first try.
fn open_users(path: &Path, run: &Run) -> Result<Vec<User>, Failure> {
    let not_a_user = |reason: users::BadReason| JournalError::NotAJournal {
        path: path.to_owned(),
        reason: format!("of a user in it, {reason}"),
    };
    let read = |text: &str| -> Result<UserIdOrUpn, JournalError> {
        // As it stands there: outcomes name users by the same spelling.
        users::parse_user(text)
            .and_then(|_| Ok(UserIdOrUpn::new(text)?))
            .map_err(not_a_user)
    };
    let mut users = Vec::new();
    for (place, planned) in run.open_places() {
        let others: Result<Vec<_>, _> = planned.also.iter().map(|name| read(name)).collect();
        users.push(User {
            guest: planned.guest,
            others: others?,
            place,
            ..User::new(read(&planned.user)?)
        });
    }
    users.sort_by_key(|user| !run.is_untried(user.place));
    Ok(users)
}

/// The command line that takes up what is left, to be copied.
fn resume_command(command: &BulkCommand, journal: &Path) -> String {
    let mut words = vec![
        "revoke-sessions".to_owned(),
        "bulk".to_owned(),
        "--resume".to_owned(),
        journal.display().to_string(),
    ];
    for path in command.exclude.iter().filter(|path| !lists::is_stdin(path)) {
        words.extend(["--exclude".to_owned(), path.display().to_string()]);
    }
    words.extend(command.include_self.then(|| "--include-self".to_owned()));
    words.extend(command.evidence.arguments());
    words.extend(command.pace.arguments());
    words.extend(command.common.arguments());
    shell::line(&words)
}
