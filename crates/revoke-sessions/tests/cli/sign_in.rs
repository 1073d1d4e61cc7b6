//! Ways to sign in, and what is said when they fail.

use std::process::Command;

use fake_graph::{DeviceCode, FakeGraph, Registration};

use crate::desk::{Desk, LEAST, says, text};

/// The command that revokes Alice, signed in this way.
fn alice(desk: &Desk, auth: &str) -> Command {
    let mut command = desk.bare("user alice@contoso.com --yes");
    command.args(["--graph", desk.graph.url(), "--authority", desk.graph.url()]);
    command.args(auth.split_whitespace());
    command
}

fn succeeds(desk: &Desk, mut command: Command) {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert_eq!(desk.graph.revocations("alice@contoso.com"), 1);
    desk.graph.reset();
}

#[test]
fn a_way_to_sign_in_is_needed() {
    let desk = Desk::plain();
    says("auth-none", alice(&desk, ""));
}

#[test]
fn a_token_comes_from_the_environment_or_a_file() {
    let desk = Desk::plain();
    let token = desk.graph.application_token(LEAST);
    let mut from_environment = alice(&desk, "");
    from_environment
        .env("REVOKE_SESSIONS_AUTH", "token")
        .env("REVOKE_SESSIONS_TOKEN", &token);
    succeeds(&desk, from_environment);
    desk.write("token.txt", token + "\r\n");
    succeeds(&desk, alice(&desk, "--auth token --token-file token.txt"));
}

#[test]
fn a_token_that_is_none_is_refused() {
    let desk = Desk::plain();
    says("auth-token-none", alice(&desk, "--auth token"));
    says(
        "auth-token-no-file",
        alice(&desk, "--auth token --token-file missing.txt"),
    );
    desk.write("token.txt", "two words");
    says(
        "auth-token-bad",
        alice(&desk, "--auth token --token-file token.txt"),
    );
    desk.write("token.txt", "\n");
    says(
        "auth-token-empty",
        alice(&desk, "--auth token --token-file token.txt"),
    );
}

#[test]
fn an_app_signs_in_with_its_secret() {
    let desk = Desk::plain();
    let app = Registration::default();
    let mut from_environment = alice(&desk, "--auth client-secret");
    from_environment
        .env("AZURE_TENANT_ID", "contoso.com")
        .env("AZURE_CLIENT_ID", &app.client_id)
        .env("AZURE_CLIENT_SECRET", &app.client_secret);
    succeeds(&desk, from_environment);
    desk.write("secret.txt", app.client_secret + "\n");
    let auth = format!(
        "--auth client-secret --tenant contoso.com --client-id {} --secret-file secret.txt",
        app.client_id
    );
    succeeds(&desk, alice(&desk, &auth));
}

#[test]
fn what_is_missing_for_a_secret_is_named() {
    let desk = Desk::plain();
    says(
        "auth-secret-no-tenant",
        alice(&desk, "--auth client-secret"),
    );
    says(
        "auth-secret-no-client",
        alice(&desk, "--auth client-secret --tenant contoso.com"),
    );
    says(
        "auth-secret-none",
        alice(
            &desk,
            "--auth client-secret --tenant contoso.com --client-id x",
        ),
    );
}

#[cfg(unix)]
#[test]
fn a_secret_that_is_not_unicode_is_refused_and_not_shown() {
    use std::os::unix::ffi::OsStringExt as _;
    let desk = Desk::plain();
    let auth = "--auth client-secret --tenant contoso.com --client-id x";
    let mut command = alice(&desk, auth);
    let secret = std::ffi::OsString::from_vec(b"half-a-secret\xFF".to_vec());
    command.env("AZURE_CLIENT_SECRET", secret);
    says("auth-secret-not-unicode", command);
}

#[test]
fn a_tenant_that_cannot_be_one_is_refused() {
    let desk = Desk::plain();
    let mut command = alice(
        &desk,
        "--auth client-secret --tenant ../contoso --client-id x",
    );
    command.env("AZURE_CLIENT_SECRET", "x");
    says("auth-tenant-bad", command);
    assert_eq!(desk.graph.totals().sign_in_requests, 0);
}

#[test]
fn a_secret_that_is_refused_is_told_in_the_services_words() {
    let desk = Desk::plain();
    let app = Registration::default().client_id;
    let auth = format!("--auth client-secret --tenant contoso.com --client-id {app}");
    let mut command = alice(&desk, &auth);
    command.env("AZURE_CLIENT_SECRET", "wrong-secret");
    let output = command.output().unwrap();
    let said = text(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("error: cannot sign in: "), "{said}");
    assert!(
        said.contains("AADSTS7000215: Invalid client secret provided."),
        "{said}"
    );
    assert!(!said.contains("wrong-secret"), "{said}");
    assert_eq!(desk.graph.totals().requests, 0);
}

#[test]
fn a_person_signs_in_with_a_code() {
    let code = DeviceCode {
        interval: 0,
        ..DeviceCode::default()
    };
    let desk = Desk::new(FakeGraph::builder().device_code(code));
    let app = Registration::default().client_id;
    let auth = format!("--auth device-code --client-id {app}");
    let output = alice(&desk, &auth).output().unwrap();
    let said = text(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(
        said.contains("To sign in, use a web browser to open the page"),
        "{said}"
    );
    assert!(
        said.contains(&format!(
            "signed in as   operator@contoso.com, through app {app}"
        )),
        "{said}"
    );
    assert_eq!(desk.graph.revocations("alice@contoso.com"), 1);
    says("auth-device-no-client", alice(&desk, "--auth device-code"));
}

#[test]
fn the_way_on_repeats_the_sign_in_without_its_secret() {
    let desk = Desk::plain();
    let app = Registration::default();
    desk.write("secret file.txt", &app.client_secret);
    desk.write("users.txt", "ghost@contoso.com\n");
    let url = desk.graph.url();
    let mut command = desk.bare("bulk --users users.txt --yes --auth client-secret");
    command
        .args([
            "--graph",
            url,
            "--authority",
            url,
            "--tenant",
            "contoso.com",
        ])
        .args(["--client-id", "11111111-1111-1111-1111-111111111111"])
        .args(["--secret-file", "secret file.txt", "--journal", "run.jsonl"]);
    let said = text(&command.output().unwrap());
    let line = format!(
        "revoke-sessions bulk --resume run.jsonl --graph {url} --authority {url} --auth client-secret --tenant contoso.com --client-id 11111111-1111-1111-1111-111111111111 --secret-file 'secret file.txt'\n"
    );
    assert!(said.contains(&line), "{said}");
    assert!(!said.contains(&app.client_secret), "{said}");
}

/// The ways that need Azure's own credentials.
#[cfg(feature = "azure")]
mod azure {
    use fake_graph::IDENTITY_HEADER;

    use super::*;

    const APP: &str = "11111111-1111-1111-1111-111111111111";

    /// Azure's own credentials sign in over https alone, which the fake Graph does not offer: how far
    /// they come shows that they were given what they need.
    const HTTPS: &str =
        "error: the credential cannot be made: authority host doesn't use HTTPS scheme";

    #[test]
    fn a_workload_has_its_assertion_in_a_file() {
        let desk = Desk::plain();
        desk.write("assertion.txt", "an.assertion.file");
        says(
            "auth-workload-none",
            alice(&desk, "--auth workload-identity"),
        );
        let auth = format!("--auth workload-identity --tenant contoso.com --client-id {APP}");
        let mut command = alice(&desk, &auth);
        command.env("AZURE_FEDERATED_TOKEN_FILE", desk.path("assertion.txt"));
        let said = text(&command.output().unwrap());
        assert!(said.contains(HTTPS), "{said}");
    }

    #[test]
    fn a_managed_identity_signs_in_by_its_host() {
        let desk = Desk::plain();
        let identity = format!("{}/_fake/msi", desk.graph.url());
        for auth in [
            "--auth managed-identity",
            "--auth managed-identity --client-id mine",
        ] {
            let mut command = alice(&desk, auth);
            command
                .env("IDENTITY_ENDPOINT", &identity)
                .env("IDENTITY_HEADER", IDENTITY_HEADER);
            succeeds(&desk, command);
        }
    }

    #[test]
    fn a_pipeline_signs_in_by_its_service_connection() {
        let desk = Desk::plain();
        let auth = format!("--auth azure-pipelines --tenant contoso.com --client-id {APP}");
        says("auth-pipelines-no-connection", alice(&desk, &auth));
        let auth = format!("{auth} --service-connection 33333333-3333-3333-3333-333333333333");
        says("auth-pipelines-no-token", alice(&desk, &auth));
        let mut command = alice(&desk, &auth);
        command
            .env("SYSTEM_ACCESSTOKEN", "job")
            .env("SYSTEM_OIDCREQUESTURI", desk.graph.url());
        let said = text(&command.output().unwrap());
        assert!(said.contains(HTTPS), "{said}");
    }

    #[cfg(feature = "certificate")]
    #[test]
    fn an_app_has_its_certificate_in_a_file() {
        let desk = Desk::plain();
        let auth = format!("--auth certificate --tenant contoso.com --client-id {APP}");
        let said = |arguments: &str| {
            let output = alice(&desk, &format!("{auth} {arguments}"))
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(2));
            text(&output)
        };
        let none = said("");
        assert!(
            none.contains(
                "--auth certificate needs --certificate, or AZURE_CLIENT_CERTIFICATE_PATH"
            ),
            "{none}"
        );
        let missing = said("--certificate missing.pfx");
        assert!(
            missing.contains("error: cannot read missing.pfx: No such file"),
            "{missing}"
        );
        desk.write("not-one.pfx", "no certificate");
        let not_one = said("--certificate not-one.pfx");
        assert!(
            not_one.contains("error: the credential cannot be made"),
            "{not_one}"
        );
    }

    /// A program of this name that gives this token, in the form of Azure's tools.
    #[cfg(unix)]
    fn tool(desk: &Desk, name: &str, output: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let script = format!("#!/bin/sh\ncat <<'END'\n{output}\nEND\n");
        desk.write(name, script);
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(desk.path(name), mode).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn whoever_is_signed_in_to_azures_tools_is_signed_in_here() {
        let desk = Desk::plain();
        let token = desk.graph.delegated_token(LEAST);
        tool(
            &desk,
            "az",
            &format!(
                r#"{{"accessToken": "{token}", "expires_on": 4000000000, "tokenType": "Bearer"}}"#
            ),
        );
        tool(
            &desk,
            "azd",
            &format!(r#"{{"token": "{token}", "expiresOn": "2090-01-01T00:00:00Z"}}"#),
        );
        let path = format!("{}:/usr/bin:/bin", desk.path("").display());
        for auth in ["azure-cli", "azure-developer-cli"] {
            let mut command = alice(&desk, &format!("--auth {auth}"));
            command.env("PATH", &path);
            let output = command.output().unwrap();
            let said = text(&output);
            assert_eq!(output.status.code(), Some(0), "{said}");
            assert!(
                said.contains("signed in as   operator@contoso.com"),
                "{said}"
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn azures_tools_that_are_not_there_are_told() {
        let desk = Desk::plain();
        let mut command = alice(&desk, "--auth azure-cli");
        command.env("PATH", desk.path(""));
        let output = command.output().unwrap();
        let said = text(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(
            said.contains("error: cannot sign in: the credential gave no token"),
            "{said}"
        );
    }
}
