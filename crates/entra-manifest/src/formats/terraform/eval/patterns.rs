//! Regular expressions: `regex`, `regexall`, and `replace` with a pattern between slashes.
//!
//! Terraform's patterns are RE2's, and so are those of the `regex` crate, as far as these functions use them:
//! <https://developer.hashicorp.com/terraform/language/functions/regex>. Both take time in proportion to the text.

use regex::{Captures, Regex, RegexBuilder};
use source_text::Span;

use super::strings::part;
use super::{Eval, MAX_ITEMS, MAX_TEXT};
use crate::formats::terraform::value::{Entry, Kind, Origin, Reason, Text, Value};

/// Bytes that a compiled pattern may take.
const MAX_PATTERN: usize = 1 << 18;

impl Eval<'_> {
    /// `regex(pattern, text)` and `regexall(pattern, text)`.
    pub(super) fn regex(&self, name: &str, pattern: &Value, text: &Value, at: Span) -> Value {
        self.each_option(&[pattern, text], at, |values| {
            let (Some(pattern), Some(text)) = (values[0].to_text(at), values[1].to_text(at)) else {
                let missing = values.iter().find(|value| value.to_text(at).is_none());
                return self.no_value(missing.unwrap_or(&values[0]), at);
            };
            let regex = match self.compiled(&pattern.text, text.text.len(), at) {
                Ok(regex) => regex,
                Err(unknown) => return unknown,
            };
            if name == "regex" {
                return match regex.captures(&text.text) {
                    Some(found) => matched(&regex, &found, &text, at),
                    None => Value::invalid(at, "the pattern matches nothing"),
                };
            }
            let all = regex.captures_iter(&text.text).take(MAX_ITEMS);
            Value::list(
                all.map(|found| matched(&regex, &found, &text, at))
                    .collect(),
            )
        })
    }

    /// `replace(text, "/pattern/", "with $1")`.
    pub(super) fn replace_pattern(
        &self,
        text: &Text,
        pattern: &str,
        with: &str,
        at: Span,
    ) -> Value {
        let regex = match self.compiled(pattern, text.text.len(), at) {
            Ok(regex) => regex,
            Err(unknown) => return unknown,
        };
        let found = regex.find_iter(&text.text).count();
        if found == 0 {
            return Kind::Text(text.clone()).into();
        }
        // Each replacement can hold the whole match once for every `$`.
        let most = found
            .saturating_mul(with.len())
            .saturating_add(with.matches('$').count().saturating_mul(text.text.len()));
        if most > MAX_TEXT || !self.charge(most / 64) {
            return Value::unknown(at, Reason::TooLarge);
        }
        Value::text(regex.replace_all(&text.text, with), Origin::Made(at))
    }

    fn compiled(&self, pattern: &str, length: usize, at: Span) -> Result<Regex, Value> {
        // Compiling costs more than most expressions do.
        if !self.charge(500 + length / 16) {
            return Err(Value::unknown(at, Reason::TooLarge));
        }
        RegexBuilder::new(pattern)
            .size_limit(MAX_PATTERN)
            .dfa_size_limit(MAX_PATTERN)
            .build()
            .map_err(|_| {
                let said = format!("regex with the pattern {pattern}");
                Value::unknown(at, Reason::Function(said))
            })
    }
}

/// What a match gives: the whole, the list of its groups, or the map of its named groups.
fn matched(regex: &Regex, found: &Captures<'_>, text: &Text, at: Span) -> Value {
    let group = |at_group: usize| match found.get(at_group) {
        Some(group) => part(text, group.start(), group.end(), at),
        None => Value::NULL,
    };
    if regex.captures_len() == 1 {
        return group(0);
    }
    let names: Vec<Option<&str>> = regex.capture_names().skip(1).collect();
    if names.iter().all(Option::is_none) {
        return Value::list((1..regex.captures_len()).map(group).collect());
    }
    let named = names.iter().enumerate().filter_map(|(at_name, name)| {
        Some(Entry {
            key: Text::new((*name)?, Origin::Made(at)),
            value: group(at_name + 1),
        })
    });
    Value::map(named.collect())
}
