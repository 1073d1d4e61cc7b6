//! The page in HTML and in Markdown, in which what others wrote stays text.

use std::fmt::Write as _;

/// The form of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Html,
    Markdown,
}

/// A part of the page.
pub(super) enum Block {
    Title(&'static str),
    Heading(String),
    Text(String),
    Points(Vec<String>),
    /// The first row is the heading.
    Table(Vec<Vec<String>>),
}

/// A row of a table.
pub(super) fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

/// The text of a page.
pub(super) fn render(form: Form, blocks: &[Block]) -> String {
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
}
