//! What is said after a run, for people, for programs and for the files.

mod json;
mod page;
mod place;
mod results;
mod text;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use msgraph_sessions::bulk::Pace;

pub(crate) use json::{plan as plan_json, summary as summary_json};
pub(crate) use page::{form as page_form, write as write_page};
pub(crate) use place::check as check_place;
pub(crate) use results::write as write_results;
pub(crate) use text::{everyone_excluded, plan as plan_text, summary as summary_text};

use crate::drive::End;
use crate::run::{Counts, Run};
use crate::send::Facts;
use crate::session::Session;

/// What a run is going to do.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) run: &'a Run,
    /// Who is sent, which of a resumed run is only a part.
    pub(crate) send: usize,
    pub(crate) guests: usize,
    /// Name and root address.
    pub(crate) cloud: (&'a str, &'a str),
    pub(crate) tenant: Option<&'a str>,
    /// Who sends; `None` when nobody has signed in, as for a dry run.
    pub(crate) sender: Option<String>,
    pub(crate) facts: &'a Facts,
    pub(crate) time: LeastTime,
    pub(crate) journal: Option<&'a Path>,
    pub(crate) listing: Listing,
}

/// The word for a user without an outcome.
const NOT_SENT: &str = "not-sent";

/// Whether a plan lists its users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listing {
    /// They are many, and are in a file.
    None,
    /// They are few, and the operator is asked about them.
    Names,
    /// Nothing is sent: the list is what is asked for.
    DryRun,
}

/// Who sends, for the evidence.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sender {
    pub(crate) name: Option<String>,
    pub(crate) tenant: Option<String>,
    pub(crate) cloud: Option<String>,
}

impl Sender {
    pub(crate) fn of(session: &Session) -> Self {
        let cloud = session.client.cloud();
        Sender {
            name: Some(session.sender()),
            tenant: session.caller.tenant.clone(),
            cloud: Some(format!("{} ({})", cloud.name(), cloud.graph_root())),
        }
    }
}

/// The least time that a run takes, and what sets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LeastTime {
    /// The pace that the operator asked for.
    Pace(Duration),
    /// Graph's documented quota for one app, however fast the operator wants it.
    Quota(Duration),
}

impl LeastTime {
    pub(crate) fn of(pace: Pace, users: usize) -> Self {
        let own = pace.time_for(users as u64);
        let quota = Pace::default().time_for(users as u64);
        if own > quota {
            LeastTime::Pace(own)
        } else {
            LeastTime::Quota(quota)
        }
    }

    fn duration(self) -> Duration {
        match self {
            LeastTime::Pace(time) | LeastTime::Quota(time) => time,
        }
    }
}

/// What a run has done.
#[derive(Debug)]
pub(crate) struct Summary<'a> {
    pub(crate) run: &'a Run,
    pub(crate) counts: Counts,
    pub(crate) end: &'a End,
    pub(crate) facts: &'a Facts,
    pub(crate) sender: Sender,
    pub(crate) started: Timestamp,
    pub(crate) took: Duration,
    /// Whether every user is named: they are few.
    pub(crate) names: bool,
    pub(crate) journal: Option<&'a Path>,
    /// Where the results are as well.
    pub(crate) results: Option<&'a Path>,
    /// Command line that takes up what is left.
    pub(crate) resume: Option<String>,
}

impl Summary<'_> {
    /// Whether everyone of the list is revoked, but for those excluded.
    pub(crate) fn is_complete(&self) -> bool {
        self.counts.is_complete() && self.facts.skipped.is_empty()
    }

    /// How many users are not revoked for each reason, the most frequent first.
    pub(crate) fn reasons(&self) -> Vec<(String, usize)> {
        let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
        for (_, outcome) in self.run.results() {
            let Some(outcome) = outcome.filter(|it| !it.outcome.is_settled()) else {
                continue;
            };
            *reasons.entry(outcome.reason()).or_default() += 1;
        }
        let mut reasons: Vec<(String, usize)> = reasons.into_iter().collect();
        reasons.sort_by_key(|(_, users)| std::cmp::Reverse(*users));
        reasons
    }
}
