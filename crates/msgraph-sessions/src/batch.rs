//! Up to 20 users in one request, as often as needed.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use progenitor_client::encode_path;
use reqwest::StatusCode;
use serde_json::Value;
use tokio::time::Instant;

use crate::answer::{Revoked, Verdict, is_plain_id};
use crate::call::CallOptions;
use crate::call::conduct::Trouble;
use crate::client::Client;
use crate::error::{Error, ErrorKind, Parts};
use crate::generated::types;
use crate::operations::{BATCH, USER_REVOKE_SIGN_IN_SESSIONS};
use crate::retry;
use crate::user::UserIdOrUpn;

/// Most requests that Graph takes in one batch.
const MOST: usize = 20;

impl Client {
    /// Revokes the sessions of several users through `POST /v1.0/$batch`, 20 at a time.
    ///
    /// Gives one result a user, in the order of the users. Users whose part of a batch was throttled, or
    /// could not be served, are sent again without the others, as often as the client's
    /// [`RetryPolicy`](crate::RetryPolicy) allows. A batch saves round trips, not quota: each user counts
    /// as if sent alone. For many users at Graph's pace, see [`bulk`](crate::bulk).
    ///
    /// Needs the permissions of [`USER_REVOKE_SIGN_IN_SESSIONS`].
    ///
    /// ```
    /// # use msgraph_sessions::{Client, Cloud, StaticToken, UserIdOrUpn};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let graph = fake_graph::FakeGraph::start()?;
    /// # let token = StaticToken::new(&graph.application_token(["User.RevokeSessions.All"]))?;
    /// # let cloud = Cloud::custom(graph.url(), graph.url())?;
    /// # let client = Client::builder(token).cloud(cloud).build()?;
    /// let users: [UserIdOrUpn; 2] = ["alice@contoso.com".parse()?, "bob@contoso.com".parse()?];
    /// let results = client.revoke_batch(&users).await;
    /// for (user, result) in users.iter().zip(results) {
    ///     println!("{user}: revoked with HTTP {}", result?.status);
    /// }
    /// # assert_eq!(graph.totals().batches, 1);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn revoke_batch(&self, users: &[UserIdOrUpn]) -> Vec<Result<Revoked, Error>> {
        let mut results = Vec::with_capacity(users.len());
        for chunk in users.chunks(MOST) {
            results.extend(self.batch_of_at_most_20(chunk).await);
        }
        results
    }

    async fn batch_of_at_most_20(&self, users: &[UserIdOrUpn]) -> Vec<Result<Revoked, Error>> {
        let policy = &self.shared().retry;
        let deadline = Instant::now() + policy.longest();
        let mut curve = policy.curve();
        let mut items: Vec<Item> = users.iter().map(Item::new).collect();
        for round in 1..=policy.tries() {
            self.round(&mut items).await;
            let mut waits = items.iter().filter_map(Item::wait).peekable();
            if waits.peek().is_none() || round == policy.tries() {
                break;
            }
            // Whoever comes back first would only be throttled again: wait for the slowest.
            let asked = waits.flatten().max();
            let own = curve.next().unwrap_or(policy.longest_wait());
            let wait = retry::wait(asked, own, round);
            if items.iter().any(Item::is_throttled) {
                self.shared().gate.close_for(asked.unwrap_or(own));
            }
            if wait > policy.longest_wait() || Instant::now() + wait > deadline {
                break;
            }
            tokio::time::sleep(retry::spread(wait)).await;
        }
        items.into_iter().map(Item::into_result).collect()
    }

    /// Sends one batch of the items that have no final answer.
    async fn round(&self, items: &mut [Item<'_>]) {
        let requests = items
            .iter()
            .enumerate()
            .filter(|(_, item)| item.is_open())
            .map(|(index, item)| item.request(index))
            .collect();
        let (api, call) = self.begin(&BATCH, CallOptions::default());
        let sent = api.batch().body(types::BatchRequest { requests }).send();
        let (answers, times) = match call.conclude(sent).await {
            Ok(success) => (
                success.body.responses,
                (success.sent_at, success.graph_time),
            ),
            Err(error) => {
                for item in items.iter_mut().filter(|item| item.is_open()) {
                    item.fail(error.parts());
                }
                return;
            }
        };
        let mut by_id: HashMap<String, Value> = HashMap::new();
        for mut answer in answers {
            // Without an id it is not known whose answer it is: that user stays unanswered.
            if let Some(id) = answer.get("id").and_then(item_id) {
                answer["id"] = Value::String(id.clone());
                by_id.entry(id).or_insert(answer);
            }
        }
        for (index, item) in items.iter_mut().enumerate() {
            if !item.is_open() {
                continue;
            }
            let parts = call.parts(ErrorKind::Unanswered);
            match by_id.remove(&index.to_string()) {
                Some(answer) => item.take(answer, parts, times),
                None => item.fail(Parts {
                    maybe_done: true,
                    ..parts
                }),
            }
        }
    }
}

/// One user of a batch.
struct Item<'a> {
    user: &'a UserIdOrUpn,
    attempts: u32,
    maybe_done: bool,
    state: Progress,
}

enum Progress {
    /// Not sent yet.
    Waiting,
    /// Answered with what may be sent again.
    Again(Error),
    Done(Result<Revoked, Error>),
}

impl<'a> Item<'a> {
    fn new(user: &'a UserIdOrUpn) -> Self {
        Self {
            user,
            attempts: 0,
            maybe_done: false,
            state: Progress::Waiting,
        }
    }

    fn is_open(&self) -> bool {
        !matches!(self.state, Progress::Done(_))
    }

    fn is_throttled(&self) -> bool {
        matches!(&self.state, Progress::Again(error) if error.kind() == ErrorKind::Throttled)
    }

    /// Whether it wants to be sent again, and after which wait if it was told one.
    fn wait(&self) -> Option<Option<Duration>> {
        match &self.state {
            Progress::Again(error) => Some(error.retry_after()),
            Progress::Waiting | Progress::Done(_) => None,
        }
    }

    fn request(&self, index: usize) -> types::BatchRequestItem {
        let user = encode_path(self.user.as_str());
        types::BatchRequestItem {
            id: index
                .to_string()
                .parse()
                .expect("a number has at least one digit"),
            method: types::BatchRequestItemMethod::Post,
            url: USER_REVOKE_SIGN_IN_SESSIONS
                .template()
                .replace("{user}", &user),
            headers: HashMap::from([("Content-Type".to_owned(), "application/json".to_owned())]),
            body: serde_json::Map::new(),
        }
    }

    /// Fails for what befell the batch as a whole, which `parts` tell; what earlier batches did to the
    /// item still counts.
    fn fail(&mut self, parts: Parts) {
        self.sent_with(&parts);
        self.state = Progress::Done(Err(self.error(parts)));
    }

    /// Counts a batch, sent as often as its `parts` say.
    fn sent_with(&mut self, parts: &Parts) {
        self.attempts += parts.attempts;
        self.maybe_done |= parts.maybe_done;
    }

    /// An error of this item, not of the batch.
    fn error(&self, parts: Parts) -> Error {
        Error::new(Parts {
            operation: USER_REVOKE_SIGN_IN_SESSIONS.id(),
            attempts: self.attempts,
            maybe_done: self.maybe_done,
            ..parts
        })
    }

    /// Takes in the answer to this item. `parts` are those of the batch as a whole.
    fn take(&mut self, answer: Value, parts: Parts, times: (SystemTime, Option<SystemTime>)) {
        self.sent_with(&parts);
        let answer = serde_json::from_value::<types::BatchResponseItem>(answer).ok();
        let status = answer
            .as_ref()
            .and_then(|answer| StatusCode::from_u16(answer.status).ok());
        let (Some(answer), Some(status)) = (answer, status) else {
            self.maybe_done = true;
            self.state = Progress::Done(Err(self.error(Parts {
                kind: ErrorKind::Unreadable,
                ..parts
            })));
            return;
        };
        let header = |name: &str| header(answer.headers.as_ref()?, name);
        let request_id = header("request-id").filter(|id| is_plain_id(id));
        if status.is_success() {
            let verdict = Verdict::of_item(answer.body.as_ref());
            let client_request_id = parts.client_request_id.clone();
            let parts = Parts {
                status: Some(status),
                request_id: request_id.clone(),
                ..parts
            };
            let (sent_at, graph_time) = times;
            self.state = Progress::Done(match Parts::of_verdict(verdict, parts) {
                Ok(confirmation) => Ok(Revoked {
                    confirmation,
                    status: answer.status,
                    request_id,
                    client_request_id,
                    attempts: self.attempts,
                    sent_at,
                    graph_time,
                }),
                Err(parts) => {
                    self.maybe_done |= parts.maybe_done;
                    Err(self.error(parts))
                }
            });
            return;
        }
        self.maybe_done |= status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT;
        let main = answer
            .body
            .clone()
            .and_then(|body| serde_json::from_value::<types::ODataError>(body).ok())
            .and_then(|body| body.error);
        let (code, message) = main.map_or((None, None), |main| (main.code, main.message));
        let error = self.error(Parts {
            kind: ErrorKind::of(status),
            status: Some(status),
            code: code.filter(|code| !code.is_empty()),
            message: message.filter(|message| !message.is_empty()),
            request_id,
            retry_after: header("retry-after")
                .and_then(|text| retry::parse_retry_after(&text, SystemTime::now())),
            ..parts
        });
        self.state = if Trouble::of_status(status).is_some_and(Trouble::is_passing) {
            Progress::Again(error)
        } else {
            Progress::Done(Err(error))
        };
    }

    fn into_result(self) -> Result<Revoked, Error> {
        match self.state {
            Progress::Done(result) => result,
            Progress::Again(error) => Err(error),
            Progress::Waiting => Err(Error::new(Parts::default())),
        }
    }
}

/// The id of an item's answer, a text that some gateways rewrite as a number.
fn item_id(id: &Value) -> Option<String> {
    match id {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A header of an item, whose name may be in any case and whose value may be a text or a number.
fn header(headers: &serde_json::Map<String, Value>, name: &str) -> Option<String> {
    let (_, value) = headers
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
