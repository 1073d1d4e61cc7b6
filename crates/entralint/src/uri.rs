//! Where reports say that a file is.

use camino::Utf8Path;

use crate::discover::Input;

/// Relative to the working folder where the file lies below it, else a `file:` URI.
pub(crate) fn uri(input: &Input, folder: &Utf8Path) -> String {
    let path = match input {
        Input::Stdin => return "stdin".to_owned(),
        Input::File(path) => path,
    };
    let winding = path
        .components()
        .any(|part| part == camino::Utf8Component::ParentDir);
    let straight = if winding {
        path.canonicalize_utf8().unwrap_or_else(|_| path.clone())
    } else {
        path.clone()
    };
    let relative = straight.strip_prefix(folder).unwrap_or(&straight);
    let inside = !relative.is_absolute()
        && !relative
            .components()
            .any(|part| part == camino::Utf8Component::ParentDir);
    if inside {
        encoded(&Input::File(relative.to_owned()).display())
    } else {
        let whole = if relative.is_absolute() {
            relative.to_owned()
        } else {
            folder.join(relative)
        };
        let slash = if whole.as_str().starts_with('/') {
            ""
        } else {
            "/"
        };
        format!("file://{slash}{}", encoded(whole.as_str()))
    }
}

/// Percent-encodes all but unreserved characters and slashes (RFC 3986, section 2.3).
fn encoded(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            b'\\' if cfg!(windows) => out.push('/'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_are_relative_below_the_folder_and_encoded() {
        let folder = Utf8Path::new("/repo");
        let uri = |path: &str| uri(&Input::File(path.into()), folder);
        assert_eq!(uri("./apps/my app#1.json"), "apps/my%20app%231.json");
        assert_eq!(uri("/repo/apps/ä.json"), "apps/%C3%A4.json");
        assert_eq!(uri("/other/a.json"), "file:///other/a.json");
    }
}
