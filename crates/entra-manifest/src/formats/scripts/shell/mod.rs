//! What shell scripts declare: `az ad app permission`, look-ups by JMESPath and jq, bodies of `az rest`, `m365`.

mod arrays;
mod azure;
mod follow;
mod line;
mod microsoft365;
mod queries;
mod quoted;
mod reads;

use std::ops::Range;

use source_lex::TokenKind;

use crate::formats::scripts::collect::Collected;
use crate::formats::scripts::follow::{Reached, Reader};
use crate::formats::scripts::{embedded, oauth};

/// Reads a script.
pub(super) fn read(reader: &Reader<'_, '_>, out: &mut Collected<'_>) {
    let code = reader.code;
    for at in 0..code.len() {
        match code.kind(at) {
            TokenKind::Word => command(reader, at, out),
            TokenKind::Str | TokenKind::StrOpen => {
                embedded::read(reader, at, out);
                query(reader, at, out);
            }
            _ => {}
        }
    }
    oauth::read(reader, out);
}

/// A command line tool that registers or grants, which PowerShell scripts call too.
pub(super) fn command(reader: &Reader<'_, '_>, at: usize, out: &mut Collected<'_>) {
    match reader.code.text(at) {
        "az" if reader.begins_command(at) => azure::azure(reader, at, out),
        "m365" if reader.begins_command(at) => microsoft365::microsoft365(reader, at, out),
        _ => quoted::read(reader, at, out),
    }
}

/// Literals within a word of a command, in a shell or in PowerShell.
pub(super) fn values(
    reader: &Reader<'_, '_>,
    word: Range<usize>,
    way: &[(usize, usize)],
    out: &mut Reached,
) {
    follow::values(reader, word, way, 0, out);
}

/// A string that queries the permissions of a service principal.
pub(super) fn query(reader: &Reader<'_, '_>, at: usize, out: &mut Collected<'_>) {
    if let Some(means) = reader.uses().means() {
        queries::lookup(reader, at, means, out);
    }
}
