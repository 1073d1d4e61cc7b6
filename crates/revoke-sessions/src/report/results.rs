//! The file with one row a user.

use std::collections::HashSet;
use std::io;
use std::path::Path;

use csv::Writer;

use super::{NOT_SENT, Summary, place};
use crate::outcome::Kind;

/// How many columns a row has.
const COLUMNS: usize = 15;

/// Writes the file whole, or leaves what was there.
pub(crate) fn write(path: &Path, summary: &Summary<'_>) -> io::Result<()> {
    place::write(path, |out| write_rows(out, summary))
}

fn write_rows(out: &mut dyn io::Write, summary: &Summary<'_>) -> io::Result<()> {
    let mut rows = Writer::from_writer(io::BufWriter::new(out));
    rows.write_record([
        "user",
        "outcome",
        "guest",
        "status",
        "code",
        "message",
        "graphMessage",
        "requestId",
        "clientRequestId",
        "attempts",
        "perhapsRevoked",
        "at",
        "sentAt",
        "cause",
        "recorded",
    ])?;
    for (at, (user, outcome)) in summary.run.results().enumerate() {
        let guest = if user.guest { "true" } else { "" };
        let Some(outcome) = outcome else {
            let mut row = vec![user.user.as_str(), NOT_SENT, guest];
            row.resize(COLUMNS, "");
            rows.write_record(row)?;
            continue;
        };
        let text = |value: &Option<String>| value.as_deref().map(cell).unwrap_or_default();
        rows.write_record([
            user.user.as_str(),
            outcome.outcome.word(),
            guest,
            &outcome.status.map_or_else(String::new, |s| s.to_string()),
            &text(&outcome.code),
            &text(&outcome.message),
            &text(&outcome.graph_message),
            &text(&outcome.request_id),
            &text(&outcome.client_request_id),
            &outcome.attempts.to_string(),
            if outcome.maybe_done { "true" } else { "" },
            &outcome.at.to_string(),
            &outcome
                .sent_at
                .map_or_else(String::new, |at| at.to_string()),
            &text(&outcome.cause),
            match summary.run.is_unrecorded(at) {
                true => "false",
                false => "",
            },
        ])?;
    }
    // Those of a resumed part stand above, with their outcome.
    let in_run: HashSet<&str> = summary
        .run
        .users()
        .iter()
        .map(|it| it.user.as_str())
        .collect();
    let excluded = summary.facts.excluded.iter();
    for user in excluded.filter(|user| !in_run.contains(user.user.as_str())) {
        let mut row = vec![user.user.as_str(), Kind::Excluded.word()];
        row.resize(COLUMNS, "");
        rows.write_record(row)?;
    }
    for line in &summary.facts.skipped {
        let message = format!("line {}: {}", line.line, line.reason);
        let mut row = vec!["", "skipped-line", "", "", "", &message];
        row.resize(COLUMNS, "");
        rows.write_record(row)?;
    }
    rows.flush()
}

/// The words of others, which a spreadsheet would take for a formula where they begin like one.
fn cell(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::drive::End;
    use crate::report::Sender;
    use crate::run::Run;
    use crate::send::Facts;

    fn write_one(path: &Path, end: &End) -> io::Result<()> {
        let run = Run::one("alice@contoso.com");
        let summary = Summary {
            run: &run,
            counts: run.counts(),
            end,
            facts: &Facts::default(),
            sender: Sender::default(),
            started: jiff::Timestamp::UNIX_EPOCH,
            names: false,
            took: std::time::Duration::ZERO,
            journal: None,
            results: Some(path),
            resume: None,
        };
        write(path, &summary)
    }

    #[test]
    fn a_folder_that_takes_no_file_is_found_out_before() {
        // Not even root can create a file there.
        #[cfg(target_os = "linux")]
        assert!(super::super::place::check(Path::new("/proc/results.csv")).is_err());
        let folder = tempfile::tempdir().unwrap();
        super::super::place::check(&folder.path().join("results.csv")).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn links_are_followed_and_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("share")).unwrap();
        symlink("second.csv", path("first.csv")).unwrap();
        symlink("share/real.csv", path("second.csv")).unwrap();
        for _ in 0..2 {
            write_one(&path("first.csv"), &End::Interrupted).unwrap();
            assert!(path("first.csv").is_symlink() && path("second.csv").is_symlink());
            let written = fs::read_to_string(path("share/real.csv")).unwrap();
            assert!(written.contains("alice@contoso.com,not-sent"), "{written}");
        }
    }
}
