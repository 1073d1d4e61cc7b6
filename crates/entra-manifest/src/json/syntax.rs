//! From text to syntax tree: strictly if possible, else leniently, with every oddity reported.

use jsonc_parser::ast::Value;
use jsonc_parser::errors::{ParseError as JsoncError, ParseErrorKind};
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};
use source_text::{Source, Span};

use super::depth::{string_over_line_end, too_deep};
use super::mask::{mask_prefix, mask_template_tags};
use super::oddities::{is_comment, oddities, span};
use super::strict;
use crate::model::{Problem, ProblemKind};
use crate::read::ParseError;

/// A text's syntax tree.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    /// The value that the text is.
    pub(crate) root: Value<'a>,
    /// All comments, in the order of the file, their delimiters included.
    pub(crate) comments: Vec<Span>,
    /// What strict JSON would not have allowed.
    pub(crate) problems: Vec<Problem>,
}

/// Why there is no syntax tree.
#[derive(Debug)]
pub(crate) enum SyntaxError {
    /// Nothing but blanks and comments.
    Empty,
    /// It does not even begin like JSON.
    NotJson,
    /// A complete document, and another one on a line after it.
    SeveralDocuments,
    /// Broken at a place.
    At(ParseError),
}

pub(super) const STRICT: ParseOptions = options(false);
const LENIENT: ParseOptions = options(true);

/// All options, spelled out: the library's defaults are lenient and grow with its versions.
const fn options(lenient: bool) -> ParseOptions {
    ParseOptions {
        allow_comments: lenient,
        allow_loose_object_property_names: lenient,
        allow_trailing_commas: lenient,
        allow_missing_commas: lenient,
        allow_single_quoted_strings: lenient,
        allow_hexadecimal_numbers: lenient,
        allow_unary_plus_numbers: lenient,
        allow_bare_decimal_point_numbers: lenient,
        allow_non_finite_numbers: lenient,
        allow_extended_string_escapes: lenient,
    }
}

/// Reads a text and hands its syntax tree to `then`.
///
/// Nesting is bounded by [`MAX_DEPTH`](super::depth::MAX_DEPTH), so walking the tree recursively is safe.
pub(crate) fn with_document<R>(
    source: &Source,
    then: impl FnOnce(&Document<'_>) -> R,
) -> Result<R, SyntaxError> {
    let text = source.text();
    if let Some(root) = strict::parse(text) {
        return Ok(then(&Document {
            root,
            comments: Vec::new(),
            problems: Vec::new(),
        }));
    }
    if let Some(offset) = too_deep(text) {
        return Err(SyntaxError::At(nested_too_deep(source, offset)));
    }
    let options = CollectOptions {
        comments: CommentCollectionStrategy::Off,
        tokens: false,
    };
    let refusal = match parse_to_ast(text, &options, &STRICT) {
        Ok(result) => {
            let root = result.value.ok_or(SyntaxError::Empty)?;
            return Ok(then(&Document {
                root,
                comments: Vec::new(),
                problems: Vec::new(),
            }));
        }
        Err(error) => error,
    };
    match lenient(source, text, &refusal) {
        Ok(document) => document
            .map(|document| then(&document))
            .ok_or(SyntaxError::Empty),
        Err(error) => {
            let masks = [mask_prefix, mask_template_tags];
            let mut refused = None;
            for (mask, (kind, message)) in masks.iter().zip(MASKED) {
                let Some((masked, place)) = mask(text) else {
                    continue;
                };
                match lenient(source, &masked, &refusal) {
                    Ok(document) => {
                        let mut document = document.ok_or(SyntaxError::Empty)?;
                        document
                            .problems
                            .retain(|problem| problem.kind != ProblemKind::LooseSyntax);
                        document.problems.push(Problem::new(
                            kind,
                            source.span(place.start, place.end),
                            message,
                        ));
                        return Ok(then(&document));
                    }
                    Err(error) => refused = Some(classify(source, &masked, &error)),
                }
            }
            Err(refused.unwrap_or_else(|| classify(source, text, &error)))
        }
    }
}

/// What is said of a part of the text that is blanked to read the rest.
const MASKED: [(ProblemKind, &str); 2] = [
    (
        ProblemKind::LooseSyntax,
        "text before the JSON: read as if it were blank",
    ),
    (
        ProblemKind::TemplateTags,
        "lines of template tags: read as if they were blank",
    ),
];

/// The syntax error of a text, if it has one.
pub(crate) fn error(source: &Source) -> Option<ParseError> {
    let text = source.text();
    if strict::parse(text).is_some() {
        return None;
    }
    if let Some(offset) = too_deep(text) {
        return Some(nested_too_deep(source, offset));
    }
    let options = CollectOptions {
        comments: CommentCollectionStrategy::Off,
        tokens: false,
    };
    let error = match parse_to_ast(text, &options, &LENIENT) {
        Ok(result) if result.value.is_some() => return None,
        Ok(_) => {
            return Some(ParseError {
                message: "the file is empty".to_owned(),
                span: source.span(text.len(), text.len()),
            });
        }
        Err(error) => error,
    };
    let masked = [mask_prefix, mask_template_tags]
        .iter()
        .filter_map(|mask| mask(text))
        .map(|(masked, _)| {
            let error = parse_to_ast(&masked, &options, &LENIENT).err();
            error.map(|error| place(source, &masked, &error))
        });
    let errors: Option<Vec<ParseError>> = masked.collect();
    match errors {
        // One way of reading it has no error.
        None => None,
        Some(errors) => errors
            .into_iter()
            .next_back()
            .or_else(|| Some(place(source, text, &error))),
    }
}

/// `None` where there are only blanks and comments.
fn lenient<'a>(
    source: &Source,
    text: &'a str,
    refusal: &JsoncError,
) -> Result<Option<Document<'a>>, JsoncError> {
    let options = CollectOptions {
        comments: CommentCollectionStrategy::AsTokens,
        tokens: true,
    };
    let result = parse_to_ast(text, &options, &LENIENT)?;
    let tokens = result.tokens.unwrap_or_default();
    let mut problems = oddities(source, text, &tokens);
    if problems.is_empty() {
        problems.push(Problem {
            kind: ProblemKind::LooseSyntax,
            message: format!(
                "not strict JSON: {}",
                lower_first(&refusal.kind().to_string())
            ),
            span: source.span(refusal.range().start, refusal.range().end),
        });
    }
    let comments = tokens
        .iter()
        .filter(|token| is_comment(&token.token))
        .map(|token| {
            let range = span(token);
            source.span(range.start, range.end)
        })
        .collect();
    Ok(result.value.map(|root| Document {
        root,
        comments,
        problems,
    }))
}

/// What a text that cannot be read is.
fn classify(source: &Source, text: &str, error: &JsoncError) -> SyntaxError {
    let begins_like_json = text.trim_start().starts_with(['{', '[', '"', '\'', '/']);
    if !begins_like_json {
        return SyntaxError::NotJson;
    }
    let at = error.range().start;
    let several = matches!(error.kind(), ParseErrorKind::MultipleRootJsonValues);
    let on_new_line = text[..at].trim_end_matches([' ', '\t']).ends_with('\n');
    if several && on_new_line && text[at..].starts_with(['{', '[']) {
        return SyntaxError::SeveralDocuments;
    }
    SyntaxError::At(place(source, text, error))
}

fn place(source: &Source, text: &str, error: &JsoncError) -> ParseError {
    let range = error.range();
    if let Some(string) = string_over_line_end(text, range.start) {
        return ParseError {
            message: "this string is not closed on its line".to_owned(),
            span: source.span(string.start, string.end),
        };
    }
    let message = match error.kind() {
        ParseErrorKind::MultipleRootJsonValues if text[range.start..].starts_with([':', ',']) => {
            "a piece of an object: put braces around it".to_owned()
        }
        ParseErrorKind::MultipleRootJsonValues => {
            "the document is complete before this: what follows does not belong to it".to_owned()
        }
        ParseErrorKind::UnterminatedObject => "this object is never closed".to_owned(),
        ParseErrorKind::UnterminatedArray => "this list is never closed".to_owned(),
        ParseErrorKind::UnterminatedCommentBlock => "this comment is never closed".to_owned(),
        kind => lower_first(&kind.to_string()),
    };
    ParseError {
        message,
        span: source.span(range.start, range.end.min(text.len())),
    }
}

fn nested_too_deep(source: &Source, offset: usize) -> ParseError {
    ParseError {
        message: "nested too deep to be read".to_owned(),
        span: source.span(offset, offset + 1),
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_lowercase().chain(chars).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        let utf8 = source_text::Encoding::Utf8;
        Source::new(
            source_text::FileId::default(),
            "x.json",
            text.to_owned(),
            utf8,
        )
    }

    fn problems(text: &str) -> Vec<(String, &str)> {
        with_document(&source(text), |document| {
            document
                .problems
                .iter()
                .map(|problem| (problem.message.clone(), &text[problem.span.range()]))
                .collect()
        })
        .unwrap()
    }

    fn failure(text: &str) -> SyntaxError {
        with_document(&source(text), |_| ()).unwrap_err()
    }

    #[test]
    fn strict_json_has_no_oddities() {
        assert_eq!(problems(r#"{"a": [1, true, null, "x"]}"#), []);
    }

    #[test]
    fn each_sort_of_oddity_is_reported_once_at_its_first_place() {
        let text = "{ // one\n 'a': [1, 2,], /* two */ b: 3 \"c\": 4, }";
        let found = problems(text);
        let expected = [
            ("not strict JSON: 2 comments, the first one here", "// one"),
            (
                "not strict JSON: 2 trailing commas, the first one here",
                ",",
            ),
            ("not strict JSON: a comma is missing", ""),
            ("not strict JSON: single quotes", "'a'"),
            ("not strict JSON: a name without quotes", "b"),
        ];
        assert_eq!(found.len(), expected.len());
        for ((message, text), expected) in found.iter().zip(expected) {
            assert_eq!((message.as_str(), *text), expected);
        }
    }

    #[test]
    fn a_rarer_oddity_is_reported_in_the_parser_words() {
        assert_eq!(
            problems(r#"{"a": 0x1F}"#),
            [(
                "not strict JSON: hexadecimal numbers are not allowed".to_owned(),
                "0"
            )]
        );
    }

    #[test]
    fn lines_of_template_tags_are_blanks() {
        let text = "{{=<% %>=}}\n{\n  \"a\": 1,\n<%={{ }}=%>\n  \"b\": 2\n}\n";
        let found = problems(text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].1, "{{=<% %>=}}");
    }

    #[test]
    fn a_broken_text_has_a_place() {
        let SyntaxError::At(error) = failure("{\n  \"a\": \n}") else {
            panic!("has a place");
        };
        assert_eq!(error.span.range(), 10..11);
        let SyntaxError::At(error) = failure("{\"a\": [1, 2}") else {
            panic!("has a place");
        };
        assert_eq!(error.span.range(), 11..12);
    }

    #[test]
    fn a_piece_of_an_object_is_called_so() {
        let SyntaxError::At(error) = failure("\"a\": [],") else {
            panic!("has a place");
        };
        assert_eq!(error.message, "a piece of an object: put braces around it");
    }

    #[test]
    fn documents_line_by_line_are_told_from_a_broken_one() {
        assert!(matches!(failure("{}\n{}\n"), SyntaxError::SeveralDocuments));
        assert!(matches!(failure("{}}"), SyntaxError::At(_)));
        assert!(matches!(failure("# Title"), SyntaxError::NotJson));
        assert!(matches!(failure(" \n"), SyntaxError::Empty));
    }

    #[test]
    fn deep_nesting_is_refused_on_a_small_stack() {
        let run = || {
            for text in ["[".repeat(1_000_000), "{\"a\":".repeat(1_000_000)] {
                let SyntaxError::At(error) = failure(&text) else {
                    panic!("has a place");
                };
                assert_eq!(error.message, "nested too deep to be read");
            }
            let depth = super::super::depth::MAX_DEPTH;
            let closed = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
            with_document(&source(&closed), |_| ()).unwrap();
        };
        // A quarter of what a thread gets by default.
        std::thread::Builder::new()
            .stack_size(1 << 19)
            .spawn(run)
            .unwrap()
            .join()
            .unwrap();
    }
}
