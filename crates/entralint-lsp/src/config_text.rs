//! Text that is written into `entralint.toml`.

/// What stands between the quotes of a TOML string (TOML 1.0, basic strings).
pub(crate) fn string(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// A pattern that matches this text and nothing else.
pub(crate) fn pattern(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '*' | '?' | '[' | ']' | '{' | '}' => out.extend(['[', c, ']']),
            // A class holds no backslash on every system; one character of any sort is near enough.
            '\\' => out.push('?'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use entralint_core::config::app_pattern;

    use super::*;

    proptest::proptest! {
        #[test]
        fn a_pattern_matches_its_text(name in "[a-z*?\\[\\]{}!^,\\\\ -]{1,12}") {
            let pattern = app_pattern(&pattern(&name)).expect("it is a pattern");
            proptest::prop_assert!(pattern.matcher.is_match(&name), "{}", pattern.text);
        }
    }
}
