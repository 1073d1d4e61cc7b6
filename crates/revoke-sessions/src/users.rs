//! Reading a list of users: one a line, or CSV with a header.

mod lines;

use std::collections::HashSet;
use std::io::Read;

use csv::{ReaderBuilder, StringRecord};
use msgraph_sessions::{UserError, UserIdOrUpn};
use uuid::Uuid;

use self::lines::LineCounter;
use crate::decode::{self, DecodeError};

/// A list is read whole; this is far above the largest tenant, and far below what hurts.
const LARGEST: u64 = 64 << 20;

/// Column titles that name the user, best first: names can be read by people, and by exclusions.
const NAME_COLUMNS: [&str; 4] = ["userprincipalname", "username", "upn", "user"];

/// Column titles that hold an object id.
const ID_COLUMNS: [&str; 3] = ["id", "objectid", "userid"];

/// What stands between values of lists and mail addresses, and in no user principal name.
const SEPARATORS: &str = ",;<>()[]|\"";

/// One user of a list.
#[derive(Clone, Debug)]
pub(crate) struct User {
    /// What is sent, and what reports say.
    pub(crate) user: UserIdOrUpn,
    /// Object id or name that stands beside it in the list, so that an exclusion may use either.
    pub(crate) other: Option<UserIdOrUpn>,
    /// Whether the list says, by `#EXT#` or its column `userType`, that this is a guest.
    pub(crate) guest: bool,
    /// Where it stands in the list, from 1.
    pub(crate) line: u64,
}

impl User {
    /// A user given by itself.
    pub(crate) fn new(user: UserIdOrUpn) -> Self {
        User {
            guest: user.is_guest_upn(),
            user,
            other: None,
            line: 0,
        }
    }

    /// Everything the user is known by.
    pub(crate) fn names(&self) -> impl Iterator<Item = &UserIdOrUpn> {
        std::iter::once(&self.user).chain(&self.other)
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
    /// The users in their order, each once.
    pub(crate) users: Vec<User>,
    /// How many lines named a user that had been named before.
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
    let (text, skipped_lines) = without_version_line(text);
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let mut list = UserList::default();
    let mut seen = HashSet::new();
    let mut columns: Option<Columns> = None;
    let mut lines = LineCounter::new(text, skipped_lines);
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
        let Some(columns) = &columns else {
            let first = Columns::of(&record, column)?;
            if first.is_header() {
                columns = Some(first);
                continue;
            }
            columns = Some(first.clone());
            add(&mut list, &mut seen, first.user(&record, line), line);
            continue;
        };
        add(&mut list, &mut seen, columns.user(&record, line), line);
    }
    Ok(list)
}

fn add(list: &mut UserList, seen: &mut HashSet<String>, user: Result<User, BadReason>, line: u64) {
    match user {
        Err(reason) => list.bad.push(BadLine { line, reason }),
        Ok(user) if seen.insert(folded(&user.user)) => list.users.push(user),
        Ok(_) => list.duplicates += 1,
    }
}

/// Entra's templates for bulk operations begin with the line `version:v1.0`.
fn without_version_line(text: &str) -> (&str, u64) {
    match text.split_once('\n') {
        Some((first, rest)) if first.to_ascii_lowercase().starts_with("version:") => (rest, 1),
        _ => (text, 0),
    }
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

/// Where a list keeps what.
#[derive(Clone, Debug)]
enum Columns {
    /// No header: each line is a user.
    None,
    Header {
        user: (usize, String),
        other: Option<usize>,
        user_type: Option<usize>,
    },
}

/// A title without case and blanks; of `User name [userPrincipalName] Required`, what is in brackets.
fn title(cell: &str) -> String {
    let cell = cell
        .split_once('[')
        .and_then(|(_, rest)| rest.split_once(']'))
        .map_or(cell, |(inner, _)| inner);
    cell.chars()
        .filter(|c| !matches!(c, ' ' | '_' | '-'))
        .flat_map(char::to_lowercase)
        .collect()
}

impl Columns {
    fn of(first: &StringRecord, wanted: Option<&str>) -> Result<Self, ListError> {
        let titles: Vec<String> = first.iter().map(title).collect();
        let position = |name: &str| titles.iter().position(|t| t == name);
        let any = |names: &[&str]| names.iter().find_map(|name| position(name));
        let found = || first.iter().map(str::to_owned).collect();
        let (name, id) = (any(&NAME_COLUMNS), any(&ID_COLUMNS));
        let user = match wanted {
            Some(wanted) => match position(&title(wanted)) {
                Some(at) => at,
                None if looks_like_user(first) => {
                    return Err(ListError::ColumnWithoutHeader(wanted.to_owned()));
                }
                None => {
                    return Err(ListError::NoSuchColumn {
                        wanted: wanted.to_owned(),
                        found: found(),
                    });
                }
            },
            None => match name.or(id) {
                Some(at) => at,
                None if first.len() > 1 && !looks_like_user(first) => {
                    return Err(ListError::NoUserColumn { found: found() });
                }
                None => return Ok(Columns::None),
            },
        };
        Ok(Columns::Header {
            user: (user, first.get(user).unwrap_or_default().to_owned()),
            other: [name, id].into_iter().flatten().find(|at| *at != user),
            user_type: position("usertype"),
        })
    }

    fn is_header(&self) -> bool {
        matches!(self, Columns::Header { .. })
    }

    fn user(&self, record: &StringRecord, line: u64) -> Result<User, BadReason> {
        let (text, other, guest) = match self {
            Columns::None => {
                if record.iter().skip(1).any(|cell| !cell.is_empty()) {
                    return Err(BadReason::SeveralValues);
                }
                (record.get(0).unwrap_or_default(), None, false)
            }
            Columns::Header {
                user: (at, column),
                other,
                user_type,
            } => {
                let text = record.get(*at).unwrap_or_default();
                if text.is_empty() {
                    return Err(BadReason::EmptyColumn {
                        column: column.clone(),
                    });
                }
                let guest = user_type
                    .and_then(|at| record.get(at))
                    .is_some_and(|kind| kind.eq_ignore_ascii_case("guest"));
                (text, other.and_then(|at| record.get(at)), guest)
            }
        };
        let user = parse_user(text)?;
        // Not what is sent: a cell that cannot be read only fails to match an exclusion, as if it
        // were not there.
        let other = other.and_then(|text| parse_user(text).ok());
        Ok(User {
            guest: guest || user.is_guest_upn() || other.as_ref().is_some_and(|o| o.is_guest_upn()),
            user,
            other,
            line,
        })
    }
}

fn looks_like_user(record: &StringRecord) -> bool {
    record.iter().any(|cell| parse_user(cell).is_ok())
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
