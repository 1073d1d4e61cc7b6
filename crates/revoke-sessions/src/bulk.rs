//! `bulk`: every user of a list, with a journal.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::StreamExt as _;
use msgraph_sessions::{Cloud, Stop, UserIdOrUpn, bulk};

use crate::cli::BulkCommand;
use crate::drive::{End, drive};
use crate::failure::{Exit, Failure};
use crate::journal::{Event, EventKind, Header, Journal, JournalError, Line, Replay, users_sha256};
use crate::outcome::Outcome;
use crate::progress::say;
use crate::report::{self, LeastTime, Plan, Summary};
use crate::run::Run;
use crate::select::{Selected, exclude, guard_self};
use crate::session::{self, Session};
use crate::signals;
use crate::users::{self, User, UserList};
use crate::words::{counted, now};

/// `revoke-sessions bulk`
pub(crate) async fn run(command: BulkCommand) -> Result<Exit, Failure> {
    let files = command.users.iter().chain(&command.exclude);
    if files.filter(|path| *path == Path::new("-")).count() > 1 {
        return Err(Failure::InputTwice);
    }
    if let Some(results) = &command.results {
        report::check_results(results).map_err(|source| Failure::Results {
            path: results.clone(),
            source,
        })?;
    }
    match &command.resume {
        Some(journal) => resume(&command, journal).await,
        // The command line sees to it that there is a list where there is no journal.
        None => start(&command, command.users.as_deref().unwrap_or(Path::new("-"))).await,
    }
}

/// What the list and the options come to, beside the users themselves.
#[derive(Default)]
struct Facts {
    duplicates: usize,
    excluded: usize,
    unmatched: Vec<String>,
    skipped_lines: usize,
    resumed: bool,
}

/// A new run.
async fn start(command: &BulkCommand, list: &Path) -> Result<Exit, Failure> {
    let list = read_list(list, command)?;
    let mut facts = Facts {
        duplicates: list.duplicates,
        skipped_lines: list.bad.len(),
        ..Facts::default()
    };
    let Selected {
        mut users,
        excluded,
        unmatched,
    } = exclude(list.users, &exclusions(command)?)?;
    facts.excluded = excluded.len();
    facts.unmatched = unmatched;
    if users.is_empty() {
        say(match facts.excluded {
            0 => "Nothing to do: the list names no user.",
            _ => "Nothing to do: every user of the list is excluded.",
        });
        return Ok(Exit::Nothing);
    }
    let common = &command.common;
    let cloud = common.cloud.asked()?.unwrap_or_default();
    if command.dry_run {
        let run = Run::new(&users);
        let plan = plan(command, &run, &facts, (&cloud, None), None);
        session::show(common.format, &plan)?;
        return Ok(Exit::Complete);
    }
    session::check_yes(common)?;
    let path = command.journal.clone().unwrap_or_else(default_journal);
    if path.exists() {
        // Creating it tells as well, but only after a person has signed in and confirmed.
        return Err(JournalError::Exists(path).into());
    }
    let session = Session::open(common, cloud).await?;
    guard_self(&mut users, &session.caller.signed_in, command.include_self)?;
    let run = Run::new(&users);
    let cloud = session.client.cloud();
    let plan = plan(command, &run, &facts, (cloud, Some(&session)), Some(&path));
    session::confirm(common, &plan)?;
    let journal = Journal::create(&path, &header(&session, &run, &facts), run.users())?;
    let users = users.into_iter().map(|user| user.user).collect();
    send(command, session, run, users, journal, &facts).await
}

/// A run that goes on.
async fn resume(command: &BulkCommand, path: &Path) -> Result<Exit, Failure> {
    let common = &command.common;
    let (journal, replay) = if command.dry_run {
        (None, Journal::look(path)?)
    } else {
        let (journal, replay) = Journal::resume(path)?;
        (Some(journal), replay)
    };
    report_damage(&replay);
    let cloud = same_cloud(common.cloud.asked()?, &replay.header)?;
    let tenant = replay.header.tenant.clone();
    let mut facts = Facts {
        skipped_lines: replay.header.skipped_lines,
        resumed: true,
        ..Facts::default()
    };
    let mut run = Run::resumed(replay);
    let Selected {
        mut users,
        excluded,
        unmatched,
    } = exclude(open_users(path, &run)?, &exclusions(command)?)?;
    facts.excluded = excluded.len();
    facts.unmatched = unmatched;
    let excluded: Vec<Outcome> = excluded
        .iter()
        .map(|user| Outcome::excluded(user.user.as_str()))
        .collect();
    excluded
        .iter()
        .cloned()
        .for_each(|outcome| run.note(outcome));
    if users.is_empty() {
        if let Some(mut journal) = journal
            && !excluded.is_empty()
        {
            // They stay out in every later part, too.
            journal.append(excluded.into_iter().map(Line::Outcome))?;
        }
        say("Nothing to do: the journal leaves nobody to send.");
        if command.results.is_some() {
            let summary = Summary {
                run: &run,
                counts: run.counts(),
                end: &End::Finished,
                skipped_lines: facts.skipped_lines,
                took: Duration::ZERO,
                journal: Some(path),
                results: command.results.as_deref(),
                resume: None,
            };
            conclude(command, &summary)?;
        }
        return Ok(Exit::Nothing);
    }
    let Some(mut journal) = journal else {
        let plan = plan(command, &run, &facts, (&cloud, None), Some(path));
        session::show(common.format, &plan)?;
        return Ok(Exit::Complete);
    };
    session::check_yes(common)?;
    let session = Session::open(common, cloud).await?;
    if let (Some(then), Some(now)) = (tenant, &session.caller.tenant)
        && !then.eq_ignore_ascii_case(now)
    {
        return Err(Failure::OtherTenant {
            journal: then,
            now: now.clone(),
        });
    }
    guard_self(&mut users, &session.caller.signed_in, command.include_self)?;
    let cloud = session.client.cloud();
    let plan = plan(command, &run, &facts, (cloud, Some(&session)), Some(path));
    session::confirm(common, &plan)?;
    let resumed = Event {
        at: now(),
        event: EventKind::Resumed,
    };
    let lines =
        std::iter::once(Line::Event(resumed)).chain(excluded.into_iter().map(Line::Outcome));
    journal.append(lines)?;
    let users = users.into_iter().map(|user| user.user).collect();
    send(command, session, run, users, journal, &facts).await
}

/// Sends, and reports.
async fn send(
    command: &BulkCommand,
    session: Session,
    mut run: Run,
    users: Vec<UserIdOrUpn>,
    journal: Journal,
    facts: &Facts,
) -> Result<Exit, Failure> {
    let stop = Stop::new();
    signals::watch(stop.clone());
    let path = journal.path().to_owned();
    let sink = journal.into_sink()?;
    let mut progress = session::progress(users.len());
    let concurrency = usize::try_from(command.pace.concurrency.get()).unwrap_or(usize::MAX);
    let options = bulk::Options::default()
        .concurrency(concurrency)
        .pace(command.pace.pace())
        .stop(stop.clone());
    let outcomes = bulk::revoke_iter(&session.client, users, options)
        .map(|outcome| (outcome.user.to_string(), outcome.result));
    let paused = || session.client.paused_for();
    let end = drive(outcomes, &mut run, Some(sink), &stop, &mut progress, paused).await;
    let counts = run.counts();
    let summary = Summary {
        run: &run,
        counts,
        end: &end,
        skipped_lines: facts.skipped_lines,
        took: progress.finish(),
        journal: Some(&path),
        results: command.results.as_deref(),
        resume: (!counts.is_complete()).then(|| resume_command(command, &path)),
    };
    conclude(command, &summary)
}

/// Writes the results, and then the summary: each is given even where the other cannot be.
fn conclude(command: &BulkCommand, summary: &Summary<'_>) -> Result<Exit, Failure> {
    let written = match &command.results {
        Some(results) => {
            report::write_results(results, summary).map_err(|source| Failure::Results {
                path: results.clone(),
                source,
            })
        }
        None => Ok(()),
    };
    let exit = session::conclude(command.common.format, summary)?;
    written.map(|()| exit)
}

fn read_list(path: &Path, command: &BulkCommand) -> Result<UserList, Failure> {
    let list = read(path, command.column.as_deref())?;
    if list.bad.is_empty() || command.skip_bad_lines {
        return Ok(list);
    }
    Err(Failure::BadLines {
        path: shown(path),
        lines: list.bad,
        list: true,
    })
}

/// Every excluded account. A line that names none is never left out: it may be the one that matters.
fn exclusions(command: &BulkCommand) -> Result<Vec<User>, Failure> {
    let mut users = Vec::new();
    for path in &command.exclude {
        let list = read(path, None)?;
        if !list.bad.is_empty() {
            return Err(Failure::BadLines {
                path: shown(path),
                lines: list.bad,
                list: false,
            });
        }
        // An export that came out empty, or a wrong file, would protect nobody.
        if list.users.is_empty() {
            return Err(Failure::NoExclusion { path: shown(path) });
        }
        users.extend(list.users);
    }
    Ok(users)
}

fn read(path: &Path, column: Option<&str>) -> Result<UserList, Failure> {
    let result = if path == Path::new("-") {
        users::read(io::stdin().lock(), column)
    } else {
        File::open(path)
            .map_err(Into::into)
            .and_then(|file| users::read(file, column))
    };
    result.map_err(|source| Failure::List {
        path: shown(path),
        source,
    })
}

fn shown(path: &Path) -> PathBuf {
    match path.to_str() {
        Some("-") => PathBuf::from("standard input"),
        _ => path.to_owned(),
    }
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
        duplicates: facts.duplicates,
        excluded: facts.excluded,
        unmatched: &facts.unmatched,
        skipped_lines: facts.skipped_lines,
        time: LeastTime::of(command.pace.pace(), send),
        journal,
        resumed: facts.resumed,
    }
}

fn header(session: &Session, run: &Run, facts: &Facts) -> Header {
    let cloud = session.client.cloud();
    let users = run.users().iter().map(|user| user.user.as_str());
    Header {
        journal: "revoke-sessions".to_owned(),
        version: crate::journal::VERSION,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        started: now(),
        cloud: cloud.name().to_owned(),
        graph: cloud.graph_root().to_owned(),
        tenant: session.caller.tenant.clone(),
        client_id: session.caller.client_id.clone(),
        signed_in_as: session.caller.user_name(),
        users: run.users().len(),
        users_sha256: users_sha256(users),
        excluded: facts.excluded,
        skipped_lines: facts.skipped_lines,
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
    let mut users = Vec::new();
    for planned in run.open() {
        // As it stands there: outcomes are told by the same spelling.
        let user = users::parse_user(&planned.user)
            .and_then(|_| Ok(UserIdOrUpn::new(planned.user.as_str())?))
            .map_err(|reason| JournalError::NotAJournal {
                path: path.to_owned(),
                reason: format!("of a user in it, {reason}"),
            })?;
        users.push(User {
            guest: planned.guest,
            ..User::new(user)
        });
    }
    users.sort_by_key(|user| !run.is_untried(user.user.as_str()));
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
    words.extend(command.include_self.then(|| "--include-self".to_owned()));
    if let Some(results) = &command.results {
        words.extend(["--results".to_owned(), results.display().to_string()]);
    }
    words.extend(command.pace.arguments());
    words.extend(command.common.timeout_arguments());
    words.extend(command.common.network.arguments());
    words.extend(command.common.cloud.arguments());
    words.extend(command.common.auth.arguments());
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    words.join(" ")
}

/// A word as a shell reads it back.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,\\".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_needs_it() {
        assert_eq!(quoted("run-1.jsonl"), "run-1.jsonl");
        assert_eq!(quoted("my run.jsonl"), "'my run.jsonl'");
        assert_eq!(quoted("o'neil"), r"'o'\''neil'");
        assert_eq!(quoted(""), "''");
    }
}
