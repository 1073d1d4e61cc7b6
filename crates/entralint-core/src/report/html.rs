//! Output format `html`: one self-contained page for people who look after many apps.
//!
//! What each app requests against what it needs, the apps that could give up most, and every finding with its place,
//! reason, fix and calls. Without JavaScript it is plain tables; with it they can be filtered and sorted. The page loads
//! nothing: a content security policy forbids it, and allows the page's own script and style by their hashes alone.

mod apps;
mod findings;
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

    /// The colours of a theme, by name: red, green, blue.
    fn colours(theme: &str) -> Vec<(&str, [f64; 3])> {
        theme
            .split(';')
            .filter_map(|declaration| declaration.split_once(":#"))
            .filter_map(|(name, value)| {
                let value = value.split('}').next()?;
                let part = |at: usize| -> Option<f64> {
                    // Three digits stand for six.
                    let digits = match value.len() {
                        3 => value.get(at..=at)?.repeat(2),
                        _ => value.get(2 * at..2 * at + 2)?.to_owned(),
                    };
                    u8::from_str_radix(&digits, 16).ok().map(f64::from)
                };
                let name = name.rsplit("--").next()?;
                Some((name, [part(0)?, part(1)?, part(2)?]))
            })
            .collect()
    }

    /// The contrast of two colours, by the definition of WCAG 2.2.
    fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
        let luminance = |colour: [f64; 3]| {
            let [red, green, blue] = colour.map(|part| {
                let part = part / 255.0;
                if part <= 0.040_45 {
                    part / 12.92
                } else {
                    ((part + 0.055) / 1.055).powf(2.4)
                }
            });
            0.2126 * red + 0.7152 * green + 0.0722 * blue
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_text_stands_out_in_every_theme() {
        // Level AA: 4.5 for text, 3 for what is drawn.
        let themes: Vec<&str> = STYLE.split(":root{").skip(1).collect();
        assert_eq!(themes.len(), 3, "light, dark, print");
        for theme in themes {
            let colours = colours(theme.split('}').next().unwrap_or_default());
            let colour = |name: &str| {
                let found = colours.iter().find(|(known, _)| *known == name);
                found.map_or_else(|| panic!("{theme} has no {name}"), |(_, colour)| *colour)
            };
            for (names, least) in [
                (
                    &["fg", "soft", "link", "error", "warning", "note", "good"][..],
                    4.5,
                ),
                (&["before", "after"][..], 3.0),
            ] {
                for name in names {
                    for ground in ["bg", "card"] {
                        let contrast = contrast(colour(name), colour(ground));
                        assert!(
                            contrast >= least,
                            "{name} on {ground}: {contrast:.2}: {theme}"
                        );
                    }
                }
            }
        }
    }
}
