//! Strict JSON (RFC 8259) to the syntax tree of `jsonc_parser`, several times faster than that reads it.
//!
//! Most manifests are written by a machine and are strict. What is not is left to `jsonc_parser`, which knows what is
//! wrong with it and where. A law in the tests: where this reads a text, the tree is the same.

use std::borrow::Cow;

use jsonc_parser::ast::{
    Array, BooleanLit, NullKeyword, NumberLit, Object, ObjectProp, ObjectPropName, StringLit, Value,
};
use jsonc_parser::common::Range;

use super::depth::MAX_DEPTH;

/// The syntax tree of a text that is strict JSON, nested at most [`MAX_DEPTH`] deep; `None` for any other text, and for
/// what needs a closer look, such as surrogates written as escapes.
pub(super) fn parse(text: &str) -> Option<Value<'_>> {
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: 0,
        depth: 0,
        members: Vec::new(),
        elements: Vec::new(),
    };
    reader.skip_blanks();
    let root = reader.value()?;
    reader.skip_blanks();
    (reader.at == text.len()).then_some(root)
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    /// Members and elements of what is open: each list is taken off whole, so that it is allocated once.
    members: Vec<ObjectProp<'a>>,
    elements: Vec<Value<'a>>,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    /// Takes this byte, if it is the next one.
    fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn value(&mut self) -> Option<Value<'a>> {
        match self.peek()? {
            b'"' => self.string().map(Value::StringLit),
            b'{' => self.object().map(Value::Object),
            b'[' => self.array().map(Value::Array),
            b't' => self
                .word(b"true")
                .map(|range| Value::BooleanLit(BooleanLit { range, value: true })),
            b'f' => self.word(b"false").map(|range| {
                Value::BooleanLit(BooleanLit {
                    range,
                    value: false,
                })
            }),
            b'n' => self
                .word(b"null")
                .map(|range| Value::NullKeyword(NullKeyword { range })),
            _ => self.number().map(Value::NumberLit),
        }
    }

    fn word(&mut self, word: &[u8]) -> Option<Range> {
        let start = self.at;
        if !self.bytes[start..].starts_with(word) {
            return None;
        }
        self.at += word.len();
        // `nullable` is one word.
        let is_longer = self.peek().is_some_and(|next| {
            next.is_ascii_alphanumeric() || matches!(next, b'_' | b'-' | 0x80..)
        });
        (!is_longer).then(|| Range::new(start, self.at))
    }

    fn number(&mut self) -> Option<NumberLit<'a>> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'-') || self.take(b'+');
            self.digits()?;
        }
        // What follows a number is no part of a word.
        let is_longer = self.peek().is_some_and(|next| {
            next.is_ascii_alphanumeric() || matches!(next, b'_' | b'-' | b'+' | b'.' | 0x80..)
        });
        (!is_longer).then(|| NumberLit {
            range: Range::new(start, self.at),
            value: &self.text[start..self.at],
        })
    }

    /// At least one digit.
    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn string(&mut self) -> Option<StringLit<'a>> {
        let start = self.at;
        let mut from = start + 1;
        let mut at = from;
        let mut unescaped: Option<String> = None;
        loop {
            match *self.bytes.get(at)? {
                b'"' => break,
                b'\\' => {
                    let own = unescaped.get_or_insert_default();
                    own.push_str(self.text.get(from..at)?);
                    let (escaped, length) = self.escape(at + 1)?;
                    own.push(escaped);
                    at += 1 + length;
                    from = at;
                }
                // A line's end, for one: the string is not closed.
                0..=0x1F => return None,
                _ => at += 1,
            }
        }
        let rest = self.text.get(from..at)?;
        let value = match unescaped {
            None => Cow::Borrowed(rest),
            Some(mut own) => {
                own.push_str(rest);
                Cow::Owned(own)
            }
        };
        self.at = at + 1;
        Some(StringLit {
            range: Range::new(start, self.at),
            value,
        })
    }

    /// The character that an escape stands for, and the escape's length without the backslash.
    fn escape(&self, at: usize) -> Option<(char, usize)> {
        let plain = match *self.bytes.get(at)? {
            byte @ (b'"' | b'\\' | b'/') => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{C}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let digits = self.text.get(at + 1..at + 5)?;
                if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                    return None;
                }
                // Half of a surrogate pair is no character.
                let code = u32::from_str_radix(digits, 16).ok()?;
                return Some((char::from_u32(code)?, 5));
            }
            _ => return None,
        };
        Some((plain, 1))
    }

    fn object(&mut self) -> Option<Object<'a>> {
        let start = self.open()?;
        let first = self.members.len();
        if !self.take(b'}') {
            loop {
                let member = self.member()?;
                self.members.push(member);
                self.skip_blanks();
                if self.take(b'}') {
                    break;
                }
                if !self.take(b',') {
                    return None;
                }
                self.skip_blanks();
            }
        }
        self.depth -= 1;
        Some(Object {
            range: Range::new(start, self.at),
            properties: self.members.drain(first..).collect(),
        })
    }

    fn member(&mut self) -> Option<ObjectProp<'a>> {
        if self.peek()? != b'"' {
            return None;
        }
        let name = self.string()?;
        self.skip_blanks();
        if !self.take(b':') {
            return None;
        }
        self.skip_blanks();
        let value = self.value()?;
        Some(ObjectProp {
            range: Range::new(name.range.start, self.at),
            name: ObjectPropName::String(name),
            value,
        })
    }

    fn array(&mut self) -> Option<Array<'a>> {
        let start = self.open()?;
        let first = self.elements.len();
        if !self.take(b']') {
            loop {
                let element = self.value()?;
                self.elements.push(element);
                self.skip_blanks();
                if self.take(b']') {
                    break;
                }
                if !self.take(b',') {
                    return None;
                }
                self.skip_blanks();
            }
        }
        self.depth -= 1;
        Some(Array {
            range: Range::new(start, self.at),
            elements: self.elements.drain(first..).collect(),
        })
    }

    /// Takes an opening bracket and the blanks after it.
    fn open(&mut self) -> Option<usize> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let start = self.at;
        self.at += 1;
        self.skip_blanks();
        Some(start)
    }
}

#[cfg(test)]
mod tests {
    use jsonc_parser::{CollectOptions, CommentCollectionStrategy, parse_to_ast};
    use proptest::prelude::*;

    use super::super::syntax::STRICT;
    use super::*;

    fn reference(text: &str) -> Option<Value<'_>> {
        let options = CollectOptions {
            comments: CommentCollectionStrategy::Off,
            tokens: false,
        };
        parse_to_ast(text, &options, &STRICT).ok()?.value
    }

    #[test]
    fn strict_json_is_read_the_same() {
        for text in [
            r#"{"a": [1, -2.50, 3e+8, 0, 0.1E-2], "b": {"c": null, "a": true}, "a": false}"#,
            "[\r\n\t{} , [] , \"\" ]\n",
            r#""\"\\\/\b\f\n\r\t\u00e4ö""#,
            "{\"ä\": \"😀 x\"}",
            "7",
        ] {
            assert_eq!(parse(text), reference(text), "{text}");
            assert!(parse(text).is_some(), "{text}");
        }
    }

    #[test]
    fn anything_else_is_left_to_others() {
        for text in [
            "",
            " ",
            "{",
            "[1, ]",
            "{\"a\": 1,}",
            "{a: 1}",
            "{'a': 1}",
            "// x\n{}",
            "{} {}",
            "01",
            "1.",
            ".5",
            "+1",
            "-",
            "1e",
            "0x1F",
            "tru",
            "nullable",
            "null_",
            "1a",
            "NaN",
            "\"a\nb\"",
            "\"\u{1}\"",
            r#""\x""#,
            r#""\u12"#,
            r#""\ud83d\ude00""#,
            r#""\u+123""#,
            "\"a",
            "[1 2]",
            "{\"a\" 1}",
            "{\"a\": }",
            "\u{feff}{}",
            "\u{a0}{}",
            "nullä",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(&deep(MAX_DEPTH)).is_some());
        assert_eq!(parse(&deep(MAX_DEPTH + 1)), None);
    }

    proptest! {
        #[test]
        fn whatever_is_read_is_read_the_same(text in r#"([\[\]{},:" \n]|"[a-z\\u0-9"/ä]{0,4}"|[-+0-9.eE]{1,4}|true|null){0,24}"#) {
            if let Some(value) = parse(&text) {
                prop_assert_eq!(Some(value), reference(&text));
            }
        }

        #[test]
        fn documents_are_read_the_same(text in document()) {
            let value = parse(&text);
            prop_assert!(value.is_some());
            prop_assert_eq!(value, reference(&text));
        }
    }

    /// Strict JSON with blanks, escapes and nesting.
    fn document() -> impl Strategy<Value = String> {
        let string = r#""([a-zä😀]|\\["\\/bfnrt]|\\u00[0-9a-fA-F]{2}){0,6}""#;
        let leaf = prop_oneof![
            string,
            r"-?(0|[1-9][0-9]{0,3})(\.[0-9]{1,2})?([eE][-+]?[0-9]{1,2})?",
            Just("true".to_owned()),
            Just("null".to_owned()),
        ];
        leaf.prop_recursive(4, 32, 4, move |inner| {
            let blank = "[ \n\t]{0,2}";
            let element = (blank, inner.clone(), blank).prop_map(|(a, v, b)| format!("{a}{v}{b}"));
            let member = (blank, string, blank, inner, blank)
                .prop_map(|(a, n, b, v, c)| format!("{a}{n}{b}:{c}{v}{a}"));
            prop_oneof![
                prop::collection::vec(element, 0..4).prop_map(|all| format!("[{}]", all.join(","))),
                prop::collection::vec(member, 0..4)
                    .prop_map(|all| format!("{{{}}}", all.join(","))),
            ]
        })
    }
}
