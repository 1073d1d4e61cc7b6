//! The text around the cursor: the word that is typed, and the key that it is a value of.

use crate::subject::{floor, letters};

/// How far the text around the cursor is looked at, in bytes: an entry and its neighbours are shorter.
const REACH: usize = 4_000;

/// The word at the cursor, which may be empty.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot<'a> {
    /// Where the word begins.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
    /// What of it stands before the cursor.
    pub(super) typed: &'a str,
    /// What stands before it, within reach.
    pub(super) before: &'a str,
    /// What stands behind it, within reach.
    pub(super) after: &'a str,
}

impl<'a> Slot<'a> {
    /// The word at an offset, which is a character boundary.
    pub(super) fn at(text: &'a str, offset: usize) -> Self {
        let (start, end) = letters(text, offset);
        let from = floor(text, start.saturating_sub(REACH));
        let to = floor(text, (end + REACH).min(text.len()));
        Self {
            start,
            end,
            typed: &text[start..offset],
            before: &text[from..start],
            after: &text[end..to],
        }
    }

    /// Whether the word is the beginning of a string, or a word of one.
    pub(super) fn is_in_quotes(&self) -> bool {
        const QUOTES: [char; 3] = ['"', '\'', '`'];
        let line = self.before.rsplit('\n').next().unwrap_or_default();
        // The beginning of a minified line is out of reach.
        if line.len() == self.before.len() && line.len() < self.start {
            return line.ends_with(QUOTES);
        }
        let count = |quote: char| line.matches(quote).count();
        ['"', '\'', '`']
            .into_iter()
            .any(|quote| count(quote) % 2 == 1)
    }

    /// The key whose single value the word is: `"id": "`, `id = '`, `id: `.
    pub(super) fn key(&self) -> Option<&'a str> {
        let before = self.before.trim_end_matches(['"', '\'']);
        let before = before.strip_suffix('\\').unwrap_or(before);
        let before = before.trim_end_matches([' ', '\t']);
        let before = before.strip_suffix([':', '='])?.trim_end();
        let before = before.trim_end_matches(['"', '\'']);
        let before = before.strip_suffix('\\').unwrap_or(before);
        Some(last_word(before))
    }

    /// The map that the word is a key of: `app_role_ids["`.
    pub(super) fn index_of(&self) -> Option<&'a str> {
        let before = self.before.trim_end_matches(['"', '\'']);
        let before = before.strip_suffix('\\').unwrap_or(before);
        Some(last_word(before.strip_suffix('[')?))
    }

    /// Whether the word is in a list that this key has: `-Scopes "a", "`, `scopes: ["`, or a YAML list below it.
    pub(super) fn is_in_list_of(&self, key: &str) -> bool {
        let Some(at) = rfind_word(self.before, key) else {
            return false;
        };
        let behind = &self.before[at + key.len()..];
        // Prose speaks of scopes too: what has a list is followed by a sign, or is an option.
        let sign = behind.trim_start_matches(['"', '\'', '\\', ' ', '\t']);
        (key.starts_with('-') || sign.starts_with([':', '='])) && is_list(behind)
    }

    /// What stands in the same braces as the word: the object or block that it is part of, as far as it is written.
    pub(super) fn object(&self) -> (&'a str, &'a str) {
        let mut depth = 0_usize;
        let mut from = 0;
        for (at, byte) in self.before.bytes().enumerate().rev() {
            match byte {
                b'}' => depth += 1,
                b'{' if depth == 0 => {
                    from = at + 1;
                    break;
                }
                b'{' => depth -= 1,
                _ => {}
            }
        }
        let to = self
            .after
            .bytes()
            .position(|byte| matches!(byte, b'{' | b'}'))
            .unwrap_or(self.after.len());
        (&self.before[from..], &self.after[..to])
    }
}

/// Whether the text behind a key is the beginning of its list, up to an item that is being typed.
fn is_list(text: &str) -> bool {
    let mut open = 0_usize;
    let mut previous = ' ';
    let mut line_starts = false;
    let mut equals = 0;
    for c in text.chars() {
        match c {
            '[' | '(' => open += 1,
            '=' | ':' => equals += 1,
            // A new line goes on with the list if the list is open or the line before says so.
            '\n' if open == 0 && !matches!(previous, ',' | '`' | '\\' | ':' | '=' | '\n') => {
                line_starts = true;
            }
            // The next item of a YAML list.
            '-' if line_starts => line_starts = false,
            ' ' | '\t' | '\r' | '\n' => {}
            // The next parameter of a command.
            '-' if open == 0 && previous == ' ' => return false,
            _ if line_starts => return false,
            '"' | '\'' | ',' | '.' | '-' | '_' | '/' | '@' | '+' | '`' | '\\' | '&' | '%' | '$'
            | '?' | '{' => {}
            _ if c.is_ascii_alphanumeric() => {}
            _ => return false,
        }
        // Blanks behind a comma do not hide it.
        let is_hidden = c == ' ' && matches!(previous, ',' | '`' | '\\' | ':' | '=' | '\n');
        if !is_hidden && !matches!(c, '\t' | '\r') {
            previous = c;
        }
    }
    // `scopes: https://…` has one more colon; more than that is another statement.
    !line_starts && equals <= 3
}

/// The last word of a text: letters, digits, `_` and `-`.
fn last_word(text: &str) -> &str {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let start = text
        .char_indices()
        .rev()
        .take_while(|(_, c)| is_part(*c))
        .last()
        .map_or(text.len(), |(at, _)| at);
    &text[start..]
}

/// Where a word stands last, in any case, not as a part of another word.
pub(super) fn rfind_word(text: &str, word: &str) -> Option<usize> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let bytes = text.as_bytes();
    (0..=bytes.len().checked_sub(word.len())?)
        .rev()
        .find(|&at| {
            let end = at + word.len();
            bytes[at..end].eq_ignore_ascii_case(word.as_bytes())
                && (at == 0 || !(is_part(bytes[at - 1]) || bytes[at - 1] == b'-'))
                && bytes.get(end).is_none_or(|byte| !is_part(*byte))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(text: &str) -> Slot<'_> {
        Slot::at(text, text.len())
    }

    #[test]
    fn the_key_of_a_value_is_found_in_every_notation() {
        for text in [
            "{ \"id\": \"",
            "{ \"id\": \"77f3",
            "{ \\\"id\\\": \\\"",
            "id = \"",
            "id: '",
            "  - id: ",
        ] {
            assert_eq!(slot(text).key(), Some("id"), "{text}");
        }
        assert_eq!(
            slot("x.app_role_ids[\"User.").index_of(),
            Some("app_role_ids")
        );
        assert_eq!(slot("a, b").key(), None);
    }

    #[test]
    fn a_string_is_no_code() {
        assert!(slot("a = \"User.Read Mail.").is_in_quotes());
        assert!(!slot("a = \"User.Read\" + Mail.").is_in_quotes());
        let minified = format!("{{\"a\":\"{}\",\"id\":\"", "x".repeat(9_000));
        assert!(slot(&minified).is_in_quotes());
    }

    #[test]
    fn a_list_goes_on_until_something_else_begins() {
        for (text, key) in [
            ("Connect-MgGraph -Scopes \"", "-Scopes"),
            ("Connect-MgGraph -Scopes \"User.Read\", \"Ma", "-Scopes"),
            ("Connect-MgGraph -Scopes @('User.Read',\n  'Ma", "-Scopes"),
            ("Connect-MgGraph -Scopes `\n  User.Read, Ma", "-Scopes"),
            ("scopes: [\"", "scopes"),
            ("scopes: [\n  \"User.Read\",\n  \"", "scopes"),
            ("scopes:\n  - User.Read\n  - ", "scopes"),
            ("scope=https://graph.microsoft.com/", "scope"),
            ("claim_values = [\"openid\", \"", "claim_values"),
        ] {
            assert!(slot(text).is_in_list_of(key), "{text}");
        }
        for text in [
            "Connect-MgGraph -Scopes \"User.Read\"\nGet-MgUser -UserId \"",
            "Connect-MgGraph -Scopes \"User.Read\" -TenantId \"",
            "Connect-MgGraph -Scopes \"User.Read\"; x \"",
            "x -MyScopes \"",
        ] {
            assert!(!slot(text).is_in_list_of("-Scopes"), "{text}");
        }
        let prose = "# Get the scopes, filter";
        assert!(!slot(prose).is_in_list_of("scopes"));
    }
}
