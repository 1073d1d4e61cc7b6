//! Laws of the engine: no text stops it, and its work grows with the text.

use proptest::prelude::*;
use source_lex::{Code, Language};
use source_text::FileId;

use super::{Place, scan};
use crate::Helpers;
use crate::api::Api;
use crate::testing::api;

fn work(api: &Api, text: &str, language: Language) -> usize {
    let code = Code::new(text, language);
    let none = Helpers::default();
    let mut engine = super::Scan::new(&code, Place::At(FileId::default(), 0), "graph", api, &none);
    engine.run();
    code.work()
}

/// Ten times the text may cost little more than ten times the work.
fn is_linear(piece: &str, before: &str, after: &str, language: Language) {
    let api = api();
    let text = |count: usize| format!("{before}{}{after}", piece.repeat(count));
    let small = work(&api, &text(1_000), language);
    let large = work(&api, &text(10_000), language);
    assert!(
        large <= 12 * small + 20_000,
        "{piece:?} in {language:?}: {small}, then {large}"
    );
}

#[test]
fn work_is_linear_in_assignments_to_one_name() {
    is_linear(
        "url = base + '/users/' + id\nrequests.get(url)\n",
        "base = 'https://graph.microsoft.com'\n",
        "",
        Language::Python,
    );
    is_linear(
        "url += '/users'\nrequests.get(url)\n",
        "url = 'https://graph.microsoft.com'\n",
        "",
        Language::Python,
    );
    is_linear(
        "$p = @{}\n$p.Uri = 'https://graph.microsoft.com/v1.0/me'\nInvoke-RestMethod @p\n",
        "",
        "",
        Language::PowerShell,
    );
}

#[test]
fn work_is_linear_in_a_chain() {
    is_linear(
        ".Users[id].Messages",
        "var x = graphClient",
        ".GetAsync();",
        Language::CSharp,
    );
    is_linear(".get('/users')", "graph", ";", Language::JavaScript);
    is_linear(
        " + '/users'",
        "fetch('https://graph.microsoft.com'",
        ")",
        Language::JavaScript,
    );
}

#[test]
fn work_is_linear_in_one_line() {
    is_linear(
        "f('/users/'+g(x),{method:'POST',url:b+'/me'});",
        "graph;",
        "",
        Language::JavaScript,
    );
    is_linear("graph.api('/users').get(", "", "", Language::JavaScript);
    is_linear("{[(", "graph('/users'", "", Language::JavaScript);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_is_read(pieces in prop::collection::vec(prop::sample::select(vec![
        "graphClient", ".users", ".Users[id]", ".GetAsync(", ")", "(", "{", "}", "'https://graph.microsoft.com/v1.0/users/'", "+", "id", "=", "url",
        "\n", "`${", "}`", "$\"{a}/users/{b}\"", "fetch(", "method", ":", "'POST'", ",", "function f(path) {", "return ", "def f(path):\n  ", "Invoke-RestMethod ",
        "-Uri ", "$url", "@p", "az rest ", "--url ", "curl ", "\"$A/users\"", ".api('/me')", ".get()", "client", ".user(id)", ".list_users()", ";", "é", "\u{0}", "<?php ", "[", "]",
        "curl_setopt($c, CURLOPT_URL, ", "new URL(", ".openConnection()", "if (", " ? ", "while", "'''\n", "\"\"\"",
    ]), 0..50)) {
        let text = pieces.concat();
        let api = api();
        for language in Language::ALL {
            let code = Code::new(&text, language);
            let evidence = scan(&code, Place::At(FileId::default(), 0), "graph.txt", &api, &Helpers::default());
            for call in &evidence.calls {
                prop_assert!(call.span.end as usize <= text.len() && call.span.start <= call.span.end);
                prop_assert!(text.is_char_boundary(call.span.start as usize));
                prop_assert!(!call.path.contains('\0'));
            }
        }
    }
}
