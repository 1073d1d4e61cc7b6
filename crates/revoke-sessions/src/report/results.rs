//! The file with one row a user.

use std::io;
use std::path::Path;

use csv::Writer;

use crate::run::Run;

/// Finds out before a run whether its results will have a place.
pub(crate) fn check(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let folder = folder(path);
    if folder.is_dir() {
        Ok(())
    } else {
        Err(io::Error::new(
            io::ErrorKind::NotFound,
            format!("there is no folder {}", folder.display()),
        ))
    }
}

/// Writes the file whole, or leaves what was there.
pub(crate) fn write(path: &Path, run: &Run) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(folder(path))?;
    {
        let mut rows = Writer::from_writer(io::BufWriter::new(&mut file));
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
        ])?;
        for (user, outcome) in run.results() {
            let guest = if user.guest { "true" } else { "" };
            let Some(outcome) = outcome else {
                let mut row = vec![user.user.as_str(), "not-sent", guest];
                row.resize(12, "");
                rows.write_record(row)?;
                continue;
            };
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
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
            ])?;
        }
        rows.flush()?;
    }
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
