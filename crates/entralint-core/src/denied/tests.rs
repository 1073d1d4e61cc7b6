//! Errors in the forms in which programs print them, each invented; one fixture, one snapshot.

use std::sync::OnceLock;

use msgraph_calls::Api;
use msgraph_permissions::Catalog;
use source_text::{Encoding, FileId, Source};

use super::{Denied, DeniedError};

fn read(name: &str, text: &str) -> Result<Denied, DeniedError> {
    let catalog = Catalog::embedded();
    static API: OnceLock<Api> = OnceLock::new();
    let api = API.get_or_init(|| Api::of(catalog));
    let source = Source::new(FileId::default(), name, text.to_owned(), Encoding::Utf8);
    super::read(&source, catalog, api, 20)
}

fn shown(name: &str, text: &str) -> String {
    match read(name, text) {
        Ok(denied) => format!("as {}\n\n{}", denied.read_as, super::render(&denied)),
        Err(error) => error.to_string(),
    }
}

macro_rules! fixtures {
    ($($test:ident: $file:literal),* $(,)?) => {
        /// Every fixture.
        const FIXTURES: &[(&str, &str)] = &[$(($file, include_str!(concat!("fixtures/", $file)))),*];

        $(#[test]
        fn $test() {
            let text = include_str!(concat!("fixtures/", $file));
            insta::with_settings!({omit_expression => true}, {
                insta::assert_snapshot!(shown($file, text));
            });
        })*
    };
}

fixtures! {
    a_body_with_its_request_line: "body.txt",
    a_message_of_teams_that_lists_scopes: "teams-scopes.txt",
    a_message_of_teams_that_lists_roles: "teams-roles.txt",
    a_message_of_teams_that_lists_resource_specific_ones: "teams-resource-specific.txt",
    an_error_record_of_windows_powershell: "powershell-5.txt",
    an_error_record_of_powershell_7: "powershell-7.txt",
    invoke_mggraphrequest: "invoke-mggraphrequest.txt",
    get_mgcontext_and_the_error: "context.txt",
    an_exception_of_csharp: "csharp.txt",
    an_exception_of_csharp_4: "csharp-4.txt",
    an_exception_of_python: "python.txt",
    an_exception_of_requests: "python-requests.txt",
    an_error_of_javascript: "javascript.txt",
    an_exception_of_java: "java.txt",
    az_rest: "az-rest.txt",
    curl: "curl.txt",
    a_run_of_a_logic_app: "logic-app.json",
    dev_proxy: "dev-proxy.txt",
    intune: "intune.txt",
    audit_logs: "audit-log.txt",
    a_licence: "licence.txt",
    a_policy_of_exchange: "mailbox-policy.txt",
    a_policy_of_teams: "meeting-policy.txt",
    an_app_without_a_user: "app-without-user.txt",
    a_claims_challenge: "challenge.txt",
    consent: "consent.txt",
    an_assignment: "not-assigned.txt",
    conditional_access: "conditional-access.txt",
    a_resource_that_is_not_there: "resource.txt",
    an_expired_token: "expired.txt",
    another_audience: "audience.txt",
    a_token_that_has_the_permission: "token-that-has-it.txt",
    decoded_claims: "claims.txt",
    a_har_file: "session.har",
    an_entry_of_a_har_file: "entry.json",
    a_batch: "batch.har",
    a_log_of_the_portal: "log.csv",
    a_log_as_rows: "log-rows.json",
    a_log_as_an_answer_of_the_query_api: "log-query.json",
    a_log_as_lines: "log-lines.jsonl",
    one_row_of_a_log: "log-row.json",
}

#[test]
fn the_four_shapes_of_a_log_say_the_same() {
    let of = |name: &str| {
        let (_, text) = FIXTURES
            .iter()
            .find(|(known, _)| *known == name)
            .expect("it is there");
        shown(name, text)
    };
    let csv = of("log.csv");
    for other in ["log-rows.json", "log-query.json", "log-lines.jsonl"] {
        assert_eq!(of(other), csv, "{other}");
    }
}

#[test]
fn nothing_secret_and_no_id_of_a_text_comes_out() {
    for (name, text) in FIXTURES {
        let denied = read(name, text).expect(name);
        let out = super::render(&denied) + &crate::json(&denied).expect("JSON");
        for secret in [
            "eyJ",
            "ada",
            "contoso",
            "Contoso",
            "Bearer ey",
            "444455556666",
            "0b1c",
            "5e9d",
            "request-id",
            "f41f",
        ] {
            assert!(!out.contains(secret), "{name}: {secret}: {out}");
        }
    }
}

#[test]
fn what_is_no_denial_says_so() {
    for (name, text, wanted) in [
        (
            "a.txt",
            "the build has finished",
            "nothing in the text says",
        ),
        (
            "a.txt",
            "{\"error\":{\"code\":\"Request_ResourceNotFound\"}}",
            "Request_ResourceNotFound is no denial",
        ),
        (
            "a.har",
            "{\"log\":{\"entries\":[]}}",
            "no request of the recording",
        ),
        ("a.har", "{\"log\":", "not a valid har file"),
        (
            "a.har",
            "{\"log\":{\"entries\":[{\"request\":{\"method\":\"GET\",\"url\":\"https://graph.microsoft.com/v1.0/me\"},\"response\":{\"status\":200}}]}}",
            "(1 of 1 go to Microsoft Graph)",
        ),
    ] {
        let error = read(name, text).expect_err(text).to_string();
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn sources_of_causes_are_pages() {
    for known in super::causes::KNOWN {
        assert!(
            known.source.starts_with("https://learn.microsoft.com/"),
            "{}",
            known.meaning
        );
        assert!(
            known.meaning.ends_with('.') && known.advice.ends_with('.'),
            "{}",
            known.meaning
        );
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read(text in "\\PC{0,300}") {
        shown("text", &text);
    }

    #[test]
    fn any_bytes_of_a_denial_are_read(at in 0usize..41, cut in 0usize..4000, put in "\\PC{0,6}") {
        let (name, text) = FIXTURES[at];
        let at = text.char_indices().map(|(at, _)| at).nth(cut % text.chars().count()).unwrap_or(0);
        shown(name, &format!("{}{put}{}", &text[..at], &text[at..]));
        shown(name, &text[..at]);
    }

    #[test]
    fn any_words_of_a_denial_are_read(
        parts in proptest::collection::vec(
            proptest::sample::select(vec![
                "API requires one of", "'", "\"", "code", ":", "https://graph.microsoft.com/", "é", "POST ", "[", "User.Read", "://",
                "Roles on the request", "\\\"", " ", ",", "\\", "\\r\\n", "method", "eyJ", ".", "RequestBuilder", "Microsoft.Graph.",
                "Get-MgUser", "_", ": ", "\n", "FullyQualifiedErrorId", "AADSTS", "403", "curl -d ", "PowerShell.Cmdlets.", "(", "İ",
            ]),
            0..30,
        )
    ) {
        shown("text", &parts.concat());
    }
}
