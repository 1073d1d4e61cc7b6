//! Variables of collections: `{{base}}`, `{{ _.base }}`, with the values that the file itself gives.

use std::collections::HashMap;

use crate::api::HOLE;

/// A value may name another variable; deeper than this it names itself.
const MOST_DEPTH: usize = 8;

/// Values by name.
#[derive(Debug, Default)]
pub(super) struct Variables(HashMap<String, String>);

impl Variables {
    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.0.insert(clean(name).to_owned(), value.to_owned());
    }

    /// The text with its variables filled in. What the file has no value for is unknown. A value never leaves this module
    /// but as a part of an address, from which ids are taken out.
    pub(super) fn fill(&self, text: &str) -> String {
        self.fill_to(text, 0)
    }

    fn fill_to(&self, text: &str, depth: usize) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find("{{") {
            out.push_str(&rest[..at]);
            let inner = &rest[at + 2..];
            let Some(end) = inner.find("}}") else {
                out.push(HOLE);
                return out;
            };
            match self.0.get(clean(&inner[..end])) {
                Some(value) if depth < MOST_DEPTH && out.len() < 16 * 1024 => {
                    out.push_str(&self.fill_to(value, depth + 1))
                }
                _ => out.push(HOLE),
            }
            rest = &inner[end + 2..];
        }
        out.push_str(rest);
        out
    }
}

/// Insomnia writes `_.base`, `.http` files `$dotenv X` and `$guid`.
fn clean(name: &str) -> &str {
    let name = name.trim();
    name.strip_prefix("_.").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_the_file_are_filled_in_and_loops_end() {
        let mut variables = Variables::default();
        variables.set("base", "{{host}}/v1.0");
        variables.set("host", "https://graph.microsoft.com");
        variables.set("loop", "{{loop}}x");
        assert_eq!(
            variables.fill("{{ base }}/users/{{user}}"),
            "https://graph.microsoft.com/v1.0/users/\0"
        );
        assert_eq!(
            variables.fill("{{_.host}}/{{open"),
            "https://graph.microsoft.com/\0"
        );
        assert!(variables.fill("{{loop}}").starts_with('\0'));
    }
}
