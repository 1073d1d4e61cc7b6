//! Laws of the lexer, for every language and any text.

use proptest::prelude::*;
use source_lex::{Code, Language, TokenKind, lex};

/// Text that looks enough like code to reach every branch.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "\"",
        "'",
        "`",
        "\"\"\"",
        "'''",
        "$",
        "${",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "$(",
        "$x",
        "@\"\n",
        "\n\"@",
        "@'\n",
        "\n'@",
        "<<EOF\n",
        "\nEOF\n",
        "<<<A\n",
        "\nA;\n",
        "r#\"",
        "\"#",
        "f\"",
        "$\"",
        "$@\"",
        "//",
        "/*",
        "*/",
        "#",
        "<#",
        "#>",
        "<?php ",
        "?>",
        "\\",
        "\n",
        " ",
        "a",
        "url",
        "=",
        "+",
        "+=",
        ".",
        "->",
        "::",
        "=>",
        "-f",
        "%s",
        "{}",
        "/users/",
        "é",
        "𝄞",
        "\u{0}",
        ",",
        ";",
        ":",
        "return",
        "function f(",
        "def f(x):\n",
        "#if false\n",
        "#endif\n",
        "/re/",
        "`\n",
        "\r\n",
        "?",
        "??",
        "if",
        "else",
        "format(",
        "1.5",
        "$x->y",
        "${a:-b}",
    ])
    .prop_map(str::to_owned);
    prop::collection::vec(
        prop_oneof![4 => piece, 1 => any::<char>().prop_map(String::from)],
        0..60,
    )
    .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn tokens_and_comments_tile_the_text(text in texts()) {
        for language in Language::ALL {
            let lexed = Code::new(&text, language);
            let mut pieces: Vec<(u32, u32)> = lexed.tokens().iter().map(|token| (token.start, token.end)).collect();
            pieces.extend(lexed.comments());
            pieces.sort_unstable();
            let mut at = 0;
            for (start, end) in pieces {
                prop_assert!(at <= start && start <= end, "{language:?}: {start}..{end} after {at}");
                let gap = &text[at as usize..start as usize];
                let blank = gap.chars().all(|c| matches!(c, ' ' | '\t' | '\r' | '\n' | '\u{b}' | '\u{c}' | '\\' | '`'));
                prop_assert!(blank, "{language:?}: {gap:?}");
                at = end;
            }
        }
    }

    #[test]
    fn partners_point_at_each_other_and_nest(text in texts()) {
        for language in Language::ALL {
            let code = Code::new(&text, language);
            let mut open = Vec::new();
            for at in 0..code.len() {
                match code.kind(at) {
                    TokenKind::Open | TokenKind::StrOpen | TokenKind::HoleOpen => {
                        if let Some(pair) = code.pair(at) {
                            prop_assert!(pair > at);
                            prop_assert_eq!(code.pair(pair), Some(at));
                            open.push(at);
                        }
                    }
                    TokenKind::Close | TokenKind::StrClose | TokenKind::HoleClose => {
                        if let Some(pair) = code.pair(at) {
                            prop_assert_eq!(open.pop(), Some(pair));
                        }
                    }
                    _ => {}
                }
            }
            prop_assert!(open.is_empty());
        }
    }

    #[test]
    fn folding_answers_for_every_range(text in texts()) {
        for language in Language::ALL {
            let code = Code::new(&text, language);
            for at in 0..code.len() {
                let end = code.expression_end(at);
                prop_assert!(!code.fold(at..end.max(at)).is_empty());
                prop_assert!(code.chain_start(at) <= at);
                prop_assert!(!code.fold_word(at..code.word_end(at)).is_empty());
            }
        }
    }
}

#[test]
fn a_string_is_one_token_or_has_holes() {
    let kinds = |text, language| -> Vec<TokenKind> { lex_kinds(text, language) };
    use TokenKind::{HoleClose, HoleOpen, Str, StrClose, StrOpen, StrText, Var, Word};
    assert_eq!(
        kinds("`a${b}c`", Language::JavaScript),
        [
            StrOpen, StrText, HoleOpen, Word, HoleClose, StrText, StrClose
        ]
    );
    assert_eq!(
        kinds("f'{a}/b'", Language::Python),
        [StrOpen, HoleOpen, Word, HoleClose, StrText, StrClose]
    );
    assert_eq!(kinds("'''a'b'''", Language::Python), [Str]);
    assert_eq!(
        kinds("$@\"a\"\"{b}\"", Language::CSharp),
        [StrOpen, StrText, HoleOpen, Word, HoleClose, StrClose]
    );
    assert_eq!(
        kinds("$$\"\"\"{a}{{b}}\"\"\"", Language::CSharp),
        [StrOpen, StrText, HoleOpen, Word, HoleClose, StrClose]
    );
    assert_eq!(kinds("r#\"a\"b\"#", Language::Rust), [Str]);
    assert_eq!(
        kinds("\"a$b\"", Language::Shell),
        [StrOpen, StrText, Var, StrClose]
    );
    assert_eq!(
        kinds("@\"\na $b\n\"@", Language::PowerShell),
        [StrOpen, StrText, Var, StrClose]
    );
    assert_eq!(
        kinds("'${a}'", Language::Bicep),
        [StrOpen, HoleOpen, Word, HoleClose, StrClose]
    );
    assert_eq!(kinds("\"$a/${b.c}\"", Language::Kotlin).len(), 9);
}

fn lex_kinds(text: &str, language: Language) -> Vec<TokenKind> {
    let code = Code::new(text, language);
    (0..code.len()).map(|at| code.kind(at)).collect()
}

#[test]
fn an_apostrophe_of_jsx_is_no_string() {
    let code = Code::new("<p>Don't</p>\nget('/me')", Language::JavaScript);
    assert!((0..code.len()).any(|at| code.string(at).as_deref() == Some("/me")));
}

#[test]
fn the_work_grows_with_the_text() {
    let small = work(1_000);
    let large = work(10_000);
    assert!(large < 12 * small + 1_000, "{small} and {large}");
}

/// Folds every use of a name that is assigned `count` times.
fn work(count: usize) -> usize {
    let text = "url = base + '/users/' + id\nget(url)\n".repeat(count);
    let code = Code::new(&text, Language::Python);
    for at in 0..code.len() {
        if code.text(at) == "get" {
            code.fold(code.arguments(at + 1).remove(0));
        }
    }
    code.work()
}

#[test]
fn lexing_takes_any_text_that_bytes_can_give() {
    let bytes: Vec<u8> = (0..=255_u8).cycle().take(4096).collect();
    let text = String::from_utf8_lossy(&bytes);
    for language in Language::ALL {
        let _ = lex(&text, language);
        let nested = "`${".repeat(20_000);
        let _ = Code::new(&nested, language);
        let _ = Code::new(&"(".repeat(50_000), language);
        let _ = Code::new(&"'\\".repeat(50_000), language);
    }
}
