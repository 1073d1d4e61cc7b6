//! What stands in a file around or between the JSON: lines of template tags, a tool's messages before it.

use std::borrow::Cow;
use std::ops::Range;

/// The text with what stands before the JSON blanked, byte for byte, and where that is.
///
/// A redirection of both outputs puts a tool's messages there (`az ad app list > apps.json 2>&1`: `WARNING: …`), an
/// editor a second byte order mark.
pub(super) fn mask_prefix(text: &str) -> Option<(Cow<'_, str>, Range<usize>)> {
    const LONGEST: usize = 4096;
    // A piece of an object, or a comment: what follows is no document of its own.
    if text.trim_start().starts_with(['"', '\'', '/']) {
        return None;
    }
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let body = line.trim_start_matches(['\u{feff}', ' ', '\t']);
        let json = start + (line.len() - body.len());
        if body.starts_with(['{', '[']) {
            let prefix = &text[..json];
            if prefix.trim().is_empty() {
                return None;
            }
            let blank = |byte: u8| match byte {
                b'\n' | b'\r' | b'\t' => char::from(byte),
                _ => ' ',
            };
            let mut masked: String = prefix.bytes().map(blank).collect();
            masked.push_str(&text[json..]);
            return Some((Cow::Owned(masked), 0..prefix.trim_end().len()));
        }
        start += line.len();
        if start > LONGEST {
            return None;
        }
    }
    None
}

/// The text with the lines that hold nothing but template tags blanked, byte for byte, and where the first is.
///
/// Templates of Microsoft's toolkits switch delimiters and sections by such lines: `{{=<% %>=}}`, `{{#sso}}`,
/// `<%={{ }}=%>`.
pub(super) fn mask_template_tags(text: &str) -> Option<(Cow<'_, str>, Range<usize>)> {
    let mut first = None;
    let mut masked = String::new();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let body = line.trim();
        if is_template_tag(body) {
            let start = offset + (line.len() - line.trim_start().len());
            first.get_or_insert(start..start + body.len());
            masked.extend(line.bytes().map(|byte| match byte {
                b'\n' | b'\r' | b'\t' => char::from(byte),
                _ => ' ',
            }));
        } else {
            masked.push_str(line);
        }
        offset += line.len();
    }
    first.map(|first| (Cow::Owned(masked), first))
}

fn is_template_tag(line: &str) -> bool {
    let inner = line
        .strip_prefix("{{")
        .and_then(|rest| rest.strip_suffix("}}"))
        .or_else(|| {
            line.strip_prefix("<%")
                .and_then(|rest| rest.strip_suffix("%>"))
        });
    // `{{{` would be an object in an object, and a tag that prints a value is not a line's only content.
    inner.is_some_and(|inner| inner.starts_with(['=', '#', '/', '^', '!']))
}
