//! The plan and the summary for people.

use std::fmt::Write as _;
use std::time::Duration;

use super::{LeastTime, Listing, Plan, Summary};
use crate::drive::End;
use crate::outcome::Kind;
use crate::send::Facts;
use crate::words::{LIMITS, counted, number, time};

/// So many users, or failures, are listed; the rest is in the files.
const LISTED: usize = 20;

/// Lines of a label and a value, one below the other.
#[derive(Default)]
struct Table(String);

impl Table {
    fn row(&mut self, label: &str, value: impl AsRef<str>) {
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "  {label:<14} {}", value.as_ref());
    }
}

/// The plan.
pub(crate) fn plan(plan: &Plan<'_>) -> String {
    let facts = plan.facts;
    let mut table = Table::default();
    let (name, root) = plan.cloud;
    table.row("cloud", format!("{name} ({root})"));
    if let Some(tenant) = plan.tenant {
        table.row("tenant", tenant);
    }
    if let Some(sender) = &plan.sender {
        table.row("signed in as", sender);
    }
    let done = plan.run.users().len() - plan.send;
    if facts.resumed {
        table.row("done before", counted(done, "user", "users"));
    }
    if facts.duplicates > 0 {
        let lines = counted(facts.duplicates, "line", "lines");
        table.row("duplicates", format!("{lines} folded into the first"));
    }
    exclusions(&mut table, facts);
    if !facts.unmatched.is_empty() {
        table.row("", format!("not in the list: {}", some(&facts.unmatched)));
    }
    if !facts.skipped.is_empty() {
        let lines: Vec<String> = facts.skipped.iter().map(|it| it.line.to_string()).collect();
        let count = counted(lines.len(), "bad line", "bad lines");
        table.row("skipped", format!("{count} of the list: {}", some(&lines)));
    }
    if plan.guests > 0 {
        table.row(
            "guests",
            format!(
                "{}: the call succeeds and has no effect",
                number(plan.guests)
            ),
        );
    }
    match plan.time {
        LeastTime::Quota(Duration::ZERO) => {}
        LeastTime::Quota(least) => {
            table.row(
                "time",
                format!(
                    "at least {}: Graph lets one app revoke 3,000 users",
                    time(least)
                ),
            );
            table.row("", "at once and then 20 a second");
        }
        LeastTime::Pace(least) => {
            table.row("time", format!("at least {}, by --rate", time(least)));
        }
    }
    if let Some(journal) = plan.journal {
        table.row("journal", journal.display().to_string());
    }
    let who = counted(plan.send, "user", "users");
    let mut out = format!("To be revoked: the sign-in sessions of {who}\n{}", table.0);
    if plan.listing != Listing::None {
        out.push('\n');
        for user in plan.run.open().take(LISTED) {
            let guest = if user.guest { "  (guest)" } else { "" };
            let _ = writeln!(out, "  {}{guest}", user.user);
        }
        if plan.send > LISTED {
            let more = number(plan.send - LISTED);
            let _ = writeln!(out, "  … and {more} more; --format json lists all");
        }
    }
    if plan.listing == Listing::DryRun {
        out.push_str("\nThis was a dry run: no sign-in, and nothing was sent.\n");
    }
    out
}

/// That no user is left, and why.
pub(crate) fn everyone_excluded(facts: &Facts) -> String {
    let mut table = Table::default();
    exclusions(&mut table, facts);
    let rows = table.0.trim_end();
    format!("Nothing to do: every user is excluded.\n{rows}")
}

/// Who is excluded, and by what.
fn exclusions(table: &mut Table, facts: &Facts) {
    table.row("excluded", excluded(facts));
    if !facts.exclusions.is_empty() {
        let how = match facts.excluded.is_empty() {
            true => "none of those in",
            false => "by",
        };
        table.row("", format!("{how} {}", facts.exclusions.join(", ")));
    }
}

/// Who is excluded, for people.
fn excluded(facts: &Facts) -> String {
    if facts.excluded.is_empty() {
        return "none".to_owned();
    }
    let users: Vec<String> = facts.excluded.iter().map(|it| it.user.clone()).collect();
    let count = counted(users.len(), "user", "users");
    format!("{count}: {}", some(&users))
}

/// As many as fit.
fn some(words: &[String]) -> String {
    let shown = words.len().min(LISTED);
    let mut text = words[..shown].join(", ");
    if words.len() > shown {
        let _ = write!(text, " … and {} more", number(words.len() - shown));
    }
    text
}

/// The summary.
pub(crate) fn summary(summary: &Summary<'_>) -> String {
    let counts = &summary.counts;
    let mut table = Table::default();
    table.row("revoked", number(counts.revoked));
    if counts.guests > 0 {
        let guests = counted(counts.guests, "guest", "guests");
        table.row("", format!("among them {guests}, where it has no effect"));
    }
    if counts.before > 0 {
        let before = number(counts.before);
        table.row("", format!("{before} settled before this run was resumed"));
    }
    if counts.unconfirmed > 0 {
        let unconfirmed = number(counts.unconfirmed);
        table.row(
            "unconfirmed",
            format!("{unconfirmed}: Graph's answer does not confirm it"),
        );
    }
    if counts.failed > 0 {
        let maybe = match counts.maybe {
            0 => String::new(),
            n => format!(
                ", {} of them perhaps revoked: the answer was lost",
                number(n)
            ),
        };
        table.row("failed", format!("{}{maybe}", number(counts.failed)));
    }
    if !summary.facts.excluded.is_empty() {
        table.row("excluded", excluded(summary.facts));
    }
    if counts.open > 0 {
        table.row("not sent", number(counts.open));
    }
    if counts.unrecorded > 0 {
        let unrecorded = number(counts.unrecorded);
        table.row(
            "not recorded",
            format!("{unrecorded} of those sent, listed below"),
        );
    }
    if !summary.facts.skipped.is_empty() {
        let lines = counted(summary.facts.skipped.len(), "bad line", "bad lines");
        table.row("skipped", format!("{lines} of the list"));
    }
    table.row("took", time(summary.took));
    if let Some(journal) = summary.journal {
        table.row("journal", journal.display().to_string());
    }
    let mut out = format!("{}\n{}", headline(summary), table.0);
    if summary.names {
        list_revoked(&mut out, summary);
    }
    list_failures(&mut out, summary);
    list_unrecorded(&mut out, summary);
    if let Some(resume) = &summary.resume {
        let _ = write!(out, "\nTo send the rest again:\n  {resume}\n");
    }
    if counts.revoked > 0 {
        out.push_str("\nWhat this does not do:\n");
        for line in LIMITS {
            let _ = writeln!(out, "  - {line}");
        }
    }
    out
}

/// How the run ended, in a sentence.
pub(super) fn headline(summary: &Summary<'_>) -> String {
    let counts = &summary.counts;
    let users = counted(counts.users, "user", "users");
    match summary.end {
        End::Interrupted => "Interrupted: not every user was revoked.".to_owned(),
        End::Unavailable => {
            "Stopped, because the service could not be reached or did not answer for too \
             long. Users that were not sent stay open."
                .to_owned()
        }
        End::TooLongAPause(pause) => format!(
            "Stopped, because Graph asked for a pause of {}. Resume after it.",
            time(*pause)
        ),
        End::SignIn(error) => format!("Stopped, because the sign-in does not hold: {error}."),
        End::Denied => "Stopped, because every answer was that the permission is missing. The app \
             needs User.RevokeSessions.All with admin consent, and a signed-in operator needs a \
             directory role fit for these users, such as User Administrator."
            .to_owned(),
        End::Journal(error) if summary.end.is_journal_lost() => format!(
            "Stopped, because the journal cannot be written: {error}. Start a new run from your list: \
             revoking a user again is harmless."
        ),
        End::Journal(error) => format!(
            "Stopped, because the journal cannot be written: {error}. Users whose outcome is not in \
             it are sent again on --resume, which is harmless."
        ),
        End::Finished if summary.is_complete() => format!("Done: {users}."),
        End::Finished if counts.is_complete() => {
            format!("Done: {users}, without the bad lines of the list.")
        }
        End::Finished => {
            let left = counts.users - counts.revoked - counts.excluded;
            format!("Done. Not revoked: {} of {users}.", number(left))
        }
    }
}

fn list_revoked(out: &mut String, summary: &Summary<'_>) {
    let revoked: Vec<String> = summary
        .run
        .results()
        .filter_map(|(user, outcome)| {
            let outcome = outcome.filter(|it| it.outcome == Kind::Revoked)?;
            let id = outcome.request_id.as_deref().unwrap_or("none");
            let guest = if user.guest {
                " (guest: without effect)"
            } else {
                ""
            };
            Some(format!(
                "{}{guest} at {}; request-id {id}",
                user.user, outcome.at
            ))
        })
        .collect();
    if !revoked.is_empty() {
        out.push_str("\nRevoked:\n");
        for line in revoked {
            let _ = writeln!(out, "  {line}");
        }
    }
}

fn list_failures(out: &mut String, summary: &Summary<'_>) {
    // Without a journal there is no other place that tells who was not sent.
    let listed = match summary.journal {
        Some(_) => LISTED,
        None => usize::MAX,
    };
    let failures: Vec<(&str, String)> = summary
        .run
        .results()
        .filter_map(|(user, outcome)| {
            let reason = match outcome {
                Some(outcome) if outcome.outcome.is_settled() => return None,
                Some(outcome) => {
                    let message = outcome.message.as_deref().unwrap_or("failed");
                    match &outcome.cause {
                        Some(cause) => format!("{message}; cause: {cause}"),
                        None => message.to_owned(),
                    }
                }
                None if summary.journal.is_none() => "not sent".to_owned(),
                None => return None,
            };
            Some((user.user.as_str(), reason))
        })
        .collect();
    if failures.is_empty() {
        return;
    }
    let reasons = summary.reasons();
    if failures.len() > 1 && !reasons.is_empty() {
        out.push_str("\nNot revoked, by reason:\n");
        for (reason, users) in reasons {
            let _ = writeln!(out, "  {:>6}  {reason}", number(users));
        }
    }
    out.push_str("\nNot revoked:\n");
    for (user, reason) in failures.iter().take(listed) {
        let _ = writeln!(out, "  {user}: {reason}");
    }
    if failures.len() > listed {
        let more = number(failures.len() - listed);
        let results = match summary.results {
            Some(_) => " and in --results",
            None => "",
        };
        let _ = writeln!(out, "  … and {more} more, all in the journal{results}");
    }
}

/// Who was sent without a trace in the journal: all of them, since no file may name them.
fn list_unrecorded(out: &mut String, summary: &Summary<'_>) {
    if summary.counts.unrecorded == 0 {
        return;
    }
    out.push_str("\nSent, and perhaps not in the journal:\n");
    for outcome in summary.run.unrecorded() {
        let id = outcome.request_id.as_deref().unwrap_or("none");
        let _ = writeln!(
            out,
            "  {}: {} at {}; request-id {id}",
            outcome.user,
            outcome.outcome.word(),
            outcome.at
        );
    }
}
