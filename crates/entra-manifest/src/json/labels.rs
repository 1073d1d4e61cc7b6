//! What comments and sibling members call a permission.

use std::ops::Range;

use jsonc_parser::ast::Object;

use super::tree;
use crate::span::{Span, Spanned};

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

/// The comments that go with the element at `element`. `comments` are all of the text's, in order.
pub(crate) fn attached_comments(text: &str, comments: &[Span], element: Span) -> Attached {
    let bytes = text.as_bytes();
    let first = comments.partition_point(|comment| comment.start < element.start);
    let behind = comments.partition_point(|comment| comment.start < element.end);
    let mut attached = Attached {
        inside: comments[first..behind].to_vec(),
        ..Attached::default()
    };
    if let Some(after) = comments.get(behind) {
        let gap = &bytes[element.end..after.start];
        let on_the_line = gap.iter().all(|byte| matches!(byte, b' ' | b'\t' | b','));
        // `{a}, /* of b */ {b}`
        let next = bytes[after.end..]
            .iter()
            .find(|byte| !matches!(byte, b' ' | b'\t'));
        let of_the_next = !matches!(next, None | Some(b'\r' | b'\n' | b',' | b']' | b'}' | b'/'));
        if on_the_line && !of_the_next {
            attached.after = Some(*after);
        }
    }
    let mut next = element.start;
    for comment in comments[..first].iter().rev() {
        let gap = &bytes[comment.end..next];
        if !gap.iter().all(u8::is_ascii_whitespace) {
            break;
        }
        match gap.iter().filter(|byte| **byte == b'\n').count() {
            0 if next == element.start => attached.before = Some(*comment),
            1 if begins_line(text, comment.start) => attached.above.push(*comment),
            _ => break,
        }
        next = comment.start;
    }
    attached
}

/// Whether only blanks stand before `offset` on its line.
pub(crate) fn begins_line(text: &str, offset: usize) -> bool {
    let before = text.as_bytes()[..offset]
        .iter()
        .rev()
        .find(|byte| !matches!(byte, b' ' | b'\t'));
    matches!(before, None | Some(b'\n'))
}

/// What a comment or a sibling member calls the permission of an element, if one names a permission at all.
///
/// `own` are the members that are not siblings: those that say which permission it is and of which kind.
pub(crate) fn label(
    text: &str,
    comments: &[Span],
    element: Span,
    object: Option<&Object<'_>>,
    own: &[&str],
) -> Option<Spanned<String>> {
    let sibling = object.and_then(|object| sibling(object, own));
    if sibling.is_some() || comments.is_empty() {
        return sibling;
    }
    let attached = attached_comments(text, comments, element);
    let on_the_line = attached
        .inside
        .iter()
        .chain(&attached.after)
        .chain(&attached.before);
    on_the_line
        .chain(&attached.above)
        .map(|comment| comment_text(text, *comment))
        .find(|label| is_label(&label.value))
}

fn sibling(object: &Object<'_>, own: &[&str]) -> Option<Spanned<String>> {
    let siblings = || {
        object.properties.iter().filter_map(|member| {
            let literal = member.value.as_string_lit()?;
            let name = member.name.as_str();
            let is_own = own.iter().any(|own| own.eq_ignore_ascii_case(name));
            (!is_own).then_some(literal)
        })
    };
    // A member that is a permission's name says more than one that mentions it in a sentence.
    let exact = siblings().find(|literal| is_exactly_a_permission(&literal.value));
    exact
        .or_else(|| siblings().find(|literal| is_label(&literal.value)))
        .map(|literal| Spanned {
            value: literal.value.trim().to_owned(),
            span: tree::span(literal),
        })
}

/// A comment without its delimiters and the blanks around it.
fn comment_text(text: &str, comment: Span) -> Spanned<String> {
    let whole = &text[comment.range()];
    let inner = whole
        .strip_prefix("/*")
        .map(|inner| inner.strip_suffix("*/").unwrap_or(inner))
        .unwrap_or_else(|| whole.trim_start_matches('/'));
    let inner = inner.trim_matches(|c: char| c.is_whitespace() || c == '*');
    // `inner` is a slice of `whole`, which begins at the comment's start.
    let start = comment.start + (inner.as_ptr() as usize - whole.as_ptr() as usize);
    Spanned {
        value: inner.to_owned(),
        span: Span::new(start, start + inner.len()),
    }
}

/// Whether a comment names a permission.
pub(crate) fn is_label_comment(text: &str, comment: Span) -> bool {
    is_label(&comment_text(text, comment).value)
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
    const VERBS: [&str; 7] = [
        "read",
        "readwrite",
        "readbasic",
        "write",
        "send",
        "all",
        "accessasuser",
    ];
    let capital = |part: &str| part.starts_with(|first: char| first.is_ascii_uppercase());
    let letter = |part: &str| part.starts_with(|first: char| first.is_ascii_alphabetic());
    word.split('.').count() >= 2
        && word.split('.').all(letter)
        && (word.split('.').all(capital)
            || word
                .split('.')
                .any(|part| VERBS.iter().any(|verb| part.eq_ignore_ascii_case(verb))))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let text = "[\n // far\n\n // above\n /* before */ {1 /* in */}, // after\n {2}\n]";
        let comments: Vec<Span> = ["// far", "// above", "/* before */", "/* in */", "// after"]
            .iter()
            .map(|comment| {
                let start = text.find(comment).unwrap();
                Span::new(start, start + comment.len())
            })
            .collect();
        let one = Span::new(text.find("{1").unwrap(), text.find("},").unwrap() + 1);
        let attached = attached_comments(text, &comments, one);
        assert_eq!(attached.above, [comments[1]]);
        assert_eq!(attached.before, Some(comments[2]));
        assert_eq!(attached.inside, [comments[3]]);
        assert_eq!(attached.after, Some(comments[4]));
        let line = "[{1} /* one */, /* two */ {2}, /* three */ {3} /* end */]";
        let at = |part: &str| {
            let start = line.find(part).unwrap();
            Span::new(start, start + part.len())
        };
        let all = ["/* one */", "/* two */", "/* three */", "/* end */"].map(at);
        let sides = |part: &str| {
            let attached = attached_comments(line, &all, at(part));
            (attached.before, attached.after)
        };
        assert_eq!(sides("{1}"), (None, Some(all[0])));
        assert_eq!(sides("{2}"), (Some(all[1]), None));
        assert_eq!(sides("{3}"), (Some(all[2]), Some(all[3])));
        let two = Span::new(text.find("{2").unwrap(), text.find("{2}").unwrap() + 3);
        let attached = attached_comments(text, &comments, two);
        assert_eq!(attached.above, []);
        assert_eq!(attached.after, None);
    }
}
