//! Strings: where they begin, hold code, and end.

use memchr::{memchr3, memmem};

use crate::language::{Dialect, Holes, Shape, StringRule};
use crate::lexer::Lexer;
use crate::token::Escape;

/// What ends a string.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Close {
    /// These bytes.
    Fixed(&'static str),
    /// So many quotes; holes have so many braces.
    Quotes { quotes: usize, braces: usize },
    /// A quote and so many `#`.
    Hashes(usize),
    /// A line with this word of the text alone, indented or not. PHP lets code follow it.
    Line {
        start: usize,
        end: usize,
        indented: bool,
    },
}

/// What comes next in a string.
pub(crate) enum Event {
    /// Its end: the end of the content, and the end of the delimiter.
    End { content: usize, after: usize },
    /// A hole or a variable.
    Hole(usize),
    /// A line end that the string cannot hold.
    LineEnd(usize),
    /// The end of the text.
    TextEnd,
}

impl Lexer<'_> {
    /// The begin of the content and the closing delimiter of a string of this rule at this place.
    pub(crate) fn opening(&self, rule: &StringRule, prefix: usize) -> Option<(usize, Close)> {
        let after = self.at + prefix + rule.open.len();
        match rule.shape {
            Shape::Fixed if rule.open.starts_with('@') => {
                // A here string of PowerShell begins behind the line's end.
                let mut at = after;
                while matches!(self.bytes.get(at), Some(b' ' | b'\t' | b'\r')) {
                    at += 1;
                }
                (self.bytes.get(at) == Some(&b'\n')).then_some((at, Close::Fixed(rule.close)))
            }
            Shape::Fixed | Shape::Char => Some((after, Close::Fixed(rule.close))),
            Shape::CSharpRaw => {
                let mut end = after;
                while self.bytes.get(end) == Some(&b'"') {
                    end += 1;
                }
                let quotes = end - self.at - prefix;
                Some((
                    end,
                    Close::Quotes {
                        quotes,
                        braces: prefix.max(1),
                    },
                ))
            }
            Shape::RustRaw => {
                let mut end = after;
                while self.bytes.get(end) == Some(&b'#') {
                    end += 1;
                }
                (self.bytes.get(end) == Some(&b'"'))
                    .then_some((end + 1, Close::Hashes(end - after)))
            }
            Shape::HereDoc | Shape::NowDoc => {
                let mut at = after;
                while matches!(self.bytes.get(at), Some(b' ' | b'\t')) {
                    at += 1;
                }
                let quoted = self.bytes.get(at) == Some(&b'"');
                let start = at + usize::from(quoted);
                let mut end = start;
                while self
                    .bytes
                    .get(end)
                    .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
                {
                    end += 1;
                }
                if end == start {
                    return None;
                }
                let mut line = end;
                while matches!(
                    self.bytes.get(line),
                    Some(b'"' | b'\'' | b'\r' | b' ' | b'\t')
                ) {
                    line += 1;
                }
                (self.bytes.get(line) == Some(&b'\n')).then_some((
                    line + 1,
                    Close::Line {
                        start,
                        end,
                        indented: true,
                    },
                ))
            }
        }
    }

    /// The end of a character literal whose content begins at `content`.
    pub(crate) fn character(&self, content: usize) -> Option<usize> {
        let first = *self.bytes.get(content)?;
        let end = if first == b'\\' {
            // `'\u{10FFFF}'` is the longest.
            let rest = self.bytes.get(content + 2..)?;
            content + 2 + rest.iter().take(10).position(|byte| *byte == b'\'')?
        } else {
            let length = self.text.get(content..)?.chars().next()?.len_utf8();
            content + length
        };
        (first != b'\'' && first != b'\n' && self.bytes.get(end) == Some(&b'\'')).then_some(end + 1)
    }

    /// The next hole or the end of a string whose text goes on at `from`.
    pub(crate) fn event(&self, rule: &StringRule, close: &Close, from: usize) -> Event {
        match close {
            Close::Hashes(hashes) => self.rust_raw_end(*hashes, from),
            Close::Line {
                start,
                end,
                indented,
            } => self.line_close(rule, (*start, *end), *indented, from),
            Close::Quotes { quotes, braces } => self.raw_event(rule, *quotes, *braces, from),
            Close::Fixed(close) if rule.holes == Holes::None => {
                self.simple_event(rule, close.as_bytes(), from)
            }
            Close::Fixed(close) => self.holed_event(rule, close.as_bytes(), from),
        }
    }

    fn rust_raw_end(&self, hashes: usize, from: usize) -> Event {
        let mut at = from;
        while let Some(next) = memchr::memchr(b'"', &self.bytes[at..]) {
            let quote = at + next;
            let mut end = quote + 1;
            while end - quote - 1 < hashes && self.bytes.get(end) == Some(&b'#') {
                end += 1;
            }
            if end - quote - 1 == hashes {
                return Event::End {
                    content: quote,
                    after: end,
                };
            }
            at = end;
        }
        Event::TextEnd
    }

    fn simple_event(&self, rule: &StringRule, close: &[u8], from: usize) -> Event {
        let bytes = self.bytes;
        if close.first() == Some(&b'\n') {
            let mut at = from;
            while let Some(next) = memchr::memchr(b'\n', bytes.get(at..).unwrap_or_default()) {
                at += next;
                if let Some(after) = self.closed_at(close, at) {
                    return Event::End { content: at, after };
                }
                at += 1;
            }
            return Event::TextEnd;
        }
        if rule.escape == Escape::None && rule.multiline {
            return match memmem::find(&bytes[from..], close) {
                Some(length) => Event::End {
                    content: from + length,
                    after: from + length + close.len(),
                },
                None => Event::TextEnd,
            };
        }
        let hidden = match rule.escape {
            Escape::Backslash | Escape::BackslashQuote | Escape::Raw => b'\\',
            _ => close[0],
        };
        let line_end = if rule.multiline { close[0] } else { b'\n' };
        let mut at = from;
        while let Some(next) = memchr3(close[0], hidden, line_end, &bytes[at..]) {
            at += next;
            let byte = bytes[at];
            if byte == b'\n' && !rule.multiline {
                return Event::LineEnd(at);
            }
            if byte == b'\\' && hidden == b'\\' {
                // A backslash before a line end hides it in the languages that have it.
                at = (at + 2).min(bytes.len());
                continue;
            }
            if bytes[at..].starts_with(close) {
                if rule.escape == Escape::Doubled && bytes[at + close.len()..].starts_with(close) {
                    at += 2 * close.len();
                    continue;
                }
                return Event::End {
                    content: at,
                    after: at + close.len(),
                };
            }
            at += 1;
        }
        Event::TextEnd
    }

    /// The end of the closing delimiter that begins at `at`. One that stands on a line of its own, as that of a here string,
    /// can have blanks before it: PowerShell has none, but in a block of YAML the block's indentation stands there.
    fn closed_at(&self, close: &[u8], at: usize) -> Option<usize> {
        let rest = self.bytes.get(at..)?;
        if rest.starts_with(close) {
            return Some(at + close.len());
        }
        let (b'\n', mark) = close.split_first()? else {
            return None;
        };
        let line = rest.strip_prefix(b"\n")?;
        let blanks = line
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count();
        line[blanks..]
            .starts_with(mark)
            .then_some(at + 1 + blanks + mark.len())
    }

    fn holed_event(&self, rule: &StringRule, close: &[u8], from: usize) -> Event {
        let bytes = self.bytes;
        let mut at = from;
        while let Some(&byte) = bytes.get(at) {
            if byte == close[0]
                && let Some(after) = self.closed_at(close, at)
            {
                let doubled =
                    matches!(rule.escape, Escape::Doubled | Escape::Backtick) && close.len() == 1;
                if doubled && bytes.get(at + 1) == Some(&close[0]) {
                    at += 2;
                    continue;
                }
                return Event::End { content: at, after };
            }
            match byte {
                b'\\' if matches!(rule.escape, Escape::Backslash | Escape::Raw) => at += 1,
                b'`' if rule.escape == Escape::Backtick => at += 1,
                b'\n' if !rule.multiline => return Event::LineEnd(at),
                b'{' | b'$' => {
                    if let Some(skip) = self.skip_at(rule, at, 1) {
                        at += skip;
                        continue;
                    }
                    return Event::Hole(at);
                }
                _ => {}
            }
            at += 1;
        }
        Event::TextEnd
    }

    fn raw_event(&self, rule: &StringRule, quotes: usize, braces: usize, from: usize) -> Event {
        let bytes = self.bytes;
        let mut at = from;
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'"' => {
                    let mut end = at;
                    while bytes.get(end) == Some(&b'"') {
                        end += 1;
                    }
                    if end - at >= quotes {
                        return Event::End {
                            content: end - quotes,
                            after: end,
                        };
                    }
                    at = end;
                }
                b'{' if rule.holes == Holes::Brace => {
                    let mut end = at;
                    while bytes.get(end) == Some(&b'{') {
                        end += 1;
                    }
                    if end - at >= braces {
                        return Event::Hole(end - braces);
                    }
                    at = end;
                }
                _ => at += 1,
            }
        }
        Event::TextEnd
    }

    fn line_close(
        &self,
        rule: &StringRule,
        word: (usize, usize),
        indented: bool,
        from: usize,
    ) -> Event {
        let bytes = self.bytes;
        let word = &bytes[word.0..word.1];
        let mut at = from;
        // Within a line after a hole the word cannot close.
        let mut line_start = from == 0 || bytes[from - 1] == b'\n';
        while at < bytes.len() {
            if line_start {
                let mut text = at;
                while indented && matches!(bytes.get(text), Some(b' ' | b'\t')) {
                    text += 1;
                }
                if bytes[text..].starts_with(word) {
                    let after = text + word.len();
                    let next = bytes.get(after).copied().unwrap_or(b'\n');
                    if !next.is_ascii_alphanumeric() && next != b'_' {
                        return Event::End { content: at, after };
                    }
                }
            }
            line_start = false;
            let byte = bytes[at];
            match byte {
                b'\n' => line_start = true,
                b'\\' if rule.escape == Escape::Backslash && bytes.get(at + 1) != Some(&b'\n') => {
                    at += 1
                }
                b'$' | b'{' if rule.holes != Holes::None => {
                    if let Some(skip) = self.skip_at(rule, at, 1) {
                        at += skip;
                        continue;
                    }
                    return Event::Hole(at);
                }
                _ => {}
            }
            at += 1;
        }
        Event::TextEnd
    }

    /// How many bytes at a `{` or `$` are text after all; `None`: a hole begins here.
    fn skip_at(&self, rule: &StringRule, at: usize, braces: usize) -> Option<usize> {
        let byte = self.bytes[at];
        let next = self.bytes.get(at + 1).copied().unwrap_or(0);
        match rule.holes {
            Holes::None => Some(1),
            Holes::Brace if byte == b'{' && next == b'{' && braces == 1 => Some(2),
            Holes::Brace => (byte != b'{').then_some(1),
            Holes::DollarBrace => (byte != b'$' || next != b'{').then_some(1),
            Holes::Php if byte == b'{' => (next != b'$').then_some(1),
            Holes::Kotlin if next == b'{' && byte == b'$' => None,
            Holes::PowerShell | Holes::Shell if byte == b'$' && next == b'(' => None,
            _ if byte == b'{' => Some(1),
            _ => (self.variable_length(at, true) == 0).then_some(1),
        }
    }

    /// Length of the opening of the hole at this place, and the byte that closes it; 0: it is a variable of that length.
    pub(crate) fn hole_opening(&self, rule: &StringRule, close: &Close) -> (usize, u8) {
        let (byte, next) = (self.byte(0), self.byte(1));
        if let Close::Quotes { braces, .. } = close {
            return (*braces, b'}');
        }
        match rule.holes {
            Holes::Brace => (1, b'}'),
            Holes::Php if byte == b'{' => (1, b'}'),
            Holes::DollarBrace => (2, b'}'),
            Holes::Kotlin if next == b'{' => (2, b'}'),
            Holes::PowerShell | Holes::Shell if next == b'(' => (2, b')'),
            _ => (self.variable_length(self.at, true).max(1), 0),
        }
    }

    /// Length of the `$variable` at `at`, 0 if there is none.
    pub(crate) fn variable_length(&self, at: usize, in_string: bool) -> usize {
        let bytes = self.bytes;
        let get = |at: usize| bytes.get(at).copied().unwrap_or(0);
        let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
        let mut end = at + 1;
        let dialect = self.dialect();
        if get(end) == b'{' && dialect != Dialect::Plain {
            let mut depth = 0;
            while let Some(&byte) = bytes.get(end) {
                match byte {
                    b'{' => depth += 1,
                    b'}' => depth -= 1,
                    b'\n' => return 0,
                    b'\\' => end += 1,
                    _ => {}
                }
                end += 1;
                if depth == 0 {
                    return end.min(bytes.len()) - at;
                }
                // Longer is no expansion; the bound keeps a text of `${${${` linear.
                if end - at > 400 {
                    return 0;
                }
            }
            return 0;
        }
        let first = get(end);
        if dialect == Dialect::Shell
            && (first.is_ascii_digit()
                || matches!(first, b'@' | b'*' | b'#' | b'?' | b'$' | b'!' | b'-'))
        {
            return 2;
        }
        if dialect == Dialect::PowerShell && matches!(first, b'?' | b'^' | b'$') && !in_string {
            return 2;
        }
        if !word(first) || (first.is_ascii_digit() && dialect != Dialect::PowerShell) {
            return 0;
        }
        loop {
            while word(get(end)) {
                end += 1;
            }
            // `$script:base`, `$env:TENANT`.
            if dialect == Dialect::PowerShell && get(end) == b':' && word(get(end + 1)) {
                end += 1;
                continue;
            }
            break;
        }
        if dialect == Dialect::Php && in_string {
            if get(end) == b'-' && get(end + 1) == b'>' && word(get(end + 2)) {
                end += 2;
                while word(get(end)) {
                    end += 1;
                }
            } else if get(end) == b'[' {
                let close = bytes[end..]
                    .iter()
                    .take(80)
                    .position(|byte| matches!(byte, b']' | b'\n'));
                if let Some(close) = close.filter(|close| get(end + close) == b']') {
                    end += close + 1;
                }
            }
        }
        end - at
    }
}
