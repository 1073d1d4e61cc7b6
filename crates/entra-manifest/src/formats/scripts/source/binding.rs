//! What an expression of source code is bound to.

use source_lex::{Code, TokenKind};

/// What the expression that holds a token is bound to: the name before `=` or `:`, or the function whose argument it is;
/// and whether it is a function.
pub(super) fn binding(code: &Code<'_>, inner: usize) -> (Option<usize>, bool) {
    let mut at = inner;
    for _ in 0..24 {
        let Some(before) = at.checked_sub(1) else {
            return (None, false);
        };
        match code.kind(before) {
            TokenKind::Open => {
                // `name(`, `name[…](`: a call, or the list itself.
                let callee = before.checked_sub(1).filter(|&callee| {
                    code.text(before) == "(" && code.kind(callee) == TokenKind::Word
                });
                return (callee, callee.is_some());
            }
            TokenKind::Punct => match code.text(before) {
                "=" | ":=" | "+=" | "=>" | ":" => return (named(code, before), false),
                "," => {
                    let Some(up) = code.up(inner) else {
                        return (None, false);
                    };
                    let callee = up.checked_sub(1).filter(|&callee| {
                        code.text(up) == "(" && code.kind(callee) == TokenKind::Word
                    });
                    return (callee, callee.is_some());
                }
                ";" => return (None, false),
                _ => at = before,
            },
            TokenKind::Close | TokenKind::StrClose | TokenKind::HoleClose => {
                at = code
                    .pair(before)
                    .filter(|pair| *pair < before)
                    .unwrap_or(before);
            }
            TokenKind::Word if matches!(code.text(before), "return" | "yield") => {
                return (None, false);
            }
            _ => at = before,
        }
        if code.token(at).newline
            && !matches!(code.kind(at), TokenKind::Open)
            && at < inner
            && !code.is(at, ".")
        {
            return (None, false);
        }
    }
    (None, false)
}

/// The name before an operator; a type that stands between is skipped: `scopes: string[] = `.
pub(super) fn named(code: &Code<'_>, operator: usize) -> Option<usize> {
    let mut at = operator.checked_sub(1)?;
    if code.is(operator, "=") {
        // No newline, no parenthesis: an annotation is short.
        for before in (operator.saturating_sub(12)..operator).rev() {
            if code.is(before, ":") {
                at = before.checked_sub(1)?;
                break;
            }
            let of_type = code.kind(before) == TokenKind::Word
                || matches!(
                    code.text(before),
                    "[" | "]" | "<" | ">" | "|" | "?" | "." | "&" | "'"
                );
            if !of_type || code.token(before).newline {
                break;
            }
        }
    }
    if code.is(at, "?") {
        at = at.checked_sub(1)?;
    }
    matches!(
        code.kind(at),
        TokenKind::Word | TokenKind::Var | TokenKind::Str
    )
    .then_some(at)
}
