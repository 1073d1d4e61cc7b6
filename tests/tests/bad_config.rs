//! Whatever is wrong with a configuration is an error with file, line and column, and with what to do.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops there")]

use e2e::Folder;
use proptest::prelude::*;

fn folder(config: impl AsRef<[u8]>) -> Folder {
    let folder = Folder::with(&["apps/headline.json"]);
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    folder.write("entralint.toml", config);
    folder
}

/// The exit code and the first line that is said.
fn said(folder: &Folder) -> (i32, String) {
    let output = folder
        .entralint(&["check", "--format", "concise"])
        .output()
        .unwrap();
    let out =
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    assert!(!out.contains("panicked"), "{out}");
    let first = out.lines().next().unwrap_or_default().to_owned();
    (output.status.code().unwrap(), first)
}

#[test]
fn every_mistake_has_its_place_and_a_way_out() {
    let mut all = String::new();
    for config in [
        "versoin = 1",
        "[[allow]]\nrule = 'unused-permission'\nreson = 'x'",
        "[[app]]\nname = 'x'\ncals = ['GET /me']",
        "calls = 3",
        "rules = 'off'",
        "scan = 'yes'",
        "[rules]\nbroader-permission = 3",
        "[rules]\nbroader-permission = 'eror'",
        "[rules]\nbroder-permission = 'off'",
        "[rules]\ninvalid-config = 'off'",
        "locked = ['brader-permission']",
        "[[allow]]\nrule = 'unused-permision'\nreason = 'x'",
        "[[allow]]\npermission = 'User.Raed.All'\nreason = 'x'",
        "[[allow]]\npermission = 'User Read'\nreason = 'x'",
        "[[allow]]\nreason = 'x'",
        "[[allow]]\nrule = 'unused-permission'",
        "[[allow]]\nrule = 'unused-permission'\nreason = ' '",
        "[[allow]]\nrule = 'unused-permission'\nreason = 'x'\nexpires = '2027-13-01'",
        "[[allow]]\nrule = 'retired-api'\nreason = 'x'\n\n[[allow]]\nrule = 'retired-api'\nreason = 'y'",
        "[[forbid]]\npermission = 'Directory.ReadWriteAll'\nreason = 'x'",
        "[[forbid]]\npermission = 'User.Read'\nreason = 'x'\ntypes = ['app']",
        "version = 1\nversion = 1",
        "version = 2",
        "required-version = 'banana'",
        "calls = [\n'GET /me",
        "calls = ['FETCH /me']",
        "calls-from = ['absent.txt']",
        "extends = ['entralint.toml']",
        "extends = ['org.tml']",
        "extends = ['../../elsewhere.toml']",
        "extends = ['.']",
        "[[app]]\nname = 'No such app'\ncalls = ['GET /me']",
        "[catalog]\npermissions = 'absent.json'",
    ] {
        let folder = folder(config);
        folder.write("org.toml", "");
        let (code, line) = said(&folder);
        assert_eq!(code, 2, "{config}: {line}");
        all.push_str(&format!("{}\n    {line}\n", config));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn an_expired_exception_says_so_at_the_finding() {
    let folder = folder(
        "[[allow]]\nrule = 'privileged-permission'\nreason = 'until the migration'\nowner = 'identity team'\nexpires = '2020-01-01'\n",
    );
    let output = folder.entralint(&["check"]).output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        out.contains("the exception at entralint.toml:1 expired on 2020-01-01: until the migration; ask identity team"),
        "{out}"
    );
}

#[test]
fn an_exception_for_a_permission_is_unused_too() {
    let folder = folder("[[allow]]\npermission = 'User.Read.All'\nreason = 'x'\n");
    let (_, out) = (
        0,
        folder
            .entralint(&["check", "--format", "concise"])
            .output()
            .unwrap(),
    );
    let out = String::from_utf8(out.stdout).unwrap();
    assert!(
        out.contains("entralint.toml:1:1: warning[unused-allow]"),
        "{out}"
    );
}

#[test]
fn a_cycle_by_way_of_another_file_is_named() {
    let folder = folder("extends = ['org.toml']\n");
    folder.write("org.toml", "extends = ['entralint.toml']\n");
    let (code, line) = said(&folder);
    assert_eq!(code, 2);
    assert!(
        line.starts_with("org.toml:1:12: ") && line.contains("extends itself"),
        "{line}"
    );
}

#[test]
fn encodings_that_editors_write_are_read() {
    const WRONG: &str = "[rules]\r\nbroder-permission = 'off'\r\n";
    let utf16 = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("\u{feff}{WRONG}")
            .encode_utf16()
            .flat_map(bytes)
            .collect()
    };
    for bytes in [
        format!("\u{feff}{WRONG}").into_bytes(),
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
    ] {
        let (code, line) = said(&folder(bytes));
        assert_eq!(code, 2);
        assert!(
            line.starts_with("entralint.toml:2:1: error[invalid-config]"),
            "{line}"
        );
    }
    let (code, line) = said(&folder(b"# caf\xe9\n"));
    assert_eq!(code, 2);
    assert!(line.contains("save it as UTF-8"), "{line}");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_an_error_and_is_not_waited_for() {
    for make in [
        (|path| std::fs::create_dir(path).unwrap()) as fn(&camino::Utf8Path),
        |path| std::os::unix::fs::symlink("absent", path).unwrap(),
        |path| std::os::unix::fs::symlink("entralint.toml", path).unwrap(),
        |path| {
            let made = std::process::Command::new("mkfifo").arg(path).status();
            assert!(made.unwrap().success());
        },
    ] {
        let folder = Folder::with(&["apps/headline.json"]);
        make(&folder.path().join("entralint.toml"));
        let (code, line) = said(&folder);
        assert_eq!(code, 2, "{line}");
        assert!(
            line.starts_with("error: cannot read entralint.toml: "),
            "{line}"
        );
    }
}

#[test]
fn a_huge_or_deep_file_is_an_error() {
    let (code, line) = said(&folder("#".repeat(33 * 1024 * 1024)));
    assert_eq!(code, 2);
    assert!(line.contains("larger than 32 MiB"), "{line}");
    for deep in [
        "[".repeat(1_000_000),
        format!("x = {}", "[".repeat(1_000_000)),
    ] {
        let (code, line) = said(&folder(deep));
        assert_eq!(code, 2);
        assert!(line.starts_with("entralint.toml:1:"), "{line}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// A configuration with a few bytes changed is read, or is an error with a place. It is never ignored.
    #[test]
    fn damaged_configurations_are_read_or_refused(
        damage in prop::collection::vec((0_usize..10_000, any::<u8>(), 0_u8..3), 1..6)
    ) {
        let whole = std::fs::read(e2e::root().join("examples/entralint.toml")).unwrap();
        let mut bytes = [&whole[..], b"\n[rules]\nunused-permission = 'note'\n[[allow]]\nrule = 'retired-api'\nreason = 'x'\n"].concat();
        for (at, byte, how) in damage {
            let at = at % bytes.len();
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => bytes.truncate(at.max(1)),
            }
        }
        let (code, line) = said(&folder(&bytes));
        prop_assert!(matches!(code, 0..=2), "{line}");
        if code == 2 {
            let has_place = line.starts_with("entralint.toml:") || line.starts_with("error: cannot read entralint.toml")
                || line.contains(": error[");
            prop_assert!(has_place, "{line}");
        }
    }
}
