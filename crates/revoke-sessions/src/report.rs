//! What is said after a run, for people, for programs and for the files.

mod json;
mod results;
mod text;

use std::path::Path;
use std::time::Duration;

use msgraph_sessions::bulk::Pace;

pub(crate) use json::{plan as plan_json, summary as summary_json};
pub(crate) use results::{check as check_results, write as write_results};
pub(crate) use text::{plan as plan_text, summary as summary_text};

use crate::drive::End;
use crate::run::{Counts, Run};

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
    pub(crate) duplicates: usize,
    pub(crate) excluded: usize,
    pub(crate) unmatched: &'a [String],
    pub(crate) skipped_lines: usize,
    pub(crate) time: LeastTime,
    pub(crate) journal: Option<&'a Path>,
    /// Whether the journal is that of an earlier run.
    pub(crate) resumed: bool,
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
    pub(crate) skipped_lines: usize,
    pub(crate) took: Duration,
    pub(crate) journal: Option<&'a Path>,
    /// Where the results are as well.
    pub(crate) results: Option<&'a Path>,
    /// Command line that takes up what is left.
    pub(crate) resume: Option<String>,
}

impl Summary<'_> {
    /// Whether everyone of the list is revoked, but for those excluded.
    pub(crate) fn is_complete(&self) -> bool {
        self.counts.is_complete() && self.skipped_lines == 0
    }

    /// What a user without an outcome is: where the journal failed, some of them were sent.
    pub(crate) fn open_word(&self) -> &'static str {
        match self.end {
            End::Journal(_) => "not-recorded",
            _ => "not-sent",
        }
    }
}
