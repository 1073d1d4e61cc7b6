//! A server, a client for it, and answers as Graph gives them.

use std::time::Duration;

use msgraph_sessions::{Client, ClientBuilder, Cloud, RetryPolicy, StaticToken, UserIdOrUpn};
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// What Graph's v1.0 answers to a success.
pub(crate) const SUCCESS: &str =
    r#"{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#Edm.Boolean","value":true}"#;

/// The request-id of every answer here.
pub(crate) const REQUEST_ID: &str = "11111111-2222-3333-4444-555555555555";

/// A token that no output may show.
pub(crate) const TOKEN: &str = "eyJ0eXAiOiJKV1QifQ.secret.signature";

pub(crate) fn user(text: &str) -> UserIdOrUpn {
    text.parse().unwrap()
}

/// A server that answers every POST in the same way.
pub(crate) async fn server(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(answer.insert_header("request-id", REQUEST_ID))
        .mount(&server)
        .await;
    server
}

/// A server that gives these answers in turn, the last one for ever.
pub(crate) async fn server_in_turn(answers: Vec<ResponseTemplate>) -> MockServer {
    let server = MockServer::start().await;
    let last = answers.len() - 1;
    for (turn, answer) in answers.into_iter().enumerate() {
        let mock = Mock::given(method("POST"))
            .respond_with(answer.insert_header("request-id", REQUEST_ID))
            .with_priority(u8::try_from(turn).unwrap() + 1);
        if turn < last {
            mock.up_to_n_times(1).mount(&server).await;
        } else {
            mock.mount(&server).await;
        }
    }
    server
}

pub(crate) fn cloud(server: &MockServer) -> Cloud {
    Cloud::custom(&server.uri(), &server.uri()).unwrap()
}

pub(crate) fn builder(server: &MockServer) -> ClientBuilder {
    Client::builder(StaticToken::new(TOKEN).unwrap())
        .cloud(cloud(server))
        .retry(quick())
}

pub(crate) fn client(server: &MockServer) -> Client {
    builder(server).build().unwrap()
}

/// Retries without the waits that suit a real service.
pub(crate) fn quick() -> RetryPolicy {
    RetryPolicy::default()
        .max_tries(3)
        .first_delay(Duration::from_millis(5))
}

pub(crate) async fn received(server: &MockServer) -> Vec<Request> {
    server.received_requests().await.unwrap()
}

pub(crate) fn html(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw("<html><body>Sorry</body></html>", "text/html")
}

pub(crate) fn json(status: u16, body: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(body.to_owned(), "application/json")
}

/// An address on which there is no server.
pub(crate) async fn nobody_listens() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}
