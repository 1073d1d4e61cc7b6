//! One page for the ticket: who was revoked, when and by whom, who was not and why, and what revoking does
//! not do. In HTML or Markdown, by the ending of the file's name.

mod render;

use std::io;
use std::path::Path;

pub(crate) use self::render::Form;
use self::render::{Block, render, row};
use super::text::headline;
use super::{NOT_SENT, Summary, place};
use crate::failure::Failure;
use crate::outcome::Kind;
use crate::words::{LIMITS, counted, number, rounded, time};

/// So many users are named in a table; the rest is in the journal and in the results.
const NAMED: usize = 200;

/// The form that the name of a file asks for.
pub(crate) fn form(path: &Path) -> Result<Form, Failure> {
    let ending = path
        .extension()
        .and_then(|it| it.to_str())
        .unwrap_or_default();
    match ending.to_ascii_lowercase().as_str() {
        "html" | "htm" => Ok(Form::Html),
        "md" | "markdown" => Ok(Form::Markdown),
        _ => Err(Failure::ReportForm {
            path: path.to_owned(),
        }),
    }
}

/// Writes the page whole, or leaves what was there.
pub(crate) fn write(path: &Path, summary: &Summary<'_>) -> io::Result<()> {
    // The name was checked before the run.
    let form = form(path).unwrap_or(Form::Markdown);
    let page = render(form, &blocks(summary));
    place::write(path, |out| out.write_all(page.as_bytes()))
}

fn blocks(summary: &Summary<'_>) -> Vec<Block> {
    let counts = &summary.counts;
    let ended = jiff::SignedDuration::try_from(summary.took)
        .ok()
        .and_then(|took| summary.started.checked_add(took).ok())
        .map_or(summary.started, rounded);
    let mut facts = vec![row(["", ""])];
    let mut fact = |name: &str, value: String| facts.push(vec![name.to_owned(), value]);
    fact("started", summary.started.to_string());
    fact("ended", format!("{ended} (after {})", time(summary.took)));
    let sender = &summary.sender;
    for (name, value) in [
        ("by", &sender.name),
        ("tenant", &sender.tenant),
        ("cloud", &sender.cloud),
    ] {
        if let Some(value) = value {
            fact(name, value.clone());
        }
    }
    fact(
        "program",
        concat!("revoke-sessions ", env!("CARGO_PKG_VERSION")).to_owned(),
    );
    fact(
        "revoked",
        format!(
            "{} of {}",
            number(counts.revoked),
            counted(counts.users, "user", "users")
        ),
    );
    for (name, count) in [
        ("unconfirmed", counts.unconfirmed),
        ("failed", counts.failed),
        (NOT_SENT, counts.open),
        ("sent, and perhaps not in the journal", counts.unrecorded),
        ("of these perhaps revoked", counts.maybe),
        ("guests, without effect", counts.guests),
    ] {
        if count > 0 {
            fact(name, number(count));
        }
    }
    for (name, path) in [("journal", summary.journal), ("results", summary.results)] {
        if let Some(path) = path {
            fact(name, path.display().to_string());
        }
    }
    let mut blocks = vec![
        Block::Title("Revocation of sign-in sessions"),
        Block::Text(headline(summary)),
        Block::Table(facts),
    ];
    not_revoked(summary, &mut blocks);
    unrecorded(summary, &mut blocks);
    excluded(summary, &mut blocks);
    revoked(summary, &mut blocks);
    blocks.push(Block::Heading("What revoking does not do".to_owned()));
    blocks.push(Block::Points(LIMITS.map(str::to_owned).to_vec()));
    blocks
}

fn not_revoked(summary: &Summary<'_>, blocks: &mut Vec<Block>) {
    let users: Vec<Vec<String>> = summary
        .run
        .results()
        .filter(|(_, outcome)| !outcome.is_some_and(|it| it.outcome.is_settled()))
        .map(|(user, outcome)| match outcome {
            Some(outcome) => vec![
                user.user.clone(),
                outcome.outcome.word().to_owned(),
                outcome.reason(),
                outcome.at.to_string(),
                outcome.request_id.clone().unwrap_or_default(),
            ],
            None => {
                let mut cells = vec![user.user.clone(), NOT_SENT.to_owned()];
                cells.resize(5, String::new());
                cells
            }
        })
        .collect();
    if users.is_empty() {
        return;
    }
    let count = counted(users.len(), "user", "users");
    blocks.push(Block::Heading(format!("Not revoked: {count}")));
    let reasons = summary.reasons();
    if !reasons.is_empty() {
        let mut rows = vec![row(["users", "reason"])];
        rows.extend(
            reasons
                .into_iter()
                .map(|(reason, users)| vec![number(users), reason]),
        );
        blocks.push(Block::Table(rows));
    }
    table(
        summary,
        row(["user", "outcome", "reason", "when", "request id"]),
        users,
        blocks,
    );
}

fn unrecorded(summary: &Summary<'_>, blocks: &mut Vec<Block>) {
    let users: Vec<Vec<String>> = summary
        .run
        .unrecorded()
        .map(|outcome| {
            vec![
                outcome.user.clone(),
                outcome.outcome.word().to_owned(),
                outcome.at.to_string(),
                outcome.request_id.clone().unwrap_or_default(),
            ]
        })
        .collect();
    if !users.is_empty() {
        let heading = "Sent, and perhaps not in the journal".to_owned();
        blocks.push(Block::Heading(heading));
        // All of them, however many: no other file need have them.
        let head = row(["user", "outcome", "when", "request id"]);
        blocks.push(Block::Table([vec![head], users].concat()));
    }
}

fn excluded(summary: &Summary<'_>, blocks: &mut Vec<Block>) {
    let facts = summary.facts;
    blocks.push(Block::Heading("Excluded".to_owned()));
    if facts.excluded.is_empty() {
        blocks.push(Block::Text("No account of the list.".to_owned()));
    } else {
        let users = facts.excluded.iter();
        let users = users.map(|user| vec![user.user.clone(), user.also.join(", ")]);
        table(
            summary,
            row(["user", "also known as"]),
            users.collect(),
            blocks,
        );
    }
    if !facts.exclusions.is_empty() {
        blocks.push(Block::Text(format!(
            "Exclusions: {}.",
            facts.exclusions.join("; ")
        )));
    }
    if !facts.skipped.is_empty() {
        blocks.push(Block::Heading("Skipped lines of the list".to_owned()));
        let lines = facts.skipped.iter();
        let lines = lines.map(|it| vec![it.line.to_string(), it.reason.clone()]);
        table(summary, row(["line", "reason"]), lines.collect(), blocks);
    }
}

fn revoked(summary: &Summary<'_>, blocks: &mut Vec<Block>) {
    let users: Vec<Vec<String>> = summary
        .run
        .results()
        .filter_map(|(user, outcome)| {
            let outcome = outcome.filter(|it| it.outcome == Kind::Revoked)?;
            Some(vec![
                user.user.clone(),
                if user.guest {
                    "guest: without effect"
                } else {
                    ""
                }
                .to_owned(),
                outcome.at.to_string(),
                outcome.request_id.clone().unwrap_or_default(),
            ])
        })
        .collect();
    if !users.is_empty() {
        blocks.push(Block::Heading("Revoked".to_owned()));
        table(
            summary,
            row(["user", "", "when", "request id"]),
            users,
            blocks,
        );
    }
}

/// Where else everyone stands.
fn elsewhere(summary: &Summary<'_>) -> Option<&'static str> {
    match (summary.journal, summary.results) {
        (Some(_), Some(_)) => Some("in the journal and in the results"),
        (Some(_), None) => Some("in the journal"),
        (None, Some(_)) => Some("in the results"),
        (None, None) => None,
    }
}

/// A table of as many as are read, if another file has them all.
fn table(
    summary: &Summary<'_>,
    head: Vec<String>,
    mut rows: Vec<Vec<String>>,
    blocks: &mut Vec<Block>,
) {
    let more = rows.len().saturating_sub(NAMED);
    let elsewhere = elsewhere(summary).filter(|_| more > 0);
    if elsewhere.is_some() {
        rows.truncate(NAMED);
    }
    rows.insert(0, head);
    blocks.push(Block::Table(rows));
    if let Some(place) = elsewhere {
        blocks.push(Block::Text(format!(
            "… and {} more, {place}.",
            number(more)
        )));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drive::End;
    use crate::outcome::Outcome;
    use crate::report::Sender;
    use crate::run::Run;
    use crate::send::Facts;
    use crate::users::User;

    #[test]
    fn everyone_is_named_where_no_other_file_names_them() {
        let users: Vec<User> = (0..300)
            .map(|n| User::new(format!("user{n}@contoso.com").parse().unwrap()))
            .collect();
        let mut run = Run::new(&users);
        for n in 0..300 {
            let outcome = Outcome::sample(&format!("user{n}@contoso.com"), Kind::Revoked);
            run.note_unrecorded(n, outcome);
        }
        let page = |journal, results| {
            let summary = Summary {
                run: &run,
                counts: run.counts(),
                end: &End::Finished,
                facts: &Facts::default(),
                sender: Sender::default(),
                started: jiff::Timestamp::UNIX_EPOCH,
                names: true,
                took: std::time::Duration::ZERO,
                journal,
                results,
                resume: None,
            };
            render(Form::Markdown, &blocks(&summary))
        };
        let path = Some(Path::new("file"));
        let named = |page: &str| page.matches("@contoso.com").count();
        assert_eq!(named(&page(None, None)), 600);
        // Those whom the journal may not have are named all the same.
        let journal = page(path, None);
        assert_eq!(named(&journal), 500);
        assert!(
            journal.contains("… and 100 more, in the journal."),
            "{journal}"
        );
        assert!(page(None, path).contains("… and 100 more, in the results."));
    }

    #[test]
    fn the_ending_says_the_form() {
        assert_eq!(form(Path::new("a.HTML")).unwrap(), Form::Html);
        assert_eq!(form(Path::new("a.md")).unwrap(), Form::Markdown);
        assert!(form(Path::new("a.pdf")).is_err());
    }
}
