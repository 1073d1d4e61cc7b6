//! Certificates and proxies, over https.

use fake_graph::{FakeGraph, JOB_TOKEN, Proxy, Registration};
use msgraph_sessions::bulk::{self, End, Options};
use msgraph_sessions::sign_in::{ClientSecret, GitHubActions};
use msgraph_sessions::{Client, Cloud, Effect, ErrorKind, Network, StaticToken};

use crate::support::user;

/// A name that is not of this machine: only a proxy leads there.
const ELSEWHERE: &str = "graph.contoso.example";

fn secure(name: &str) -> FakeGraph {
    FakeGraph::builder().tls(name).start().unwrap()
}

fn cloud(graph: &FakeGraph) -> Cloud {
    Cloud::custom(graph.url(), graph.url()).unwrap()
}

fn trusting(graph: &FakeGraph) -> Network {
    let pem = graph.authority().unwrap();
    Network::new().add_root_certificate(pem.as_bytes()).unwrap()
}

fn client(graph: &FakeGraph, network: Network) -> Client {
    let token = graph.application_token(["User.RevokeSessions.All"]);
    Client::builder(StaticToken::new(&token).unwrap())
        .cloud(cloud(graph))
        .network(network)
        .build()
        .unwrap()
}

#[tokio::test]
async fn an_own_certificate_authority_is_trusted_once_it_is_added() {
    let graph = secure("127.0.0.1");
    let alice = user("alice@contoso.com");
    client(&graph, trusting(&graph))
        .revoke(&alice)
        .await
        .unwrap();
    assert_eq!(graph.revocations("alice@contoso.com"), 1);

    let pem = graph.authority().unwrap();
    let token = graph.application_token(["User.RevokeSessions.All"]);
    let built = Client::builder(StaticToken::new(&token).unwrap())
        .cloud(cloud(&graph))
        .add_root_certificate(pem.as_bytes())
        .unwrap();
    built.build().unwrap().revoke(&alice).await.unwrap();
    assert_eq!(graph.revocations("alice@contoso.com"), 2);
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_said_at_once_and_not_tried_again() {
    let graph = secure("127.0.0.1");
    let error = client(&graph, Network::new())
        .revoke(&user("alice@contoso.com"))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "no answer: the server's certificate is not trusted (if a proxy looks into TLS here, add its \
         root certificate)"
    );
    assert_eq!(
        (error.kind(), error.attempts(), error.effect()),
        (ErrorKind::NoAnswer, 1, Effect::None)
    );
    assert!(error.is_certificate_error());
    let causes = error.causes();
    let last = causes.last().unwrap();
    assert!(
        last.contains("invalid peer certificate") && last.contains("UnknownIssuer"),
        "{causes:?}"
    );
    assert_eq!(graph.totals().requests, 0);
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_trusted_either() {
    let graph = secure("localhost");
    let address = format!("https://127.0.0.1:{}", graph.port());
    let token = graph.application_token(["User.RevokeSessions.All"]);
    let client = Client::builder(StaticToken::new(&token).unwrap())
        .cloud(Cloud::custom(&address, &address).unwrap())
        .network(trusting(&graph))
        .build()
        .unwrap();
    let error = client.revoke(&user("alice@contoso.com")).await.unwrap_err();
    assert!(error.is_certificate_error(), "{:?}", error.causes());
    assert_eq!(graph.totals().requests, 0);
}

#[tokio::test]
async fn a_run_ends_at_a_certificate_that_is_not_trusted() {
    let graph = secure("127.0.0.1");
    let client = client(&graph, Network::new());
    let users = (0..500).map(|n| user(&format!("u{n}@contoso.com")));
    let mut outcomes = bulk::revoke_iter(&client, users, Options::default());
    let mut taken = 0;
    while let Some(outcome) = outcomes.next().await {
        assert!(outcome.result.is_err());
        taken += 1;
    }
    assert_eq!(outcomes.end(), Some(End::Unavailable));
    assert!(taken <= 64, "{taken} users were taken");
}

#[tokio::test]
async fn an_explicit_proxy_is_used_and_its_password_sent_and_not_shown() {
    let graph = secure(ELSEWHERE);
    let proxy = Proxy::to_port(graph.port()).unwrap();
    let network = trusting(&graph)
        .proxy(&proxy.url_for("operator", "hush-hush"))
        .unwrap();
    let client = client(&graph, network);
    client.revoke(&user("alice@contoso.com")).await.unwrap();
    let requests = proxy.requests();
    assert_eq!(requests.len(), 1, "{requests:?}");
    let connect = format!("CONNECT {ELSEWHERE}:{} HTTP/1.1\r\n", graph.port());
    assert!(requests[0].starts_with(&connect), "{requests:?}");
    // operator:hush-hush
    assert!(
        requests[0].contains("Basic b3BlcmF0b3I6aHVzaC1odXNo"),
        "{requests:?}"
    );
    // What goes through the tunnel is not for the proxy.
    assert!(!requests[0].contains("Bearer"), "{requests:?}");
    assert!(!format!("{client:?}").contains("hush"));
    assert_eq!(graph.revocations("alice@contoso.com"), 1);
}

#[tokio::test]
async fn no_proxy_is_used_for_this_machine_and_where_none_is_wanted() {
    let graph = secure("127.0.0.1");
    let proxy = Proxy::to_port(graph.port()).unwrap();
    let network = trusting(&graph).proxy(&proxy.url()).unwrap();
    client(&graph, network)
        .revoke(&user("alice@contoso.com"))
        .await
        .unwrap();
    let elsewhere = secure(ELSEWHERE);
    let network = trusting(&elsewhere)
        .proxy(&proxy.url())
        .unwrap()
        .without_proxy();
    let error = Client::builder(StaticToken::new("a.b.c").unwrap())
        .cloud(cloud(&elsewhere))
        .network(network)
        .retry(msgraph_sessions::RetryPolicy::none())
        .build()
        .unwrap()
        .revoke(&user("alice@contoso.com"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoAnswer);
    assert_eq!(proxy.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn signing_in_takes_the_same_network() {
    let graph = secure(ELSEWHERE);
    let proxy = Proxy::to_port(graph.port()).unwrap();
    let network = trusting(&graph).proxy(&proxy.url()).unwrap();
    let app = Registration::default();
    let (tenant, id) = ("contoso.com", app.client_id.as_str());
    let secret = ClientSecret::with_network(
        &cloud(&graph),
        tenant,
        id,
        app.client_secret.as_str(),
        &network,
    )
    .unwrap();
    let job = GitHubActions::new(
        &cloud(&graph),
        tenant,
        id,
        format!("{}/_fake/github?api-version=2.0", graph.url()),
        JOB_TOKEN,
        &network,
    )
    .unwrap();
    for (tokens, name) in [
        (
            Box::new(secret) as Box<dyn msgraph_sessions::TokenProvider>,
            "alice@contoso.com",
        ),
        (Box::new(job), "bob@contoso.com"),
    ] {
        let client = Client::builder(tokens)
            .cloud(cloud(&graph))
            .network(network.clone())
            .build()
            .unwrap();
        client.revoke(&user(name)).await.unwrap();
        assert_eq!(graph.revocations(name), 1);
    }
    assert!(proxy.requests().len() >= 3);
    let untrusting = Network::new().proxy(&proxy.url()).unwrap();
    let secret = ClientSecret::with_network(&cloud(&graph), tenant, id, "x", &untrusting).unwrap();
    let client = Client::builder(secret)
        .cloud(cloud(&graph))
        .build()
        .unwrap();
    let error = client.token().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the certificate of the sign-in service is not trusted"
    );
}
