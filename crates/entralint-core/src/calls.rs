//! The calls that an app makes: who names them, what the catalog answers for each, and which are shared with other
//! apps.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use msgraph_calls::{Certainty, Kind, Missing, Outcome};
use msgraph_permissions::{
    Answer, Call, Catalog, Doubt, LookupOptions, PermissionName, PermissionType, Scheme, Verdict,
};
use source_text::Source;

use crate::assess::View;
use crate::config::AccountTypes;
use crate::finding::{Finding, Location, locate};
use crate::rules::invalid_call;
use crate::text;

/// Who says that a call is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `--calls` or an argument.
    CommandLine,
    /// A line of the configuration or of a file of calls.
    Named(Location),
    /// Source code, a script, a workflow or a recording.
    Found(Box<FoundIn>),
}

/// The evidence of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundIn {
    /// Where the call is made.
    pub at: Location,
    /// How sure it is.
    pub certainty: Certainty,
    /// In which form it is written.
    pub kind: Kind,
    /// How it was read, with places.
    pub steps: Vec<(String, Location)>,
    /// What the service answered, where a recording tells.
    pub outcome: Option<Outcome>,
}

/// The time that recordings of an app cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first request.
    pub first: Timestamp,
    /// The last request.
    pub last: Timestamp,
    /// How many requests of the app were recorded.
    pub requests: usize,
}

impl Origin {
    /// Whether a recording holds the request.
    pub fn is_recorded(&self) -> bool {
        matches!(self, Self::Found(found) if matches!(found.kind, Kind::Har | Kind::DevProxy | Kind::Log))
    }

    /// Whether the service refused it for want of a permission.
    pub fn is_refused(&self) -> bool {
        matches!(self, Self::Found(found) if found.outcome == Some(Outcome::Forbidden))
    }
}

impl Window {
    /// How many whole days lie between the first and the last request.
    pub fn days(&self) -> i64 {
        (self.last.as_second() - self.first.as_second()) / (24 * 60 * 60)
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            first: self.first.min(other.first),
            last: self.last.max(other.last),
            requests: self.requests + other.requests,
        }
    }
}

impl Origin {
    /// Where the call is, if it is in a file.
    pub fn location(&self) -> Option<&Location> {
        match self {
            Origin::CommandLine => None,
            Origin::Named(at) => Some(at),
            Origin::Found(found) => Some(&found.at),
        }
    }

    /// How sure it is that the call is made. What a person names is certain.
    pub fn certainty(&self) -> Certainty {
        match self {
            Origin::CommandLine | Origin::Named(_) => Certainty::Certain,
            Origin::Found(found) => found.certainty,
        }
    }

    /// Whether a person named it.
    pub fn is_named(&self) -> bool {
        !matches!(self, Origin::Found(_))
    }
}

/// One call, with its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredCall {
    /// The call.
    pub call: Call,
    /// Who says so.
    pub origin: Origin,
}

/// A place that calls Microsoft Graph and could not be resolved to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnresolvedCall {
    /// The first segment of the path, in lower case, where that is known.
    pub root: Option<String>,
    /// What could not be read.
    pub missing: Missing,
    /// Where.
    pub at: Location,
    /// What stands there.
    pub text: String,
}

/// One call of a set, with an answer for each type of permission in which it may be made.
#[derive(Debug)]
pub struct AnsweredCall {
    /// The call.
    pub call: Call,
    /// Who says so, the surest first. Of many places a few are kept.
    pub origins: Vec<Origin>,
    /// It may be another app's.
    pub shared: bool,
    /// Source code makes it, and recordings of so many days do not hold it.
    pub unseen_days: Option<i64>,
    /// One for the named type; delegated and application where none is named. An app with personal accounts has one
    /// more.
    pub answers: Vec<Answer>,
}

impl AnsweredCall {
    /// The answers that a declaration of this type is judged by.
    pub fn answers(&self, permission_type: PermissionType) -> impl Iterator<Item = &Answer> {
        self.answers
            .iter()
            .filter(move |a| a.scheme.permission_type() == permission_type)
    }

    /// How sure it is that the call is made.
    pub fn certainty(&self) -> Certainty {
        self.origins
            .iter()
            .map(Origin::certainty)
            .max()
            .unwrap_or(Certainty::Certain)
    }

    /// Whether it is answered in some type.
    pub fn is_answered(&self) -> bool {
        self.answers.iter().any(Answer::is_answered)
    }

    /// Nothing says what this call needs in this type, so nothing that may be for it is reported as too much. A call
    /// that cannot be made with the type that was named is one of these: it was meant to be made somehow.
    pub fn is_unanswered(&self, permission_type: PermissionType) -> bool {
        let named = self.call.scheme.is_some();
        self.answers(permission_type).any(|a| match a.verdict {
            Verdict::UnknownPath | Verdict::UnknownMethod => true,
            Verdict::UnsupportedScheme => named,
            Verdict::Known | Verdict::Ambiguous | Verdict::Unmarked => false,
        })
    }

    /// Which of the accepted permissions it needs shows in its body only.
    pub fn depends_on_body(&self, permission_type: PermissionType) -> bool {
        self.answers(permission_type)
            .any(|answer| answer.doubts.contains(&Doubt::DependsOnBody))
    }

    /// A known call to `/me`, which application permissions do not support: what was meant is probably the same call
    /// for a named user.
    pub fn is_me_without_user(&self) -> bool {
        self.call.path.is_me()
            && self
                .answers(PermissionType::Application)
                .any(|a| a.verdict == Verdict::UnsupportedScheme)
    }

    /// The call without its type, as messages show it.
    pub fn operation(&self) -> String {
        let path = self.call.path.to_string();
        let template = self
            .answers
            .iter()
            .find_map(|answer| answer.template.as_ref());
        let path = match template {
            Some(template) => respelled(&path, template),
            None => path,
        };
        text::shown(&format!("{} {path}", self.call.method))
    }

    /// The second segment of its path, in lower case: the data lists some operations without the segment that groups
    /// them (`/backupRestore/…` for `/solutions/backupRestore/…`).
    pub fn below_root(&self) -> Option<String> {
        let path = self.call.path.to_string();
        let second = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .nth(1)?;
        let is_word = second.chars().all(|c| c.is_ascii_alphanumeric());
        is_word.then(|| second.to_ascii_lowercase())
    }

    /// The first segment of its path, in lower case.
    pub fn root(&self) -> Option<String> {
        self.call.path.root().map(str::to_ascii_lowercase)
    }
}

/// A call without its type, as it is written.
pub(crate) fn operation(call: &Call) -> String {
    let mut call = call.clone();
    call.scheme = None;
    text::shown(&call.to_string())
}

/// Whose the calls of a set are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The app's own, some perhaps shared.
    App,
    /// All are shared with other apps: what they need is never reported missing.
    Shared,
    /// No calls are known.
    Unknown,
}

/// How much of what an app calls its set is known to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// A person named the calls.
    Named,
    /// The app's source was searched, all of it.
    Scanned,
    /// Part of the app's source could not be searched, or it is not clear what belongs to it.
    Partly,
}

/// The calls that an app is judged by. Apps with the same calls share one set.
#[derive(Debug)]
pub struct CallSet {
    /// Whose they are.
    pub owner: Owner,
    /// How complete they are.
    pub coverage: Coverage,
    /// The calls, each once.
    pub calls: Vec<AnsweredCall>,
    /// Places that call something unknown.
    pub unresolved: Vec<UnresolvedCall>,
    /// One of these places is in the app's own code.
    pub has_own_unresolved: bool,
    /// Properties that the code names and that need a permission of their own.
    pub properties: BTreeSet<&'static str>,
    /// All that is known comes from recordings of this time, none from source code.
    pub recorded: Option<Window>,
    /// Recorded requests that the app's source lacks: it is not all that the app runs.
    pub beyond_source: Vec<String>,
    /// Whether a call below a root may be what a permission is for: the same question comes up for each app.
    blocked: Mutex<HashMap<Question, bool>>,
    /// What requests of one type come to, judged by these calls: many apps of a repository request the same.
    views: Mutex<HashMap<Requests, Arc<View>>>,
}

/// What an app requests in one type of permission.
type Requests = (PermissionType, BTreeSet<PermissionName>);

/// So many different requests are kept: of an export of a whole tenant the rest is judged anew.
const MOST_VIEWS: usize = 1_000;

/// Whether a call below a root may be what a permission of a type is for.
type Question = (PermissionName, PermissionType, Option<String>);

impl CallSet {
    /// No calls are known.
    pub fn unknown() -> Self {
        Self {
            owner: Owner::Unknown,
            coverage: Coverage::Partly,
            calls: Vec::new(),
            unresolved: Vec::new(),
            has_own_unresolved: false,
            properties: BTreeSet::new(),
            recorded: None,
            beyond_source: Vec::new(),
            blocked: Mutex::default(),
            views: Mutex::default(),
        }
    }

    /// Answers calls. `own` are the app's, `shared` may be another app's. With `others`, calls that code makes on
    /// `/users/{id}` are about other users than the one signed in.
    pub fn answer(
        catalog: &Catalog,
        own: &[DeclaredCall],
        shared: &[DeclaredCall],
        options: LookupOptions,
        accounts: AccountTypes,
        others: bool,
    ) -> Self {
        /// More places of one call tell a reader nothing new.
        const PLACES: usize = 3;
        let mut calls: Vec<AnsweredCall> = Vec::new();
        let mut seen: HashMap<Call, usize> = HashMap::new();
        let all = own
            .iter()
            .map(|call| (call, false))
            .chain(shared.iter().map(|call| (call, true)));
        for (declared, shared) in all {
            if let Some(known) = seen.get(&declared.call).and_then(|at| calls.get_mut(*at)) {
                known.shared &= shared;
                if known.origins.len() < PLACES {
                    known.origins.push(declared.origin.clone());
                } else if let Some(least) = known
                    .origins
                    .iter_mut()
                    .min_by_key(|origin| origin.certainty())
                    && least.certainty() < declared.origin.certainty()
                {
                    *least = declared.origin.clone();
                }
                continue;
            }
            seen.insert(declared.call.clone(), calls.len());
            let options = LookupOptions {
                other_users: options.other_users || (others && !declared.origin.is_named()),
            };
            calls.push(AnsweredCall {
                answers: schemes(&declared.call, accounts)
                    .into_iter()
                    .map(|scheme| catalog.lookup(&declared.call, scheme, options))
                    .collect(),
                call: declared.call.clone(),
                origins: vec![declared.origin.clone()],
                shared,
                unseen_days: None,
            });
        }
        for call in &mut calls {
            call.origins
                .sort_by_key(|origin| std::cmp::Reverse(origin.certainty()));
        }
        let owner = if calls.is_empty() {
            Owner::Unknown
        } else if calls.iter().all(|call| call.shared) {
            Owner::Shared
        } else {
            Owner::App
        };
        let named = calls
            .iter()
            .any(|call| call.origins.iter().any(Origin::is_named));
        Self {
            owner,
            coverage: if named {
                Coverage::Named
            } else {
                Coverage::Partly
            },
            calls,
            unresolved: Vec::new(),
            has_own_unresolved: false,
            properties: BTreeSet::new(),
            recorded: None,
            beyond_source: Vec::new(),
            blocked: Mutex::default(),
            views: Mutex::default(),
        }
    }

    /// The same with properties that the code names.
    #[must_use]
    pub fn with_properties(mut self, properties: BTreeSet<&'static str>) -> Self {
        self.properties = properties;
        self
    }

    /// The same with places that could not be resolved, the app's `own` and `shared` ones. An app that surely calls
    /// something is not one of which nothing is known.
    #[must_use]
    pub fn with_unresolved(
        mut self,
        own: Vec<UnresolvedCall>,
        shared: Vec<UnresolvedCall>,
    ) -> Self {
        self.has_own_unresolved = !own.is_empty();
        self.unresolved = own;
        self.unresolved.extend(shared);
        self
    }

    /// The same where all that is known comes from recordings.
    #[must_use]
    pub fn with_recorded(mut self, recorded: Option<Window>) -> Self {
        self.recorded = recorded;
        self
    }

    /// The same with what recordings say beside the source: requests `beyond` it, and calls that `window` lacks.
    #[must_use]
    pub(crate) fn beside_recordings(
        mut self,
        beyond: Vec<String>,
        window: Option<Window>,
        unseen: &std::collections::HashSet<String>,
    ) -> Self {
        self.beyond_source = beyond;
        if let Some(window) = window {
            for call in &mut self.calls {
                if unseen.contains(&operation(&call.call)) {
                    call.unseen_days = Some(window.days());
                }
            }
        }
        self
    }

    /// The same with what is known of its completeness.
    #[must_use]
    pub fn with_coverage(mut self, coverage: Coverage) -> Self {
        self.coverage = coverage;
        self
    }

    /// Whether nothing is known of what the app calls.
    pub fn is_unknown(&self) -> bool {
        self.calls.is_empty()
    }

    /// What these requests come to, made where it is not known yet.
    pub(crate) fn view(
        &self,
        permission_type: PermissionType,
        requested: BTreeSet<PermissionName>,
        make: impl FnOnce(&BTreeSet<PermissionName>) -> View,
    ) -> Arc<View> {
        let views = || self.views.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (permission_type, requested);
        if let Some(known) = views().get(&key) {
            return Arc::clone(known);
        }
        // Without the lock: two threads may make the same, which is better than one that waits.
        let view = Arc::new(make(&key.1));
        let mut views = views();
        if views.len() < MOST_VIEWS {
            views.insert(key, Arc::clone(&view));
        }
        view
    }

    /// Whether a call below this root, which is not known better, may be what a permission is for.
    pub fn blocks(
        &self,
        catalog: &Catalog,
        name: &PermissionName,
        permission_type: PermissionType,
        root: Option<&str>,
    ) -> bool {
        let key = (name.clone(), permission_type, root.map(str::to_owned));
        *self
            .blocked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(key)
            .or_insert_with(|| catalog.blocks(name, permission_type, root))
    }
}

/// In which schemes a call of an app with these accounts may be made.
fn schemes(call: &Call, accounts: AccountTypes) -> Vec<Scheme> {
    let delegated = || {
        let mut schemes = Vec::new();
        if accounts.work {
            schemes.push(Scheme::DelegatedWork);
        }
        if accounts.personal {
            schemes.push(Scheme::DelegatedPersonal);
        }
        schemes
    };
    match call.scheme {
        Some(Scheme::DelegatedWork) => delegated(),
        Some(scheme) => vec![scheme],
        None => {
            let mut schemes = delegated();
            schemes.push(Scheme::Application);
            schemes
        }
    }
}

/// The calls of a file: one a line; blank lines and lines that begin with `#` are skipped.
///
/// # Errors
///
/// Every malformed line as a finding with its place, or that there is no call at all.
pub fn of_lines(source: &Source) -> Result<Vec<DeclaredCall>, Vec<Finding>> {
    let mut calls = Vec::new();
    let mut wrong = Vec::new();
    let mut at = 0;
    for whole in source.text().split_inclusive('\n') {
        let start = at + (whole.len() - whole.trim_start().len());
        at += whole.len();
        let line = whole.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let span = source.span(start, start + line.len());
        match line.parse() {
            Ok(call) => calls.push(DeclaredCall {
                call,
                origin: Origin::Named(locate(source, span)),
            }),
            Err(error) => wrong.push(invalid_call::finding(
                source,
                span,
                format!("this is not a call: {error}"),
            )),
        }
    }
    if calls.is_empty() && wrong.is_empty() {
        wrong.push(invalid_call::finding(
            source,
            source.span(0, 0),
            "there is no call in this file: write one per line, such as `POST /users/{id}/revokeSignInSessions`",
        ));
    }
    if wrong.is_empty() {
        Ok(calls)
    } else {
        Err(wrong)
    }
}
/// A path with the letters of its template: rules for cmdlets give lower case, and people know `memberOf`.
fn respelled(path: &str, template: &str) -> String {
    let (path, query) = path.find('?').map_or((path, ""), |at| path.split_at(at));
    let known: Vec<&str> = template.split('/').collect();
    let own: Vec<&str> = path.split('/').collect();
    // A version may stand before the path.
    let skipped = own.len().saturating_sub(known.len());
    let segments = own.iter().enumerate().map(|(at, own)| {
        let known = at.checked_sub(skipped).and_then(|at| known.get(at));
        match known {
            // The data spells some templates in lower case.
            Some(known)
                if known.eq_ignore_ascii_case(own)
                    && known.contains(|c: char| c.is_ascii_uppercase()) =>
            {
                *known
            }
            _ => own,
        }
    });
    segments.collect::<Vec<_>>().join("/") + query
}

#[cfg(test)]
mod tests {
    use super::respelled;

    #[test]
    fn a_path_is_written_as_its_template() {
        for (path, template, expected) in [
            (
                "/users/{id}/memberof",
                "/users/{id}/memberOf",
                "/users/{id}/memberOf",
            ),
            (
                "/beta/users/{id}/memberof?$top=5",
                "/users/{id}/memberOf",
                "/beta/users/{id}/memberOf?$top=5",
            ),
            (
                "/users/alice@contoso.com",
                "/users/{id}",
                "/users/alice@contoso.com",
            ),
            ("/me", "/users/{id}", "/me"),
            ("/me/memberOf", "/me/memberof", "/me/memberOf"),
        ] {
            assert_eq!(respelled(path, template), expected);
        }
    }
}
