//! Output format `junit`: test results, which nearly every build server shows.
//!
//! An app is a test suite. Each finding that counts is a failed test case, named by its rule and permission; an app
//! without findings has one case that passed, so that a clean run is not an empty report.

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
    let mut suites: Vec<(String, TestSuite)> = Vec::new();
    for app in &view.apps {
        suites.push((app.name.clone(), TestSuite::new(XmlString::new(&app.name))));
    }
    for finding in view.open() {
        let name = finding.app.clone().unwrap_or_else(|| {
            finding
                .place
                .as_ref()
                .map_or_else(|| "calls".to_owned(), |place| place.file.clone())
        });
        let at = suites
            .iter()
            .position(|(known, _)| *known == name)
            .unwrap_or_else(|| {
                suites.push((name.clone(), TestSuite::new(XmlString::new(&name))));
                suites.len() - 1
            });
        suites[at].1.add_test_case(case(finding));
    }
    for (_, mut suite) in suites {
        if suite.test_cases.is_empty() {
            suite.add_test_case(TestCase::new(
                "requests what its calls need",
                TestCaseStatus::success(),
            ));
        }
        report.add_test_suite(suite);
    }
    let mut text = report.to_string()?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
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
