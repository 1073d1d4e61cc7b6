//! An answer before it is sent, and Graph's way of wording one.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, combinators::BoxBody};
use hyper::body::{Body, Frame};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

pub(crate) const JSON: &str = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";
const HTML: &str = "text/html; charset=us-ascii";

/// The connection ends here, without a word more.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the connection was cut on purpose")]
pub(crate) struct Cut;

/// An answer as data, sent alone or put into a batch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Bytes,
}

/// The two ids that every answer of Graph carries.
#[derive(Clone, Debug)]
pub(crate) struct Ids {
    pub(crate) request: String,
    pub(crate) client: String,
}

impl Answer {
    pub(crate) fn empty(status: u16) -> Self {
        Answer {
            status,
            ..Answer::default()
        }
    }

    pub(crate) fn json(status: u16, value: &Value) -> Self {
        Answer {
            status,
            content_type: Some(JSON.to_owned()),
            body: value.to_string().into(),
            ..Answer::default()
        }
    }

    /// Graph's error body.
    pub(crate) fn error(status: u16, code: &str, message: &str, ids: &Ids) -> Self {
        let date = httpdate::fmt_http_date(SystemTime::now());
        Answer::json(
            status,
            &json!({"error": {
                "code": code,
                "message": message,
                "innerError": {
                    "date": date,
                    "request-id": ids.request,
                    "client-request-id": ids.client,
                },
            }}),
        )
    }

    /// A page such as gateways send.
    pub(crate) fn html(status: u16) -> Self {
        let title = StatusCode::from_u16(status)
            .ok()
            .and_then(|s| s.canonical_reason())
            .unwrap_or("Error");
        let detail = match status {
            411 => "<p>HTTP Error 411. The request must be chunked or have a content length.</p>",
            _ => "<p>Our services aren't available right now.</p>",
        };
        Answer {
            status,
            content_type: Some(HTML.to_owned()),
            body: format!(
                "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\"\"http://www.w3.org/TR/html4/strict.dtd\">\r\n\
                 <HTML><HEAD><TITLE>{title}</TITLE></HEAD>\r\n<BODY><h2>{title}</h2>\r\n<hr>{detail}\r\n</BODY></HTML>\r\n"
            )
            .into(),
            ..Answer::default()
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The answer with the first half of its body, and a `Content-Length` that agrees.
    pub(crate) fn halved(mut self) -> Self {
        self.body.truncate(self.body.len() / 2);
        self
    }

    fn head(&self) -> hyper::http::response::Builder {
        let mut head = Response::builder().status(self.status);
        if let Some(content_type) = &self.content_type {
            head = head.header(CONTENT_TYPE, content_type);
        }
        for (name, value) in &self.headers {
            // A scripted value that no header can hold is left out rather than failing the answer.
            if let Ok(value) = HeaderValue::from_str(value) {
                head = head.header(HeaderName::from_static(name), value);
            }
        }
        head
    }

    pub(crate) fn into_response(self) -> Result<Response<BoxBody<Bytes, Cut>>, hyper::http::Error> {
        self.head()
            .body(Full::new(self.body).map_err(|never| match never {}).boxed())
    }

    /// The answer whose connection ends in the middle of the body.
    pub(crate) fn into_cut_response(
        self,
    ) -> Result<Response<BoxBody<Bytes, Cut>>, hyper::http::Error> {
        // With an empty body there would be nothing to cut.
        let promised = self.body.len().max(2);
        let head = self.head().header(CONTENT_LENGTH, promised);
        head.body(CutBody::new(self.halved().body).boxed())
    }
}

/// Half a body, a moment in which it is flushed, and the cut.
struct CutBody {
    half: Option<Bytes>,
    flushed: Pin<Box<tokio::time::Sleep>>,
}

impl CutBody {
    fn new(half: Bytes) -> Self {
        CutBody {
            half: Some(half),
            flushed: Box::pin(tokio::time::sleep(Duration::from_millis(5))),
        }
    }
}

impl Body for CutBody {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        if let Some(half) = self.half.take() {
            return Poll::Ready(Some(Ok(Frame::data(half))));
        }
        self.flushed.as_mut().poll(context).map(|()| Some(Err(Cut)))
    }
}
