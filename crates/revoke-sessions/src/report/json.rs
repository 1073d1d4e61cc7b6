//! The plan and the summary for programs. Their members are documented in the operator's guide.

use jiff::Timestamp;
use serde::Serialize;

use super::{NOT_SENT, Plan, Summary};
use crate::drive::End;
use crate::journal::{ExcludedUser, Planned, SkippedLine};
use crate::outcome::Outcome;
use crate::words::{LIMITS, time};

/// Version of both documents; it goes up when a member changes its meaning or goes away.
const VERSION: u32 = 1;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PlanDocument<'a> {
    version: u32,
    dry_run: bool,
    cloud: &'a str,
    graph: &'a str,
    send: usize,
    guests: usize,
    done_before: usize,
    duplicates: usize,
    excluded: usize,
    excluded_users: &'a [ExcludedUser],
    exclusions: &'a [String],
    excluded_not_in_list: &'a [String],
    skipped_lines: usize,
    skipped: &'a [SkippedLine],
    least_seconds: u64,
    users: Vec<&'a Planned>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SummaryDocument<'a> {
    version: u32,
    complete: bool,
    end: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    users: usize,
    revoked: usize,
    guests: usize,
    unconfirmed: usize,
    failed: usize,
    perhaps_revoked: usize,
    excluded: usize,
    not_sent: usize,
    not_recorded: usize,
    settled_before: usize,
    excluded_users: &'a [ExcludedUser],
    skipped_lines: usize,
    skipped: &'a [SkippedLine],
    started: Timestamp,
    seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    journal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resume: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    results: Vec<&'a Outcome>,
    reasons: Vec<Reason>,
    not_revoked: Vec<NotRevoked<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unrecorded: Vec<&'a Outcome>,
    limits: &'a [&'static str],
}

#[derive(Serialize)]
struct Reason {
    reason: String,
    users: usize,
}

#[derive(Serialize)]
#[serde(untagged)]
enum NotRevoked<'a> {
    Tried(&'a Outcome),
    NotSent {
        user: &'a str,
        outcome: &'static str,
    },
}

/// The plan, with every user.
pub(crate) fn plan(plan: &Plan<'_>) -> serde_json::Result<String> {
    serde_json::to_string_pretty(&PlanDocument {
        version: VERSION,
        dry_run: true,
        cloud: plan.cloud.0,
        graph: plan.cloud.1,
        send: plan.send,
        guests: plan.guests,
        done_before: plan.run.users().len() - plan.send,
        duplicates: plan.facts.duplicates,
        excluded: plan.facts.excluded.len(),
        excluded_users: &plan.facts.excluded,
        exclusions: &plan.facts.exclusions,
        excluded_not_in_list: &plan.facts.unmatched,
        skipped_lines: plan.facts.skipped.len(),
        skipped: &plan.facts.skipped,
        least_seconds: plan.time.duration().as_secs(),
        users: plan.run.open().collect(),
    })
}

/// The summary, with every user who is not revoked.
pub(crate) fn summary(summary: &Summary<'_>) -> serde_json::Result<String> {
    let counts = &summary.counts;
    let (end, reason) = match summary.end {
        End::Finished => ("finished", None),
        End::Interrupted => ("interrupted", None),
        End::SignIn(error) => ("sign-in-failed", Some(error.to_string())),
        End::Denied => ("denied", None),
        End::Unavailable => ("unavailable", None),
        End::TooLongAPause(pause) => (
            "too-long-a-pause",
            Some(format!("Graph asked for a pause of {}", time(*pause))),
        ),
        End::Journal(error) => ("journal-failed", Some(error.to_string())),
    };
    let not_revoked = summary
        .run
        .results()
        .filter_map(|(user, outcome)| match outcome {
            Some(outcome) if outcome.outcome.is_settled() => None,
            Some(outcome) => Some(NotRevoked::Tried(outcome)),
            None => Some(NotRevoked::NotSent {
                user: &user.user,
                outcome: NOT_SENT,
            }),
        });
    serde_json::to_string_pretty(&SummaryDocument {
        version: VERSION,
        complete: summary.is_complete(),
        end,
        reason,
        users: counts.users,
        revoked: counts.revoked,
        guests: counts.guests,
        unconfirmed: counts.unconfirmed,
        failed: counts.failed,
        perhaps_revoked: counts.maybe,
        excluded: summary.facts.excluded.len(),
        not_sent: counts.open,
        not_recorded: counts.unrecorded,
        settled_before: counts.before,
        excluded_users: &summary.facts.excluded,
        skipped_lines: summary.facts.skipped.len(),
        skipped: &summary.facts.skipped,
        started: summary.started,
        seconds: summary.took.as_secs_f64(),
        sender: summary.sender.name.as_deref(),
        tenant: summary.sender.tenant.as_deref(),
        journal: summary.journal.map(|path| path.display().to_string()),
        resume: summary.resume.as_deref(),
        results: summary
            .run
            .results()
            .filter_map(|(_, outcome)| outcome.filter(|_| summary.names))
            .collect(),
        reasons: summary
            .reasons()
            .into_iter()
            .map(|(reason, users)| Reason { reason, users })
            .collect(),
        not_revoked: not_revoked.collect(),
        unrecorded: summary.run.unrecorded().collect(),
        limits: if counts.revoked > 0 { &LIMITS } else { &[] },
    })
}
