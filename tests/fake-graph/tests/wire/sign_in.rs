//! The sign-in endpoints.

use fake_graph::{Claims, DeviceCode, DeviceOutcome, FakeGraph, IDENTITY_HEADER, Registration};

use crate::raw::{Raw, exchange, form, post};

const TOKEN: &str = "/contoso/oauth2/v2.0/token";
const DEVICE: &str = "/contoso/oauth2/v2.0/devicecode";
const GRANT: &str = "grant_type=urn:ietf:params:oauth:grant-type:device_code";

fn credentials(graph: &FakeGraph, secret: &str, scope: &str) -> Raw {
    let app = Registration::default().client_id;
    form(
        graph.url(),
        TOKEN,
        &format!(
            "grant_type=client_credentials&client_id={app}&client_secret={secret}&scope={scope}"
        ),
    )
}

fn claims(answer: &Raw) -> Claims {
    Claims::decode(answer.json()["access_token"].as_str().unwrap()).unwrap()
}

fn error(answer: &Raw) -> (u16, String, u64) {
    let json = answer.json();
    let number = json["error_codes"][0].as_u64().unwrap();
    let description = json["error_description"].as_str().unwrap();
    assert!(
        description.starts_with(&format!("AADSTS{number}: ")),
        "{description}"
    );
    (
        answer.status,
        json["error"].as_str().unwrap().to_owned(),
        number,
    )
}

#[test]
fn a_secret_gives_a_token_with_the_apps_roles() {
    let graph = FakeGraph::start().unwrap();
    let scope = format!("{}/.default", graph.url());
    let answer = credentials(&graph, "fake-secret", &scope);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["expires_in"], 3600);
    let claims = claims(&answer);
    assert_eq!(claims.roles, ["User.RevokeSessions.All"]);
    assert_eq!((claims.tid.as_str(), claims.scp), ("contoso", None));
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    let path = "/v1.0/users/a/revokeSignInSessions";
    assert_eq!(post(graph.url(), path, &token, "").unwrap().status, 200);
    assert_eq!(graph.totals().sign_in_requests, 1);
}

#[test]
fn a_wrong_secret_app_scope_or_grant_is_refused_with_entras_number() {
    let graph = FakeGraph::start().unwrap();
    let scope = format!("{}/.default", graph.url());
    let refused = |status, error: &str, number| (status, error.to_owned(), number);
    assert_eq!(
        error(&credentials(&graph, "wrong", &scope)),
        refused(401, "invalid_client", 7_000_215)
    );
    for scope in ["https://graph.microsoft.com/.default", "User.Read", ""] {
        assert_eq!(
            error(&credentials(&graph, "fake-secret", scope)),
            refused(400, "invalid_scope", 1_002_012)
        );
    }
    assert_eq!(
        error(&form(
            graph.url(),
            TOKEN,
            "grant_type=client_credentials&client_id=none"
        )),
        refused(400, "unauthorized_client", 700_016)
    );
    assert_eq!(
        error(&form(graph.url(), TOKEN, "grant_type=password")),
        refused(400, "unsupported_grant_type", 70003)
    );
}

#[test]
fn a_client_assertion_stands_in_for_the_secret() {
    let graph = FakeGraph::start().unwrap();
    let app = Registration::default().client_id;
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let body = format!(
        "grant_type=client_credentials&client_id={app}&client_assertion_type={kind}&client_assertion=a.b.c&scope={}/.default",
        graph.url()
    );
    assert_eq!(form(graph.url(), TOKEN, &body).status, 200);
}

fn start_device(graph: &FakeGraph, scope: &str) -> Raw {
    let app = Registration::default().client_id;
    form(
        graph.url(),
        DEVICE,
        &format!("client_id={app}&scope={scope}"),
    )
}

fn poll(graph: &FakeGraph, code: &str) -> Raw {
    let app = Registration::default().client_id;
    form(
        graph.url(),
        TOKEN,
        &format!("{GRANT}&client_id={app}&device_code={code}"),
    )
}

fn device_graph(settings: DeviceCode) -> FakeGraph {
    FakeGraph::builder().device_code(settings).start().unwrap()
}

#[test]
fn a_device_code_waits_for_the_person() {
    let graph = device_graph(DeviceCode {
        interval: 0,
        approved_after: None,
        ..DeviceCode::default()
    });
    let started = start_device(&graph, "User.RevokeSessions.All%20offline_access").json();
    assert_eq!(
        (started["interval"].as_u64(), started["expires_in"].as_u64()),
        (Some(0), Some(900))
    );
    let code = started["device_code"].as_str().unwrap();
    let pending = (400, "authorization_pending".to_owned(), 70_016);
    assert_eq!(error(&poll(&graph, code)), pending);
    assert_eq!(error(&poll(&graph, code)), pending);
    let user_code = started["user_code"].as_str().unwrap();
    assert!(graph.settle_device_code(user_code, DeviceOutcome::Approve));
    let answer = poll(&graph, code);
    assert_eq!(answer.status, 200);
    let claims = claims(&answer);
    assert_eq!(claims.scp.as_deref(), Some("User.RevokeSessions.All"));
    assert_eq!(claims.upn.as_deref(), Some("operator@contoso.com"));
    // A code is good for one token.
    assert_eq!(error(&poll(&graph, code)).1, "bad_verification_code");
}

#[test]
fn polling_too_soon_declining_and_expiry_are_told_apart() {
    let graph = device_graph(DeviceCode {
        approved_after: None,
        ..DeviceCode::default()
    });
    let started = start_device(&graph, "User.RevokeSessions.All").json();
    let code = started["device_code"].as_str().unwrap();
    assert_eq!(error(&poll(&graph, code)).1, "authorization_pending");
    assert_eq!(error(&poll(&graph, code)).1, "slow_down");
    let user_code = started["user_code"].as_str().unwrap();
    let decline = format!("/_fake/device?code={user_code}&outcome=decline");
    assert_eq!(post(graph.url(), &decline, "", "").unwrap().status, 204);
    assert_eq!(error(&poll(&graph, code)).1, "authorization_declined");
    assert!(!graph.settle_device_code("nonsense", DeviceOutcome::Approve));

    let graph = device_graph(DeviceCode {
        expires_in: 0,
        ..DeviceCode::default()
    });
    let started = start_device(&graph, "User.RevokeSessions.All").json();
    let code = started["device_code"].as_str().unwrap();
    assert_eq!(error(&poll(&graph, code)).1, "expired_token");
}

#[test]
fn the_person_signs_in_by_themselves_after_the_polls_told() {
    let graph = device_graph(DeviceCode {
        interval: 0,
        approved_after: Some(2),
        ..DeviceCode::default()
    });
    let started = start_device(&graph, &format!("{}/.default", graph.url())).json();
    let code = started["device_code"].as_str().unwrap();
    let statuses: Vec<u16> = (0..3).map(|_| poll(&graph, code).status).collect();
    assert_eq!(statuses, [400, 400, 200]);
}

#[test]
fn a_scope_without_consent_or_of_another_cloud_is_refused() {
    let graph = FakeGraph::start().unwrap();
    assert_eq!(
        error(&start_device(&graph, "Directory.ReadWrite.All")),
        (400, "invalid_grant".to_owned(), 65_001)
    );
    for scope in [
        "https://graph.microsoft.us/User.RevokeSessions.All",
        "openid",
    ] {
        assert_eq!(
            error(&start_device(&graph, scope)),
            (400, "invalid_scope".to_owned(), 70_011)
        );
    }
}

#[test]
fn revoking_kills_the_refresh_token_and_not_the_access_token() {
    let graph = device_graph(DeviceCode {
        interval: 0,
        approved_after: Some(0),
        ..DeviceCode::default()
    });
    let started = start_device(&graph, "User.RevokeSessions.All%20offline_access").json();
    let tokens = poll(&graph, started["device_code"].as_str().unwrap()).json();
    let app = Registration::default().client_id;
    let refresh = |token: &str| {
        let body = format!("grant_type=refresh_token&client_id={app}&refresh_token={token}");
        form(graph.url(), TOKEN, &body)
    };
    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(refresh(refresh_token).status, 200);
    let access = tokens["access_token"].as_str().unwrap();
    let path = "/v1.0/me/revokeSignInSessions";
    assert_eq!(post(graph.url(), path, access, "").unwrap().status, 200);
    assert_eq!(
        error(&refresh(refresh_token)),
        (400, "invalid_grant".to_owned(), 50_173)
    );
    assert_eq!(post(graph.url(), path, access, "").unwrap().status, 200);
    assert_eq!(error(&refresh("nonsense")).1, "invalid_grant");
}

#[test]
fn a_managed_identity_gets_its_token_from_the_host() {
    let graph = FakeGraph::start().unwrap();
    let get = |header: &str, resource: &str| {
        let path = format!("/_fake/msi?api-version=2019-08-01&resource={resource}&client_id=mine");
        exchange(
            graph.url(),
            &format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-IDENTITY-HEADER: {header}\r\n\r\n"),
        )
        .unwrap()
    };
    let answer = get(IDENTITY_HEADER, graph.url());
    assert_eq!(answer.status, 200);
    let claims = claims(&answer);
    assert_eq!(
        (claims.appid.as_str(), &claims.roles[..]),
        ("mine", &["User.RevokeSessions.All".to_owned()][..])
    );
    assert!(answer.json()["expires_on"].is_string());
    assert_eq!(get("wrong", graph.url()).status, 401);
    assert_eq!(
        get(IDENTITY_HEADER, "https://graph.microsoft.com").status,
        400
    );
}
