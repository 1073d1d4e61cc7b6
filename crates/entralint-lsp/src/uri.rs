//! Addresses of files: from a `file:` URI of an editor to a path, and back. Both ways are pure functions of the text, for
//! either kind of system, so that what a Windows editor sends is tested everywhere.

use camino::{Utf8Path, Utf8PathBuf};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// How a system writes absolute paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum System {
    /// `/home/a`
    Unix,
    /// `C:\a` and `\\server\share\a`
    Windows,
}

impl System {
    /// This one.
    pub(crate) const HERE: Self = if cfg!(windows) {
        Self::Windows
    } else {
        Self::Unix
    };
}

/// What a path of a URI does not hold as it is. Editors compare addresses as text: the drive's colon is written as most
/// of them write it, encoded.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b':')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The absolute path that a URI stands for; `None` where it is not that of a file, or no text.
pub(crate) fn path(uri: &str, system: System) -> Option<Utf8PathBuf> {
    let (scheme, rest) = uri.split_once(':')?;
    if !scheme.eq_ignore_ascii_case("file") {
        return None;
    }
    let rest = rest.split(['?', '#']).next()?;
    let (host, encoded) = match rest.strip_prefix("//") {
        Some(rest) => match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => return None,
        },
        None => ("", rest),
    };
    let decoded = percent_decode_str(encoded).decode_utf8().ok()?;
    let host = percent_decode_str(host).decode_utf8().ok()?;
    if !decoded.starts_with('/') || decoded.contains('\0') || host.contains(['\0', '\\']) {
        return None;
    }
    let is_local = host.is_empty() || host.eq_ignore_ascii_case("localhost");
    match system {
        System::Unix => is_local.then(|| straight(&decoded, "/")),
        System::Windows => {
            let back = decoded.replace('/', "\\");
            if !is_local {
                return Some(straight(&back, &format!("\\\\{host}\\")));
            }
            // `/C:/a`, `/c%3A/a`; without a host `////server/share` is a share too.
            if let Some(share) = back.strip_prefix("\\\\\\") {
                return Some(straight(share, "\\\\"));
            }
            let mut letters = back.get(1..)?.chars();
            let drive = letters.next().filter(char::is_ascii_alphabetic)?;
            let colon = letters.next()?;
            let rest = letters.as_str();
            let is_drive = colon == ':' && (rest.is_empty() || rest.starts_with('\\'));
            is_drive.then(|| straight(rest, &format!("{}:\\", drive.to_ascii_uppercase())))
        }
    }
}

/// A path behind its root, without empty parts, `.` and `..`.
fn straight(rest: &str, root: &str) -> Utf8PathBuf {
    let separator = if root.contains('\\') { '\\' } else { '/' };
    let mut parts: Vec<&str> = Vec::new();
    for part in rest.split(separator) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let mut path = root.to_owned();
    path.push_str(&parts.join(separator.encode_utf8(&mut [0; 4])));
    path.into()
}

/// The URI of an absolute path; `None` where it is not absolute.
pub(crate) fn uri(path: &Utf8Path, system: System) -> Option<String> {
    let encoded = |path: &str| utf8_percent_encode(path, ENCODED).to_string();
    match system {
        System::Unix => path
            .as_str()
            .starts_with('/')
            .then(|| format!("file://{}", encoded(path.as_str()))),
        System::Windows => {
            let path = path.as_str().replace('\\', "/");
            // What the system calls an extended path is the same file.
            let path = match path.strip_prefix("//?/UNC/") {
                Some(share) => format!("//{share}"),
                None => path.strip_prefix("//?/").unwrap_or(&path).to_owned(),
            };
            if let Some(share) = path.strip_prefix("//") {
                return Some(format!("file://{}", encoded(share)));
            }
            let mut letters = path.chars();
            let is_drive = letters
                .next()
                .is_some_and(|letter| letter.is_ascii_alphabetic())
                && letters.as_str().starts_with(":/");
            is_drive.then(|| {
                let (drive, rest) = path.split_at(1);
                format!("file:///{}{}", drive.to_ascii_lowercase(), encoded(rest))
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::System::{Unix, Windows};
    use super::*;

    #[test]
    fn addresses_of_unix() {
        let path = |uri| path(uri, Unix).map(Utf8PathBuf::into_string);
        assert_eq!(path("file:///a/b%20c.json").as_deref(), Some("/a/b c.json"));
        assert_eq!(path("FILE:///a/%C3%A4").as_deref(), Some("/a/ä"));
        assert_eq!(path("file://localhost/a/../b/./c").as_deref(), Some("/b/c"));
        assert_eq!(path("file:/a").as_deref(), Some("/a"));
        assert_eq!(path("file:///a?x#y").as_deref(), Some("/a"));
        for wrong in [
            "untitled:Untitled-1",
            "file://server/share/a",
            "file:///%FF",
            "file:///a%00b",
            "file:",
            "file://",
            "file:a",
            "",
        ] {
            assert_eq!(path(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn addresses_of_windows() {
        let path = |uri| path(uri, Windows).map(Utf8PathBuf::into_string);
        for same in [
            "file:///c:/Users/a",
            "file:///C%3A/Users/a",
            "file:///c%3a/x/../Users/a",
        ] {
            assert_eq!(path(same).as_deref(), Some("C:\\Users\\a"), "{same}");
        }
        assert_eq!(path("file:///c:").as_deref(), Some("C:\\"));
        let share = Some("\\\\server\\share\\a b.json");
        assert_eq!(path("file://server/share/a%20b.json").as_deref(), share);
        assert_eq!(path("file:////server/share/x").as_deref(), None);
        assert_eq!(path("file://///server/share/a%20b.json").as_deref(), share);
        for wrong in [
            "file:///a/b",
            "file:///1:/a",
            "file:///c:a",
            "file:///",
            "file:///é:/",
        ] {
            assert_eq!(path(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn paths_become_addresses() {
        let unix = |path: &str| uri(path.into(), Unix);
        assert_eq!(
            unix("/a b/ä#.json").as_deref(),
            Some("file:///a%20b/%C3%A4%23.json")
        );
        assert_eq!(unix("a.json"), None);
        let windows = |path: &str| uri(path.into(), Windows);
        assert_eq!(windows("C:\\a b").as_deref(), Some("file:///c%3A/a%20b"));
        assert_eq!(windows("\\\\?\\C:\\a").as_deref(), Some("file:///c%3A/a"));
        assert_eq!(windows("\\\\s\\d\\a").as_deref(), Some("file://s/d/a"));
        assert_eq!(
            windows("\\\\?\\UNC\\s\\d\\a").as_deref(),
            Some("file://s/d/a")
        );
        assert_eq!(windows("/a"), None);
    }

    proptest::proptest! {
        #[test]
        fn a_path_survives(parts in proptest::collection::vec("[^/\\\\\0]{1,8}", 1..5), drive in "[A-Z]") {
            let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|p| *p != "." && *p != "..").collect();
            for (whole, system) in [
                (format!("/{}", parts.join("/")), Unix),
                (format!("{drive}:\\{}", parts.join("\\")), Windows),
            ] {
                let there = uri(whole.as_str().into(), system).expect("it is absolute");
                proptest::prop_assert_eq!(path(&there, system), Some(whole.into()));
            }
        }

        #[test]
        fn no_text_is_too_odd(text in "(file:/{0,4})?.{0,30}") {
            let _ = path(&text, Unix);
            let _ = path(&text, Windows);
            let _ = uri(text.as_str().into(), Unix);
            let _ = uri(text.as_str().into(), Windows);
        }
    }
}
