//! Names that hold an address and stand in another file: `graphConfig.graphMeEndpoint`, `Endpoints.Users`, `$GRAPH_URL`.

use rustc_hash::{FxHashMap, FxHashSet};
use source_lex::{Code, Dialect, Language, Operator, TokenKind};

use crate::address::{self, Host, Target};
use crate::api::Api;
use crate::helpers::{Constant, Helpers};

/// Names that every program has; what one file assigns to them says nothing of another.
const COMMON: [&str; 36] = [
    "path",
    "url",
    "uri",
    "endpoint",
    "link",
    "href",
    "value",
    "name",
    "type",
    "query",
    "resource",
    "data",
    "root",
    "base",
    "body",
    "text",
    "key",
    "host",
    "address",
    "route",
    "target",
    "source",
    "result",
    "response",
    "request",
    "api",
    "description",
    "title",
    "message",
    "self",
    "file",
    "scope",
    "token",
    "issuer",
    "audience",
    "authority",
];

/// Collects the addresses that names of a file hold.
pub(super) fn collect(code: &Code<'_>, api: &Api, helpers: &mut Helpers) {
    for assignment in code.all_assignments() {
        if !matches!(assignment.operator, Operator::Assign | Operator::Property) {
            continue;
        }
        let name = code.name(assignment.name as usize);
        if !is_distinct(name) {
            continue;
        }
        let start = assignment.value as usize;
        if !matches!(
            code.kind(start),
            TokenKind::Str | TokenKind::StrOpen | TokenKind::Word | TokenKind::Var
        ) {
            continue;
        }
        let values = code.fold(start..code.expression_end(start).min(start + 60));
        let known = match values.as_slice() {
            [value] => value.known(),
            _ => None,
        };
        if let Some(text) = known.filter(|text| is_graph(api, text)) {
            let owner = owner(code, assignment.name as usize);
            helpers.add_constant(name, Constant { text, owner });
        } else if values.iter().any(|value| !value.is_unknown()) {
            // The name has another meaning, too.
            helpers.add_other(name);
        }
    }
}

/// Whether a text is an address of Microsoft Graph, or the begin of one.
fn is_graph(api: &Api, text: &str) -> bool {
    // A base: `https://graph.microsoft.com/v1.0`.
    let base = text.trim_end_matches('/');
    let base = base
        .strip_suffix("/v1.0")
        .or_else(|| base.strip_suffix("/beta"))
        .unwrap_or(base);
    if base.eq_ignore_ascii_case("https://graph.microsoft.com") {
        return true;
    }
    address::read(api, None, text).is_some_and(|address| match address.target {
        Target::Path { template, .. } => {
            address.host == Host::Graph
                || (template.is_some() && text.trim_start_matches('/').contains('/'))
        }
        Target::Batch => true,
        Target::Unknown { .. } => false,
    })
}

/// The class or object that a name is declared in.
fn owner(code: &Code<'_>, at: usize) -> Option<String> {
    if code.language() == Language::Python {
        let start = code.token(at).start as usize;
        if code.source()[..start].ends_with('\n') || start == 0 {
            return None;
        }
    } else {
        let open = code.up(at).filter(|open| code.is(*open, "{"))?;
        // `const endpoints = { … }`, `export const endpoints: Endpoints = { … }`.
        if let Some(declared) = code.all_assignments_at(open) {
            return Some(code.name(declared.name as usize).to_owned());
        }
    }
    (at.saturating_sub(400)..at)
        .rev()
        .find(|at| {
            matches!(
                code.text(*at),
                "class" | "interface" | "object" | "enum" | "struct"
            )
        })
        .map(|at| code.text(at + 1).to_owned())
}

fn is_distinct(name: &str) -> bool {
    name.len() > 3
        && !COMMON.contains(&name.to_ascii_lowercase().as_str())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The addresses of other files that this one can mean: names which it does not bind itself, and which are members,
/// constants, imported, or a script's variables.
pub(super) fn outside(code: &Code<'_>, helpers: &Helpers) -> FxHashMap<String, String> {
    let mut found = FxHashMap::default();
    if !helpers.has_constants() {
        return found;
    }
    let mut seen: FxHashSet<&str> = FxHashSet::default();
    let script = matches!(
        code.language().table().dialect,
        Dialect::PowerShell | Dialect::Shell
    );
    let mut others: FxHashSet<&str> = FxHashSet::default();
    let mut imports = false;
    for at in 0..code.len() {
        if !matches!(code.kind(at), TokenKind::Word | TokenKind::Var) {
            continue;
        }
        if code.token(at).newline {
            imports = matches!(code.text(at), "import" | "from" | "using" | "use");
        } else if matches!(code.text(at), "import" | "from") {
            imports = true;
        }
        let name = code.name(at);
        let Some(known) = helpers.constant(name) else {
            continue;
        };
        let member = at > 0 && code.is_dot(at - 1);
        // `Input.USER_ID` is not `Endpoint.USER_ID`.
        let receiver = code.text(at.saturating_sub(2));
        if member
            && receiver.starts_with(char::is_uppercase)
            && known
                .owner
                .as_deref()
                .is_some_and(|owner| owner != receiver)
        {
            others.insert(name);
        }
        let constant = name.bytes().any(|byte| byte.is_ascii_uppercase())
            && !name.bytes().any(|byte| byte.is_ascii_lowercase());
        if !(member || constant || imports || script && code.kind(at) == TokenKind::Var) {
            continue;
        }
        if seen.insert(name) && code.assignments(name).is_empty() {
            found.insert(name.to_owned(), known.text.clone());
        }
    }
    found.retain(|name, _| !others.contains(name.as_str()));
    found
}
