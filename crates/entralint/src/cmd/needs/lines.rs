//! `--from`: questions as JSON Lines, each answered by a line.

use std::io::{BufRead, BufReader};

use camino::Utf8Path;
use msgraph_permissions::{Call, Catalog, LookupOptions, Scheme};
use serde::Deserialize;

use super::{Answered, CallNeeds, Needs};
use crate::cmd::{self, ERROR, FINDINGS, OK};

/// A line of `--from`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    scheme: String,
    calls: Vec<String>,
}

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
                serde_json::to_writer(&mut out, &needs).map_err(|error| error.to_string())?;
            }
            Err(error) => {
                // The line keeps its place, so that answers still stand beside their questions.
                cmd::say(&format!("error: {path}:{number}: {error}"));
                code = ERROR;
                let answer = serde_json::json!({ "error": error });
                serde_json::to_writer(&mut out, &answer).map_err(|error| error.to_string())?;
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
    let scheme: Scheme = question
        .scheme
        .parse()
        .map_err(|e| format!("scheme: {e}"))?;
    let mut calls = Vec::new();
    let mut malformed: Vec<(usize, CallNeeds)> = Vec::new();
    for (index, text) in question.calls.iter().enumerate() {
        let problem = match text.parse::<Call>() {
            Ok(call) if call.scheme.is_none_or(|named| named == scheme) => {
                calls.push(call);
                continue;
            }
            Ok(_) => format!("the call names another type than the line, which is {scheme}"),
            Err(error) => error.to_string(),
        };
        malformed.push((
            index,
            CallNeeds {
                call: text.clone(),
                verdict: "malformed".to_owned(),
                error: Some(problem),
                ..CallNeeds::default()
            },
        ));
    }
    let mut needs = Answered::new(catalog, scheme, &calls, options).needs();
    for (index, call) in malformed {
        needs.calls.insert(index.min(needs.calls.len()), call);
    }
    needs.unanswered = needs
        .calls
        .iter()
        .filter(|call| call.least.is_none())
        .map(|call| call.call.clone())
        .collect();
    Ok(needs)
}
