//! What the fake remembers: users and their revocations, totals, the last requests.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use serde::Serialize;

use crate::config::Builder;
use crate::fault::Rules;
use crate::login::DeviceCodes;
use crate::quota::Bucket;
use crate::token::unix;

/// One user and what was done to their sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UserRecord {
    /// The id or name under which the user is kept, as it was first written.
    pub user: String,
    /// Whether the user is an external one, whose sessions the call leaves alone.
    pub guest: bool,
    /// How often the user's sessions were asked to be revoked, with success.
    pub revocations: u64,
    /// How many of these had an effect: none for a guest.
    pub effective: u64,
    /// When the sessions were last revoked with effect, in milliseconds since 1970.
    pub valid_from: Option<u64>,
}

/// What happened so far, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Totals {
    /// Requests to Graph, a batch counting once.
    pub requests: u64,
    /// Requests to the sign-in endpoints.
    pub sign_in_requests: u64,
    /// Batches.
    pub batches: u64,
    /// Requests inside batches.
    pub batch_items: u64,
    /// Revocations carried out, those of guests included.
    pub revocations: u64,
    /// Refusals for want of quota, alone or inside a batch.
    pub throttled: u64,
    /// Faults played, latency not counted.
    pub faults: u64,
    /// Answers by status, alone and inside batches. A request without an answer is not here.
    pub answers: BTreeMap<u16, u64>,
}

/// A request as it came in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Seen {
    /// Time since the start.
    pub at: Duration,
    /// Method.
    pub method: String,
    /// Path and query, as sent.
    pub target: String,
    /// Header names in lower case with their values, in the order of arrival; `authorization` is
    /// kept without the token.
    pub headers: Vec<(String, String)>,
    /// Status of the answer; `None` while there is none.
    pub status: Option<u16>,
}

impl Seen {
    /// The first value of a header, named in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }
}

/// The users, found by id or name with case ignored.
#[derive(Debug)]
pub(crate) struct Directory {
    open: bool,
    absent: HashSet<String>,
    by_name: HashMap<String, usize>,
    users: Vec<UserRecord>,
}

impl Directory {
    fn new(config: &Builder) -> Self {
        let mut directory = Directory {
            open: config.users.is_none(),
            absent: config.absent.iter().map(|u| u.to_lowercase()).collect(),
            by_name: HashMap::new(),
            users: Vec::new(),
        };
        // Nobody can be called so: `/users/me` and `/users/delta` mean something else.
        directory
            .absent
            .extend(["me".to_owned(), "delta".to_owned()]);
        for (id, name) in &config.aliases {
            let at = directory.add(id, is_guest(name));
            directory.by_name.insert(name.to_lowercase(), at);
        }
        for user in config.users.iter().flatten() {
            if !directory.by_name.contains_key(&user.to_lowercase()) {
                directory.add(user, is_guest(user));
            }
        }
        directory
    }

    fn add(&mut self, user: &str, guest: bool) -> usize {
        let at = self.users.len();
        self.users.push(UserRecord {
            user: user.to_owned(),
            guest,
            ..UserRecord::default()
        });
        self.by_name.insert(user.to_lowercase(), at);
        at
    }

    /// The user, who in an open directory comes to be by being asked for.
    pub(crate) fn find(&mut self, user: &str) -> Option<&mut UserRecord> {
        let key = user.to_lowercase();
        // No id and no name is longer, or holds such a character.
        let is_none = key.chars().count() > 1024 || key.contains(char::is_control);
        if is_none || self.absent.contains(&key) {
            return None;
        }
        let at = match self.by_name.get(&key) {
            Some(at) => *at,
            None if self.open => self.add(user, is_guest(user)),
            None => return None,
        };
        self.users.get_mut(at)
    }

    pub(crate) fn get(&self, user: &str) -> Option<&UserRecord> {
        self.users.get(*self.by_name.get(&user.to_lowercase())?)
    }

    pub(crate) fn users(&self) -> &[UserRecord] {
        &self.users
    }
}

impl UserRecord {
    /// Revokes; `unmoved` leaves the time as it was, as if the revocation had no effect.
    pub(crate) fn revoke(&mut self, unmoved: bool) {
        self.revocations += 1;
        if !self.guest && !unmoved {
            self.effective += 1;
            let now = unix(SystemTime::now()).as_millis();
            self.valid_from = Some(u64::try_from(now).unwrap_or(u64::MAX));
        }
    }
}

/// External users carry `#EXT#` in their name: they sign in through their home tenant.
fn is_guest(user: &str) -> bool {
    user.to_ascii_uppercase().contains("#EXT#")
}

/// Everything that changes while the fake runs.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) directory: Directory,
    pub(crate) rules: Rules,
    pub(crate) random: fastrand::Rng,
    pub(crate) bucket: Option<Bucket>,
    pub(crate) totals: Totals,
    pub(crate) device_codes: DeviceCodes,
    log: VecDeque<Seen>,
    log_start: u64,
}

/// What every connection shares.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: Builder,
    /// Root address, without a slash at its end.
    pub(crate) url: String,
    start: Instant,
    state: Mutex<State>,
}

impl Shared {
    pub(crate) fn new(config: Builder, url: String) -> Self {
        let state = State {
            directory: Directory::new(&config),
            rules: Rules::new(config.rules.clone()),
            random: fastrand::Rng::with_seed(config.seed),
            bucket: config.quota.map(|q| Bucket::new(q, Instant::now())),
            totals: Totals::default(),
            device_codes: DeviceCodes::default(),
            log: VecDeque::new(),
            log_start: 0,
        };
        Shared {
            config,
            url,
            start: Instant::now(),
            state: Mutex::new(state),
        }
    }

    /// The state. A panic in one request must not hide the counts of the others.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets users' revocations, totals, requests and sign-ins; refills the quota.
    pub(crate) fn reset(&self) {
        let fresh = Shared::new(self.config.clone(), self.url.clone());
        *self.state() = fresh
            .state
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
    }

    /// Notes a request; the number is for [`Shared::answered`].
    pub(crate) fn seen(&self, request: &hyper::Request<impl Sized>) -> u64 {
        let text = |value: &hyper::header::HeaderValue| {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        };
        let headers = request
            .headers()
            .iter()
            .map(|(name, value)| match name.as_str() {
                "authorization" => (
                    name.to_string(),
                    text(value).split(' ').next().unwrap_or_default().to_owned(),
                ),
                _ => (name.to_string(), text(value)),
            })
            .collect();
        let seen = Seen {
            at: self.start.elapsed(),
            method: request.method().to_string(),
            target: request
                .uri()
                .path_and_query()
                .map_or_else(|| request.uri().to_string(), ToString::to_string),
            headers,
            status: None,
        };
        let limit = self.config.log;
        let mut state = self.state();
        state.log.push_back(seen);
        let number = state.log_start + state.log.len() as u64 - 1;
        while state.log.len() > limit {
            state.log.pop_front();
            state.log_start += 1;
        }
        number
    }

    pub(crate) fn answered(&self, number: u64, status: u16) {
        let mut state = self.state();
        *state.totals.answers.entry(status).or_default() += 1;
        let start = state.log_start;
        if let Some(seen) = number
            .checked_sub(start)
            .and_then(|at| usize::try_from(at).ok())
            .and_then(|at| state.log.get_mut(at))
        {
            seen.status = Some(status);
        }
    }
}

impl State {
    pub(crate) fn log(&self) -> impl Iterator<Item = &Seen> {
        self.log.iter()
    }

    /// An id for an answer, from the seeded randomness.
    pub(crate) fn request_id(&mut self) -> String {
        let bytes = self.random.u128(..).to_ne_bytes();
        uuid::Builder::from_random_bytes(bytes)
            .into_uuid()
            .to_string()
    }
}
