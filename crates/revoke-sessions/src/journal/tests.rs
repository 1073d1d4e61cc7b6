use std::fs;

use super::*;
use crate::outcome::Kind;

fn planned(names: &[&str]) -> Vec<Planned> {
    names
        .iter()
        .map(|name| Planned {
            user: (*name).to_owned(),
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
        users_sha256: users_sha256(users.iter().map(|u| u.user.as_str())),
        excluded: 0,
        skipped_lines: 0,
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
                .send(Line::Outcome(Outcome::sample(user, kind)))
                .await
                .unwrap();
        }
        let event = Event {
            at: Timestamp::UNIX_EPOCH,
            event: EventKind::Finished,
        };
        lines.send(Line::Event(event)).await.unwrap();
        let mut written = 0;
        while written < 3 {
            written += sink.written().await.unwrap().unwrap().len();
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
    let cut = (list_start..whole.len()).map(|end| whole[..end].to_owned());
    for content in cut.chain([whole.replace("a@x.y", "d@x.y")]) {
        fs::write(&path, content).unwrap();
        let error = Journal::resume(&path).unwrap_err();
        assert!(matches!(error, JournalError::IncompleteList(_)), "{error}");
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
            whole.replace("\"version\":1", "\"version\":2"),
            "is of version 2",
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
