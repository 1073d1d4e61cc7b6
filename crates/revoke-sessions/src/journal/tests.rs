use std::fs;

use jiff::Timestamp;

use super::*;
use crate::outcome::Kind;
use crate::outcome::Outcome;

fn planned(names: &[&str]) -> Vec<Planned> {
    names
        .iter()
        .map(|name| Planned {
            user: (*name).to_owned(),
            also: Vec::new(),
            guest: name.contains("#EXT#"),
        })
        .collect()
}

fn header(users: &[Planned]) -> Header {
    Header {
        journal: "revoke-sessions".to_owned(),
        version: VERSION,
        program: "0.0.0".to_owned(),
        started: Timestamp::UNIX_EPOCH,
        cloud: "global".to_owned(),
        graph: "https://graph.microsoft.com".to_owned(),
        tenant: None,
        client_id: None,
        signed_in_as: None,
        users: users.len(),
        users_sha256: users_sha256(VERSION, users),
        excluded: 0,
        excluded_users: Vec::new(),
        exclusions: Vec::new(),
        never_sent: Vec::new(),
        skipped_lines: 0,
        skipped: Vec::new(),
    }
}

/// A folder, and in it the journal of three users, closed again.
fn three() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let users = planned(&["a@x.y", "b_z.w#EXT#@x.y", "c@x.y"]);
    drop(Journal::create(&path, &header(&users), &users).unwrap());
    (folder, path)
}

fn add(path: &Path, text: &str) {
    let mut content = fs::read_to_string(path).unwrap();
    content.push_str(text);
    fs::write(path, content).unwrap();
}

fn line(user: &str, kind: Kind) -> String {
    let line = Line::Outcome(Outcome::sample(user, kind));
    serde_json::to_string(&line).unwrap() + "\n"
}

fn kinds(replay: &Replay) -> Vec<Option<Kind>> {
    replay
        .outcomes
        .iter()
        .map(|outcome| outcome.as_ref().map(|o| o.outcome))
        .collect()
}

#[test]
fn what_is_written_is_read_back() {
    let (_folder, path) = three();
    let (journal, before) = Journal::resume(&path).unwrap();
    assert_eq!(kinds(&before), [None, None, None]);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut sink = journal.into_sink().unwrap();
    runtime.block_on(async {
        let lines = sink.lines();
        for (user, kind) in [("a@x.y", Kind::Failed), ("c@x.y", Kind::Revoked)] {
            lines
                .send(Line::Outcome(Outcome::sample(user, kind)).encoded())
                .await
                .unwrap();
        }
        let event = Event {
            at: Timestamp::UNIX_EPOCH,
            event: EventKind::Finished,
        };
        lines.send(Line::Event(event).encoded()).await.unwrap();
        let mut written = 0;
        while written < 3 {
            written += sink.written().await.unwrap();
        }
    });
    sink.close();
    let (_, after) = Journal::resume(&path).unwrap();
    assert_eq!(
        kinds(&after),
        [Some(Kind::Failed), None, Some(Kind::Revoked)]
    );
    assert!(after.users[1].guest && !after.torn && after.unreadable == 0);
}

#[test]
fn a_torn_last_line_is_cut_off_and_its_user_sent_again() {
    let whole = line("a@x.y", Kind::Revoked);
    let next = line("c@x.y", Kind::Revoked);
    for length in 1..next.len() {
        let (_folder, path) = three();
        add(&path, &whole);
        let good = fs::metadata(&path).unwrap().len();
        add(&path, &next[..length]);
        let (_, replay) = Journal::resume(&path).unwrap();
        assert!(replay.torn);
        assert_eq!(kinds(&replay), [Some(Kind::Revoked), None, None]);
        assert_eq!(fs::metadata(&path).unwrap().len(), good);
    }
}

#[test]
fn a_line_that_cannot_be_read_costs_no_more_than_itself() {
    let (_folder, path) = three();
    add(&path, "\0\0\0\n");
    add(&path, &line("nobody@x.y", Kind::Revoked));
    add(&path, &line("c@x.y", Kind::Revoked));
    let (_, replay) = Journal::resume(&path).unwrap();
    assert_eq!(replay.unreadable, 2);
    assert_eq!(kinds(&replay), [None, None, Some(Kind::Revoked)]);
}

#[test]
fn a_confirmed_revocation_stays_and_otherwise_the_last_word_counts() {
    let (_folder, path) = three();
    for (user, kind) in [
        ("a@x.y", Kind::Revoked),
        ("a@x.y", Kind::Failed),
        ("c@x.y", Kind::Failed),
        ("c@x.y", Kind::Unconfirmed),
    ] {
        add(&path, &line(user, kind));
    }
    let (_, replay) = Journal::resume(&path).unwrap();
    assert_eq!(
        kinds(&replay),
        [Some(Kind::Revoked), None, Some(Kind::Unconfirmed)]
    );
}

#[test]
fn two_runs_cannot_share_a_journal() {
    let (_folder, path) = three();
    let (first, _) = Journal::resume(&path).unwrap();
    let error = Journal::resume(&path).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("another run is using the journal")
    );
    drop(first);
    assert!(Journal::resume(&path).is_ok());
}

#[test]
fn a_journal_is_never_overwritten() {
    let (_folder, path) = three();
    let before = fs::read(&path).unwrap();
    let error = Journal::create(&path, &header(&[]), &[]).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("is there already. To go on with that run, use --resume")
    );
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_list_cut_short_or_changed_is_refused() {
    let (_folder, path) = three();
    let whole = fs::read_to_string(&path).unwrap();
    let list_start = whole.find('\n').unwrap() + 1;
    for end in list_start..whole.len() {
        fs::write(&path, &whole[..end]).unwrap();
        let error = Journal::resume(&path).unwrap_err();
        assert!(matches!(error, JournalError::IncompleteList(_)), "{error}");
        // Nothing was sent: a new run may take the name.
        let users = planned(&["d@x.y"]);
        drop(Journal::create(&path, &header(&users), &users).unwrap());
        assert_eq!(Journal::look(&path).unwrap().users, users);
    }
    fs::write(&path, whole.replace("a@x.y", "d@x.y")).unwrap();
    let error = Journal::resume(&path).unwrap_err();
    assert!(matches!(error, JournalError::Damaged { .. }), "{error}");
    assert!(matches!(check_new(&path), Err(JournalError::Exists(_))));
}

#[test]
fn a_hole_in_the_list_is_told_from_a_start_that_was_killed() {
    let (_folder, path) = three();
    add(&path, &line("a@x.y", Kind::Revoked));
    add(&path, &line("c@x.y", Kind::Revoked));
    let whole = fs::read(&path).unwrap();
    let list_start = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for (from, length) in [
        (list_start, 10),
        (list_start + 5, 30),
        (list_start, whole.len() - list_start),
    ] {
        let mut content = whole.clone();
        content[from..from + length].fill(0);
        fs::write(&path, content).unwrap();
        let error = Journal::resume(&path).unwrap_err();
        let outcomes = match error {
            JournalError::Damaged { outcomes, .. } => outcomes,
            other => panic!("{other}"),
        };
        assert_eq!(outcomes, if length > 40 { 0 } else { 2 });
        let said = Journal::resume(&path).unwrap_err().to_string();
        assert!(!said.contains("nothing was sent"), "{said}");
        assert!(matches!(check_new(&path), Err(JournalError::Exists(_))));
    }
}

#[test]
fn every_name_of_a_user_is_kept_and_counts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let mut users = planned(&["a@x.y"]);
    users[0]
        .also
        .push("00000000-0000-4000-8000-000000000009".to_owned());
    drop(Journal::create(&path, &header(&users), &users).unwrap());
    assert_eq!(Journal::look(&path).unwrap().users, users);
    let changed = fs::read_to_string(&path)
        .unwrap()
        .replace("000009", "000008");
    fs::write(&path, changed).unwrap();
    let error = Journal::resume(&path).unwrap_err();
    assert!(matches!(error, JournalError::Damaged { .. }), "{error}");
}

#[test]
fn a_journal_of_the_earlier_form_is_read() {
    let (_folder, path) = three();
    let users = planned(&["a@x.y", "b_z.w#EXT#@x.y", "c@x.y"]);
    let text = fs::read_to_string(&path).unwrap();
    let text = text
        .replace("\"version\":2", "\"version\":1")
        .replace(&users_sha256(2, &users), &users_sha256(1, &users));
    fs::write(&path, text).unwrap();
    assert_eq!(Journal::look(&path).unwrap().users, users);
}

#[cfg(unix)]
#[test]
fn a_journal_that_is_deleted_or_replaced_takes_no_line() {
    for replace in [false, true] {
        let (_folder, path) = three();
        let (journal, _) = Journal::resume(&path).unwrap();
        let mut sink = journal.into_sink().unwrap();
        fs::remove_file(&path).unwrap();
        if replace {
            fs::write(&path, "another file").unwrap();
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let written = runtime.block_on(async {
            let line = Line::Outcome(Outcome::sample("a@x.y", Kind::Revoked));
            sink.lines().send(line.encoded()).await.unwrap();
            sink.written().await
        });
        assert!(
            written
                .unwrap_err()
                .to_string()
                .contains("deleted, moved or replaced")
        );
        sink.close();
    }
}

#[test]
fn what_is_no_journal_is_told_so() {
    let (_folder, path) = three();
    let whole = fs::read_to_string(&path).unwrap();
    for (content, said) in [
        (String::new(), "its first line is missing"),
        (
            "alice@contoso.com\n".to_owned(),
            "its first line is not JSON",
        ),
        (
            "{\"value\": []}\n".to_owned(),
            "its first line does not say so",
        ),
        (
            whole.replace("\"cloud\":\"global\",", ""),
            "missing field `cloud`",
        ),
        (
            whole.replace("\"version\":2", "\"version\":3"),
            "is of version 3",
        ),
    ] {
        fs::write(&path, content).unwrap();
        let error = Journal::resume(&path).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    let missing = path.with_file_name("missing.jsonl");
    let error = Journal::resume(&missing).unwrap_err().to_string();
    assert!(error.starts_with("cannot use the journal"), "{error}");
}

#[cfg(unix)]
#[test]
fn the_journal_is_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_folder, path) = three();
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
}
