use source_text::FileId;

use super::*;

fn parse(text: &str) -> Result<Config, Vec<Finding>> {
    let source = Source::decode(
        FileId::new(0),
        "conf/entralint.toml",
        text.as_bytes().to_vec(),
    )
    .expect("the text is UTF-8");
    Config::parse(&source)
}

fn error(text: &str) -> String {
    let findings = parse(text).expect_err("the configuration is wrong");
    findings
        .iter()
        .map(|finding| {
            let place = finding.place.as_ref().expect("it has a place");
            format!(
                "{}:{}: {}\n",
                place.at.start.line, place.at.start.column, finding.message
            )
        })
        .collect()
}

#[test]
fn a_mistake_is_shown_at_its_place_with_what_was_meant() {
    insta::assert_snapshot!(error("cals = []"), @"1:1: unknown key `cals`: did you mean `calls`?");
    insta::assert_snapshot!(error("[[app]]\nmanifest = ['x']"), @"2:1: unknown key `manifest`: did you mean `manifests`?");
    insta::assert_snapshot!(error("version = 2"), @"1:11: version 2 of the configuration is not supported: this entralint reads version 1");
    insta::assert_snapshot!(error("[[app]]\ncalls = ['GET /users']"), @"1:1: this section selects no app: add `manifests`, `name` or `address`");
    insta::assert_snapshot!(error("[[app]]\nname = 'a'\naccount-types = ['guest']"), @r#"3:18: "guest" is no account type: write "work" or "personal""#);
}

#[test]
fn every_wrong_call_is_reported() {
    let errors = error("calls = [\n  'FETCH /users',\n  'GET /users',\n  'GET',\n]");
    assert_eq!(errors.lines().count(), 2, "{errors}");
    assert!(errors.starts_with("2:3: this is not a call:"), "{errors}");
}

#[test]
fn globs_are_relative_to_the_file() {
    let config = parse("exclude = ['legacy', './gen/*.json']").expect("it is right");
    for (path, excluded) in [
        ("conf/legacy/a/b.json", true),
        ("conf/gen/a.json", true),
        ("conf/gen/deep/a.json", false),
        ("legacy/a.json", false),
        ("conf/apps/legacy.json", false),
    ] {
        assert_eq!(config.excludes(Utf8Path::new(path)), excluded, "{path}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_a_configuration_or_an_error_with_a_place(text in "\\PC{0,200}") {
        if let Err(findings) = parse(&text) {
            for finding in findings {
                proptest::prop_assert!(finding.place.is_some());
            }
        }
    }
}
