//! `--from`: questions as JSON Lines, each answered by a line.

use std::io::{BufRead, BufReader};

use camino::Utf8Path;
use entralint_core::needs::{Line, Needs, Question};
use msgraph_permissions::{Catalog, LookupOptions};

use crate::cmd::{self, ERROR, FINDINGS, OK};

/// One answer a line, in the order of the lines.
pub(super) fn answer(
    catalog: &Catalog,
    path: &Utf8Path,
    options: LookupOptions,
) -> Result<u8, String> {
    let mut input: Box<dyn BufRead> = if path == "-" {
        Box::new(std::io::stdin().lock())
    } else {
        let file =
            std::fs::File::open(path).map_err(|error| format!("cannot read {path}: {error}"))?;
        Box::new(BufReader::new(file))
    };
    let mut code = OK;
    let mut number = 0_usize;
    let mut line = Vec::new();
    let mut out = Vec::new();
    loop {
        line.clear();
        let read = input
            .read_until(b'\n', &mut line)
            .map_err(|error| format!("cannot read {path}: {error}"))?;
        if read == 0 {
            break;
        }
        number += 1;
        if number == 1 && line.starts_with(b"\xef\xbb\xbf") {
            line.drain(..3);
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        match answer_line(catalog, &line, options) {
            Ok(needs) => {
                if !needs.unanswered.is_empty() {
                    code = code.max(FINDINGS);
                }
                if needs.calls.iter().any(|call| call.error.is_some()) {
                    code = ERROR;
                    cmd::say(&format!("error: {path}:{number}: a call is malformed"));
                }
                serde_json::to_writer(&mut out, &Line::answer(needs))
                    .map_err(|error| error.to_string())?;
            }
            Err(error) => {
                // The line keeps its place, so that answers still stand next to their questions.
                cmd::say(&format!("error: {path}:{number}: {error}"));
                code = ERROR;
                serde_json::to_writer(&mut out, &Line::error(error))
                    .map_err(|error| error.to_string())?;
            }
        }
        out.push(b'\n');
        const ENOUGH: usize = 64 * 1024;
        if out.len() >= ENOUGH {
            cmd::print_bytes(&out)?;
            out.clear();
        }
    }
    cmd::print_bytes(&out)?;
    Ok(code)
}

fn answer_line(catalog: &Catalog, line: &[u8], options: LookupOptions) -> Result<Needs, String> {
    let question: Question = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    question.answer(catalog, options)
}
