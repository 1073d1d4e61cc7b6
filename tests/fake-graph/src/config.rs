//! What a fake Graph is told before it starts.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::fault::Rule;
use crate::quota::Quota;
use crate::token::USER_ADMINISTRATOR;

/// An app that the sign-in endpoints know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The app's id.
    pub client_id: String,
    /// Its secret. A client assertion (certificate, federated identity) is taken at its word.
    pub client_secret: String,
    /// Application permissions that its tokens carry as `roles`.
    pub application: Vec<String>,
    /// Delegated permissions that its tokens may carry as `scp`.
    pub delegated: Vec<String>,
}

impl Default for Registration {
    /// The app of the headline case: `User.RevokeSessions.All` of both kinds and nothing more.
    fn default() -> Self {
        Registration {
            client_id: "11111111-1111-1111-1111-111111111111".to_owned(),
            client_secret: "fake-secret".to_owned(),
            application: vec!["User.RevokeSessions.All".to_owned()],
            delegated: vec!["User.RevokeSessions.All".to_owned()],
        }
    }
}

/// The person that signs in where a person is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// Object id.
    pub id: String,
    /// User principal name.
    pub user_principal_name: String,
    /// Template ids of their directory roles.
    pub roles: Vec<String>,
}

impl Default for Operator {
    /// `operator@contoso.com`, a User Administrator.
    fn default() -> Self {
        Operator {
            id: "0b5e7a70-0000-4000-8000-000000000001".to_owned(),
            user_principal_name: "operator@contoso.com".to_owned(),
            roles: vec![USER_ADMINISTRATOR.to_owned()],
        }
    }
}

/// How the device code flow goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceCode {
    /// Seconds that a client has to leave between two polls; sooner gets `slow_down`.
    pub interval: u64,
    /// Seconds after which the code is no longer good.
    pub expires_in: u64,
    /// The operator signs in after so many polls; `None` waits for
    /// [`FakeGraph::settle_device_code`](crate::FakeGraph::settle_device_code).
    pub approved_after: Option<u32>,
}

impl Default for DeviceCode {
    /// Microsoft's own figures, with the operator signing in after the first poll.
    fn default() -> Self {
        DeviceCode {
            interval: 5,
            expires_in: 900,
            approved_after: Some(1),
        }
    }
}

/// How a successful revocation is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Success {
    /// `200` with `{"@odata.context": …, "value": true}`: v1.0 as it is documented.
    True,
    /// The same with `false`.
    False,
    /// `204` without a body: beta as it was documented in 2019, and `invalidateAllRefreshTokens`.
    NoContent,
    /// `200` without a body.
    Empty,
    /// `202` without a body.
    Accepted,
}

/// Settings of a [`FakeGraph`](crate::FakeGraph); start it with [`Builder::start`].
///
/// As it comes: a free port on loopback, every user exists, no quota, no faults, seed 0.
#[derive(Clone, Debug)]
pub struct Builder {
    pub(crate) address: SocketAddr,
    pub(crate) seed: u64,
    pub(crate) registrations: Vec<Registration>,
    pub(crate) operator: Operator,
    pub(crate) device_code: DeviceCode,
    pub(crate) token_lifetime: Duration,
    pub(crate) users: Option<Vec<String>>,
    pub(crate) absent: Vec<String>,
    pub(crate) aliases: Vec<(String, String)>,
    pub(crate) quota: Option<Quota>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) v1: Success,
    pub(crate) beta: Success,
    pub(crate) log: usize,
    pub(crate) unmoved: Vec<String>,
    pub(crate) tls: Option<String>,
}

impl Default for Builder {
    fn default() -> Self {
        Builder {
            address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            seed: 0,
            registrations: vec![Registration::default()],
            operator: Operator::default(),
            device_code: DeviceCode::default(),
            token_lifetime: Duration::from_secs(3600),
            users: None,
            absent: Vec::new(),
            aliases: Vec::new(),
            quota: None,
            rules: Vec::new(),
            v1: Success::True,
            beta: Success::NoContent,
            log: 1000,
            unmoved: Vec::new(),
            tls: None,
        }
    }
}

impl Builder {
    /// The address to listen on. Only loopback is sensible: the fake checks no signature.
    #[must_use]
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Speaks https under this name, with a certificate of an authority that no system knows:
    /// [`FakeGraph::authority`](crate::FakeGraph::authority). A name that is not of this machine is reached
    /// through a proxy that leads there.
    #[must_use]
    pub fn tls(mut self, name: impl Into<String>) -> Self {
        self.tls = Some(name.into());
        self
    }

    /// Seed of all randomness: shares of faults, order of a batch's answers, request ids.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// One more app that may sign in, beside the default one; the same id replaces it.
    #[must_use]
    pub fn registration(mut self, registration: Registration) -> Self {
        self.registrations
            .retain(|known| known.client_id != registration.client_id);
        self.registrations.push(registration);
        self
    }

    /// The person that signs in with a device code and of whom delegated tokens speak.
    #[must_use]
    pub fn operator(mut self, operator: Operator) -> Self {
        self.operator = operator;
        self
    }

    /// How the device code flow goes.
    #[must_use]
    pub fn device_code(mut self, device_code: DeviceCode) -> Self {
        self.device_code = device_code;
        self
    }

    /// How long issued tokens are good for.
    #[must_use]
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = lifetime;
        self
    }

    /// Closes the directory: only these users (ids or names) exist. Repeatable.
    #[must_use]
    pub fn users<T: Into<String>>(mut self, users: impl IntoIterator<Item = T>) -> Self {
        self.users
            .get_or_insert_default()
            .extend(users.into_iter().map(Into::into));
        self
    }

    /// A user who goes by an object id and by a name, and is counted once under the id.
    #[must_use]
    pub fn user(mut self, id: impl Into<String>, user_principal_name: impl Into<String>) -> Self {
        self.aliases.push((id.into(), user_principal_name.into()));
        self
    }

    /// A user who does not exist although all others do.
    #[must_use]
    pub fn absent(mut self, user: impl Into<String>) -> Self {
        self.absent.push(user.into());
        self
    }

    /// A user whose revocation is confirmed and has no effect: `signInSessionsValidFromDateTime` stays.
    #[must_use]
    pub fn unmoved(mut self, user: impl Into<String>) -> Self {
        self.unmoved.push(user.into());
        self
    }

    /// The write quota; none unless given.
    #[must_use]
    pub fn quota(mut self, quota: Quota) -> Self {
        self.quota = Some(quota);
        self
    }

    /// One more fault rule. The first rule that applies to a request decides.
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// How `revokeSignInSessions` of v1.0 answers success.
    #[must_use]
    pub fn v1_success(mut self, success: Success) -> Self {
        self.v1 = success;
        self
    }

    /// How `revokeSignInSessions` of beta answers success.
    #[must_use]
    pub fn beta_success(mut self, success: Success) -> Self {
        self.beta = success;
        self
    }

    /// How many of the last requests are remembered (1,000 unless told).
    #[must_use]
    pub fn log(mut self, requests: usize) -> Self {
        self.log = requests;
        self
    }
}
