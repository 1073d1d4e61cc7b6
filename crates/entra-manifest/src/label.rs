//! What comments and sibling members call a permission, in any language.

use std::ops::Range;

use source_text::{Source, Span, Spanned};
use uuid::Uuid;

/// The comments that go with an element.
#[derive(Debug, Default)]
pub(crate) struct Attached {
    /// On lines of their own directly above it, the nearest first.
    pub(crate) above: Vec<Span>,
    /// Before it on its first line.
    pub(crate) before: Option<Span>,
    /// Within it.
    pub(crate) inside: Vec<Span>,
    /// Behind it on its last line.
    pub(crate) after: Option<Span>,
}

/// The comments that go with the element at `element`. `comments` are all that there are, sorted; those of other files do
/// no harm.
pub(crate) fn attached_comments(source: &Source, comments: &[Span], element: Span) -> Attached {
    let bytes = source.text().as_bytes();
    let place = |span: Span| (span.file, span.start);
    let first = comments.partition_point(|comment| place(*comment) < place(element));
    let behind = comments.partition_point(|comment| place(*comment) < (element.file, element.end));
    let of_file = |comment: &&Span| comment.file == element.file;
    let mut attached = Attached {
        inside: comments[first..behind].to_vec(),
        ..Attached::default()
    };
    if let Some(after) = comments.get(behind).filter(of_file) {
        let gap = &bytes[element.range().end..after.range().start];
        let on_the_line = gap.iter().all(|byte| matches!(byte, b' ' | b'\t' | b','));
        // `{a}, /* of b */ {b}`
        let next = bytes[after.range().end..]
            .iter()
            .find(|byte| !matches!(byte, b' ' | b'\t'));
        let of_the_next = is_block_comment(source, *after)
            && !matches!(
                next,
                None | Some(b'\r' | b'\n' | b',' | b']' | b'}' | b')' | b'/' | b'#')
            );
        if on_the_line && !of_the_next {
            attached.after = Some(*after);
        }
    }
    let mut next = element.range().start;
    for comment in comments[..first].iter().rev().take_while(of_file) {
        let gap = &bytes[comment.range().end..next];
        if !gap.iter().all(u8::is_ascii_whitespace) {
            break;
        }
        match gap.iter().filter(|byte| **byte == b'\n').count() {
            0 if next == element.range().start => attached.before = Some(*comment),
            0 | 1 if begins_line(source.text(), comment.range().start) => {
                attached.above.push(*comment);
            }
            _ => break,
        }
        next = comment.range().start;
    }
    attached
}

/// Whether a comment ends by a delimiter and not with its line.
pub(crate) fn is_block_comment(source: &Source, comment: Span) -> bool {
    let text = source.slice(comment);
    text.starts_with("/*") || text.starts_with("<#") || text.starts_with("<!--")
}

/// Whether only blanks stand before `offset` on its line.
pub(crate) fn begins_line(text: &str, offset: usize) -> bool {
    let before = text.as_bytes()[..offset]
        .iter()
        .rev()
        .find(|byte| !matches!(byte, b' ' | b'\t'));
    matches!(before, None | Some(b'\n'))
}

/// What a comment or a sibling calls the permission of an element, if one names a permission at all.
///
/// `siblings` are the texts of the element's other members: not those that say which permission it is and of which type.
pub(crate) fn label(
    source: &Source,
    comments: &[Span],
    element: Span,
    siblings: &[Spanned<&str>],
) -> Option<Spanned<String>> {
    // A member that is a permission's name says more than one that mentions it in a sentence.
    let exact = siblings.iter().find(|s| is_exactly_a_permission(s.value));
    let sibling = exact.or_else(|| siblings.iter().find(|s| is_label(s.value)));
    if let Some(sibling) = sibling {
        return Some(sibling.map(|value| value.trim().to_owned()));
    }
    if comments.is_empty() {
        return None;
    }
    let attached = attached_comments(source, comments, element);
    let on_the_line = attached
        .inside
        .iter()
        .chain(&attached.after)
        .chain(&attached.before);
    on_the_line
        .chain(&attached.above)
        .map(|comment| comment_text(source, *comment))
        .find(|label| is_label(&label.value))
}

/// A comment without its delimiters and the blanks around it.
fn comment_text(source: &Source, comment: Span) -> Spanned<String> {
    let whole = source.slice(comment);
    let inner = [("/*", "*/"), ("<#", "#>"), ("<!--", "-->")]
        .iter()
        .find_map(|(open, close)| {
            let inner = whole.strip_prefix(open)?;
            Some(inner.strip_suffix(close).unwrap_or(inner))
        })
        .unwrap_or_else(|| whole.trim_start_matches(['/', '#']));
    let inner = inner.trim_matches(|c: char| c.is_whitespace() || c == '*');
    // `inner` is a slice of `whole`, which begins at the comment's start.
    let start = comment.range().start + (inner.as_ptr() as usize - whole.as_ptr() as usize);
    Spanned {
        value: inner.to_owned(),
        span: source.span(start, start + inner.len()),
    }
}

/// Whether a comment names a permission.
pub(crate) fn is_label_comment(source: &Source, comment: Span) -> bool {
    is_label(&comment_text(source, comment).value)
}

/// Whether a text names a permission. A commented-out element does not: it is code, not a label.
fn is_label(text: &str) -> bool {
    !text.contains(['{', '}', '"'])
        && (is_sign_in_scope(text) || permission_words(text).next().is_some())
}

/// Whether a text is a permission's name and nothing else.
pub(crate) fn is_exactly_a_permission(text: &str) -> bool {
    let text = text.trim();
    is_sign_in_scope(text) || permission_words(text).next() == Some(0..text.len())
}

/// Whether a text is a permission's name and nothing else, by a word that permissions have and other dotted names
/// (`Contoso.Helpdesk`) do not.
pub(crate) fn is_surely_a_permission(text: &str) -> bool {
    let text = text.trim();
    is_exactly_a_permission(text) && text.split('.').any(is_verb)
}

/// Whether a text of any sort holds a permission's name, or an id that could be one.
pub(crate) fn names_a_permission(text: &str) -> bool {
    permission_words(text).any(|word| text[word].split('.').any(is_verb)) || holds_a_guid(text)
}

fn holds_a_guid(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'-', bytes).any(|hyphen| {
        let Some(start) = hyphen.checked_sub(8) else {
            return false;
        };
        bytes
            .get(start..start + 36)
            .is_some_and(|id| Uuid::try_parse_ascii(id).is_ok_and(|id| !id.is_nil()))
    })
}

fn is_sign_in_scope(text: &str) -> bool {
    ["openid", "profile", "email", "offline_access"].contains(&text.trim())
}

/// The words of a text that look like names of permissions: `User.Read`, `mail.readwrite`, but no host and no file.
pub(crate) fn permission_words(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            if !is_word_byte(bytes[at]) {
                at += 1;
                continue;
            }
            let start = at;
            while at < bytes.len() && is_word_byte(bytes[at]) {
                at += 1;
            }
            let word = text[start..at].trim_end_matches(['.', '-', '_']);
            // A host or a path: `https://graph.microsoft.com/User.Read` names a permission after its last slash.
            let in_address = bytes.get(at) == Some(&b'/') || bytes.get(at) == Some(&b'@');
            if !in_address && looks_like_permission(word) {
                return Some(start..start + word.len());
            }
        }
        None
    })
}

const fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')
}

fn looks_like_permission(word: &str) -> bool {
    let capital = |part: &str| part.starts_with(|first: char| first.is_ascii_uppercase());
    let letter = |part: &str| part.starts_with(|first: char| first.is_ascii_alphabetic());
    word.split('.').count() >= 2
        && word.split('.').all(letter)
        && (word.split('.').all(capital) || word.split('.').any(is_verb))
}

/// Whether a part of a dotted name is a word that permissions have.
fn is_verb(part: &str) -> bool {
    [
        "read",
        "readwrite",
        "readbasic",
        "write",
        "send",
        "all",
        "accessasuser",
    ]
    .iter()
    .any(|verb| part.eq_ignore_ascii_case(verb))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        let utf8 = source_text::Encoding::Utf8;
        Source::new(source_text::FileId::default(), "x", text.to_owned(), utf8)
    }

    fn words(text: &str) -> Vec<&str> {
        permission_words(text).map(|range| &text[range]).collect()
    }

    #[test]
    fn permissions_are_told_from_hosts_files_and_prose() {
        assert_eq!(words("User.Read - sign in."), ["User.Read"]);
        assert_eq!(words("needs mail.readwrite."), ["mail.readwrite"]);
        assert_eq!(
            words("https://graph.microsoft.com/User.Read.All"),
            ["User.Read.All"]
        );
        assert_eq!(
            words("see learn.microsoft.com, e.g. manifest.json, v1.0"),
            [""; 0]
        );
        assert_eq!(
            words("IdentityRiskyUser.ReadWrite.All"),
            ["IdentityRiskyUser.ReadWrite.All"]
        );
        assert_eq!(words("…User.Read…"), ["User.Read"]);
    }

    #[test]
    fn comments_go_with_the_element_they_stand_at() {
        let text = source("[\n // far\n\n // above\n /* before */ {1 /* in */}, // after\n {2}\n]");
        let comments: Vec<Span> = ["// far", "// above", "/* before */", "/* in */", "// after"]
            .iter()
            .map(|comment| {
                let start = text.text().find(comment).unwrap();
                text.span(start, start + comment.len())
            })
            .collect();
        let find = |part: &str| text.text().find(part).unwrap();
        let one = text.span(find("{1"), find("},") + 1);
        let attached = attached_comments(&text, &comments, one);
        assert_eq!(attached.above, [comments[1]]);
        assert_eq!(attached.before, Some(comments[2]));
        assert_eq!(attached.inside, [comments[3]]);
        assert_eq!(attached.after, Some(comments[4]));
        let line = source("[{1} /* one */, /* two */ {2}, /* three */ {3} /* end */]");
        let at = |part: &str| {
            let start = line.text().find(part).unwrap();
            line.span(start, start + part.len())
        };
        let all = ["/* one */", "/* two */", "/* three */", "/* end */"].map(at);
        let sides = |part: &str| {
            let attached = attached_comments(&line, &all, at(part));
            (attached.before, attached.after)
        };
        assert_eq!(sides("{1}"), (None, Some(all[0])));
        assert_eq!(sides("{2}"), (Some(all[1]), None));
        assert_eq!(sides("{3}"), (Some(all[2]), Some(all[3])));
        let two = text.span(find("{2"), find("{2}") + 3);
        let attached = attached_comments(&text, &comments, two);
        assert_eq!(attached.above, []);
        assert_eq!(attached.after, None);
    }
}
