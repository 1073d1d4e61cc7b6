//! The expressions of workflows (`@{…}`, `@…`) and of ARM templates (`[…]`), folded to a text with holes.
//!
//! <https://learn.microsoft.com/en-us/azure/logic-apps/workflow-definition-language-functions-reference> and
//! <https://learn.microsoft.com/en-us/azure/azure-resource-manager/templates/template-expressions>

use std::collections::HashMap;

use crate::api::HOLE;

/// Nested calls deeper than this are unknown.
const MOST_DEPTH: usize = 32;

/// How long a folded text may become: `concat` of a parameter with itself, again and again, doubles.
const MOST_TEXT: usize = 64 * 1024;

/// Literal values by name: parameters with a default, variables.
pub(super) type Names = HashMap<String, Option<String>>;

/// The text of a member, as far as it is known; what is not is [`HOLE`].
pub(super) fn fold(text: &str, names: &Names) -> String {
    let text = arm(text, names);
    let trimmed = text.trim_start();
    if let Some(expression) = trimmed.strip_prefix('@') {
        if let Some(literal) = expression.strip_prefix('@') {
            return format!("@{literal}");
        }
        if !expression.starts_with('{') {
            return evaluate(expression, names, 0);
        }
    }
    interpolated(&text, names)
}

/// `[concat(…)]` of a template; a text that begins with `[[` is none.
fn arm(text: &str, names: &Names) -> String {
    let trimmed = text.trim();
    match trimmed
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        Some(expression) if !expression.starts_with('[') => evaluate(expression, names, 0),
        _ => text.to_owned(),
    }
}

/// A text with `@{…}` in it.
fn interpolated(text: &str, names: &Names) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("@{") {
        out.push_str(&rest[..at]);
        let inner = &rest[at + 2..];
        match closing(inner, '{', '}') {
            Some(end) => {
                push(&mut out, &evaluate(&inner[..end], names, 0));
                rest = &inner[end + 1..];
            }
            None => {
                push(&mut out, "\0");
                rest = "";
            }
        }
    }
    push(&mut out, rest);
    out
}

fn push(out: &mut String, text: &str) {
    if out.len() + text.len() <= MOST_TEXT {
        out.push_str(text);
    } else if !out.ends_with(HOLE) {
        out.push(HOLE);
    }
}

/// The offset of the bracket that closes one which was opened before `text`; strings are skipped.
fn closing(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            _ if quoted => {}
            c if c == open => depth += 1,
            c if c == close => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return Some(at),
            },
            _ => {}
        }
    }
    None
}

/// The value of one expression.
fn evaluate(expression: &str, names: &Names, depth: usize) -> String {
    let unknown = || HOLE.to_string();
    let expression = expression.trim();
    if depth > MOST_DEPTH {
        return unknown();
    }
    if let Some(rest) = expression.strip_prefix('\'') {
        return literal(rest).unwrap_or_else(unknown);
    }
    let Some((name, rest)) = expression.split_once('(') else {
        return unknown();
    };
    // `body('x')?['id']` goes on behind the call: unknown.
    let Some(end) = closing(rest, '(', ')').filter(|&end| rest[end + 1..].trim().is_empty()) else {
        return unknown();
    };
    let arguments = split(&rest[..end]);
    let value = |argument: &&str| evaluate(argument, names, depth + 1);
    match name.trim().to_ascii_lowercase().as_str() {
        "concat" => arguments.iter().fold(String::new(), |mut out, argument| {
            push(&mut out, &value(argument));
            out
        }),
        "format" => match arguments.split_first() {
            Some((pattern, values)) => format(&value(pattern), values, value),
            None => unknown(),
        },
        // `uri('https://host/a/', 'b')`
        "uri" if arguments.len() == 2 => {
            let base = value(&arguments[0]);
            format!(
                "{}/{}",
                base.trim_end_matches('/'),
                value(&arguments[1]).trim_start_matches('/')
            )
        }
        "string" | "tostring" | "trim" if arguments.len() == 1 => value(&arguments[0]),
        "parameters" | "variables" | "appsetting" if arguments.len() == 1 => {
            let name = value(&arguments[0]).to_ascii_lowercase();
            names.get(&name).cloned().flatten().unwrap_or_else(unknown)
        }
        _ => unknown(),
    }
}

/// A literal up to its closing quote, which ends the expression; `''` is a quote.
fn literal(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\'' {
            out.push(c);
        } else if chars.peek() == Some(&'\'') {
            chars.next();
            out.push('\'');
        } else {
            return chars.all(char::is_whitespace).then_some(out);
        }
    }
    None
}

/// Splits arguments at commas outside of strings and brackets.
fn split(arguments: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut depth = 0_usize;
    let mut quoted = false;
    let mut start = 0;
    for (at, c) in arguments.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&arguments[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if !arguments[start..].trim().is_empty() {
        parts.push(&arguments[start..]);
    }
    parts
}

/// `format('{0}/v1.0/users/{1}', a, b)`
fn format<'a>(pattern: &str, values: &[&'a str], value: impl Fn(&&'a str) -> String) -> String {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(at) = rest.find('{') {
        push(&mut out, &rest[..at]);
        let inner = &rest[at + 1..];
        let Some(end) = inner.find('}') else {
            rest = "";
            push(&mut out, "\0");
            break;
        };
        let number = inner[..end].split([':', ',']).next().unwrap_or_default();
        match number
            .trim()
            .parse::<usize>()
            .ok()
            .and_then(|number| values.get(number))
        {
            Some(argument) => push(&mut out, &value(argument)),
            None => push(&mut out, "\0"),
        }
        rest = &inner[end + 1..];
    }
    push(&mut out, rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folds(text: &str) -> String {
        let names = Names::from([
            (
                "graph".to_owned(),
                Some("https://graph.microsoft.com".to_owned()),
            ),
            ("secret".to_owned(), None),
        ]);
        fold(text, &names).replace(HOLE, "*")
    }

    #[test]
    fn expressions_fold_to_text_with_holes() {
        for (text, expected) in [
            (
                "https://x/users/@{triggerBody()?['id']}/revoke",
                "https://x/users/*/revoke",
            ),
            (
                "https://x/users/@{concat(items('a')?['Name'], '@', 'b')}/r",
                "https://x/users/*@b/r",
            ),
            (
                "@{concat('https://x/', body('a')?['id'], '/m')}",
                "https://x/*/m",
            ),
            ("@concat('https://x/', variables('v'))", "https://x/*"),
            (
                "[concat(parameters('graph'), '/v1.0/users')]",
                "https://graph.microsoft.com/v1.0/users",
            ),
            (
                "[format('{0}/v1.0/users/{1}', parameters('GRAPH'), parameters('secret'))]",
                "https://graph.microsoft.com/v1.0/users/*",
            ),
            ("@parameters('graph')", "https://graph.microsoft.com"),
            (
                "[concat('https://x/users/@{body(''a'')?[''id'']}/m')]",
                "https://x/users/*/m",
            ),
            ("@@literal", "@literal"),
            ("[[not an expression]", "[[not an expression]"),
            ("@{unclosed", "*"),
            ("@concat(", "*"),
            ("plain", "plain"),
            ("@uri('https://x/v1.0/', '/users')", "https://x/v1.0/users"),
            ("it's @{'o''brien'}", "it's o'brien"),
        ] {
            assert_eq!(folds(text), expected, "{text}");
        }
    }

    #[test]
    fn deep_and_growing_expressions_are_bounded() {
        let deep = format!("@{}'x'{}", "concat(".repeat(5_000), ")".repeat(5_000));
        assert_eq!(folds(&deep), "*");
        let many = format!("@concat({})", vec!["parameters('graph')"; 5_000].join(","));
        assert!(folds(&many).len() <= MOST_TEXT + 1);
    }
}
