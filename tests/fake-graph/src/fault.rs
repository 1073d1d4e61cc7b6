//! Faults on demand: what goes wrong, for which requests, and how often.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, Instant};

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

/// Why a [`Rule`]'s text was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no fault rule: {reason}; write FAULT[@TARGET]=WHEN, as in `reset=2%`")]
pub struct RuleError {
    text: String,
    reason: String,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.fault {
            Fault::Latency(time) => write!(f, "latency:{}ms", time.as_millis())?,
            Fault::Reset => f.write_str("reset")?,
            Fault::LostAnswer => f.write_str("lost-answer")?,
            Fault::Html(status) => write!(f, "html:{status}")?,
            Fault::EmptyTooManyRequests(None) => f.write_str("empty-429")?,
            Fault::EmptyTooManyRequests(Some(after)) => write!(f, "empty-429:{after}")?,
            Fault::TruncatedJson => f.write_str("truncated-json")?,
            Fault::CutBody => f.write_str("cut-body")?,
            Fault::Hang => f.write_str("hang")?,
            Fault::ExpiredToken => f.write_str("expired-token")?,
            Fault::Redirect(to) => write!(f, "redirect:{to}")?,
            Fault::Status {
                status,
                content_type: Some(_),
                body,
            } => write!(f, "json:{status}:{body}")?,
            Fault::Status { status, .. } => write!(f, "status:{status}")?,
        }
        match &self.target {
            Target::Graph => {}
            Target::SignIn => f.write_str("@sign-in")?,
            Target::Batch => f.write_str("@batch")?,
            Target::BatchItem => f.write_str("@item")?,
            Target::User(user) => write!(f, "@user:{user}")?,
        }
        match self.when {
            When::Next(1) => f.write_str("=next"),
            When::Next(n) => write!(f, "=next:{n}"),
            When::Always => f.write_str("=always"),
            When::For(time) => write!(f, "=for:{}ms", time.as_millis()),
            When::Chance(p) => write!(f, "={}%", p * 100.0),
        }
    }
}

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let fail = |reason: String| RuleError {
            text: text.to_owned(),
            reason,
        };
        let (what, when) = text
            .rsplit_once('=')
            .ok_or_else(|| fail("it does not say how often".to_owned()))?;
        // The target's `@` is looked for as `@name`, because a user or an address may hold one too.
        let (fault, target) = split_target(what);
        Ok(Rule {
            fault: parse_fault(fault).map_err(&fail)?,
            target: parse_target(target).map_err(&fail)?,
            when: parse_when(when).map_err(&fail)?,
        })
    }
}

fn split_target(what: &str) -> (&str, &str) {
    ["@user:", "@sign-in", "@batch", "@item", "@graph"]
        .iter()
        .find_map(|mark| what.find(mark))
        .map_or((what, "graph"), |at| (&what[..at], &what[at + 1..]))
}

fn parse_fault(text: &str) -> Result<Fault, String> {
    let (name, argument) = match text.split_once(':') {
        Some((name, argument)) => (name, Some(argument)),
        None => (text, None),
    };
    let status = |argument: Option<&str>| {
        argument
            .and_then(|a| a.parse::<u16>().ok())
            .filter(|s| (200..=599).contains(s))
            .ok_or_else(|| format!("`{name}` wants a status from 200 to 599, as in `{name}:503`"))
    };
    let fault = match (name, argument) {
        ("latency", Some(time)) => Fault::Latency(
            parse_duration(time).ok_or_else(|| format!("`{time}` is no time such as `50ms`"))?,
        ),
        ("latency", None) => return Err("`latency` wants a time, as in `latency:50ms`".to_owned()),
        ("reset", None) => Fault::Reset,
        ("lost-answer", None) => Fault::LostAnswer,
        ("html", argument) => Fault::Html(status(argument)?),
        ("empty-429", after) => Fault::EmptyTooManyRequests(after.map(str::to_owned)),
        ("truncated-json", None) => Fault::TruncatedJson,
        ("cut-body", None) => Fault::CutBody,
        ("hang", None) => Fault::Hang,
        ("expired-token", None) => Fault::ExpiredToken,
        ("redirect", Some(to)) => Fault::Redirect(to.to_owned()),
        ("redirect", None) => return Err("`redirect` wants an address".to_owned()),
        ("status", argument) => Fault::Status {
            status: status(argument)?,
            content_type: None,
            body: String::new(),
        },
        ("json", Some(rest)) => {
            let (code, body) = rest.split_once(':').unwrap_or((rest, ""));
            Fault::Status {
                status: status(Some(code))?,
                content_type: Some("application/json".to_owned()),
                body: body.to_owned(),
            }
        }
        _ => return Err(format!("`{text}` is not a fault")),
    };
    Ok(fault)
}

fn parse_target(text: &str) -> Result<Target, String> {
    Ok(match text {
        "graph" => Target::Graph,
        "sign-in" => Target::SignIn,
        "batch" => Target::Batch,
        "item" => Target::BatchItem,
        _ => match text.strip_prefix("user:") {
            Some(user) if !user.is_empty() => Target::User(user.to_owned()),
            _ => return Err(format!("`{text}` is not a target")),
        },
    })
}

fn parse_when(text: &str) -> Result<When, String> {
    let wrong =
        || format!("`{text}` is not `next`, `next:3`, `always`, `for:10s` or a share such as `2%`");
    if let Some(share) = text.strip_suffix('%') {
        let share: f64 = share.parse().map_err(|_| wrong())?;
        if !(0.0..=100.0).contains(&share) {
            return Err(wrong());
        }
        return Ok(When::Chance(share / 100.0));
    }
    match text {
        "always" => Ok(When::Always),
        "next" => Ok(When::Next(1)),
        _ if text.starts_with("for:") => text
            .strip_prefix("for:")
            .and_then(parse_duration)
            .map(When::For)
            .ok_or_else(wrong),
        _ => text
            .strip_prefix("next:")
            .and_then(|n| n.parse().ok())
            .map(When::Next)
            .ok_or_else(wrong),
    }
}

/// Reads `50ms` or `1.5s`.
pub(crate) fn parse_duration(text: &str) -> Option<Duration> {
    let (number, unit) = text
        .find(|c: char| c.is_ascii_alphabetic())
        .map(|at| text.split_at(at))?;
    let seconds = number.parse::<f64>().ok()?
        * match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            _ => return None,
        };
    Duration::try_from_secs_f64(seconds).ok()
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
    fn every_spelling_reads_and_writes_back() {
        for text in [
            "latency:50ms=always",
            "reset=2%",
            "lost-answer=0.5%",
            "html:503@batch=next:3",
            "empty-429=next",
            "empty-429:2.5@item=next",
            "truncated-json=1%",
            "cut-body=1%",
            "hang=next",
            "expired-token=next:2",
            "redirect:http://127.0.0.1:1/@x=next",
            "status:404@user:alice@contoso.com=always",
            "reset@sign-in=next",
            "html:502=for:10000ms",
            r#"json:200:{"value":false}@user:a@x.y=always"#,
        ] {
            let rule: Rule = text.parse().unwrap();
            assert_eq!(rule.to_string(), text);
        }
    }

    #[test]
    fn a_wrong_rule_says_what_is_wrong() {
        let error = |text: &str| text.parse::<Rule>().unwrap_err().to_string();
        assert_eq!(
            error("reset"),
            "`reset` is no fault rule: it does not say how often; write FAULT[@TARGET]=WHEN, as in `reset=2%`"
        );
        assert!(error("rest=2%").contains("`rest` is not a fault"));
        assert!(error("html:77=2%").contains("wants a status from 200 to 599"));
        assert!(error("latency=always").contains("wants a time"));
        assert!(error("latency:5parsecs=always").contains("is no time such as `50ms`"));
        assert!(error("redirect=always").contains("wants an address"));
        assert!(error("reset@user:=always").contains("is not a target"));
        assert!(error("reset=120%").contains("is not `next`"));
        assert!(error("reset=often").contains("is not `next`"));
    }

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
