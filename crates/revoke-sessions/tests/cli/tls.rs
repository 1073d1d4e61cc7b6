//! https: certificate authorities, proxies, and the ways to sign in that need it.

use std::process::Command;

use fake_graph::{FakeGraph, JOB_TOKEN, Proxy, Registration};

use crate::desk::{Desk, LEAST, text};

/// A name that is not of this machine: only a proxy leads there.
const ELSEWHERE: &str = "graph.contoso.example";

fn secure(name: &str) -> Desk {
    let desk = Desk::new(FakeGraph::builder().tls(name));
    desk.write("root.pem", desk.graph.authority().unwrap());
    desk
}

/// The command that revokes Alice with an access token.
fn alice(desk: &Desk, arguments: &str) -> Command {
    desk.command(&format!("user alice@contoso.com --yes {arguments}"))
}

#[test]
fn a_certificate_authority_is_added_by_a_file() {
    let desk = secure("127.0.0.1");
    let output = alice(&desk, "--root-certificate root.pem")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    desk.write("users.txt", "ghost@contoso.com\n");
    let failing = desk
        .command("bulk --users users.txt --yes --journal run.jsonl --rate 5")
        .output()
        .unwrap();
    assert_eq!(failing.status.code(), Some(1), "{}", text(&failing));
    let output = desk
        .command("bulk --resume run.jsonl --yes --root-certificate root.pem")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert_eq!(desk.graph.totals().revocations, 2);
}

#[test]
fn a_certificate_that_is_not_trusted_is_the_first_cause_that_is_named() {
    let desk = secure("127.0.0.1");
    let output = alice(&desk, "--verbose --log run.log").output().unwrap();
    let said = text(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(!said.contains("tries"), "it was tried again: {said}");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    for text in [stderr, desk.read("run.log")] {
        let line = text.lines().find(|it| it.contains("no answer")).unwrap();
        let (_, cause) = line.split_once("cause=\"").unwrap();
        assert!(
            cause.starts_with("invalid peer certificate: UnknownIssuer"),
            "{text}"
        );
    }
    assert!(
        said.contains(
            "the server's certificate is not trusted (if a proxy looks into TLS here, add its root certificate)"
        ),
        "{said}"
    );
    assert!(said.contains("cause: invalid peer certificate"), "{said}");
    assert_eq!(desk.graph.totals().requests, 0);
}

#[test]
fn a_sign_in_that_meets_such_a_certificate_names_it_first() {
    let desk = secure("127.0.0.1");
    let url = desk.graph.url();
    let app = Registration::default();
    let mut command = desk.bare("user alice@contoso.com --yes --verbose --auth client-secret");
    let output = command
        .args(["--graph", url, "--authority", url])
        .args(["--tenant", "contoso.com", "--client-id", &app.client_id])
        .env("AZURE_CLIENT_SECRET", &app.client_secret)
        .output()
        .unwrap();
    let said = text(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    let (_, causes) = said
        .split_once("the certificate of the sign-in service is not trusted\n")
        .unwrap();
    assert!(
        causes.starts_with("  because: invalid peer certificate: UnknownIssuer\n"),
        "{said}"
    );
    assert!(!said.contains(&app.client_secret), "{said}");
}

#[test]
fn a_run_meets_such_a_certificate_once_and_ends() {
    let desk = secure("127.0.0.1");
    let users: String = (0..500).map(|n| format!("user{n}@contoso.com\n")).collect();
    desk.write("users.txt", users);
    let (code, json) = desk.json("bulk --users users.txt --yes --journal run.jsonl");
    assert_eq!((code, &json["end"]), (1, &"unavailable".into()));
    assert!(json["notSent"].as_u64().unwrap() > 400, "{json}");
}

#[test]
fn a_proxy_is_named_by_an_option_or_the_environment() {
    let desk = secure(ELSEWHERE);
    let proxy = Proxy::to_port(desk.graph.port()).unwrap();
    let with_password = proxy.url_for("operator", "hush-hush");
    let line = "--root-certificate root.pem --verbose";
    for (at, (option, variable)) in [
        (Some(&with_password), None),
        (None, Some("REVOKE_SESSIONS_PROXY")),
        (None, Some("HTTPS_PROXY")),
    ]
    .into_iter()
    .enumerate()
    {
        let mut command = alice(&desk, line);
        if let Some(proxy) = option {
            command.args(["--proxy", proxy]);
        }
        if let Some(variable) = variable {
            command.env(variable, &with_password);
        }
        let output = command.output().unwrap();
        let said = text(&output);
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert!(!said.contains("hush"), "{said}");
        assert_eq!(proxy.requests().len(), at + 1);
    }
    let mut direct = signed_in(&desk, "github-oidc");
    let url = format!("{}/_fake/github", desk.graph.url());
    direct
        .arg("--no-proxy")
        .env("HTTPS_PROXY", &with_password)
        .env("ACTIONS_ID_TOKEN_REQUEST_URL", url)
        .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", JOB_TOKEN);
    let output = direct.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert_eq!(proxy.requests().len(), 3);
}

#[test]
fn a_proxy_that_is_none_is_refused_and_not_left_out() {
    let desk = secure(ELSEWHERE);
    for proxy in [
        "foo://127.0.0.1:1",
        "socks5://me:hush@127.0.0.1:1",
        "http://",
    ] {
        let output = alice(&desk, &format!("--proxy {proxy}")).output().unwrap();
        let said = text(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(
            said.contains("address of the proxy cannot be read"),
            "{said}"
        );
        assert!(!said.contains("hush"), "{said}");
    }
    assert_eq!(desk.graph.totals().requests, 0);
}

/// The command that revokes Alice, signed in this way over https.
fn signed_in(desk: &Desk, auth: &str) -> Command {
    let url = desk.graph.url();
    let app = Registration::default();
    let mut command = desk.bare("user alice@contoso.com --yes --root-certificate root.pem");
    command
        .args(["--graph", url, "--authority", url])
        .args(["--auth", auth, "--tenant", "contoso.com"])
        .args(["--client-id", &app.client_id]);
    command
}

fn revokes(desk: &Desk, mut command: Command) {
    let output = command.output().unwrap();
    let said = text(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("signed in as   app 1111"), "{said}");
    for secret in [JOB_TOKEN, "job.assertion.fake"] {
        assert!(!said.contains(secret), "{said}");
    }
    assert_eq!(desk.graph.revocations("alice@contoso.com"), 1);
}

#[test]
fn a_job_of_github_signs_in_by_its_own_token() {
    let desk = secure("127.0.0.1");
    let mut command = signed_in(&desk, "github-oidc");
    let url = format!("{}/_fake/github?api-version=2.0", desk.graph.url());
    command
        .env("ACTIONS_ID_TOKEN_REQUEST_URL", url)
        .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", JOB_TOKEN);
    revokes(&desk, command);

    let output = signed_in(&desk, "github-oidc").output().unwrap();
    let said = text(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("`id-token: write`"), "{said}");

    let mut wrong = signed_in(&desk, "github-oidc");
    let url = format!("{}/_fake/github", desk.graph.url());
    wrong
        .env("ACTIONS_ID_TOKEN_REQUEST_URL", url)
        .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "not-the-jobs-token");
    let output = wrong.output().unwrap();
    let said = text(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("GitHub gave no token for this job: 401 Unauthorized"),
        "{said}"
    );
    assert!(!said.contains("not-the-jobs-token"), "{said}");
}

#[cfg(feature = "azure")]
#[test]
fn azures_credentials_take_the_certificate_authority_too() {
    let desk = secure("127.0.0.1");
    desk.write("assertion.txt", "job.assertion.fake");
    let mut workload = signed_in(&desk, "workload-identity");
    workload.env("AZURE_FEDERATED_TOKEN_FILE", desk.path("assertion.txt"));
    revokes(&desk, workload);
    desk.graph.reset();
    let mut pipeline = signed_in(&desk, "azure-pipelines");
    let url = format!("{}/_fake/pipeline", desk.graph.url());
    pipeline
        .args([
            "--service-connection",
            "33333333-3333-3333-3333-333333333333",
        ])
        .env("SYSTEM_ACCESSTOKEN", JOB_TOKEN)
        .env("SYSTEM_OIDCREQUESTURI", url);
    revokes(&desk, pipeline);
}

#[test]
fn a_token_of_least_permission_is_enough_over_https() {
    let desk = secure("localhost");
    let token = desk.graph.application_token(LEAST);
    let mut command = desk.command_with(
        "user bob@contoso.com --yes --root-certificate root.pem",
        &token,
    );
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
}
