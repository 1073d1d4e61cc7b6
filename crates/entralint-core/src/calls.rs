//! The calls that the apps make: who said so, and what the catalogue answers for each.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use msgraph_permissions::{
    Answer, Call, Catalog, LookupOptions, PermissionType, Scheme, Solution, Verdict,
};

/// What is assumed when nobody says what the apps call: the session-revocation endpoints.
const ASSUMED: [&str; 2] = [
    "POST /me/revokeSignInSessions",
    "POST /users/{id}/revokeSignInSessions",
];

/// Where a call was said to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `--calls` or an argument.
    CommandLine,
    /// A line of a file: the configuration, or a list of calls.
    File { path: String, line: usize },
    /// Nobody said it.
    Assumed,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::CommandLine => f.write_str("command line"),
            Origin::File { path, line } => write!(f, "{path}:{line}"),
            Origin::Assumed => f.write_str("assumed"),
        }
    }
}

/// One call, with its origin.
#[derive(Clone, Debug)]
pub struct DeclaredCall {
    pub call: Call,
    pub origin: Origin,
}

/// One call with an answer for each type of permission in which it may be made.
#[derive(Debug)]
pub struct AnsweredCall {
    pub declared: DeclaredCall,
    /// One for the named type; delegated (work or school) and application where none is named.
    pub answers: Vec<Answer>,
}

impl AnsweredCall {
    /// The answer that a declaration of this kind is judged by.
    pub fn answer(&self, kind: PermissionType) -> Option<&Answer> {
        self.answers
            .iter()
            .find(|a| a.scheme.permission_type() == kind)
    }

    /// Nothing says what this call needs in this kind, so nothing may be taken away on the
    /// strength of the other calls. A call that cannot be made with the type that was named is one
    /// of these: it was meant to be made somehow.
    pub fn is_gap(&self, kind: PermissionType) -> bool {
        let named = self.declared.call.scheme.is_some();
        self.answer(kind).is_some_and(|a| match a.verdict {
            Verdict::UnknownPath | Verdict::UnknownMethod => true,
            Verdict::UnsupportedScheme => named,
            Verdict::Known | Verdict::Ambiguous | Verdict::Unmarked => false,
        })
    }

    /// A known call to `/me`, which application permissions do not support: what was meant is
    /// probably the same call for a named user.
    pub fn is_app_only_me(&self) -> bool {
        self.declared.call.path.is_me()
            && self
                .answer(PermissionType::Application)
                .is_some_and(|a| a.verdict == Verdict::UnsupportedScheme)
    }

    /// The call without its type, as it stands in messages.
    pub fn operation(&self) -> String {
        let mut call = self.declared.call.clone();
        call.scheme = None;
        crate::text::shown(&call.to_string())
    }
}

/// Which calls, by their place in the list, in which scheme.
type Question = Vec<(usize, Scheme)>;

/// All the calls of a run, answered once, however many files are judged by them.
#[derive(Debug)]
pub struct Calls<'c> {
    pub catalog: &'c Catalog,
    pub list: Vec<AnsweredCall>,
    /// Nobody said what the apps call.
    pub assumed: bool,
    solved: Mutex<HashMap<Question, Arc<Solution>>>,
}

impl<'c> Calls<'c> {
    pub fn answer(
        catalog: &'c Catalog,
        declared: Vec<DeclaredCall>,
        options: LookupOptions,
    ) -> Self {
        let assumed = declared.is_empty();
        let declared = if assumed { assumed_calls() } else { declared };
        let list = declared
            .into_iter()
            .map(|declared| {
                let schemes = match declared.call.scheme {
                    Some(scheme) => vec![scheme],
                    None => vec![Scheme::DelegatedWork, Scheme::Application],
                };
                let answers = schemes
                    .into_iter()
                    .map(|scheme| catalog.lookup(&declared.call, scheme, options))
                    .collect();
                AnsweredCall { declared, answers }
            })
            .collect();
        Self {
            catalog,
            list,
            assumed,
            solved: Mutex::default(),
        }
    }

    /// The smallest set for these answers, all of one scheme. Apps that make the same calls with
    /// the same kind share one answer.
    pub fn solve(&self, judged: &[(usize, &Answer)]) -> Arc<Solution> {
        let key: Question = judged.iter().map(|(i, a)| (*i, a.scheme)).collect();
        let known = self
            .solved
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .cloned();
        known.unwrap_or_else(|| {
            let answers: Vec<Answer> = judged.iter().map(|(_, a)| (*a).clone()).collect();
            let solution = Arc::new(self.catalog.solve(&answers));
            self.solved
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(key, Arc::clone(&solution));
            solution
        })
    }
}

/// One call a line; blank lines and lines that begin with `#` are skipped. `name` is the file's,
/// for messages.
///
/// # Errors
///
/// What is wrong with the first malformed line, with its number, or that there is no call at all.
pub fn of_lines(text: &str, name: &str) -> Result<Vec<DeclaredCall>, String> {
    let mut calls = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let line = line.trim_start_matches('\u{feff}').trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let call = line
            .parse()
            .map_err(|error| format!("{name}:{number}: {error}"))?;
        calls.push(DeclaredCall {
            call,
            origin: Origin::File {
                path: name.to_owned(),
                line: number,
            },
        });
    }
    if calls.is_empty() {
        return Err(format!("{name}: no call in this file"));
    }
    Ok(calls)
}

fn assumed_calls() -> Vec<DeclaredCall> {
    ASSUMED
        .iter()
        .filter_map(|text| text.parse().ok())
        .map(|call| DeclaredCall {
            call,
            origin: Origin::Assumed,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_assumed_call_is_a_call() {
        assert_eq!(assumed_calls().len(), ASSUMED.len());
    }
}
