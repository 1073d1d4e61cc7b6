//! How fault rules are written: `FAULT[@TARGET]=WHEN`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::{Fault, Rule, Target, When};

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
fn parse_duration(text: &str) -> Option<Duration> {
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
}
