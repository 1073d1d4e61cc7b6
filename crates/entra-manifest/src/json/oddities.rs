//! What strict JSON does not allow and is read all the same.

use std::ops::Range;

use jsonc_parser::tokens::{Token, TokenAndRange};

use crate::model::{Problem, ProblemKind};
use source_text::Source;

/// Where a token stands.
pub(super) fn span(token: &TokenAndRange<'_>) -> Range<usize> {
    token.range.start..token.range.end
}

pub(super) fn is_comment(token: &Token<'_>) -> bool {
    matches!(token, Token::CommentLine(_) | Token::CommentBlock(_))
}

/// One sort of oddity: where it was met first, and how often.
#[derive(Default)]
struct Tally {
    first: Option<Range<usize>>,
    count: usize,
}

impl Tally {
    fn add(&mut self, span: Range<usize>) {
        self.first.get_or_insert(span);
        self.count += 1;
    }
}

/// What strict JSON does not allow, each sort once, at its first place.
pub(super) fn oddities(source: &Source, text: &str, tokens: &[TokenAndRange<'_>]) -> Vec<Problem> {
    let (mut comments, mut trailing, mut missing) =
        (Tally::default(), Tally::default(), Tally::default());
    let (mut quotes, mut bare) = (Tally::default(), Tally::default());
    let mut previous: Option<&TokenAndRange<'_>> = None;
    for token in tokens {
        if is_comment(&token.token) {
            comments.add(span(token));
            continue;
        }
        match &token.token {
            Token::String(_) if text[token.range.start..].starts_with('\'') => {
                quotes.add(span(token));
            }
            Token::Word(_) => bare.add(span(token)),
            _ => {}
        }
        if let Some(previous) = previous {
            let closes = matches!(token.token, Token::CloseBrace | Token::CloseBracket);
            if closes && previous.token == Token::Comma {
                trailing.add(span(previous));
            }
            if ends_value(&previous.token) && begins_value(&token.token) {
                missing.add(previous.range.end..previous.range.end);
            }
        }
        previous = Some(token);
    }
    let sorts = [
        (ProblemKind::Comments, comments, "a comment", "comments"),
        (
            ProblemKind::TrailingCommas,
            trailing,
            "a trailing comma",
            "trailing commas",
        ),
        (
            ProblemKind::MissingCommas,
            missing,
            "a comma is missing",
            "missing commas",
        ),
        (
            ProblemKind::SingleQuotes,
            quotes,
            "single quotes",
            "strings in single quotes",
        ),
        (
            ProblemKind::BareNames,
            bare,
            "a name without quotes",
            "names without quotes",
        ),
    ];
    sorts
        .into_iter()
        .filter_map(|(kind, tally, one, many)| {
            let message = match tally.count {
                1 => format!("not strict JSON: {one}"),
                count => format!("not strict JSON: {count} {many}, the first one here"),
            };
            tally.first.map(|range| Problem {
                kind,
                message,
                span: source.span(range.start, range.end),
            })
        })
        .collect()
}

const fn ends_value(token: &Token<'_>) -> bool {
    !matches!(
        token,
        Token::OpenBrace | Token::OpenBracket | Token::Comma | Token::Colon
    )
}

const fn begins_value(token: &Token<'_>) -> bool {
    !matches!(
        token,
        Token::CloseBrace | Token::CloseBracket | Token::Comma | Token::Colon
    )
}
