//! Output format `junit`: test results, which nearly every build server shows.
//!
//! An app is a test suite. Each finding that counts is a failed test case, named by its rule and permission; an app
//! without findings has one case that passed, so that a clean run is not an empty report.

use std::collections::HashMap;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite, XmlString};

use super::view::{FindingView, View};
use crate::finding::Severity;

/// The report as XML.
///
/// # Errors
///
/// None are known: the report is written to memory.
pub fn render(view: &View) -> Result<String, quick_junit::SerializeError> {
    let mut report = Report::new("entralint");
    let mut suites = Suites::default();
    for app in &view.apps {
        suites.of(&app.name);
    }
    for finding in view.open() {
        let name = finding.app.clone().unwrap_or_else(|| {
            finding
                .place
                .as_ref()
                .map_or_else(|| "calls".to_owned(), |place| place.file.clone())
        });
        suites.of(&name).add_test_case(case(finding));
    }
    for mut suite in suites.list {
        if suite.test_cases.is_empty() {
            suite.add_test_case(TestCase::new("no findings", TestCaseStatus::success()));
        }
        report.add_test_suite(suite);
    }
    let mut text = report.to_string()?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

/// The suites in the order in which they came up.
#[derive(Default)]
struct Suites {
    list: Vec<TestSuite>,
    places: HashMap<String, usize>,
}

impl Suites {
    fn of(&mut self, name: &str) -> &mut TestSuite {
        let next = self.list.len();
        let place = *self.places.entry(name.to_owned()).or_insert(next);
        if place == next {
            self.list.push(TestSuite::new(XmlString::new(name)));
        }
        &mut self.list[place]
    }
}

fn case(finding: &FindingView) -> TestCase {
    let name = match &finding.permission {
        Some(permission) => format!("{} {permission}", finding.rule),
        None => finding.rule.to_owned(),
    };
    // A note is worth knowing and asks for nothing: it must not turn a build red.
    let mut status = match finding.severity {
        Severity::Error | Severity::Warning => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Severity::Note => TestCaseStatus::success(),
    };
    if finding.severity != Severity::Note {
        status
            .set_type(finding.severity.as_str())
            .set_message(finding.message.clone())
            .set_description(description(finding));
    }
    let mut case = TestCase::new(XmlString::new(name), status);
    if finding.severity == Severity::Note {
        case.set_system_out(description(finding));
    }
    if let Some(place) = &finding.place {
        case.set_classname(XmlString::new(&place.file));
        case.extra
            .insert(XmlString::new("file"), XmlString::new(&place.file));
        case.extra.insert(
            XmlString::new("line"),
            XmlString::new(place.start.line.to_string()),
        );
    }
    case
}

fn description(finding: &FindingView) -> String {
    match &finding.place {
        Some(place) => format!("{}: {}", place.shown(), finding.text()),
        None => finding.text(),
    }
}

#[cfg(test)]
mod tests {
    use crate::report::sample;

    #[test]
    fn a_suite_an_app() {
        insta::assert_snapshot!(super::render(&sample::view()).unwrap_or_default());
    }
}
