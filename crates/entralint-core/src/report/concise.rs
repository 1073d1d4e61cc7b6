//! Output format `concise`: one line a finding, `file:line:column: severity[rule] message`, which editors and `grep`
//! understand.

use std::fmt::Write as _;

use super::view::View;
use crate::text;

/// One line for each finding that counts.
pub fn render(view: &View) -> String {
    let mut out = String::new();
    for finding in view.open() {
        if let Some(place) = &finding.place {
            let _ = write!(out, "{}: ", text::escaped(&place.shown()));
        }
        let _ = writeln!(
            out,
            "{}[{}] {}",
            finding.severity.as_str(),
            finding.rule,
            text::escaped(&finding.message)
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::report::sample;

    #[test]
    fn a_line_a_finding() {
        insta::assert_snapshot!(super::render(&sample::view()));
    }
}
