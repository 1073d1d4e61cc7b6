//! What the client tells `tracing`; alone in its process, since what is recorded is decided for all
//! threads together.
#![expect(
    clippy::unwrap_used,
    reason = "a test may panic, and so may what it is made of"
)]

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use fake_graph::FakeGraph;
use msgraph_sessions::{Client, Cloud, StaticToken};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Writes down every span and event of this crate.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<String>>);

impl Notes {
    fn note(&self, what: &str, fields: impl FnOnce(&mut Fields)) {
        let mut line = Fields(what.to_owned());
        fields(&mut line);
        let mut notes = self.0.lock().unwrap();
        notes.push_str(&line.0);
        notes.push('\n');
    }
}

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Subscriber for Notes {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("msgraph_sessions")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.note(span.metadata().name(), |fields| span.record(fields));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.note("record", |fields| values.record(fields));
    }

    fn event(&self, event: &Event<'_>) {
        self.note("event", |fields| event.record(fields));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn a_call_is_a_span_that_names_no_user() {
    let notes = Notes::default();
    let guard = tracing::subscriber::set_default(notes.clone());
    let graph = FakeGraph::builder()
        .rule("empty-429:0.01=next".parse().unwrap())
        .start()
        .unwrap();
    let token = graph.application_token(["User.RevokeSessions.All"]);
    let revoked = Client::builder(StaticToken::new(&token).unwrap())
        .cloud(Cloud::custom(graph.url(), graph.url()).unwrap())
        .build()
        .unwrap()
        .user_revoke_sign_in_sessions(&"alice@contoso.com".parse().unwrap())
        .await
        .unwrap();
    drop(guard);
    let notes = notes.0.lock().unwrap().clone();
    for expected in [
        "msgraph_sessions.call operation=\"userRevokeSignInSessions\" client_request_id=",
        "message=waiting before the next try",
        "status=429",
        "record attempts=2",
        "record status=200",
        &format!("record request_id={:?}", revoked.request_id.unwrap()),
    ] {
        assert!(notes.contains(expected), "no {expected} in\n{notes}");
    }
    for secret in ["alice", "contoso.com", "eyJ"] {
        assert!(!notes.contains(secret), "{secret} in\n{notes}");
    }
}
