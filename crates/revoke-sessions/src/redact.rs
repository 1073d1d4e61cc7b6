//! What must not be shown: a token or a secret that was given in the place of something else.

use std::path::Path;

/// The beginning of every JSON web token: `{"` in base64.
const TOKEN: &str = "eyJ";

/// A token is longer than any word that begins alike.
const SHORTEST: usize = 20;

/// A text with every token in it cut to its beginning.
pub(crate) fn redacted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(TOKEN) {
        let token = &rest[at..];
        let length = token
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"-_.+/=~".contains(byte))
            .count();
        let begins = rest[..at]
            .bytes()
            .next_back()
            .is_none_or(|before| !before.is_ascii_alphanumeric());
        let shown = if length >= SHORTEST && begins {
            "eyJ\u{2026}"
        } else {
            &token[..length]
        };
        out.push_str(&rest[..at]);
        out.push_str(shown);
        rest = &token[length..];
    }
    out.push_str(rest);
    out
}

/// The name of a file that holds a secret, or what to say where the name is one.
pub(crate) fn shown(path: &Path) -> String {
    let text = path.display().to_string();
    if is_secret(&text) {
        "a file whose name looks like a token or a secret (it is not shown; give the name of a file)"
            .to_owned()
    } else {
        text
    }
}

/// Whether a file name looks like a token or an app's secret: long, in one piece, and with no ending.
fn is_secret(name: &str) -> bool {
    if name.starts_with(TOKEN) {
        return true;
    }
    let is_file = name.contains(['/', '\\', ' '])
        || Path::new(name).extension().is_some_and(|it| it.len() <= 5);
    !is_file && name.len() >= 30 || name.contains('~') && name.len() >= 30 && !name.contains('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_cut_and_nothing_else() {
        let token = "eyJ0eXAiOiJKV1QifQ.eyJhdWQiOiJ4In0.c2lnbmF0dXJl";
        for (text, shown) in [
            (format!("a {token}, b"), "a eyJ\u{2026}, b"),
            (token.to_owned(), "eyJ\u{2026}"),
            (format!("'{token}' {token}"), "'eyJ\u{2026}' eyJ\u{2026}"),
        ] {
            assert_eq!(redacted(&text), shown);
        }
        for text in [
            "",
            "eyJ",
            "eyJonas@contoso.com",
            "HeyJude",
            "keyJ0123456789012345678901",
        ] {
            assert_eq!(redacted(text), text);
        }
    }

    #[test]
    fn a_name_that_is_a_secret_is_not_shown() {
        for secret in [
            "eyJ0eXAi.x.y",
            "abc8Q~0123456789abcdefghijklmnopqrstuv",
            "0123456789abcdef0123456789abcdef01",
        ] {
            assert!(!shown(Path::new(secret)).contains(&secret[..8]), "{secret}");
        }
        for name in [
            "token.txt",
            "/run/secrets/0123456789abcdef0123456789abcdef",
            "secret",
        ] {
            assert_eq!(shown(Path::new(name)), name);
        }
    }
}
