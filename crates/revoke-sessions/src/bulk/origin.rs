//! Where a bulk run comes from: a list, or the journal of a run that was stopped.

use std::path::{Path, PathBuf};

use msgraph_sessions::{Cloud, UserIdOrUpn};

use crate::cli::BulkCommand;
use crate::failure::Failure;
use crate::journal::{Header, Journal, JournalError, Replay};
use crate::lists;
use crate::progress::say;
use crate::run::Run;
use crate::send::Facts;
use crate::session::Session;
use crate::users::{self, User};
use crate::words::{counted, now};

/// A run, new or resumed, before the exclusions.
pub(super) struct Prepared {
    pub(super) run: Origin,
    /// Who is open, in the order in which they are sent.
    pub(super) users: Vec<User>,
    /// Accounts that the run must not send, as its journal has them.
    pub(super) never_sent: Vec<User>,
    pub(super) facts: Facts,
    pub(super) cloud: Cloud,
    pub(super) path: PathBuf,
}

/// Where the run comes from.
pub(super) enum Origin {
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
pub(super) fn started(command: &BulkCommand, list: &Path) -> Result<Prepared, Failure> {
    let list = lists::read_users(list, command.column.as_deref(), command.skip_bad_lines)?;
    let mut facts = Facts {
        duplicates: list.duplicates,
        ..Facts::default()
    };
    facts.skip(&list.bad);
    Ok(Prepared {
        run: Origin::List,
        users: list.users,
        never_sent: Vec::new(),
        facts,
        cloud: command.common.cloud.asked()?.unwrap_or_default(),
        path: command.journal.clone().unwrap_or_else(default_journal),
    })
}

/// Reads the journal of a run that goes on.
pub(super) fn resumed(command: &BulkCommand, path: &Path) -> Result<Prepared, Failure> {
    let (journal, replay) = if command.dry_run {
        (None, Journal::look(path)?)
    } else {
        let (journal, replay) = Journal::resume(path)?;
        (Some(journal), replay)
    };
    report_damage(&replay);
    let cloud = same_cloud(command.common.cloud.asked()?, &replay.header)?;
    let header = replay.header.clone();
    let run = Run::resumed(replay);
    let excluded = header.excluded_users.iter().cloned();
    let facts = Facts {
        excluded: excluded.chain(run.excluded()).collect(),
        exclusions: header.exclusions.clone(),
        skipped: header.skipped.clone(),
        resumed: true,
        ..Facts::default()
    };
    Ok(Prepared {
        users: open_users(path, &run)?,
        never_sent: never_sent(path, &header)?,
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

fn default_journal() -> PathBuf {
    let now = now().strftime("%Y%m%dT%H%M%SZ");
    PathBuf::from(format!("revoke-sessions-{now}.jsonl"))
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
pub(super) fn same_tenant(header: Option<&Header>, session: &Session) -> Result<(), Failure> {
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
    let mut users = Vec::new();
    for (place, planned) in run.open_places() {
        users.push(User {
            guest: planned.guest,
            place,
            ..account(path, &planned.user, &planned.also)?
        });
    }
    users.sort_by_key(|user| !run.is_untried(user.place));
    Ok(users)
}

/// The accounts that were excluded when the run began. The journal of an earlier version has only those
/// that the list named.
fn never_sent(path: &Path, header: &Header) -> Result<Vec<User>, Failure> {
    let accounts = header.never_sent.iter().chain(&header.excluded_users);
    accounts
        .map(|it| account(path, &it.user, &it.also))
        .collect()
}

/// An account of a journal.
fn account(path: &Path, user: &str, also: &[String]) -> Result<User, Failure> {
    let read = |text: &str| -> Result<UserIdOrUpn, JournalError> {
        // As it stands there: outcomes name users by the same spelling.
        users::parse_user(text)
            .and_then(|_| Ok(UserIdOrUpn::new(text)?))
            .map_err(|reason| JournalError::NotAJournal {
                path: path.to_owned(),
                reason: format!("of a user in it, {reason}"),
            })
    };
    let others: Result<Vec<_>, _> = also.iter().map(|name| read(name)).collect();
    Ok(User {
        others: others?,
        ..User::new(read(user)?)
    })
}
