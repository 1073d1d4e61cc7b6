//! Scripts that a script runs in its own scope: `. ./lib.ps1`, `Import-Module ./lib.psm1`, `source lib.sh`.

use std::ops::Range;

use camino::{Utf8Path, Utf8PathBuf};
use source_lex::{Language, Operator, TokenKind};
use source_text::FileId;

use super::{Reached, Reader};
use crate::read::Want;

/// More files are not read; a script that loads a whole folder names them by a loop.
const MOST_LINKS: usize = 16;

/// A script that another one runs.
pub(in super::super) struct Linked<'c, 's> {
    pub(in super::super) reader: Reader<'c, 's>,
    pub(in super::super) file: FileId,
}

impl Linked<'_, '_> {
    /// The values that the script's own lines give to a variable.
    fn variable(
        &self,
        name: &str,
        reach: impl Fn(&Reader<'_, '_>, Range<usize>, &mut Reached),
        out: &mut Reached,
    ) -> bool {
        let code = self.reader.code;
        let mut found = false;
        for assignment in code.assignments(name) {
            let own = code.function_of(assignment.name as usize).is_none();
            if !own || assignment.member || assignment.operator == Operator::Argument {
                continue;
            }
            let start = assignment.value as usize;
            let end = match code.language() {
                Language::Shell => code.word_end(start).max(start + 1),
                _ => code.expression_end(start),
            };
            let mut values = Reached::default();
            reach(&self.reader, start..end, &mut values);
            self.hand_over(values, out);
            found = true;
        }
        found
    }

    /// What a function of the script gives back.
    fn function(&self, name: &str, depth: usize, out: &mut Reached) -> bool {
        let Some(function) = self.reader.function_named(name) else {
            return false;
        };
        let mut values = Reached::default();
        let body = function.start as usize..function.end as usize;
        self.reader.returned(body, &[], depth, &mut values);
        self.hand_over(values, out);
        true
    }

    /// Tables and objects are tokens of the other script: only its literals go on.
    fn hand_over(&self, values: Reached, out: &mut Reached) {
        for mut literal in values.literals {
            literal.file = Some(self.file);
            out.literals.push(literal);
        }
        for mut unknown in values.unknown {
            unknown.file = Some(self.file);
            out.unknown.push(unknown);
        }
    }
}

impl Reader<'_, '_> {
    /// The values of a variable that another script sets. `false`: none does.
    pub(in super::super) fn linked_variable(
        &self,
        name: &str,
        reach: impl Fn(&Reader<'_, '_>, Range<usize>, &mut Reached),
        out: &mut Reached,
    ) -> bool {
        self.linked
            .iter()
            .any(|linked| linked.variable(name, &reach, out))
    }

    /// What a function of another script gives back. `false`: none has it.
    pub(in super::super) fn linked_function(
        &self,
        name: &str,
        depth: usize,
        out: &mut Reached,
    ) -> bool {
        self.linked
            .iter()
            .any(|linked| linked.function(name, depth, out))
    }

    /// The files of the scripts that this one runs, by the name of its own file.
    pub(in super::super) fn links(&self, own: &Utf8Path) -> Vec<Want> {
        let code = self.code;
        let mut links = Vec::new();
        for at in 0..code.len() {
            let text = code.text(at);
            let dots = text == "." && (code.token(at).newline || at == 0)
                || code.kind(at) == TokenKind::Word
                    && self.begins_command(at)
                    && (text.eq_ignore_ascii_case("import-module") || text == "source");
            if !dots || links.len() >= MOST_LINKS {
                continue;
            }
            let mut end = at + 1;
            while end < code.len() && !code.token(end).newline && !code.is(end, ";") {
                end += 1;
            }
            if end == at + 1 {
                continue;
            }
            let (start, stop) = self.offsets(at + 1..end);
            let argument = &self.text[start as usize..stop as usize];
            if let Some(path) = path(argument, own) {
                let want = Want::File(path);
                if !links.contains(&want) {
                    links.push(want);
                }
            }
        }
        links
    }
}

/// The path of a script in an argument: behind the folder of the script itself, whatever says which that is
/// (`$PSScriptRoot`, `$(dirname "$0")`), or relative to it.
fn path(argument: &str, own: &Utf8Path) -> Option<Utf8PathBuf> {
    let ending = [".ps1", ".psm1", ".sh", ".bash", ".env"]
        .iter()
        .filter_map(|ending| Some(argument.to_ascii_lowercase().find(ending)? + ending.len()))
        .min()?;
    let whole = argument.get(..ending)?;
    let start = whole
        .rfind(['"', '\'', ')', '}', ' '])
        .map_or(0, |last| last + 1);
    let mut relative = whole[start..].replace('\\', "/");
    if let Some(variable) = relative.strip_prefix('$') {
        relative = variable.split_once('/')?.1.to_owned();
    }
    let mut path = own.parent()?.to_path_buf();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." if path.pop() => {}
            // Nothing outside of the repository.
            ".." => return None,
            part => path.push(part),
        }
    }
    Some(path)
}
