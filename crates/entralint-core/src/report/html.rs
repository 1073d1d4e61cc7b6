//! Output format `html`: one self-contained page for people who look after many apps.
//!
//! What each app requests against what it needs, the apps that could give up most, and every finding with its place,
//! reason, fix and calls. Without JavaScript it is plain tables; with it they can be filtered and sorted. The page loads
//! nothing: a content security policy forbids it, and allows the page's own script and style by their hashes alone.

mod levels;
mod page;
mod worst;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::view::View;
use crate::text;

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/script.js");

/// The page.
pub fn render(view: &View) -> String {
    let mut out = String::with_capacity(32 * 1024 + 2 * 1024 * view.findings.len());
    out.push_str("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    out.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    out.push_str("<meta name=\"referrer\" content=\"no-referrer\">\n");
    out.push_str(&format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'\">\n",
        hash(STYLE),
        hash(SCRIPT)
    ));
    out.push_str("<title>Microsoft Graph permissions: requested and needed</title>\n<style>");
    out.push_str(STYLE);
    out.push_str("</style>\n</head>\n<body>\n");
    page::body(&mut out, view);
    out.push_str("<script>");
    out.push_str(SCRIPT);
    out.push_str("</script>\n</body>\n</html>\n");
    out
}

fn hash(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text))
}

/// Text of a file as text of the page, also within a quoted attribute.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text::escaped(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_page_of_two_apps() {
        let page = render(&sample::view());
        let body = page.split("<body>").nth(1).unwrap_or_default();
        let body = body.split("<script>").next().unwrap_or_default();
        insta::assert_snapshot!(body);
    }

    #[test]
    fn words_of_a_file_are_no_markup() {
        let hostile = "\"><script>alert(1)</script><img src=x onerror='a'>\u{202e}";
        let mut view = sample::view();
        for finding in &mut view.findings {
            finding.message = hostile.to_owned();
            finding.app = Some(hostile.to_owned());
            finding.notes = vec![hostile.to_owned()];
            finding.rule_url = format!("https://example.org/{hostile}");
        }
        for app in &mut view.apps {
            app.name = hostile.to_owned();
            app.place.file = hostile.to_owned();
            for permission in &mut app.requested {
                permission.name = hostile.to_owned();
            }
            for call in &mut app.calls {
                call.call = hostile.to_owned();
            }
        }
        view.catalog = hostile.to_owned();
        let page = render(&view);
        assert_eq!(page.matches("<script>").count(), 1);
        assert_eq!(page.matches("<img").count(), 0);
        assert!(!page.contains('\u{202e}'));
    }

    #[test]
    fn the_page_itself_is_small() {
        let empty = render(&View::default());
        assert!(empty.len() < 40_000, "{} bytes", empty.len());
    }

    #[test]
    fn the_script_and_style_cannot_end_their_element() {
        assert!(!SCRIPT.contains("</") && !STYLE.contains("</"));
    }
}
