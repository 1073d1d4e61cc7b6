//! What Graph answers to a success, and whether that confirms a revocation.

use std::time::SystemTime;

use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap};
use serde::Deserialize as _;
use serde_json::Value;

use crate::generated::types;

/// A user's sign-in sessions are revoked: Graph confirmed it.
///
/// A success whose body does not confirm it is not a value of this type but an
/// [`Error`](crate::Error) of the kind [`Unconfirmed`](crate::ErrorKind::Unconfirmed), so that `?`
/// cannot take it for one.
///
/// What a revocation does not do: tokens can take a few minutes to be revoked, access tokens already
/// issued live on until they expire, and guests are not affected at all.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Revoked {
    /// How the answer confirms it.
    pub confirmation: Confirmation,
    /// HTTP status, 200 to 299.
    pub status: u16,
    /// Graph's own id of the request.
    pub request_id: Option<String>,
    /// The id that this client gave the request.
    pub client_request_id: Option<String>,
    /// How many times the request was sent.
    pub attempts: u32,
    /// When the request that was confirmed was sent, by this machine's clock.
    pub sent_at: SystemTime,
    /// When Graph answered, by Graph's clock, in whole seconds; `None` without a `Date` header.
    pub graph_time: Option<SystemTime>,
}

/// How an answer confirms a revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Confirmation {
    /// The body says `"value": true`, as v1.0 is documented.
    True,
    /// There is no body, or the empty object: beta as documented, and gateways that drop the body.
    Empty,
    /// The body has `@odata.context`, as every answer of Graph has, and no `value`.
    ContextOnly,
}

/// What the body of a success comes to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    Confirmed(Confirmation),
    /// An answer in JSON that does not confirm anything, and why not.
    Unconfirmed(&'static str),
    /// An error under a status of success.
    Failed {
        code: Option<String>,
        message: Option<String>,
    },
    /// Not JSON: a captive portal, a proxy, half an answer.
    Unreadable,
}

impl Verdict {
    /// Of a whole body.
    pub(crate) fn of_body(body: &[u8]) -> Self {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Self::Confirmed(Confirmation::Empty);
        }
        match serde_json::from_slice(body) {
            Ok(Value::Null) => Self::Unconfirmed("its body is `null`"),
            Ok(value) => Self::of_value(&value),
            Err(_) => Self::Unreadable,
        }
    }

    /// Of the body of an item of a batch, which is `null` or missing where there is none.
    pub(crate) fn of_item(body: Option<&Value>) -> Self {
        match body {
            None | Some(Value::Null) => Self::Confirmed(Confirmation::Empty),
            // A body that is not JSON is put there as text.
            Some(Value::String(text)) => Self::of_body(text.as_bytes()),
            Some(value) => Self::of_value(value),
        }
    }

    fn of_value(value: &Value) -> Self {
        let Value::Object(body) = value else {
            return Self::Unconfirmed("its body is not an object");
        };
        if body.contains_key("error") {
            let error = types::ODataError::deserialize(value).ok();
            let main = error.and_then(|body| body.error).unwrap_or_default();
            return Self::Failed {
                code: main.code.filter(|code| !code.is_empty()),
                message: main.message.filter(|message| !message.is_empty()),
            };
        }
        match body.get("value") {
            Some(Value::Bool(true)) => Self::Confirmed(Confirmation::True),
            Some(Value::Bool(false)) => Self::Unconfirmed("its value is false"),
            Some(_) => Self::Unconfirmed("its value is not `true`"),
            None if body.is_empty() => Self::Confirmed(Confirmation::Empty),
            None if body.get("@odata.context").is_some_and(Value::is_string) => {
                Self::Confirmed(Confirmation::ContextOnly)
            }
            None => Self::Unconfirmed("it is not an answer of this operation"),
        }
    }
}

/// What every answer has around its body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Envelope {
    pub(crate) status: Option<StatusCode>,
    pub(crate) request_id: Option<String>,
    pub(crate) date: Option<SystemTime>,
}

impl Envelope {
    pub(crate) fn of(status: StatusCode, headers: &HeaderMap) -> Self {
        Self {
            status: Some(status),
            request_id: plain_id(headers, "request-id"),
            date: date(headers),
        }
    }
}

/// The time at the server.
pub(crate) fn date(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()
}

/// An id from a header, if it is one that may be printed.
pub(crate) fn plain_id(headers: &HeaderMap, name: &str) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?;
    is_plain_id(text).then(|| text.to_owned())
}

/// Whether a text can be the id of a request: short, and without a blank.
pub(crate) fn is_plain_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_confirms_is_a_confirmation() {
        use Confirmation::{ContextOnly, Empty, True};
        let context =
            r#"{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#Edm.Boolean"}"#;
        for (body, confirmation) in [
            ("", Empty),
            (" \r\n", Empty),
            ("{}", Empty),
            (r#"{"value":true}"#, True),
            (r#"{"@odata.context":"x","value":true}"#, True),
            (context, ContextOnly),
        ] {
            assert_eq!(
                Verdict::of_body(body.as_bytes()),
                Verdict::Confirmed(confirmation),
                "{body}"
            );
        }
        for body in [
            r#"{"value":false}"#,
            r#"{"value":"true"}"#,
            r#"{"value":"false"}"#,
            r#"{"value":1}"#,
            r#"{"value":0}"#,
            r#"{"value":null}"#,
            r#"{"value":[true]}"#,
            r#"{"@odata.context":"x","value":null}"#,
            r#"{"@odata.context":7}"#,
            r#"{"status":"blocked"}"#,
            "[]",
            "true",
            "null",
            "\"ok\"",
        ] {
            let verdict = Verdict::of_body(body.as_bytes());
            assert!(
                matches!(verdict, Verdict::Unconfirmed(_)),
                "{body}: {verdict:?}"
            );
        }
        for body in [
            r#"{"error":{"code":"Authorization_RequestDenied"}}"#,
            r#"{"error":"blocked","value":true}"#,
            r#"{"error":null,"@odata.context":"x","value":true}"#,
        ] {
            let verdict = Verdict::of_body(body.as_bytes());
            assert!(
                matches!(verdict, Verdict::Failed { .. }),
                "{body}: {verdict:?}"
            );
        }
        for body in ["<html>", r#"{"value":tr"#, r#"{"value":true} x"#, "ok"] {
            assert_eq!(
                Verdict::of_body(body.as_bytes()),
                Verdict::Unreadable,
                "{body}"
            );
        }
    }

    #[test]
    fn an_item_of_a_batch_is_judged_alike() {
        let of = |text: &str| Verdict::of_item(Some(&serde_json::from_str(text).unwrap()));
        let empty = Verdict::Confirmed(Confirmation::Empty);
        assert_eq!(Verdict::of_item(None), empty);
        assert_eq!(of("null"), empty);
        assert_eq!(of("\"\""), empty);
        assert_eq!(
            of(r#"{"value":true}"#),
            Verdict::Confirmed(Confirmation::True)
        );
        assert_eq!(of("\"<html>\""), Verdict::Unreadable);
        assert!(matches!(of(r#"{"error":{}}"#), Verdict::Failed { .. }));
        assert!(matches!(
            of(r#"{"value":"false"}"#),
            Verdict::Unconfirmed(_)
        ));
    }
}
