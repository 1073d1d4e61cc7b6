//! What every command that revokes does once it is known who is sent: the journal, the sending, the report.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use msgraph_sessions::bulk::{self, Hold};
use msgraph_sessions::{Stop, UserIdOrUpn};
use tokio::sync::mpsc;

use crate::cli::{Common, EvidenceOptions, Format};
use crate::drive::{Bulk, Controls, End, drive};
use crate::failure::{Exit, Failure};
use crate::journal::{ExcludedUser, Header, Journal, SkippedLine, users_sha256};
use crate::progress::say;
use crate::report::{self, Sender, Summary};
use crate::run::Run;
use crate::session::{self, Session};
use crate::signals;
use crate::users::{BadLine, User};
use crate::words::now;

/// What the list and the options come to, apart from the users themselves.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) duplicates: usize,
    pub(crate) excluded: Vec<ExcludedUser>,
    /// Where the exclusions come from.
    pub(crate) exclusions: Vec<String>,
    /// Every account that is never sent, in the list or not.
    pub(crate) never_sent: Vec<ExcludedUser>,
    /// Exclusions that are not in the list.
    pub(crate) unmatched: Vec<String>,
    pub(crate) skipped: Vec<SkippedLine>,
    pub(crate) resumed: bool,
}

impl Facts {
    /// Takes note of accounts that an exclusion took out.
    pub(crate) fn exclude(&mut self, users: &[User]) {
        self.excluded.extend(users.iter().map(ExcludedUser::of));
    }

    /// Takes note of lines that are skipped.
    pub(crate) fn skip(&mut self, lines: &[BadLine]) {
        self.skipped.extend(lines.iter().map(|bad| SkippedLine {
            line: bad.line,
            reason: bad.reason.to_string(),
        }));
    }
}

/// A run that is about to be sent.
pub(crate) struct Job<'a> {
    pub(crate) common: &'a Common,
    pub(crate) evidence: &'a EvidenceOptions,
    pub(crate) session: Session,
    pub(crate) run: Run,
    /// Who is sent, in this order, with the place of each in the run.
    pub(crate) sending: Vec<(usize, UserIdOrUpn)>,
    /// How many at the end are the operator's own account, which waits until every other user is answered.
    pub(crate) own: usize,
    pub(crate) facts: Facts,
    pub(crate) journal: Option<Journal>,
    pub(crate) options: bulk::Options,
    /// The least time that the pace allows.
    pub(crate) least: Duration,
    /// Whether the result names each user: they are few.
    pub(crate) names: bool,
}

impl Job<'_> {
    /// Sends, and reports. `resume` gives the command that sends the rest again.
    pub(crate) async fn send(self, resume: impl FnOnce(&Path) -> String) -> Result<Exit, Failure> {
        let started = now();
        let mut run = self.run;
        let path = self.journal.as_ref().map(|it| it.path().to_owned());
        let sink = self.journal.map(Journal::into_sink).transpose()?;
        let (stop, hold) = (Stop::new(), Hold::new());
        signals::watch(stop.clone());
        let (tell, events) = mpsc::unbounded_channel();
        let mut progress = session::progress(self.sending.len(), self.least);
        let (places, users): (Vec<usize>, Vec<UserIdOrUpn>) = self.sending.into_iter().unzip();
        let options = self
            .options
            .stop(stop.clone())
            .hold(hold.clone())
            .on_event(move |event| {
                // Without its receiver the run is over, and nothing is left to say.
                let _ = tell.send(event);
            });
        let client = &self.session.client;
        let answers = Bulk::new(client, users, places, self.own, options);
        let controls = Controls { stop, hold, events };
        let paused = || client.paused_for();
        let end = drive(answers, &mut run, sink, controls, &mut progress, paused).await;
        let counts = run.counts();
        let summary = Summary {
            run: &run,
            counts,
            end: &end,
            facts: &self.facts,
            sender: Sender::of(&self.session),
            started,
            took: progress.finish(),
            names: self.names,
            journal: path.as_deref(),
            results: self.evidence.results.as_deref(),
            resume: path
                .as_deref()
                .filter(|_| !counts.is_complete() || counts.unrecorded > 0)
                .filter(|_| !end.is_journal_lost())
                .map(resume),
        };
        conclude(self.common, self.evidence, &summary)
    }
}

/// Writes the files, and then the summary: each is given even where another cannot be. How the command
/// ends depends on who was revoked, not on a disk that is full by then.
pub(crate) fn conclude(
    common: &Common,
    evidence: &EvidenceOptions,
    summary: &Summary<'_>,
) -> Result<Exit, Failure> {
    if let Some(path) = &evidence.results
        && let Err(source) = report::write_results(path, summary)
    {
        let path = path.clone();
        say(&format!("error: {}", Failure::Results { path, source }));
    }
    if let Some(path) = &evidence.report
        && let Err(source) = report::write_page(path, summary)
    {
        let path = path.clone();
        say(&format!("error: {}", Failure::Report { path, source }));
    }
    if let Err(error) = session::show_summary(common.format, summary) {
        say(&format!("error: {error}"));
    }
    Ok(match summary.end {
        End::SignIn(_) | End::Journal(_) => Exit::Usage,
        _ if summary.is_complete() => Exit::Complete,
        _ => Exit::Incomplete,
    })
}

/// Ends a command that has no user to send. What the operator asked for is given all the same: who is
/// excluded is evidence, too.
pub(crate) fn nothing_to_do(
    common: &Common,
    evidence: &EvidenceOptions,
    (run, facts): (&Run, &Facts),
    journal: Option<&Path>,
    why: &str,
) -> Result<Exit, Failure> {
    say(why);
    if evidence.is_wanted() || common.format == Format::Json {
        let summary = Summary {
            run,
            counts: run.counts(),
            end: &End::Finished,
            facts,
            sender: Sender::default(),
            started: now(),
            took: Duration::ZERO,
            names: false,
            journal,
            results: evidence.results.as_deref(),
            resume: None,
        };
        conclude(common, evidence, &summary)?;
    }
    Ok(Exit::Nothing)
}

/// The first line of the journal of a new run.
pub(crate) fn header(session: &Session, run: &Run, facts: &Facts, started: Timestamp) -> Header {
    let cloud = session.client.cloud();
    Header {
        journal: "revoke-sessions".to_owned(),
        version: crate::journal::VERSION,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        started,
        cloud: cloud.name().to_owned(),
        graph: cloud.graph_root().to_owned(),
        tenant: session.caller.tenant.clone(),
        client_id: session.caller.client_id.clone(),
        signed_in_as: session.caller.user_name(),
        users: run.users().len(),
        users_sha256: users_sha256(crate::journal::VERSION, run.users()),
        excluded: facts.excluded.len(),
        excluded_users: facts.excluded.clone(),
        exclusions: facts.exclusions.clone(),
        never_sent: facts.never_sent.clone(),
        skipped_lines: facts.skipped.len(),
        skipped: facts.skipped.clone(),
    }
}
