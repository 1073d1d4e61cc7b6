//! The file with one row a user.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use csv::Writer;

use super::Summary;

/// Finds out before a run whether its results will have a place.
pub(crate) fn check(path: &Path) -> io::Result<()> {
    let Place::File(path) = place(path)? else {
        // Opening a pipe would wait for its reader.
        return Ok(());
    };
    let folder = folder(&path);
    if folder.is_dir() {
        tempfile::NamedTempFile::new_in(folder).map(drop)
    } else {
        Err(io::Error::new(
            io::ErrorKind::NotFound,
            format!("there is no folder {}", folder.display()),
        ))
    }
}

/// Writes the file whole, or leaves what was there. What is no regular file is written into.
pub(crate) fn write(path: &Path, summary: &Summary<'_>) -> io::Result<()> {
    match place(path)? {
        Place::Device => write_rows(&mut OpenOptions::new().write(true).open(path)?, summary),
        Place::File(path) => {
            let mut file = tempfile::NamedTempFile::new_in(folder(&path))?;
            write_rows(&mut file, summary)?;
            file.as_file().sync_all()?;
            file.persist(path)?;
            Ok(())
        }
    }
}

/// Where the results go.
enum Place {
    /// A regular file, or none yet, behind every symbolic link.
    File(PathBuf),
    /// A pipe, a terminal, `/dev/null`: replacing it would take it from everyone else.
    Device,
}

/// Symbolic links that are followed before giving up.
const LINKS: usize = 40;

fn place(path: &Path) -> io::Result<Place> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(found) if found.is_file() => Ok(Place::File(fs::canonicalize(path)?)),
        Ok(_) => Ok(Place::Device),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut path = path.to_owned();
            for _ in 0..LINKS {
                match fs::read_link(&path) {
                    Ok(target) => path = folder(&path).join(target),
                    Err(_) => break,
                }
            }
            Ok(Place::File(path))
        }
        Err(error) => Err(error),
    }
}

fn write_rows(out: &mut impl io::Write, summary: &Summary<'_>) -> io::Result<()> {
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
    ])?;
    for (user, outcome) in summary.run.results() {
        let guest = if user.guest { "true" } else { "" };
        let Some(outcome) = outcome else {
            let mut row = vec![user.user.as_str(), summary.open_word(), guest];
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
    rows.flush()
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::drive::End;
    use crate::run::Run;

    fn write_one(path: &Path, end: &End) -> io::Result<()> {
        let run = Run::one("alice@contoso.com");
        let summary = Summary {
            run: &run,
            counts: run.counts(),
            end,
            skipped_lines: 0,
            took: std::time::Duration::ZERO,
            journal: None,
            results: Some(path),
            resume: None,
        };
        write(path, &summary)
    }

    #[test]
    fn who_is_not_in_a_broken_journal_is_not_said_to_be_unsent() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.csv");
        write_one(&path, &End::Journal(io::ErrorKind::StorageFull.into())).unwrap();
        let written = fs::read_to_string(path).unwrap();
        assert!(
            written.contains("alice@contoso.com,not-recorded"),
            "{written}"
        );
    }

    #[test]
    fn a_folder_that_takes_no_file_is_found_out_before() {
        // Nobody, root included, can create a file there.
        #[cfg(target_os = "linux")]
        assert!(check(Path::new("/proc/results.csv")).is_err());
        let folder = tempfile::tempdir().unwrap();
        check(&folder.path().join("results.csv")).unwrap();
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
