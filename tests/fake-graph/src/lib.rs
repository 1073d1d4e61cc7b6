//! A local Microsoft Graph for tests: sign-in, session revocation, batches, throttling and faults.
//!
//! It speaks real HTTP/1.1 on loopback, so a client meets sockets, headers and broken connections
//! as it would outside, and it keeps count: which user was revoked, how often, and whether that
//! had an effect. It runs on a thread of its own; async and plain tests use it alike.
//!
//! ```
//! use fake_graph::FakeGraph;
//!
//! let graph = FakeGraph::builder()
//!     .rule("html:503=next".parse()?)
//!     .start()?;
//! let address = format!("{}/v1.0/users/alice@contoso.com/revokeSignInSessions", graph.url());
//! let token = graph.application_token(["User.RevokeSessions.All"]);
//! # let _ = (address, token);
//! // … POST there with the token: the first answer is a gateway's 503, the second a 200 …
//! assert_eq!(graph.revocations("alice@contoso.com"), 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What it plays, and from where: the operations, their permissions and the quota are documented
//! by Microsoft; the words of the errors are those that Graph and Entra send.

mod admin;
mod answer;
mod batch;
mod config;
mod fault;
mod graph;
mod host;
mod login;
mod proxy;
mod quota;
mod route;
mod server;
mod state;
mod tls;
mod token;

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::SystemTime;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub use config::{Builder, DeviceCode, Operator, Registration, Success};
pub use fault::{Fault, Rule, RuleError, Target, When};
pub use host::{IDENTITY_HEADER, JOB_TOKEN};
pub use login::DeviceOutcome;
pub use proxy::Proxy;
pub use quota::{Quota, RetryAfter};
use state::Shared;
pub use state::{Seen, Totals, UserRecord};
pub use token::{Claims, GRAPH_APP_ID, PERSONAL_TENANT, USER_ADMINISTRATOR};

/// A fake Graph that is running. Dropping it stops it.
#[derive(Debug)]
pub struct FakeGraph {
    shared: Arc<Shared>,
    authority: Option<String>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Builder {
    /// Starts listening.
    ///
    /// # Errors
    ///
    /// The address cannot be listened on, there is no thread to be had, or no certificate can be made for
    /// the name.
    pub fn start(self) -> io::Result<FakeGraph> {
        let listener = std::net::TcpListener::bind(self.address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let tls = self.tls.as_deref().map(tls::for_name).transpose()?;
        let url = match &self.tls {
            Some(name) => format!("https://{name}:{}", address.port()),
            None => format!("http://{address}"),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let listener = {
            let _guard = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let shared = Arc::new(Shared::new(self, url));
        let (acceptor, authority) = tls.map(|it| (it.acceptor, it.authority)).unzip();
        let (stop, stopped) = oneshot::channel::<()>();
        let served = shared.clone();
        let thread = std::thread::Builder::new()
            .name("fake-graph".to_owned())
            .spawn(move || {
                runtime.spawn(server::listen(listener, acceptor, served));
                // Told or dropped, the sender's end is the end; open connections go with the runtime.
                let _ = runtime.block_on(stopped);
            })?;
        Ok(FakeGraph {
            shared,
            authority,
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl FakeGraph {
    /// Settings to start from.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// A fake with the settings as they come.
    ///
    /// # Errors
    ///
    /// No port to listen on, or no thread.
    pub fn start() -> io::Result<FakeGraph> {
        FakeGraph::builder().start()
    }

    /// The root address, such as `http://127.0.0.1:40123`: Graph's root, the sign-in authority and
    /// the resource of token scopes, all in one.
    pub fn url(&self) -> &str {
        &self.shared.url
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        let (_, port) = self.url().rsplit_once(':').unwrap_or_default();
        port.parse().unwrap_or_default()
    }

    /// The certificate in PEM of the authority behind an https address; `None` where the fake speaks http.
    pub fn authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    /// An access token with these application permissions, as an app without a user gets it.
    pub fn application_token<T: Into<String>>(
        &self,
        permissions: impl IntoIterator<Item = T>,
    ) -> String {
        let permissions: Vec<String> = permissions.into_iter().map(Into::into).collect();
        self.shared.application_token(&permissions)
    }

    /// An access token with these delegated permissions, of the [`Operator`].
    pub fn delegated_token<T: Into<String>>(
        &self,
        permissions: impl IntoIterator<Item = T>,
    ) -> String {
        let permissions: Vec<String> = permissions.into_iter().map(Into::into).collect();
        self.shared.delegated_token(&permissions)
    }

    /// What an application token would say, to be changed before it is
    /// [encoded](Claims::encode): another tenant, another audience, a past end.
    pub fn application_claims<T: Into<String>>(
        &self,
        permissions: impl IntoIterator<Item = T>,
    ) -> Claims {
        let permissions: Vec<String> = permissions.into_iter().map(Into::into).collect();
        self.shared.application_claims(&permissions)
    }

    /// The same for a delegated token.
    pub fn delegated_claims<T: Into<String>>(
        &self,
        permissions: impl IntoIterator<Item = T>,
    ) -> Claims {
        let permissions: Vec<String> = permissions.into_iter().map(Into::into).collect();
        self.shared.delegated_claims(&permissions)
    }

    /// Adds a fault rule to those in force.
    pub fn add_rule(&self, rule: Rule) {
        self.shared.state().rules.push(rule);
    }

    /// No more faults.
    pub fn clear_rules(&self) {
        self.shared.state().rules.clear();
    }

    /// How often the user's sessions were revoked, guests included; 0 for an unknown user.
    pub fn revocations(&self, user: &str) -> u64 {
        self.user(user).map_or(0, |record| record.revocations)
    }

    /// What is known of a user, by id or name, case ignored.
    pub fn user(&self, user: &str) -> Option<UserRecord> {
        self.shared.state().directory.get(user).cloned()
    }

    /// Every user, in the order in which they came to be known.
    pub fn users(&self) -> Vec<UserRecord> {
        self.shared.state().directory.users().to_vec()
    }

    /// What happened so far, in numbers.
    pub fn totals(&self) -> Totals {
        self.shared.state().totals.clone()
    }

    /// The last requests, oldest first; how many are kept is [`Builder::log`].
    pub fn requests(&self) -> Vec<Seen> {
        self.shared.state().log().cloned().collect()
    }

    /// Forgets users' revocations, totals, requests and sign-ins, refills the quota and restores
    /// the rules given at the start.
    pub fn reset(&self) {
        self.shared.reset();
    }

    /// Settles a device code as the person would; false when there is no such code.
    pub fn settle_device_code(&self, user_code: &str, outcome: DeviceOutcome) -> bool {
        self.shared.state().device_codes.settle(user_code, outcome)
    }

    /// Serves until the process is ended; for the binary.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            // The thread ends only with this value, which is held here.
            let _ = thread.join();
        }
    }
}

impl Drop for FakeGraph {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // An error says that the thread has ended already.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn application_claims(&self, permissions: &[String]) -> Claims {
        Claims {
            roles: permissions.to_vec(),
            oid: "service-principal".to_owned(),
            ..self.claims()
        }
    }

    fn delegated_claims(&self, permissions: &[String]) -> Claims {
        let operator = &self.config.operator;
        Claims {
            scp: Some(permissions.join(" ")),
            oid: operator.id.clone(),
            upn: Some(operator.user_principal_name.clone()),
            wids: operator.roles.clone(),
            ..self.claims()
        }
    }

    /// The application permissions of the first app.
    fn granted(&self) -> Vec<String> {
        let app = self.config.registrations.first();
        app.map_or_else(Vec::new, |app| app.application.clone())
    }

    pub(crate) fn application_token(&self, permissions: &[String]) -> String {
        self.application_claims(permissions).encode()
    }

    pub(crate) fn delegated_token(&self, permissions: &[String]) -> String {
        self.delegated_claims(permissions).encode()
    }

    fn claims(&self) -> Claims {
        let now = token::unix(SystemTime::now()).as_secs();
        let app = self.config.registrations.first();
        Claims {
            aud: self.url.clone(),
            tid: "22222222-2222-2222-2222-222222222222".to_owned(),
            appid: app.map_or_else(String::new, |app| app.client_id.clone()),
            exp: now + self.config.token_lifetime.as_secs(),
            iat: now,
            scp: None,
            roles: Vec::new(),
            oid: String::new(),
            upn: None,
            wids: Vec::new(),
        }
    }
}
