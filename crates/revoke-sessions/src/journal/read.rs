//! Reading a journal back, whatever the stop left of it.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use super::{Header, JournalError, Line, Planned, VERSION, users_sha256};
use crate::outcome::{Kind, Outcome};

/// How far a run came.
#[derive(Debug)]
pub(crate) struct Replay {
    pub(crate) header: Header,
    pub(crate) users: Vec<Planned>,
    /// For each user the outcome that counts: a confirmed one, or else the last.
    pub(crate) outcomes: Vec<Option<Outcome>>,
    /// Lines after the list that could not be read. Their users are sent again.
    pub(crate) unreadable: usize,
    /// Whether the last line was torn by the stop.
    pub(crate) torn: bool,
    /// Length of the file without the torn line.
    pub(super) length: u64,
}

/// Lines with their ends, counted.
struct Lines<'a> {
    reader: BufReader<&'a File>,
    buffer: Vec<u8>,
    offset: u64,
}

impl Lines<'_> {
    /// The next line that has its end; `None` at the end of the file or at a torn line.
    fn next(&mut self) -> std::io::Result<Option<&[u8]>> {
        self.buffer.clear();
        let length = self.reader.read_until(b'\n', &mut self.buffer)?;
        if self.buffer.pop_if(|last| *last == b'\n').is_none() {
            return Ok(None);
        }
        self.offset += length as u64;
        Ok(Some(&self.buffer))
    }
}

pub(super) fn replay(path: &Path, file: &File) -> Result<Replay, JournalError> {
    let mut lines = Lines {
        reader: BufReader::new(file),
        buffer: Vec::new(),
        offset: 0,
    };
    let header = header(path, &mut lines)?;
    let mut users: Vec<Planned> = Vec::new();
    while users.len() < header.users {
        // The header is line 1.
        let at = users.len() + 2;
        let Some(line) = lines.next().map_err(JournalError::io(path))? else {
            // A hole in what follows is no line of its own.
            return Err(if lines.buffer.contains(&0) {
                damaged(path, &mut lines, Some(at))
            } else {
                JournalError::IncompleteList(path.to_owned())
            });
        };
        match serde_json::from_slice(line) {
            Ok(user) => users.push(user),
            Err(_) => return Err(damaged(path, &mut lines, Some(at))),
        }
    }
    if users_sha256(header.version, &users) != header.users_sha256 {
        return Err(damaged(path, &mut lines, None));
    }
    let index: HashMap<&str, usize> = users
        .iter()
        .enumerate()
        .map(|(at, planned)| (planned.user.as_str(), at))
        .collect();
    let mut outcomes: Vec<Option<Outcome>> = vec![None; users.len()];
    let mut unreadable = 0;
    while let Some(line) = lines.next().map_err(JournalError::io(path))? {
        match serde_json::from_slice(line) {
            Ok(Line::Event(_)) => {}
            Ok(Line::Outcome(outcome)) => match index.get(outcome.user.as_str()) {
                Some(at) => settle(&mut outcomes[*at], outcome),
                None => unreadable += 1,
            },
            Err(_) => unreadable += 1,
        }
    }
    let torn = !lines.buffer.is_empty();
    let length = lines.offset;
    drop(index);
    Ok(Replay {
        header,
        users,
        outcomes,
        unreadable,
        torn,
        length,
    })
}

/// What to say of a list that is damaged: whether users were sent stands in the lines after it.
fn damaged(path: &Path, lines: &mut Lines<'_>, line: Option<usize>) -> JournalError {
    let is_outcome = |line: &[u8]| matches!(serde_json::from_slice(line), Ok(Line::Outcome(_)));
    let mut outcomes = usize::from(is_outcome(&lines.buffer));
    while let Ok(Some(line)) = lines.next() {
        outcomes += usize::from(is_outcome(line));
    }
    JournalError::Damaged {
        path: path.to_owned(),
        line,
        outcomes,
    }
}

fn header(path: &Path, lines: &mut Lines<'_>) -> Result<Header, JournalError> {
    let not_a_journal = |reason: String| JournalError::NotAJournal {
        path: path.to_owned(),
        reason,
    };
    let line = lines
        .next()
        .map_err(JournalError::io(path))?
        .ok_or_else(|| not_a_journal("its first line is missing".to_owned()))?;
    let value: serde_json::Value = serde_json::from_slice(line)
        .map_err(|_| not_a_journal("its first line is not JSON".to_owned()))?;
    if value["journal"] != "revoke-sessions" {
        return Err(not_a_journal("its first line does not say so".to_owned()));
    }
    match value["version"].as_u64() {
        Some(version) if (1..=u64::from(VERSION)).contains(&version) => {}
        version => {
            return Err(JournalError::OtherVersion {
                path: path.to_owned(),
                version: version.and_then(|v| v.try_into().ok()).unwrap_or(0),
            });
        }
    }
    serde_json::from_value(value).map_err(|error| not_a_journal(error.to_string()))
}

/// A confirmed revocation stays, whatever a later line says.
fn settle(known: &mut Option<Outcome>, new: Outcome) {
    match known {
        Some(known) if known.outcome == Kind::Revoked => {}
        _ => *known = Some(new),
    }
}
