//! The engine: finds calls in a lexed text.
//!
//! Two sorts of places make a call. A member chain on a client of an SDK ends in a verb; the accessors give the path
//! ([`chains`]). And a URL or path, wherever it comes from, is given to a function that sends it: the innermost call
//! outwards says the verb ([`requests`]). Commands of PowerShell and of shells have readers of their own.

mod accept;
mod builders;
mod call_verb;
mod chains;
mod commands;
mod constants;
mod delegates;
mod facts;
mod follow;
mod graph_rs;
mod helper_calls;
mod helper_definitions;
mod leftovers;
mod names;
mod option_verbs;
mod outward;
mod pnp;
mod powershell;
mod receivers;
mod regions;
mod requests;
mod seeds;
mod shell;
mod sign_in;
mod subscriptions;
#[cfg(test)]
mod tests;
mod uses;
mod verbs;
mod web_commands;
mod words;
mod wrappers;

use msgraph_permissions::{Method, PermissionType};
use rustc_hash::FxHashSet;
use source_lex::{Code, Language, Part, Value};
use source_text::{FileId, Span};

use crate::api::{Api, HOLE};
use crate::helpers::{Helper, Helpers};
use crate::model::{
    Certainty, Evidence, Found, Kind, Missing, SkipReason, Step, Unresolved, Version,
};
use facts::Facts;

/// Where the text stands in its file.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    /// The text begins at this offset of the file.
    At(FileId, u32),
    /// The text was decoded from a string that stands here.
    Within(Span),
}

impl Place {
    fn span(self, start: u32, end: u32) -> Span {
        match self {
            Self::At(file, base) => Span {
                file,
                start: base + start,
                end: base + end.max(start),
            },
            Self::Within(span) => span,
        }
    }
}

/// What the engine knows while it reads one text.
pub(crate) struct Scan<'a, 's> {
    pub(crate) code: &'a Code<'s>,
    pub(crate) api: &'a Api,
    pub(crate) helpers: &'a Helpers,
    place: Place,
    facts: Facts,
    pub(crate) evidence: Evidence,
    /// Calls that were reported: place, method and path.
    done: FxHashSet<(u32, Method, String)>,
    /// Places that were reported as unresolved.
    reported: FxHashSet<u32>,
    /// The tokens of each chain that was reported.
    chained: Vec<(usize, usize)>,
    /// The tokens that begin a class.
    classes: Vec<usize>,
    /// The names of classes that those of the text are derived from.
    bases: Vec<String>,
    /// Offsets of literals that are part of a reported call.
    consumed: FxHashSet<u32>,
    /// Helpers that the text defines.
    pub(crate) defined: Vec<Helper>,
}

/// A text in which names that other files of the project give addresses are known.
pub(crate) fn with_constants<'s>(code: Code<'s>, helpers: &Helpers) -> Code<'s> {
    let outside = constants::outside(&code, helpers);
    code.with_outside(outside)
}

/// The calls that a text makes.
pub(crate) fn scan(
    code: &Code<'_>,
    place: Place,
    name: &str,
    api: &Api,
    helpers: &Helpers,
) -> Evidence {
    let mut scan = Scan::new(code, place, name, api, helpers);
    scan.run();
    scan.evidence.exported += scan.exported_helpers(name);
    scan.evidence
}

/// The helpers that a text defines, functions that send a path which they are given, and the functions of a text that
/// makes calls.
pub(crate) fn helpers(code: &Code<'_>, name: &str, api: &Api, found: &mut Helpers) {
    let none = Helpers::default();
    let mut scan = Scan::new(code, Place::At(FileId::default(), 0), name, api, &none);
    scan.run();
    let mut defined = std::mem::take(&mut scan.defined);
    for helper in scan.plain_helpers() {
        if !defined.iter().any(|known| known.name == helper.name) {
            defined.push(helper);
        }
    }
    for delegate in scan.delegates() {
        found.add_delegate(delegate);
    }
    for mut helper in defined {
        helper.class = scan.class_of(helper.at);
        found.add(helper);
    }
    constants::collect(code, api, found);
    if !scan.evidence.calls.is_empty() {
        for function in code.functions() {
            found.add_function(code.text(function.name as usize));
        }
    }
}

impl<'a, 's> Scan<'a, 's> {
    fn new(
        code: &'a Code<'s>,
        place: Place,
        name: &str,
        api: &'a Api,
        helpers: &'a Helpers,
    ) -> Self {
        Self {
            code,
            api,
            helpers,
            place,
            facts: Facts::read(code, name),
            evidence: Evidence::default(),
            done: FxHashSet::default(),
            reported: FxHashSet::default(),
            chained: Vec::new(),
            classes: (0..code.len())
                .filter(|at| {
                    code.kind(*at) == source_lex::TokenKind::Word
                        && matches!(code.text(*at), "class" | "impl" | "object" | "interface")
                })
                .collect(),
            bases: base_classes(code),
            consumed: FxHashSet::default(),
            defined: Vec::new(),
        }
    }

    fn run(&mut self) {
        match self.code.language() {
            Language::PowerShell => self.powershell(),
            Language::Shell => self.shell(),
            Language::Bicep => self.bicep(),
            language => {
                self.chains();
                if language == Language::Rust {
                    self.graph_rs();
                }
                if language == Language::JavaScript {
                    self.pnp();
                }
                self.requests();
            }
        }
        self.subscriptions();
        self.comments();
        self.evidence
            .calls
            .sort_by_key(|call| (call.span.start, call.path_span.map(|span| span.start)));
        self.evidence
            .unresolved
            .sort_by_key(|place| place.span.start);
    }

    /// The scripts of a Bicep file: text in `'''`, which deployment scripts run.
    fn bicep(&mut self) {
        let powershell = self.code.source().contains("AzurePowerShell");
        let language = if powershell {
            Language::PowerShell
        } else {
            Language::Shell
        };
        for at in 0..self.code.len() {
            let Some(content) = self
                .code
                .content(at)
                .filter(|content| content.escape == source_lex::Escape::None)
            else {
                continue;
            };
            let script = self
                .code
                .source()
                .get(content.start as usize..content.end as usize)
                .unwrap_or_default();
            if !script.contains('\n') {
                continue;
            }
            let code = Code::new(script, language);
            let place = match self.place {
                Place::At(file, base) => Place::At(file, base + content.start),
                within @ Place::Within(_) => within,
            };
            self.evidence
                .merge(scan(&code, place, "", self.api, self.helpers));
        }
    }

    /// Counts the addresses in comments, which are no calls.
    fn comments(&mut self) {
        for (start, end) in self.code.comments() {
            let text = self
                .code
                .source()
                .get(*start as usize..*end as usize)
                .unwrap_or_default();
            if text.contains("graph.microsoft.com/") {
                self.evidence.skipped.add(SkipReason::Comment);
            }
        }
    }

    fn span(&self, start: u32, end: u32) -> Span {
        self.place.span(start, end)
    }

    /// The span of some tokens.
    fn tokens(&self, first: usize, end: usize) -> Span {
        let last = end.saturating_sub(1).max(first);
        self.span(self.code.token(first).start, self.code.token(last).end)
    }

    /// Reports a call, once.
    fn found(&mut self, call: Call<'_>) {
        let start = self.code.token(call.at.0).start;
        if call.kind == Kind::Chain {
            self.chained.push(call.at);
        }
        for part in call.value.map_or(&[][..], |value| &value.parts) {
            if let Part::Literal { start, .. } = part {
                self.consumed.insert(*start);
            }
        }
        if !self.done.insert((start, call.method, call.path.clone())) {
            return;
        }
        let span = self.tokens(call.at.0, call.at.1);
        let path_span = call.value.and_then(|value| {
            let start = value.literal_start()?;
            let length = value.parts.iter().find_map(|part| match part {
                Part::Literal { text, .. } => Some(text.len() as u32),
                Part::Hole { .. } => None,
            })?;
            let own = self.span(start, start + length);
            // Within the call it needs no place of its own.
            (own.start < span.start || own.start > span.end).then_some(own)
        });
        let scheme = if call.path == "/me" || call.path.starts_with("/me/") {
            Some(PermissionType::Delegated)
        } else {
            self.facts.scheme
        };
        let mut steps = Vec::new();
        if let Some(value) = call.value {
            if let Some(start) = value.literal_start() {
                steps.push(Step {
                    text: "path literal".to_owned(),
                    span: self.span(start, start),
                });
            }
            for (name, start) in value.through.iter().rev() {
                steps.push(Step {
                    text: format!("through `{name}`"),
                    span: self.span(*start, *start + name.len() as u32),
                });
            }
        }
        for (text, at) in call.steps {
            let token = self.code.token(at);
            steps.push(Step {
                text,
                span: self.span(token.start, token.end),
            });
        }
        self.evidence.calls.push(Found {
            method: call.method,
            path: call.path,
            template: call.template.map(str::to_owned),
            version: call.version,
            scheme,
            span,
            path_span,
            kind: call.kind,
            certainty: call.certainty,
            steps,
            reads: None,
            outcome: None,
        });
    }

    /// Reports a place that cannot be resolved, once.
    fn unresolved(
        &mut self,
        at: (usize, usize),
        root: Option<String>,
        missing: Missing,
        text: String,
    ) {
        let span = self.tokens(at.0, at.1);
        if self.reported.insert(self.code.token(at.0).start) {
            self.evidence.unresolved.push(Unresolved {
                root,
                missing,
                span,
                text,
            });
        }
    }
}

/// A call before it is reported.
struct Call<'v> {
    method: Method,
    path: String,
    template: Option<&'v str>,
    version: Option<Version>,
    /// The tokens of the call: first, and after the last.
    at: (usize, usize),
    value: Option<&'v Value>,
    kind: Kind,
    certainty: Certainty,
    steps: Vec<(String, usize)>,
}

/// The names of classes that classes of a text are derived from: `class A extends B`, `class A(B):`, `class A : B`.
fn base_classes(code: &Code<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for at in 0..code.len() {
        if code.kind(at) != source_lex::TokenKind::Word || code.text(at) != "class" {
            continue;
        }
        for next in at + 2..(at + 16).min(code.len()) {
            if code.is(next, "{") || (code.is(next, ":") && code.language() == Language::Python) {
                break;
            }
            if code.kind(next) == source_lex::TokenKind::Word && code.text(next) != "extends" {
                found.push(code.text(next).to_owned());
            }
        }
    }
    found
}

/// The text of a value, with [`HOLE`] for each unknown part.
fn holed(value: &Value) -> String {
    let mut out = String::new();
    for part in &value.parts {
        match part {
            Part::Literal { text, .. } => out.extend(text.chars().filter(|c| *c != HOLE)),
            Part::Hole { .. } => out.push(HOLE),
        }
    }
    out
}
