//! Commands of PowerShell and their arguments.

use std::ops::Range;

use source_lex::{Code, TokenKind};

/// A command: `Connect-MgGraph -Scopes $list -NoWelcome`.
#[derive(Debug, Clone)]
pub(in super::super) struct Command {
    /// Token after its last.
    pub(in super::super) end: usize,
    /// Parameters: name in lower case without the dash, tokens of the value, which is empty for a switch.
    pub(in super::super) parameters: Vec<(String, Range<usize>)>,
    /// Arguments without a name.
    pub(in super::super) positional: Vec<Range<usize>>,
    /// Tokens of splatted tables: `@parameters`.
    pub(in super::super) splats: Vec<usize>,
}

impl Command {
    /// The value of the parameter of this name, which may be cut short: `-Scope` for `-Scopes`.
    pub(in super::super) fn parameter(&self, name: &str) -> Option<Range<usize>> {
        self.parameters
            .iter()
            .find(|(own, _)| own == name)
            .or_else(|| {
                self.parameters
                    .iter()
                    .find(|(own, _)| own.len() >= 3 && name.starts_with(own.as_str()))
            })
            .map(|(_, value)| value.clone())
    }
}

/// The command whose name is the token `at`.
pub(in super::super) fn command(code: &Code<'_>, at: usize) -> Command {
    let mut command = Command {
        end: at + 1,
        parameters: Vec::new(),
        positional: Vec::new(),
        splats: Vec::new(),
    };
    let mut next = at + 1;
    let mut open: Option<String> = None;
    while next < code.len() {
        let token = code.token(next);
        let after_comma = code.is(next - 1, ",");
        if token.newline && !after_comma {
            break;
        }
        match token.kind {
            TokenKind::Close | TokenKind::HoleClose | TokenKind::StrClose | TokenKind::Outside => {
                break;
            }
            TokenKind::Punct
                if matches!(code.text(next), "|" | ";" | "&&" | "||" | ">" | ">>" | "&") =>
            {
                break;
            }
            TokenKind::Word if is_parameter(code.text(next)) => {
                if let Some(name) = open.take() {
                    command.parameters.push((name, next..next));
                }
                open = Some(code.text(next)[1..].to_ascii_lowercase());
                next += 1;
                if code.is(next, ":") {
                    next += 1;
                }
            }
            _ => {
                let end = argument_end(code, next);
                let argument = next..end;
                match open.take() {
                    Some(name) => command.parameters.push((name, argument)),
                    None if token.kind == TokenKind::Var && code.text(next).starts_with('@') => {
                        command.splats.push(next);
                    }
                    None => command.positional.push(argument),
                }
                next = end;
            }
        }
    }
    if let Some(name) = open {
        command.parameters.push((name, next..next));
    }
    command.end = next;
    command
}

/// `-Scopes`, not `-1` and not `-`.
fn is_parameter(text: &str) -> bool {
    text.len() > 1
        && text.starts_with('-')
        && text[1..].starts_with(|c: char| c.is_ascii_alphabetic())
}

/// The token after an argument: what stands together, and what commas join to it.
fn argument_end(code: &Code<'_>, start: usize) -> usize {
    let mut at = code.skip(start).max(start + 1);
    while at < code.len() {
        let token = code.token(at);
        let glued = code.token(at - 1).end == token.start;
        let comma = code.is(at, ",");
        let after_comma = code.is(at - 1, ",");
        let ends = matches!(
            token.kind,
            TokenKind::Close | TokenKind::HoleClose | TokenKind::StrClose
        ) || (token.kind == TokenKind::Punct
            && matches!(code.text(at), "|" | ";" | "&&" | "||"));
        if ends || !(glued || comma || after_comma) || (token.newline && !after_comma) {
            break;
        }
        at = code.skip(at).max(at + 1);
    }
    at
}
