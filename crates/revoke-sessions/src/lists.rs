//! Reading lists of accounts from files and from standard input.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::users::{self, UserList};

/// Whether a path stands for standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// Reads a list. `column` names the column of users, if not one of the usual ones.
pub(crate) fn read(path: &Path, column: Option<&str>) -> Result<UserList, Failure> {
    let result = if is_stdin(path) {
        users::read(io::stdin().lock(), column)
    } else {
        File::open(path)
            .map_err(Into::into)
            .and_then(|file| users::read(file, column))
    };
    result.map_err(|source| Failure::List {
        path: shown(path),
        source,
    })
}

/// The list of a run. Lines that name no user are refused unless the operator skips them.
pub(crate) fn read_users(
    path: &Path,
    column: Option<&str>,
    skip_bad_lines: bool,
) -> Result<UserList, Failure> {
    let list = read(path, column)?;
    if list.bad.is_empty() || skip_bad_lines {
        return Ok(list);
    }
    Err(Failure::BadLines {
        path: shown(path),
        lines: list.bad,
        list: true,
    })
}

/// A path as messages name it.
pub(crate) fn shown(path: &Path) -> PathBuf {
    if is_stdin(path) {
        PathBuf::from("standard input")
    } else {
        path.to_owned()
    }
}
