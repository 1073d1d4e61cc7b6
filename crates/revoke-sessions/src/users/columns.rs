//! Which column of a list names the user.

use csv::StringRecord;
use msgraph_sessions::UserIdOrUpn;

use super::{BadReason, ListError, User, parse_user};

/// Column titles of user principal names, best first: people can read names, and so can exclusions.
const NAME_COLUMNS: [&str; 3] = ["userprincipalname", "username", "upn"];

/// Column titles of object ids.
const ID_COLUMNS: [&str; 3] = ["id", "objectid", "userid"];

/// A column title that holds a user principal name in some exports and a display name in others, such as
/// `User` next to `User ID` in sign-in logs.
const VAGUE_COLUMN: &str = "user";

/// Which columns of a list name a user.
#[derive(Clone, Debug)]
pub(super) enum Columns {
    /// No header: each line is a user.
    None,
    /// A header.
    Header {
        /// The columns that name the user, best first.
        user: Vec<Column>,
        /// The column that says whether the user is a guest.
        user_type: Option<usize>,
    },
}

/// One column that names the user.
#[derive(Clone, Debug)]
pub(super) struct Column {
    at: usize,
    title: String,
    /// Whether a cell that is no user leaves the choice to the next column, instead of spoiling the line.
    vague: bool,
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
    /// Reads the first record, which need not be a header. `wanted` is the column that the operator named.
    pub(super) fn of(first: &StringRecord, wanted: Option<&str>) -> Result<Self, ListError> {
        let titles: Vec<String> = first.iter().map(title).collect();
        let position = |name: &str| titles.iter().position(|t| t == name);
        let found = || first.iter().map(str::to_owned).collect();
        let mut places: Vec<(usize, bool)> = Vec::new();
        if let Some(wanted) = wanted {
            match position(&title(wanted)) {
                Some(at) => places.push((at, false)),
                None if looks_like_user(first) => {
                    return Err(ListError::ColumnWithoutHeader(wanted.to_owned()));
                }
                None => {
                    return Err(ListError::NoSuchColumn {
                        wanted: wanted.to_owned(),
                        found: found(),
                    });
                }
            }
        }
        let usual = NAME_COLUMNS
            .iter()
            .map(|name| (*name, false))
            .chain([(VAGUE_COLUMN, true)])
            .chain(ID_COLUMNS.iter().map(|name| (*name, false)));
        for (name, vague) in usual {
            if let Some(at) = position(name)
                && !places.iter().any(|(known, _)| *known == at)
            {
                places.push((at, vague));
            }
        }
        if places.is_empty() {
            return if first.len() > 1 && !looks_like_user(first) {
                Err(ListError::NoUserColumn { found: found() })
            } else {
                Ok(Columns::None)
            };
        }
        let user = places.into_iter().map(|(at, vague)| Column {
            at,
            title: first.get(at).unwrap_or_default().to_owned(),
            vague,
        });
        Ok(Columns::Header {
            user: user.collect(),
            user_type: position("usertype"),
        })
    }

    pub(super) fn is_header(&self) -> bool {
        matches!(self, Columns::Header { .. })
    }

    /// The user of one record.
    pub(super) fn user(&self, record: &StringRecord, line: u64) -> Result<User, BadReason> {
        let (user, others, guest) = match self {
            Columns::None => {
                if record.iter().skip(1).any(|cell| !cell.is_empty()) {
                    return Err(BadReason::SeveralValues);
                }
                let user = parse_user(record.get(0).unwrap_or_default())?;
                (user, Vec::new(), false)
            }
            Columns::Header { user, user_type } => {
                let guest = user_type
                    .and_then(|at| record.get(at))
                    .is_some_and(|kind| kind.eq_ignore_ascii_case("guest"));
                let (user, others) = named(user, record)?;
                (user, others, guest)
            }
        };
        let is_guest = |user: &UserIdOrUpn| user.is_guest_upn();
        Ok(User {
            guest: guest || is_guest(&user) || others.iter().any(is_guest),
            user,
            others,
            line,
            place: 0,
        })
    }
}

/// The user that the best column names, and the further names of the same account.
fn named(
    columns: &[Column],
    record: &StringRecord,
) -> Result<(UserIdOrUpn, Vec<UserIdOrUpn>), BadReason> {
    let mut user = None;
    let mut others = Vec::new();
    let mut vague = None;
    for column in columns {
        let text = record.get(column.at).unwrap_or_default();
        if text.is_empty() {
            continue;
        }
        match (parse_user(text), &user) {
            (Ok(name), None) => user = Some(name),
            (Ok(name), Some(_)) => others.push(name),
            (Err(reason), None) if column.vague => vague = Some(reason),
            (Err(reason), None) => return Err(reason),
            // Not what is sent: a cell that cannot be read only fails to match an exclusion, as if it
            // were not there.
            (Err(_), Some(_)) => {}
        }
    }
    match (user, vague, columns.first()) {
        (Some(user), _, _) => Ok((user, others)),
        (None, Some(reason), _) => Err(reason),
        (None, None, first) => Err(BadReason::EmptyColumn {
            column: first.map_or_else(String::new, |column| column.title.clone()),
        }),
    }
}

fn looks_like_user(record: &StringRecord) -> bool {
    record.iter().any(|cell| parse_user(cell).is_ok())
}
