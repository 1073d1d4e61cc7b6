//! Logic Apps that Bicep deploys: the object of a `Microsoft.Logic/workflows` resource, as the JSON that it becomes.
//!
//! <https://learn.microsoft.com/en-us/azure/azure-resource-manager/bicep/data-types>. Expressions are not evaluated: a
//! variable or parameter with a literal text stands for it, anything else is a hole.

use std::borrow::Cow;
use std::collections::HashMap;

use jsonc_parser::ast::{Array, Object, ObjectProp, ObjectPropName, StringLit, Value};
use jsonc_parser::common::Range;
use source_text::Source;

use crate::api::HOLE;

/// Deeper nesting is not read.
const MOST_DEPTH: usize = 64;

const TYPE: &str = "'Microsoft.Logic/workflows";

/// Whether a file may deploy a workflow.
pub(crate) fn claims(source: &Source) -> bool {
    let is_bicep = source
        .name()
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("bicep"));
    is_bicep && source.text().contains(TYPE)
}

/// The objects of the workflows that a text deploys.
pub(super) fn workflows(text: &str) -> Vec<Value<'_>> {
    let names = names(text);
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find(TYPE) {
        let start = from + at + TYPE.len();
        from = start;
        let Some(equals) = text[start..].find('=') else {
            break;
        };
        let mut parser = Parser {
            text,
            at: start + equals + 1,
            names: &names,
        };
        if let Some(value) = parser.value(0) {
            from = parser.at;
            found.push(value);
        }
    }
    found
}

/// Variables and parameters with a literal text, by name.
fn names(text: &str) -> HashMap<&str, &str> {
    let mut names = HashMap::new();
    for line in text.lines() {
        let line = line.trim_start();
        let declaration = line
            .strip_prefix("var ")
            .or_else(|| line.strip_prefix("param "));
        let Some((head, value)) = declaration.and_then(|rest| rest.split_once('=')) else {
            continue;
        };
        let literal = value
            .trim()
            .strip_prefix('\'')
            .and_then(|value| value.strip_suffix('\''))
            .filter(|literal| !literal.contains(['\'', '\\', '$']));
        if let (Some(name), Some(literal)) = (head.split_whitespace().next(), literal) {
            names.insert(name, literal);
        }
    }
    names
}

struct Parser<'a, 'n> {
    text: &'a str,
    at: usize,
    names: &'n HashMap<&'a str, &'a str>,
}

impl<'a> Parser<'a, '_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn starts(&self, with: &str) -> bool {
        self.rest().starts_with(with.as_bytes())
    }

    /// Goes on behind blanks, comments, and what separates two elements.
    fn skip(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r' | b'\n' | b',') => self.at += 1,
                Some(b'/') if self.starts("//") => {
                    self.at += memchr::memchr(b'\n', self.rest()).unwrap_or(self.rest().len());
                }
                Some(b'/') if self.starts("/*") => {
                    let end = memchr::memmem::find(self.rest(), b"*/");
                    self.at += end.map_or(self.rest().len(), |end| end + 2);
                }
                _ => return,
            }
        }
    }

    /// A value; `None` where nesting is too deep or the text ends.
    fn value(&mut self, depth: usize) -> Option<Value<'a>> {
        if depth > MOST_DEPTH {
            return None;
        }
        self.skip();
        let start = self.at;
        match self.peek()? {
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            // `if (condition) { … }` of a resource, and of an element of a list.
            b'i' if self.starts("if ") || self.starts("if(") => {
                self.at += 2;
                self.skip();
                self.bracketed();
                self.value(depth + 1)
            }
            b'\'' => {
                let literal = self.string()?;
                if self.is_end_of_value() {
                    return Some(Value::StringLit(literal));
                }
                // `'a' == b ? c : d`
                self.expression();
                Some(self.unknown(start))
            }
            _ => {
                self.expression();
                Some(self.unknown(start))
            }
        }
    }

    /// What an expression comes to: the text of a known name, or nothing that is known.
    fn unknown(&self, start: usize) -> Value<'a> {
        let written = self.text[start..self.at].trim_end();
        Value::StringLit(StringLit {
            range: Range {
                start,
                end: start + written.len(),
            },
            value: match self.names.get(written) {
                Some(known) => Cow::Borrowed(known),
                None => Cow::Owned(HOLE.to_string()),
            },
        })
    }

    fn is_end_of_value(&mut self) -> bool {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        matches!(
            self.peek(),
            None | Some(b'\r' | b'\n' | b',' | b'}' | b']' | b'/')
        )
    }

    /// Goes on behind an expression: to the end of its line, or to the bracket that ends the list around it.
    fn expression(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b'\n' | b',' | b'}' | b']' | b')' => return,
                b'(' | b'[' | b'{' => self.bracketed(),
                b'\'' => {
                    if self.string().is_none() {
                        return;
                    }
                }
                b'/' if self.starts("//") || self.starts("/*") => return,
                _ => self.at += 1,
            }
        }
    }

    /// Goes on behind a pair of brackets and what they hold.
    fn bracketed(&mut self) {
        let mut open = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'(' | b'[' | b'{' => {
                    open += 1;
                    self.at += 1;
                }
                b')' | b']' | b'}' => {
                    self.at += 1;
                    open = open.saturating_sub(1);
                    if open == 0 {
                        return;
                    }
                }
                // A string in an interpolation in a string …: its end is found without going into it.
                b'\'' => {
                    let inside = self.rest().get(1..).unwrap_or_default();
                    self.at += match memchr::memchr2(b'\'', b'\n', inside) {
                        Some(end) => end + 2,
                        None => inside.len() + 1,
                    };
                }
                _ if open == 0 => return,
                _ => self.at += 1,
            }
        }
    }

    fn object(&mut self, depth: usize) -> Option<Value<'a>> {
        let start = self.at;
        self.at += 1;
        let mut properties = Vec::new();
        loop {
            self.skip();
            let from = self.at;
            let name = match self.peek()? {
                b'}' => {
                    self.at += 1;
                    break;
                }
                b'\'' => self.string()?,
                _ => self.word(),
            };
            if self.peek() != Some(b':') {
                // `...spread`, a nested resource: no action of this workflow.
                self.expression();
                if self.at == from {
                    self.at += 1;
                }
                continue;
            }
            self.at += 1;
            let value = self.value(depth + 1)?;
            properties.push(ObjectProp {
                range: Range {
                    start: from,
                    end: self.at,
                },
                name: ObjectPropName::String(name),
                value,
            });
        }
        Some(Value::Object(Object {
            range: Range {
                start,
                end: self.at,
            },
            properties,
        }))
    }

    /// A name without quotes; empty where there is none.
    fn word(&mut self) -> StringLit<'a> {
        let start = self.at;
        while self
            .peek()
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        {
            self.at += 1;
        }
        StringLit {
            range: Range {
                start,
                end: self.at,
            },
            value: Cow::Borrowed(&self.text[start..self.at]),
        }
    }

    fn array(&mut self, depth: usize) -> Option<Value<'a>> {
        let start = self.at;
        self.at += 1;
        self.skip();
        if self.starts("for ") {
            // `[for item in list: value]`
            while self.peek().is_some_and(|byte| byte != b':') {
                if matches!(self.peek(), Some(b'(' | b'[')) {
                    self.bracketed();
                } else {
                    self.at += 1;
                }
            }
            self.at += 1;
        }
        let mut elements = Vec::new();
        loop {
            self.skip();
            let from = self.at;
            if self.peek()? == b']' {
                self.at += 1;
                break;
            }
            elements.push(self.value(depth + 1)?);
            if self.at == from {
                self.at += 1;
            }
        }
        Some(Value::Array(Array {
            range: Range {
                start,
                end: self.at,
            },
            elements,
        }))
    }

    /// `'a\'b${c}'`, with the texts of known names in place of `${…}`, and the lines between three quotes.
    fn string(&mut self) -> Option<StringLit<'a>> {
        let start = self.at;
        if self.starts("'''") {
            let from = start + 3;
            let end = from + self.text.get(from..)?.find("'''")?;
            self.at = end + 3;
            return Some(StringLit {
                range: Range {
                    start,
                    end: self.at,
                },
                value: Cow::Borrowed(&self.text[from..end]),
            });
        }
        self.at += 1;
        let mut value = String::new();
        loop {
            let mut rest = self.text.get(self.at..)?.chars();
            match rest.next()? {
                '\'' => {
                    self.at += 1;
                    break;
                }
                '\n' => return None,
                '\\' => {
                    let escaped = rest.next()?;
                    value.push(match escaped {
                        'n' => '\n',
                        'r' => '\r',
                        't' => '\t',
                        other => other,
                    });
                    self.at += 1 + escaped.len_utf8();
                }
                '$' if self.starts("${") => {
                    let from = self.at + 2;
                    self.at += 1;
                    self.bracketed();
                    let inner = self.text.get(from..self.at.checked_sub(1)?)?;
                    match self.names.get(inner.trim()) {
                        Some(known) => value.push_str(known),
                        None => value.push(HOLE),
                    }
                }
                other => {
                    value.push(other);
                    self.at += other.len_utf8();
                }
            }
        }
        Some(StringLit {
            range: Range {
                start,
                end: self.at,
            },
            value: Cow::Owned(value),
        })
    }
}
