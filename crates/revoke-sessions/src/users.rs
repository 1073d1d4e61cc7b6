//! Reading a list of users: one a line, or CSV with a header.

mod accounts;
mod columns;
mod lines;

use std::io::Read;

use csv::ReaderBuilder;
use msgraph_sessions::{UserError, UserIdOrUpn};
use uuid::Uuid;

use self::accounts::Accounts;
use self::columns::Columns;
use self::lines::LineCounter;
use crate::decode::{self, DecodeError};

/// A list is read whole; this is far above the largest tenant, and far below what hurts.
const LARGEST: u64 = 64 << 20;

/// What stands between values of lists and mail addresses, and in no user principal name.
const SEPARATORS: &str = ",;<>()[]|\"";

/// One user of a list.
#[derive(Clone, Debug)]
pub(crate) struct User {
    /// What is sent, and what reports say.
    pub(crate) user: UserIdOrUpn,
    /// Object id and names that rows of the list give for the same account, so that an exclusion may use
    /// any of them.
    pub(crate) others: Vec<UserIdOrUpn>,
    /// Whether the list says, by `#EXT#` or its column `userType`, that this is a guest.
    pub(crate) guest: bool,
    /// Where it stands in the list, from 1.
    pub(crate) line: u64,
    /// The place in the run, once there is one.
    pub(crate) place: usize,
}

impl User {
    /// A user given by itself.
    pub(crate) fn new(user: UserIdOrUpn) -> Self {
        User {
            guest: user.is_guest_upn(),
            user,
            others: Vec::new(),
            line: 0,
            place: 0,
        }
    }

    /// Everything the user is known by.
    pub(crate) fn names(&self) -> impl Iterator<Item = &UserIdOrUpn> {
        std::iter::once(&self.user).chain(&self.others)
    }
}

/// The form under which two spellings of a user are the same.
pub(crate) fn folded(user: &UserIdOrUpn) -> String {
    folded_text(user.as_str())
}

/// The same of a text that need not be a user's.
pub(crate) fn folded_text(text: &str) -> String {
    match Uuid::try_parse(text) {
        Ok(id) => id.hyphenated().to_string(),
        Err(_) => text.to_lowercase(),
    }
}

/// Whether it is an object id and not a name.
pub(crate) fn is_id(user: &UserIdOrUpn) -> bool {
    Uuid::try_parse(user.as_str()).is_ok()
}

/// What a list came to.
#[derive(Debug, Default)]
pub(crate) struct UserList {
    /// The users in their order, each account once.
    pub(crate) users: Vec<User>,
    /// How many lines named an account that had been named before.
    pub(crate) duplicates: usize,
    /// Lines that name no user.
    pub(crate) bad: Vec<BadLine>,
}

/// A line that names no user.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadLine {
    /// From 1.
    pub(crate) line: u64,
    /// What is wrong with it.
    pub(crate) reason: BadReason,
}

/// What is wrong with a line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadReason {
    #[error("{0}")]
    User(#[from] UserError),
    #[error("it is neither an object id nor a user principal name such as alice@contoso.com")]
    Neither,
    #[error("it holds a line end")]
    LineEnd,
    #[error("it holds the invisible character U+{:04X}; write it again by hand", u32::from(*.0))]
    Invisible(char),
    #[error("its column `{column}` is empty")]
    EmptyColumn { column: String },
    #[error("it holds several values; give the list a header, such as `userPrincipalName`")]
    SeveralValues,
}

/// Why a list cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListError {
    #[error(transparent)]
    Read(#[from] std::io::Error),
    #[error(transparent)]
    Decode(#[from] DecodeError),
    #[error("it is longer than {} MiB, which is no list of users", LARGEST >> 20)]
    TooLong,
    #[error(transparent)]
    Csv(#[from] csv::Error),
    #[error("it has no column `{wanted}` (there is: {})", .found.join(", "))]
    NoSuchColumn { wanted: String, found: Vec<String> },
    #[error(
        "its header has no column that names users ({}); name the column with --column",
        .found.join(", ")
    )]
    NoUserColumn { found: Vec<String> },
    /// Never a bad line of its own: the value has swallowed the users of the lines that follow.
    #[error(
        "the quotation mark of line {line} is not closed in that line, so the lines that follow \
         would be taken for a part of it"
    )]
    OpenQuote { line: u64 },
    #[error("--column {0} was given, but the list has no header")]
    ColumnWithoutHeader(String),
    /// Never a bad line that can be skipped: an exclusion by the other id would then protect no account.
    #[error(
        "line {line} says that {name} has the {what} {now}, and an earlier line says {before}. One \
         account has one of each: correct the list"
    )]
    Conflict {
        line: u64,
        name: String,
        what: &'static str,
        now: String,
        before: String,
    },
}

/// Reads a list. `column` names the column of users, if not one of the usual ones.
pub(crate) fn read(mut input: impl Read, column: Option<&str>) -> Result<UserList, ListError> {
    let mut bytes = Vec::new();
    input.by_ref().take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(ListError::TooLong);
    }
    parse(&decode::text(bytes)?, column)
}

fn parse(text: &str, column: Option<&str>) -> Result<UserList, ListError> {
    let Preamble {
        text,
        lines,
        separator,
    } = preamble(text);
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .delimiter(separator.unwrap_or_else(|| delimiter(text)))
        .from_reader(text.as_bytes());
    let mut bad = Vec::new();
    let mut accounts = Accounts::default();
    let mut columns: Option<Columns> = None;
    let mut lines = LineCounter::new(text, lines);
    for record in reader.records() {
        let mut record = record?;
        // Trimmed only now: a line end at the edge of a value is one, too.
        if record.iter().any(|cell| cell.contains(['\n', '\r'])) {
            return Err(ListError::OpenQuote {
                line: lines.of(&record),
            });
        }
        record.trim();
        if record.iter().all(str::is_empty) {
            continue;
        }
        let line = lines.of(&record);
        let user = match &columns {
            Some(columns) => columns.user(&record, line),
            None => {
                let first = Columns::of(&record, column)?;
                let is_header = first.is_header();
                let columns = columns.insert(first);
                if is_header {
                    continue;
                }
                columns.user(&record, line)
            }
        };
        match user {
            Ok(user) => accounts.add(user)?,
            Err(reason) => bad.push(BadLine { line, reason }),
        }
    }
    let (users, duplicates) = accounts.finish();
    Ok(UserList {
        users,
        duplicates,
        bad,
    })
}

/// What stands before the list itself.
struct Preamble<'a> {
    text: &'a str,
    /// How many lines were taken away.
    lines: u64,
    /// What separates values, where the list says it.
    separator: Option<u8>,
}

/// Takes away `version:v1.0`, with which Entra's templates for bulk operations begin, and `sep=;`, with
/// which spreadsheets are told what separates values.
fn preamble(text: &str) -> Preamble<'_> {
    let mut preamble = Preamble {
        text,
        lines: 0,
        separator: None,
    };
    while let Some((first, rest)) = preamble.text.split_once('\n') {
        let first = first.trim_end_matches('\r').trim_matches('"');
        let lower = first.to_ascii_lowercase();
        match lower.strip_prefix("sep=").map(str::as_bytes) {
            Some(&[separator]) => preamble.separator = Some(separator),
            _ if lower.starts_with("version:") => {}
            _ => break,
        }
        preamble.text = rest;
        preamble.lines += 1;
    }
    preamble
}

/// Spreadsheets write what their country separates with.
fn delimiter(text: &str) -> u8 {
    let header = text
        .lines()
        .find(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .unwrap_or_default();
    let count = |c: char| header.matches(c).count();
    [(';', b';'), ('\t', b'\t')]
        .into_iter()
        .find(|(c, _)| count(*c) > count(','))
        .map_or(b',', |(_, byte)| byte)
}

/// Whether a character leaves no trace on a screen, so that two names look the same and are not.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{AD}'
            | '\u{34F}'
            | '\u{61C}'
            | '\u{180E}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
    )
}

/// Reads a user and refuses what can be neither id nor name, which would only waste a request. An
/// object id of whatever spelling becomes hyphenated and lower case, as Graph writes it.
pub(crate) fn parse_user(text: &str) -> Result<UserIdOrUpn, BadReason> {
    if text.contains(['\n', '\r']) {
        return Err(BadReason::LineEnd);
    }
    if let Some(c) = text.chars().find(|c| is_invisible(*c)) {
        return Err(BadReason::Invisible(c));
    }
    if let Ok(id) = Uuid::try_parse(text) {
        return Ok(UserIdOrUpn::new(id.hyphenated().to_string())?);
    }
    let user = UserIdOrUpn::new(text)?;
    let is_name = text
        .split_once('@')
        .is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty())
        && !text.contains(|c: char| c.is_whitespace() || SEPARATORS.contains(c));
    if is_name {
        Ok(user)
    } else {
        Err(BadReason::Neither)
    }
}

#[cfg(test)]
mod tests;
