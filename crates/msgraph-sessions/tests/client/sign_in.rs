//! Signing in, against a server that speaks as Entra does.

use std::sync::Arc;
use std::time::{Duration, Instant};

use msgraph_sessions::sign_in::{ClientSecret, DeviceCode, DeviceCodeFlow};
use msgraph_sessions::{BuildError, Client, Cloud, ErrorKind, TokenProvider};
use wiremock::matchers::{body_string_contains, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{SUCCESS, cloud, html, json, nobody_listens, received};

const TOKEN_PATH: &str = "/contoso.com/oauth2/v2.0/token";

async fn answer(server: &MockServer, at: &str, containing: &str, answer: ResponseTemplate) {
    Mock::given(path(at))
        .and(body_string_contains(containing))
        .respond_with(answer)
        .mount(server)
        .await;
}

async fn answer_once(server: &MockServer, at: &str, containing: &str, answer: ResponseTemplate) {
    Mock::given(path(at))
        .and(body_string_contains(containing))
        .respond_with(answer)
        .up_to_n_times(1)
        .mount(server)
        .await;
}

fn granted(token: &str) -> ResponseTemplate {
    json(
        200,
        &format!(
            r#"{{"token_type":"Bearer","expires_in":3599,"access_token":"{token}","refresh_token":"refresh-{token}"}}"#
        ),
    )
}

fn refused(code: &str) -> ResponseTemplate {
    json(
        400,
        &format!(
            r#"{{"error":"{code}","error_description":"AADSTS70016: {code} for alice@contoso.com"}}"#
        ),
    )
}

fn secret(server: &MockServer) -> ClientSecret {
    ClientSecret::new(&cloud(server), "contoso.com", "app-id", "s&cret=").unwrap()
}

/// The fields of the form that was sent last, as they stand on the wire.
async fn form(server: &MockServer) -> Vec<String> {
    let requests = received(server).await;
    let body = String::from_utf8(requests.last().unwrap().body.clone()).unwrap();
    body.split('&').map(str::to_owned).collect()
}

#[tokio::test]
async fn an_app_signs_in_with_its_secret_for_the_cloud_s_own_scope() {
    let server = MockServer::start().await;
    answer(&server, TOKEN_PATH, "", granted("app-token")).await;
    let scope = cloud(&server).token_scope();
    let token = secret(&server).token(&scope).await.unwrap();
    assert_eq!(token.secret(), "app-token");
    let life = token
        .expires_at()
        .unwrap()
        .duration_since(std::time::SystemTime::now())
        .unwrap();
    assert!(life > Duration::from_secs(3500) && life <= Duration::from_secs(3599));
    let port = server.address().port();
    assert_eq!(
        form(&server).await,
        [
            "client_id=app-id",
            "grant_type=client_credentials",
            "client_secret=s%26cret%3D",
            &format!("scope=http%3A%2F%2F127.0.0.1%3A{port}%2F.default"),
        ]
    );
}

#[tokio::test]
async fn a_refusal_tells_entra_s_code_and_keeps_the_rest_for_who_asks() {
    let server = MockServer::start().await;
    answer(&server, TOKEN_PATH, "", refused("invalid_client")).await;
    let client = Client::builder(secret(&server))
        .cloud(cloud(&server))
        .build()
        .unwrap();
    let error = client.me_revoke_sign_in_sessions().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Token);
    assert_eq!(
        error.to_string(),
        "no access token: the sign-in service refused: invalid_client (AADSTS70016)"
    );
    let detail = error.token_error().unwrap().detail().unwrap();
    assert_eq!(detail, "AADSTS70016: invalid_client for alice@contoso.com");
    assert!(!format!("{error:?} {:?}", error.token_error()).contains("alice"));
}

#[tokio::test]
async fn a_sign_in_service_that_cannot_answer_is_asked_again() {
    let server = MockServer::start().await;
    let busy = html(503).insert_header("retry-after", "0.05");
    answer_once(&server, TOKEN_PATH, "", busy).await;
    answer(&server, TOKEN_PATH, "", granted("late")).await;
    let token = secret(&server).token("scope").await.unwrap();
    assert_eq!(token.secret(), "late");
    assert_eq!(received(&server).await.len(), 2);
}

#[tokio::test]
async fn a_captive_portal_is_no_sign_in() {
    let server = MockServer::start().await;
    answer(&server, TOKEN_PATH, "", html(200)).await;
    let error = secret(&server).token("scope").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the sign-in service's answer is not one of its own: check the network and the proxy"
    );
}

#[test]
fn a_tenant_cannot_reach_another_path() {
    let of = |tenant: &str, app: &str| ClientSecret::new(&Cloud::Global, tenant, app, "x");
    for tenant in ["", "..", "a/b", "a?b", "a#b", "a%2fb", r"a\b"] {
        assert!(
            matches!(of(tenant, "app"), Err(BuildError::Tenant)),
            "{tenant:?}"
        );
    }
    assert!(matches!(of("a", "b&c"), Err(BuildError::ClientId)));
}

#[test]
fn a_secret_is_not_printed() {
    let secret = ClientSecret::new(&Cloud::Global, "a", "b", "hush").unwrap();
    assert!(!format!("{secret:?}").contains("hush"));
}

async fn begin(server: &MockServer) -> DeviceCode {
    answer(
        server,
        "/contoso.com/oauth2/v2.0/devicecode",
        "offline_access",
        json(
            200,
            r#"{"device_code":"device","user_code":"ABCD-1234","verification_uri":"https://example.com/device","expires_in":900,"interval":0,"message":"Open the page."}"#,
        ),
    )
    .await;
    let flow = DeviceCodeFlow::new(&cloud(server), "contoso.com", "app-id").unwrap();
    flow.begin().await.unwrap()
}

#[tokio::test]
async fn a_person_signs_in_and_the_sign_in_is_renewed_without_them() {
    let server = MockServer::start().await;
    let code = begin(&server).await;
    assert_eq!(code.user_code(), "ABCD-1234");
    assert_eq!(code.verification_uri(), "https://example.com/device");
    assert_eq!(code.message(), "Open the page.");
    answer_once(
        &server,
        TOKEN_PATH,
        "device_code=device",
        refused("authorization_pending"),
    )
    .await;
    answer(&server, TOKEN_PATH, "device_code=device", granted("first")).await;
    let person = code.wait().await.unwrap();
    answer_once(
        &server,
        TOKEN_PATH,
        "refresh_token=refresh-first",
        granted("second"),
    )
    .await;
    answer(
        &server,
        TOKEN_PATH,
        "refresh_token=refresh-second",
        granted("third"),
    )
    .await;
    let scope = cloud(&server).token_scope();
    let mut tokens = Vec::new();
    for _ in 0..3 {
        tokens.push(person.token(&scope).await.unwrap().secret().to_owned());
    }
    assert_eq!(tokens, ["first", "second", "third"]);
}

#[tokio::test]
async fn a_signed_in_person_can_be_a_client_s_credential() {
    let server = MockServer::start().await;
    let code = begin(&server).await;
    answer(&server, TOKEN_PATH, "device_code=device", granted("person")).await;
    Mock::given(path("/v1.0/me/revokeSignInSessions"))
        .respond_with(json(200, SUCCESS))
        .mount(&server)
        .await;
    let client = Client::builder(Arc::new(code.wait().await.unwrap()))
        .cloud(cloud(&server))
        .build()
        .unwrap();
    assert!(client.me_revoke_sign_in_sessions().await.is_ok());
}

#[tokio::test]
async fn what_ends_a_device_code_is_said() {
    for (code, said) in [
        ("authorization_declined", "the person declined to sign in"),
        ("access_denied", "the person declined to sign in"),
        (
            "expired_token",
            "no one signed in before the code expired: begin again",
        ),
        (
            "bad_verification_code",
            "the sign-in service refused: bad_verification_code (AADSTS70016)",
        ),
    ] {
        let server = MockServer::start().await;
        let waiting = begin(&server).await;
        answer(&server, TOKEN_PATH, "", refused(code)).await;
        assert_eq!(waiting.wait().await.unwrap_err().to_string(), said);
    }
}

#[tokio::test]
async fn the_service_is_asked_no_more_often_than_it_says() {
    let server = MockServer::start().await;
    let code = begin(&server).await;
    answer_once(&server, TOKEN_PATH, "", refused("slow_down")).await;
    answer(&server, TOKEN_PATH, "", granted("patient")).await;
    let start = Instant::now();
    code.wait().await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(5));
}

#[tokio::test]
async fn an_unreachable_sign_in_service_is_said() {
    let address = nobody_listens().await;
    let cloud = Cloud::custom(&address, &address).unwrap();
    let flow = DeviceCodeFlow::new(&cloud, "contoso.com", "app-id").unwrap();
    tokio::time::pause();
    let error = flow.begin().await.unwrap_err();
    assert_eq!(error.to_string(), "cannot connect to the sign-in service");
}

#[tokio::test]
async fn a_job_of_github_signs_in_with_the_token_that_github_issues() {
    use msgraph_sessions::Network;
    use msgraph_sessions::sign_in::GitHubActions;
    use wiremock::matchers::{body_string_contains, header, method, path, query_param};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/token"))
        .and(query_param("api-version", "2.0"))
        .and(query_param("audience", "api://AzureADTokenExchange"))
        .and(header("authorization", "Bearer job-token"))
        .respond_with(ResponseTemplate::new(200).set_body_string(r#"{"value":"github.jwt.x"}"#))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(path("/contoso.com/oauth2/v2.0/token"))
        .and(body_string_contains("client_assertion=github.jwt.x"))
        .and(body_string_contains("grant_type=client_credentials"))
        .and(body_string_contains("client-assertion-type%3Ajwt-bearer"))
        .respond_with(
            ResponseTemplate::new(200)
                .set_body_string(r#"{"access_token":"abc","expires_in":3600}"#),
        )
        .expect(1)
        .mount(&server)
        .await;
    let cloud = msgraph_sessions::Cloud::custom(&server.uri(), &server.uri()).unwrap();
    let url = format!("{}/token?api-version=2.0", server.uri());
    let job = GitHubActions::new(
        &cloud,
        "contoso.com",
        "app",
        url,
        "job-token",
        &Network::new(),
    );
    let job = job.unwrap();
    assert!(!format!("{job:?}").contains("job-token"));
    let client = msgraph_sessions::Client::builder(job)
        .cloud(cloud)
        .build()
        .unwrap();
    assert_eq!(client.token().await.unwrap().secret(), "abc");
}

#[tokio::test]
async fn outside_of_a_job_of_github_the_error_says_what_is_missing() {
    use msgraph_sessions::sign_in::GitHubActions;
    use msgraph_sessions::{Cloud, Network};

    let of = |url: &str| {
        GitHubActions::new(
            &Cloud::Global,
            "contoso.com",
            "app",
            url,
            "t",
            &Network::new(),
        )
    };
    let error = of("http://example.com/token").unwrap_err().to_string();
    assert!(error.contains("id-token: write"), "{error}");
    assert!(of("https://example.com/token").is_ok());
}
