//! Lines of template tags in a template of a manifest.

use std::borrow::Cow;
use std::ops::Range;

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
