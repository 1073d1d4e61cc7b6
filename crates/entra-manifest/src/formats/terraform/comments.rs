//! Comments of a file in Terraform's native syntax.

use source_text::{Source, Span};

/// All comments: `# …`, `// …` and `/* … */`, delimiters included, line ends not.
pub(super) fn comments(source: &Source) -> Vec<Span> {
    let mut scan = Scan {
        source,
        bytes: source.text().as_bytes(),
        at: 0,
        found: Vec::new(),
    };
    scan.code(false);
    scan.found
}

struct Scan<'s> {
    source: &'s Source,
    bytes: &'s [u8],
    at: usize,
    found: Vec<Span>,
}

impl Scan<'_> {
    /// Code up to the end, or up to the brace that closes an interpolation.
    fn code(&mut self, interpolation: bool) {
        // Interpolations within strings within interpolations: a stack of their brace depths, not of calls.
        let mut open: Vec<usize> = if interpolation { vec![0] } else { Vec::new() };
        let mut in_string = false;
        while self.at < self.bytes.len() {
            if in_string {
                in_string = !self.string(&mut open);
                continue;
            }
            match self.bytes[self.at] {
                b'#' => self.line_comment(),
                b'/' if self.next_is(b'/') => self.line_comment(),
                b'/' if self.next_is(b'*') => self.block_comment(),
                b'"' => {
                    self.at += 1;
                    in_string = true;
                }
                b'<' if self.next_is(b'<') => self.heredoc(),
                b'{' => {
                    if let Some(depth) = open.last_mut() {
                        *depth += 1;
                    }
                    self.at += 1;
                }
                b'}' => {
                    self.at += 1;
                    match open.last_mut() {
                        Some(0) => {
                            open.pop();
                            in_string = true;
                        }
                        Some(depth) => *depth -= 1,
                        None => {}
                    }
                }
                _ => self.at += 1,
            }
        }
    }

    fn next_is(&self, byte: u8) -> bool {
        self.bytes.get(self.at + 1) == Some(&byte)
    }

    /// Reads on in a string; whether that left it: at its closing quote, or into an interpolation.
    fn string(&mut self, open: &mut Vec<usize>) -> bool {
        let byte = self.bytes[self.at];
        match byte {
            b'\\' => {
                self.at += 2;
                false
            }
            b'"' => {
                self.at += 1;
                true
            }
            // `$${` is no interpolation.
            b'$' | b'%' if self.next_is(byte) && self.bytes.get(self.at + 2) == Some(&b'{') => {
                self.at += 3;
                false
            }
            b'$' | b'%' if self.next_is(b'{') => {
                self.at += 2;
                open.push(0);
                true
            }
            _ => {
                self.at += 1;
                false
            }
        }
    }

    fn line_comment(&mut self) {
        let rest = &self.bytes[self.at..];
        let mut end = memchr::memchr(b'\n', rest).map_or(self.bytes.len(), |end| self.at + end);
        let after = end;
        if end > self.at && self.bytes[end - 1] == b'\r' {
            end -= 1;
        }
        self.found.push(self.source.span(self.at, end));
        self.at = after;
    }

    fn block_comment(&mut self) {
        let rest = &self.bytes[self.at + 2..];
        let end =
            memchr::memmem::find(rest, b"*/").map_or(self.bytes.len(), |end| self.at + 2 + end + 2);
        self.found.push(self.source.span(self.at, end));
        self.at = end;
    }

    /// `<<EOT` and `<<-EOT`, up to a line that holds the word alone.
    fn heredoc(&mut self) {
        let mut at = self.at + 2;
        if self.bytes.get(at) == Some(&b'-') {
            at += 1;
        }
        let word = self.bytes[at..]
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
            .count();
        let label = &self.bytes[at..at + word];
        self.at = at + word;
        if word == 0 {
            return;
        }
        while self.at < self.bytes.len() {
            let end = memchr::memchr(b'\n', &self.bytes[self.at..])
                .map_or(self.bytes.len(), |end| self.at + end);
            let line = self.bytes[self.at..end].trim_ascii();
            self.at = (end + 1).min(self.bytes.len());
            if line == label {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use source_text::{Encoding, FileId};

    use super::*;

    fn found(text: &str) -> Vec<String> {
        let source = Source::new(FileId::default(), "a.tf", text.to_owned(), Encoding::Utf8);
        comments(&source)
            .into_iter()
            .map(|span| source.slice(span).to_owned())
            .collect()
    }

    #[test]
    fn comments_are_found_outside_of_strings() {
        assert_eq!(
            found("a = 1 # one\r\n// two\n/* three\n*/ b = \"# no\""),
            ["# one", "// two", "/* three\n*/"]
        );
        assert_eq!(found("a = \"${ \"# no\" } // no\" # yes"), ["# yes"]);
        assert_eq!(found("a = \"$${\" # yes"), ["# yes"]);
        assert_eq!(found("a = <<-EOT\n  # no\n  EOT\n# yes"), ["# yes"]);
        assert_eq!(found("a = \"\\\" # no\" # yes"), ["# yes"]);
    }

    #[test]
    fn what_is_never_closed_ends_with_the_file() {
        for text in ["/*", "\"${", "\"\\", "<<A", "<<", "#", "\"$"] {
            let _ = found(text);
        }
        assert_eq!(found("/*").len(), 1);
    }
}
