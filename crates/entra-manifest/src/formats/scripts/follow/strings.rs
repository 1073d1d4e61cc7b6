//! Words of strings, whole or between holes.

use source_lex::TokenKind;

use super::*;

/// The words of a text, split at blanks, commas and semicolons, each with its offset.
pub(in super::super) fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'))
        .filter(|word| !word.is_empty())
        .map(move |word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

impl Reader<'_, '_> {
    /// The words of a string without holes. One word alone has the place of the whole literal, quotes included.
    pub(in super::super) fn words_of_string(&self, at: usize, out: &mut Reached) {
        let Some(content) = self.code.content(at) else {
            return;
        };
        let raw = &self.text[content.start as usize..content.end as usize];
        let words: Vec<(usize, &str)> = words(raw).collect();
        if let [(_, word)] = words[..] {
            let token = self.code.token(at);
            if word.len() == raw.len() && self.code.kind(at) == TokenKind::Str {
                out.literals
                    .push(Declared::literal(word, token.start, token.end));
                return;
            }
        }
        for (offset, word) in words {
            let start = content.start + u32::try_from(offset).unwrap_or_default();
            let end = start + u32::try_from(word.len()).unwrap_or_default();
            out.literals.push(Declared::literal(word, start, end));
        }
    }

    /// A string with holes: its whole words, and what reaches a hole that stands alone.
    pub(in super::super) fn reach_string(
        &self,
        open: usize,
        way: &[(usize, usize)],
        depth: usize,
        out: &mut Reached,
    ) {
        let code = self.code;
        let Some(close) = code.pair(open) else {
            return;
        };
        // `"api://$id/.default"`: whatever is granted, or a scope of an API that the hole names.
        let whole = &self.text[code.token(open).start as usize..code.token(close).end as usize];
        if whole.contains("/.default") || whole.contains("api://") {
            return;
        }
        let mut at = open + 1;
        while at < close {
            match code.kind(at) {
                TokenKind::StrText => {
                    let glued_left = at > open + 1;
                    let glued_right = at + 1 < close;
                    self.words_of_piece(at, glued_left, glued_right, out);
                }
                TokenKind::Var => {
                    // `"$prefix.Read.All"` is a word that is not known; `"$scopes"` and `"$a $b"` are values.
                    let alone = self.is_alone(at, at + 1, open, close);
                    if alone {
                        self.reach_variable(at, at + 1, way, depth + 1, out);
                    } else {
                        self.unknown(
                            at,
                            out,
                            Unresolved::Unknown("is put together from parts".into()),
                        );
                    }
                }
                TokenKind::HoleOpen | TokenKind::Open => {
                    let end = code.pair(at).unwrap_or(close);
                    self.reach(at + 1..end, way, depth + 1, out);
                    at = end;
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// Whether a hole has blanks, commas or the string's ends on both sides.
    pub(in super::super) fn is_alone(
        &self,
        first: usize,
        after: usize,
        open: usize,
        close: usize,
    ) -> bool {
        let separates = |c: Option<char>| {
            c.is_none_or(|c| c.is_whitespace() || matches!(c, ',' | ';' | '\'' | '"'))
        };
        // `"https://graph.microsoft.com/$scope"`: an address before the name.
        let address = |c: Option<char>| c == Some('/') || separates(c);
        // `"$id=Scope"`: the type behind an id.
        let kind = |c: Option<char>| c == Some('=') || separates(c);
        let left = first == open + 1 || {
            let token = self.code.token(first - 1);
            self.code.kind(first - 1) == TokenKind::StrText
                && address(
                    self.text[token.start as usize..token.end as usize]
                        .chars()
                        .next_back(),
                )
        };
        let right = after == close || {
            let token = self.code.token(after);
            self.code.kind(after) == TokenKind::StrText
                && kind(
                    self.text[token.start as usize..token.end as usize]
                        .chars()
                        .next(),
                )
        };
        left && right
    }

    /// The words of a piece of a string, without those that hang on a hole.
    pub(in super::super) fn words_of_piece(
        &self,
        at: usize,
        glued_left: bool,
        glued_right: bool,
        out: &mut Reached,
    ) {
        let Some(content) = self.code.content(at) else {
            return;
        };
        let raw = &self.text[content.start as usize..content.end as usize];
        for (offset, word) in words(raw) {
            let touches_left = glued_left && offset == 0;
            let touches_right = glued_right && offset + word.len() == raw.len();
            if !touches_left && !touches_right {
                let start = content.start + u32::try_from(offset).unwrap_or_default();
                let end = start + u32::try_from(word.len()).unwrap_or_default();
                out.literals.push(Declared::literal(word, start, end));
            }
        }
    }
}
