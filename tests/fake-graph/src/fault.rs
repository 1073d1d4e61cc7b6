//! Faults on demand: what goes wrong, for which requests, and how often.

mod spelling;

use std::time::{Duration, Instant};

pub use self::spelling::RuleError;

/// Something that goes wrong with one request.
///
/// A fault says whether the revocation happened: a lost answer and an unsent request look the same
/// to a client, and only the server's count tells them apart.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// The answer comes this much later. Other faults may come on top.
    Latency(Duration),
    /// The connection is reset before a byte of the answer; nothing was done.
    Reset,
    /// The request is carried out and then the connection is reset before a byte of the answer.
    LostAnswer,
    /// A gateway's HTML page with this status; nothing was done.
    Html(u16),
    /// A `429` without a body, with this `Retry-After` as it stands; nothing was done.
    EmptyTooManyRequests(Option<String>),
    /// The request is carried out; its answer is a whole HTTP message with half of the JSON.
    TruncatedJson,
    /// The request is carried out; the connection ends in the middle of the answer's body.
    CutBody,
    /// No answer, ever, on an open connection; nothing was done.
    Hang,
    /// Graph's `401` for a token whose time is over, whatever the token says; nothing was done.
    ExpiredToken,
    /// A `302` to this place; nothing was done.
    Redirect(String),
    /// A given status with a given body and content type; nothing was done.
    Status {
        /// HTTP status.
        status: u16,
        /// Value of `Content-Type`; none when `None`.
        content_type: Option<String>,
        /// The body, byte for byte.
        body: String,
    },
}

/// The requests that a [`Rule`] speaks of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Target {
    /// Every request to Graph: single calls and whole batches, not the sign-in endpoints.
    #[default]
    Graph,
    /// The token and device code endpoints.
    SignIn,
    /// Whole batches.
    Batch,
    /// Each request inside a batch. A fault of the connection shows there as the item's `504`.
    BatchItem,
    /// Calls for this user (id or user principal name, case ignored), alone or inside a batch.
    User(String),
}

/// How often a [`Rule`] applies.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum When {
    /// To the next so many matching requests.
    Next(u32),
    /// To every matching request.
    Always,
    /// To every matching request from the first on, for so long: an outage.
    For(Duration),
    /// To a matching request with this probability, 0 to 1, drawn from the seeded randomness.
    Chance(f64),
}

/// One fault for some requests, some of the time.
///
/// As text, `FAULT[@TARGET]=WHEN`, which is what the binary's `--fault` takes:
///
/// ```
/// use fake_graph::{Fault, Rule, Target, When};
///
/// let rule: Rule = "html:503@batch=2%".parse()?;
/// assert_eq!(rule, Rule::new(Fault::Html(503), When::Chance(0.02)).on(Target::Batch));
/// assert_eq!(rule.to_string(), "html:503@batch=2%");
/// # Ok::<(), fake_graph::RuleError>(())
/// ```
///
/// | part | spellings |
/// |---|---|
/// | fault | `latency:50ms`, `reset`, `lost-answer`, `html:503`, `empty-429`, `empty-429:2.5`, `truncated-json`, `cut-body`, `hang`, `expired-token`, `redirect:URL`, `status:404`, `json:200:BODY` |
/// | target | `graph` (when left out), `sign-in`, `batch`, `item`, `user:ID` |
/// | when | `next`, `next:3`, `always`, `for:10s`, `2%` |
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// What goes wrong.
    pub fault: Fault,
    /// For which requests.
    pub target: Target,
    /// How often.
    pub when: When,
}

impl Rule {
    /// A rule for every request to Graph.
    pub fn new(fault: Fault, when: When) -> Self {
        Rule {
            fault,
            target: Target::Graph,
            when,
        }
    }

    /// The same rule for other requests.
    #[must_use]
    pub fn on(mut self, target: Target) -> Self {
        self.target = target;
        self
    }
}

/// The rules in force, with what is left of each, and since when one applies that has a time.
#[derive(Debug, Default)]
pub(crate) struct Rules(Vec<(Rule, Option<Instant>)>);

/// What the rules do to one request.
#[derive(Debug, Default)]
pub(crate) struct Trouble {
    /// Added waiting time.
    pub(crate) latency: Duration,
    /// The first fault that is more than latency.
    pub(crate) fault: Option<Fault>,
}

impl Rules {
    pub(crate) fn new(rules: Vec<Rule>) -> Self {
        Rules(rules.into_iter().map(|rule| (rule, None)).collect())
    }

    pub(crate) fn push(&mut self, rule: Rule) {
        self.0.push((rule, None));
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Asks the rules, in order, about a request that answers to `is_target`.
    pub(crate) fn draw(
        &mut self,
        random: &mut fastrand::Rng,
        is_target: impl Fn(&Target) -> bool,
    ) -> Trouble {
        let mut trouble = Trouble::default();
        for (rule, first) in &mut self.0 {
            let taken = matches!(rule.fault, Fault::Latency(_)) || trouble.fault.is_none();
            if !taken || !is_target(&rule.target) {
                continue;
            }
            let hit = match &mut rule.when {
                When::Always => true,
                When::For(time) => first.get_or_insert_with(Instant::now).elapsed() < *time,
                When::Chance(p) => random.f64() < *p,
                When::Next(0) => false,
                When::Next(left) => {
                    *left -= 1;
                    true
                }
            };
            match (&rule.fault, hit) {
                (_, false) => {}
                (Fault::Latency(time), true) => trouble.latency += *time,
                (fault, true) => trouble.fault = Some(fault.clone()),
            }
        }
        self.0.retain(|(rule, _)| rule.when != When::Next(0));
        trouble
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_is_used_up_and_the_first_fault_wins() {
        let mut rules = Rules::new(vec![
            "latency:1ms=always".parse().unwrap(),
            "reset=next".parse().unwrap(),
            "html:503=always".parse().unwrap(),
        ]);
        let mut random = fastrand::Rng::with_seed(1);
        let mut draw = || rules.draw(&mut random, |t| *t == Target::Graph);
        assert_eq!(draw().fault, Some(Fault::Reset));
        let second = draw();
        assert_eq!(second.fault, Some(Fault::Html(503)));
        assert_eq!(second.latency, Duration::from_millis(1));
    }
}
