//! The whole of the expression around a token, and what stands around that.

use std::ops::Range;

use source_lex::{Language, TokenKind};

use super::Scan;

/// Longer expressions are data.
const LONGEST: usize = 200;

impl Scan<'_, '_> {
    /// The expression around a token, up to the separators of its bracket.
    pub(super) fn region(&self, at: usize) -> Range<usize> {
        let code = self.code;
        let mut start = at;
        for _ in 0..LONGEST {
            code.spend(1);
            let Some(before) = start.checked_sub(1) else {
                break;
            };
            if code.token(start).newline && !self.newline_joins(start) {
                break;
            }
            let stop = match code.kind(before) {
                TokenKind::Open | TokenKind::HoleOpen | TokenKind::StrOpen | TokenKind::Outside => {
                    true
                }
                TokenKind::Close => {
                    let block = code.text(before) == "}" && code.token(start).newline;
                    match code.pair(before) {
                        Some(open) if !block => {
                            start = open;
                            continue;
                        }
                        _ => true,
                    }
                }
                TokenKind::StrClose | TokenKind::HoleClose => match code.pair(before) {
                    Some(open) => {
                        start = open;
                        continue;
                    }
                    None => true,
                },
                TokenKind::Punct => match code.text(before) {
                    "," | ";" | "=" | ":=" | "+=" | ".=" | "=>" | "==" | "!=" | "===" | "!=="
                    | "&&" | "|" | "<" | ">" | "@" | "#" => true,
                    ":" => !self.is_ternary(before),
                    _ => false,
                },
                TokenKind::Word => matches!(
                    code.text(before),
                    "return"
                        | "throw"
                        | "yield"
                        | "else"
                        | "in"
                        | "case"
                        | "echo"
                        | "print"
                        | "raise"
                        | "if"
                        | "and"
                        | "not"
                        | "import"
                        | "from"
                        | "default"
                ),
                _ => false,
            };
            if stop {
                break;
            }
            start = before;
        }
        let end = code.expression_end(at).max(at + 1);
        start..end
    }

    fn newline_joins(&self, at: usize) -> bool {
        match self.code.language() {
            // A statement of these ends with a sign, or with a block before it.
            Language::CSharp | Language::Java | Language::Php | Language::Rust => at
                .checked_sub(1)
                .is_some_and(|before| !matches!(self.code.text(before), ";" | "{" | "}")),
            _ => at > 0 && self.code.continues(at),
        }
    }

    /// Whether a colon belongs to `a ? b : c`.
    fn is_ternary(&self, colon: usize) -> bool {
        let mut at = colon;
        for _ in 0..30 {
            let Some(before) = self.code.skip_back(at) else {
                return false;
            };
            match self.code.text(before) {
                "?" if self.code.kind(before) == TokenKind::Punct => return true,
                "," | ";" | "=" | "{" | "(" | "[" if self.code.kind(before) != TokenKind::Str => {
                    return false;
                }
                _ => {}
            }
            at = before;
        }
        false
    }

    /// The name that is called with the arguments that open at `open`: behind type arguments the name before them.
    pub(super) fn callee(&self, open: usize) -> Option<usize> {
        let code = self.code;
        let mut at = open.checked_sub(1)?;
        if code.is(at, "!") {
            at = at.checked_sub(1)?;
        }
        if code.is(at, ">") || code.is(at, ">>") {
            let start = (at.saturating_sub(12)..at)
                .rev()
                .find(|at| code.is(*at, "<"))?;
            at = start.checked_sub(1)?;
            if code.is(at, "::") {
                at = at.checked_sub(1)?;
            }
        }
        // Go: `list[azure.User](client, path)`.
        if code.is(at, "]") && code.language() == Language::Go {
            at = code.pair(at)?.checked_sub(1)?;
        }
        let called = match code.kind(at) {
            TokenKind::Word => !is_statement(code.text(at)),
            TokenKind::Var => true,
            _ => false,
        };
        called.then_some(at)
    }

    /// Whether a brace opens an object, a dictionary or a struct, not a block.
    pub(super) fn is_object(&self, open: usize) -> bool {
        let code = self.code;
        if code.language() == Language::Python {
            return true;
        }
        let Some(before) = open.checked_sub(1) else {
            return false;
        };
        match code.kind(before) {
            TokenKind::Open => code.text(before) != "{" || code.language() == Language::Go,
            TokenKind::Punct => match code.text(before) {
                "," | "=" | ":" | ":=" | "?" | "??" | "||" | "&&" | "@" | "&" | "..." => true,
                // `=> {` is a body; `=> ({` has a parenthesis before.
                "=>" => code.language() == Language::Php,
                _ => false,
            },
            TokenKind::Word => match code.language() {
                Language::Go => !matches!(
                    code.text(before),
                    "else" | "struct" | "interface" | "func" | "select" | "switch"
                ),
                Language::CSharp => {
                    let first = code.chain_start(before);
                    first
                        .checked_sub(1)
                        .is_some_and(|new| code.text(new) == "new")
                }
                Language::Rust => code.text(before).starts_with(char::is_uppercase),
                _ => matches!(code.text(before), "return" | "default" | "await" | "yield"),
            },
            // `new X(…) { … }`.
            TokenKind::Close => {
                code.language() == Language::CSharp
                    && code
                        .pair(before)
                        .and_then(|open| self.callee(open))
                        .is_some_and(|name| {
                            let first = code.chain_start(name);
                            first
                                .checked_sub(1)
                                .is_some_and(|new| code.text(new) == "new")
                        })
            }
            _ => false,
        }
    }

    /// The key under which the expression that begins at `start` stands in an object, array or argument list, or the name
    /// it is assigned to.
    pub(super) fn key(&self, start: usize) -> Option<usize> {
        let code = self.code;
        let separator = start.checked_sub(1)?;
        if !matches!(code.text(separator), ":" | "=" | "=>" | ":=" | "+=" | ".=")
            || code.kind(separator) != TokenKind::Punct
        {
            return None;
        }
        let key = separator.checked_sub(1)?;
        // Behind a type the name stands further left: `const options: Options = {`.
        if code.is(separator, "=")
            && let Some(declared) = code.all_assignments_at(start)
        {
            return Some(declared.name as usize);
        }
        match code.kind(key) {
            TokenKind::Word | TokenKind::Str | TokenKind::Var => Some(key),
            TokenKind::Close if code.text(key) == "]" => {
                let open = code.pair(key)?;
                (key == open + 2).then_some(open + 1)
            }
            _ => None,
        }
    }

    /// The text of some tokens as they stand, cut short.
    pub(super) fn slice(&self, range: Range<usize>) -> &str {
        let (Some(first), Some(last)) = (
            self.code.tokens().get(range.start),
            self.code.tokens().get(range.end.wrapping_sub(1)),
        ) else {
            return "";
        };
        let end = last.end.min(first.start.saturating_add(160)) as usize;
        let mut end = end.max(first.start as usize);
        while !self.code.source().is_char_boundary(end) {
            end -= 1;
        }
        &self.code.source()[first.start as usize..end]
    }
}

/// Words before a parenthesis that call nothing. Not the list of source-lex, which parts member chains: here `print` and
/// `echo` are calls, whose arguments are messages, and `new` and `async` are none.
fn is_statement(word: &str) -> bool {
    matches!(
        word,
        "if" | "while"
            | "for"
            | "foreach"
            | "switch"
            | "catch"
            | "return"
            | "await"
            | "match"
            | "in"
            | "and"
            | "or"
            | "not"
            | "else"
            | "elseif"
            | "elif"
            | "using"
            | "lock"
            | "when"
            | "yield"
            | "throw"
            | "typeof"
            | "case"
            | "with"
            | "assert"
            | "func"
            | "function"
            | "fn"
            | "async"
            | "new"
    )
}
