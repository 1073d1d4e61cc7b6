//! How the command line is used: without a command, with slips of the finger, on a terminal and in a pipe, and with
//! input that no one would write on purpose.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops there")]

use std::process::{Command, Output, Stdio};

use e2e::Folder;

fn run(folder: &Folder, arguments: &[&str]) -> (i32, String, String) {
    said(folder.entralint(arguments).output().unwrap())
}

fn said(output: Output) -> (i32, String, String) {
    (
        output.status.code().unwrap(),
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

fn folder() -> Folder {
    Folder::with(&["apps/headline.json"])
}

#[test]
fn a_path_alone_is_checked() {
    let folder = folder();
    folder.write("apps/one.json", folder.read("headline.json"));
    for (short, long) in [
        (&["headline.json"][..], &["check", "headline.json"][..]),
        (&["apps"], &["check", "apps"]),
        (&["."], &["check", "."]),
        (&["-v", "./apps"], &["-v", "check", "./apps"]),
        (&["--format", "concise"], &["check", "--format", "concise"]),
    ] {
        assert_eq!(run(&folder, short), run(&folder, long), "{short:?}");
    }
}

#[test]
fn no_argument_shows_help_that_names_the_commands_to_begin_with() {
    let (code, out, error) = run(&folder(), &[]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(error.contains("Start with\n  entralint check "), "{error}");
}

#[test]
fn slips_are_answered_with_what_was_probably_meant() {
    let folder = folder();
    folder.write("manifests/app.json", folder.read("headline.json"));
    for (arguments, near) in [
        (
            &["check", "hedline.json"][..],
            "did you mean headline.json?",
        ),
        (&["manifests/apq.json"], "did you mean manifests/app.json?"),
        (&["manifest"], "did you mean the path manifests?"),
        (&["list", "hedline.json"], "did you mean headline.json?"),
        (&["calls", "hedline.json"], "did you mean headline.json?"),
        (&["config", "show", "manifest"], "did you mean manifests?"),
        (&["chekc"], "similar subcommand exists: 'check'"),
        (&["--fixx"], "similar argument exists: '--fix'"),
        (
            &["check", "--formta", "json"],
            "similar argument exists: '--format'",
        ),
        (
            &["check", "--format", "srif"],
            "similar value exists: 'sarif'",
        ),
        (
            &["check", "--select", "broder-permission"],
            "broader-permission",
        ),
        (&["explain", "unused-permision"], "unused-permission"),
    ] {
        let (code, _, error) = run(&folder, arguments);
        assert_eq!(code, 2, "{arguments:?}: {error}");
        assert!(error.contains(near), "{arguments:?}: {error}");
    }
}

#[test]
fn each_file_is_listed_once_with_the_reason() {
    let folder = folder();
    folder.write("settings.json", "{ \"editor.tabSize\": 2 }");
    folder.write("notes.bin", "x");
    folder.write(
        "src/revoke.ps1",
        "Invoke-MgGraphRequest -Method POST -Uri \"https://graph.microsoft.com/v1.0/users/$id/revokeSignInSessions\"\n",
    );
    let (_, out, _) = run(&folder, &["check", "--files"]);
    insta::assert_snapshot!(out);
}

#[test]
fn colours_and_links_stay_out_of_pipes_unless_they_are_forced() {
    let folder = folder();
    let with = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = folder.entralint(arguments);
        command.envs(variables.iter().copied());
        said(command.output().unwrap()).1
    };
    const COLOUR: &str = "\u{1b}[";
    const LINK: &str = "\u{1b}]8;;";
    let plain = with(
        &["."],
        &[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")],
    );
    assert!(!plain.contains('\u{1b}'), "{plain}");
    for name in ["FORCE_COLOR", "CLICOLOR_FORCE"] {
        let out = with(&["."], &[(name, "1")]);
        assert!(out.contains(COLOUR) && !out.contains(LINK), "{name}: {out}");
        let out = with(&["."], &[(name, "1"), ("NO_COLOR", "1")]);
        assert_eq!(out, plain, "{name}");
    }
    let out = with(&["--hyperlinks", "always", "."], &[]);
    assert!(
        out.contains("\u{1b}]8;;https://github.com/entralint/entralint/blob/main/docs/rules/"),
        "{out}"
    );
    let out = with(&["--color", "never", "."], &[("FORCE_COLOR", "1")]);
    assert_eq!(out, plain);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = folder();
    for format in ["full", "json", "sarif", "html", "concise"] {
        let mut child = folder
            .entralint(&["check", "--format", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let (code, _, error) = said(child.wait_with_output().unwrap());
        assert_eq!(code, 1, "{format}: {error}");
        assert!(!error.contains("panicked"), "{format}: {error}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let folder = folder();
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = folder
        .entralint(&["check", "--format", "json"])
        .stdout(full)
        .output()
        .unwrap();
    let (code, _, error) = said(output);
    assert_eq!(code, 2);
    assert!(error.contains("cannot write to standard output"), "{error}");
    let (code, _, error) = run(&folder, &["check", "--output", "sarif=/dev/full"]);
    assert_eq!(code, 2);
    assert!(error.contains("/dev/full: cannot be written"), "{error}");
    let (code, _, error) = run(&folder, &["check", "--output", "sarif=absent/a.sarif"]);
    assert_eq!(code, 2);
    assert!(
        error.contains("absent/a.sarif: cannot be written"),
        "{error}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_utf_8_are_named_and_the_others_are_checked() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let folder = folder();
    let name = OsStr::from_bytes(b"caf\xe9.json");
    std::fs::write(folder.path().as_std_path().join(name), "{}").unwrap();
    let (code, out, error) = run(&folder, &["check", "--format", "concise"]);
    assert_eq!(code, 2, "{error}");
    assert!(out.contains("headline.json:"), "{out}");
    assert!(error.contains("the path is not UTF-8"), "{error}");
    let mut command: Command = folder.entralint(&["check"]);
    let (code, _, error) = said(command.arg(name).output().unwrap());
    assert_eq!(code, 2);
    assert!(error.contains("UTF-8"), "{error}");
}

#[test]
fn flags_that_contradict_each_other_are_errors() {
    let folder = folder();
    for arguments in [
        &["--fix", "--diff"][..],
        &["--diff", "--format", "json"],
        &["--statistics", "--files"],
        &["--statistics", "--diff"],
        &["--baseline", "b.json", "--no-baseline"],
        &["--config", "c.toml", "--isolated"],
        &["--unsafe-fixes"],
        &["--max-file-size", "0"],
        &["--output", "sarif"],
        &["--output", "sarif="],
        &["--output", "pdf=x"],
        &["--provisioning", "p.json"],
    ] {
        let (code, out, error) = run(&folder, arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}");
        assert!(error.starts_with("error: "), "{arguments:?}: {error}");
    }
}
