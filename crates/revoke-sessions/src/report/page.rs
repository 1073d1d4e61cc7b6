//! One page for the ticket: who was revoked, when and by whom, who was not and why, and what revoking does
//! not do. In HTML or Markdown, by the ending of the file's name.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use super::text::headline;
use super::{NOT_SENT, Summary, place};
use crate::failure::Failure;
use crate::outcome::Kind;
use crate::words::{LIMITS, counted, number, rounded, time};

/// So many users are named in a table; the rest is in the journal and in the results.
const NAMED: usize = 200;

/// The form of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Html,
    Markdown,
}

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

/// A part of the page.
enum Block {
    Title(&'static str),
    Heading(String),
    Text(String),
    Points(Vec<String>),
    /// The first row is the heading.
    Table(Vec<Vec<String>>),
}

fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
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
        table(
            row(["user", "outcome", "when", "request id"]),
            users,
            blocks,
        );
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
        table(row(["user", "also known as"]), users.collect(), blocks);
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
        table(row(["line", "reason"]), lines.collect(), blocks);
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
        table(row(["user", "", "when", "request id"]), users, blocks);
    }
}

fn table(head: Vec<String>, mut rows: Vec<Vec<String>>, blocks: &mut Vec<Block>) {
    let more = rows.len().saturating_sub(NAMED);
    rows.truncate(NAMED);
    rows.insert(0, head);
    blocks.push(Block::Table(rows));
    if more > 0 {
        blocks.push(Block::Text(format!(
            "… and {} more, in the journal and in the results.",
            number(more)
        )));
    }
}

fn render(form: Form, blocks: &[Block]) -> String {
    let mut out = String::new();
    if form == Form::Html {
        out.push_str(HEAD);
    }
    for block in blocks {
        match form {
            Form::Html => html(&mut out, block),
            Form::Markdown => markdown(&mut out, block),
        }
    }
    if form == Form::Html {
        out.push_str("</body>\n</html>\n");
    }
    out
}

const HEAD: &str = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
<title>Revocation of sign-in sessions</title>\n<style>body{font:15px sans-serif;margin:2em}\
table{border-collapse:collapse}td,th{border:1px solid #999;padding:.2em .6em;text-align:left}</style>\n\
</head>\n<body>\n";

// Writing to a string does not fail.
fn html(out: &mut String, block: &Block) {
    let _ = match block {
        Block::Title(text) => writeln!(out, "<h1>{}</h1>", escaped(text)),
        Block::Heading(text) => writeln!(out, "<h2>{}</h2>", escaped(text)),
        Block::Text(text) => writeln!(out, "<p>{}</p>", escaped(text)),
        Block::Points(points) => {
            out.push_str("<ul>\n");
            for point in points {
                let _ = writeln!(out, "<li>{}</li>", escaped(point));
            }
            writeln!(out, "</ul>")
        }
        Block::Table(rows) => {
            out.push_str("<table>\n");
            for (at, row) in rows.iter().enumerate() {
                // A table of facts has no heading.
                if row.iter().all(String::is_empty) {
                    continue;
                }
                let tag = if at == 0 { "th" } else { "td" };
                out.push_str("<tr>");
                for cell in row {
                    let _ = write!(out, "<{tag}>{}</{tag}>", escaped(cell));
                }
                out.push_str("</tr>\n");
            }
            writeln!(out, "</table>")
        }
    };
}

fn markdown(out: &mut String, block: &Block) {
    let _ = match block {
        Block::Title(text) => writeln!(out, "# {text}\n"),
        Block::Heading(text) => writeln!(out, "## {}\n", plain(text)),
        Block::Text(text) => writeln!(out, "{}\n", plain(text)),
        Block::Points(points) => {
            for point in points {
                let _ = writeln!(out, "- {}", plain(point));
            }
            writeln!(out)
        }
        Block::Table(rows) => {
            for (at, row) in rows.iter().enumerate() {
                let cells: Vec<String> = row.iter().map(|cell| plain(cell)).collect();
                let _ = writeln!(out, "| {} |", cells.join(" | "));
                if at == 0 {
                    let _ = writeln!(out, "|{}", "---|".repeat(row.len()));
                }
            }
            writeln!(out)
        }
    };
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// A text in which nothing is taken for Markdown.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(
            c,
            '\\' | '|' | '`' | '*' | '_' | '<' | '>' | '[' | ']' | '#'
        ) {
            out.push('\\');
        }
        out.push(if c.is_control() { ' ' } else { c });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_stays_text() {
        let blocks = [
            Block::Text("<script>alert(1)</script> & \"x\"".to_owned()),
            Block::Table(vec![row(["a|b", "c\nd"])]),
        ];
        let html = render(Form::Html, &blocks);
        assert!(!html.contains("<script>"), "{html}");
        let markdown = render(Form::Markdown, &blocks);
        assert!(markdown.contains(r"| a\|b | c d |"), "{markdown}");
        assert!(!markdown.contains("\n<script>"), "{markdown}");
    }

    #[test]
    fn the_ending_says_the_form() {
        assert_eq!(form(Path::new("a.HTML")).unwrap(), Form::Html);
        assert_eq!(form(Path::new("a.md")).unwrap(), Form::Markdown);
        assert!(form(Path::new("a.pdf")).is_err());
    }
}
