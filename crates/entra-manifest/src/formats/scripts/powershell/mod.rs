//! What PowerShell scripts declare: scopes at sign-in, permissions of a registration, app role assignments, consents.

mod commands;
mod dsc;
mod entries;
mod grants;
mod lookups;
mod register;
mod sign_in;

use std::ops::Range;

use source_lex::TokenKind;

pub(super) use self::commands::{Command, command};
use super::collect::Collected;
use super::follow::{Reached, Reader, Way};
use super::{embedded, oauth, shell};

/// Reads a script.
pub(super) fn read(reader: &Reader<'_, '_>, out: &mut Collected<'_>) {
    let code = reader.code;
    for at in 0..code.len() {
        match code.kind(at) {
            TokenKind::Word => {
                word(reader, at, out);
                member(reader, at, out);
            }
            TokenKind::Str => {
                member(reader, at, out);
                embedded::read(reader, at, out);
                shell::query(reader, at, out);
            }
            TokenKind::StrOpen => {
                embedded::read(reader, at, out);
                shell::query(reader, at, out);
            }
            TokenKind::Var => lookups::indexed(reader, at, out),
            _ => {}
        }
    }
    entries::read(reader, out);
    oauth::read(reader, out);
}

/// A word that begins a command, compares, or calls a method.
fn word(reader: &Reader<'_, '_>, at: usize, out: &mut Collected<'_>) {
    let lower = reader.code.text(at).to_ascii_lowercase();
    let lower = lower.as_str();
    if matches!(
        lower,
        "-eq" | "-ieq" | "-ceq" | "-in" | "-contains" | "-like" | "-match"
    ) {
        lookups::read(reader, at, out);
        return;
    }
    sign_in::method(reader, at, out);
    if !reader.begins_command(at) {
        return;
    }
    shell::command(reader, at, out);
    sign_in::read(reader, at, lower, out);
    grants::read(reader, at, lower, out);
    register::read(reader, at, lower, out);
    entries::command_of_blueprint(reader, at, lower, out);
    dsc::read(reader, at, lower, out);
    if lower == "find-mggraphpermission" {
        grants::found(reader, at, out);
    }
}

/// A key of a hashtable.
fn member(reader: &Reader<'_, '_>, at: usize, out: &mut Collected<'_>) {
    sign_in::form(reader, at, out);
    grants::body(reader, at, out);
    dsc::table(reader, at, out);
}

/// The values of a parameter: its argument, or members of splatted tables.
pub(super) fn arguments(
    reader: &Reader<'_, '_>,
    command: &Command,
    name: &str,
    way: &[(usize, usize)],
) -> Vec<Range<usize>> {
    if let Some(value) = command.parameter(name) {
        return vec![value];
    }
    command
        .splats
        .iter()
        .flat_map(|splat| {
            let mut reached = Reached::default();
            reader.reach(*splat..splat + 1, way, 0, &mut reached);
            reader.members(*splat, name, &reached)
        })
        .collect()
}
