//! Comments of a YAML file.

use source_text::{Source, Span};

/// Comments: `#` at the start of a line or behind a blank, outside of quotes as far as one line shows.
pub(super) fn comments(source: &Source) -> Vec<Span> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in source.text().split_inclusive('\n') {
        let mut quote = None;
        let mut before = b' ';
        for (offset, byte) in line.bytes().enumerate() {
            match (quote, byte) {
                (Some(open), _) if open == byte => quote = None,
                (None, b'"' | b'\'') if matches!(before, b' ' | b'[' | b',' | b'{') => {
                    quote = Some(byte)
                }
                (None, b'#') if matches!(before, b' ' | b'\t') => {
                    let end = at + line.trim_end_matches(['\r', '\n']).len();
                    found.push(source.span(at + offset, end));
                    break;
                }
                _ => {}
            }
            before = byte;
        }
        at += line.len();
    }
    found
}
