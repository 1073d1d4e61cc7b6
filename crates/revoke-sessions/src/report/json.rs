//! The plan and the summary for programs.

use serde_json::{Value, json};

use super::{Plan, Summary};
use crate::drive::End;
use crate::words::LIMITS;

/// Version of both documents; it goes up when a member changes its meaning or goes away.
const VERSION: u32 = 1;

/// The plan, with every user.
pub(crate) fn plan(plan: &Plan<'_>) -> Value {
    json!({
        "version": VERSION,
        "dryRun": true,
        "cloud": plan.cloud.0,
        "graph": plan.cloud.1,
        "tenant": plan.tenant,
        "send": plan.send,
        "guests": plan.guests,
        "doneBefore": plan.run.users().len() - plan.send,
        "duplicates": plan.duplicates,
        "excluded": plan.excluded,
        "excludedNotInList": plan.unmatched,
        "skippedLines": plan.skipped_lines,
        "leastSeconds": plan.least_time.as_secs(),
        "users": plan.run.open().collect::<Vec<_>>(),
    })
}

/// The summary, with every user who is not revoked.
pub(crate) fn summary(summary: &Summary<'_>) -> Value {
    let counts = &summary.counts;
    let (end, reason) = match summary.end {
        End::Finished => ("finished", None),
        End::Interrupted => ("interrupted", None),
        End::SignIn(error) => ("sign-in-failed", Some(error.to_string())),
        End::Denied => ("denied", None),
        End::Journal(error) => ("journal-failed", Some(error.to_string())),
    };
    let not_revoked: Vec<Value> = summary
        .run
        .results()
        .filter_map(|(user, outcome)| match outcome {
            Some(outcome) if outcome.outcome.is_settled() => None,
            Some(outcome) => Some(json!(outcome)),
            None => Some(json!({"user": user.user, "outcome": "not-sent"})),
        })
        .collect();
    json!({
        "version": VERSION,
        "end": end,
        "reason": reason,
        "complete": counts.is_complete() && summary.skipped_lines == 0,
        "users": counts.users,
        "revoked": counts.revoked,
        "guests": counts.guests,
        "unconfirmed": counts.unconfirmed,
        "failed": counts.failed,
        "perhapsRevoked": counts.maybe,
        "excluded": counts.excluded,
        "notSent": counts.open,
        "settledBefore": counts.before,
        "skippedLines": summary.skipped_lines,
        "seconds": summary.took.as_secs_f64(),
        "journal": summary.journal.map(|path| path.display().to_string()),
        "notRevoked": not_revoked,
        "limits": if counts.revoked > 0 { &LIMITS[..] } else { &[] },
    })
}
