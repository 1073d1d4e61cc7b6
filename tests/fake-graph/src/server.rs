//! From sockets to answers: listening, one connection, one request.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited, combinators::BoxBody};
use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::admin;
use crate::answer::{Answer, Cut, Ids};
use crate::batch::batch;
use crate::fault::{Fault, Target, Trouble};
use crate::graph;
use crate::login::{self, endpoint};
use crate::route::{Route, Subject, Version, route, version};
use crate::state::Shared;

/// A request's body may be this long; a full batch is far below.
const BODY_LIMIT: usize = 4 << 20;

type Body = BoxBody<Bytes, Cut>;

/// Takes connections until the future is dropped.
pub(crate) async fn listen(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    shared: Arc<Shared>,
) -> Infallible {
    loop {
        // An error here is of one connection, or passes (no file handles left).
        let Ok((stream, _)) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        tokio::spawn(connection(stream, tls.clone(), shared.clone()));
    }
}

async fn connection(stream: TcpStream, tls: Option<TlsAcceptor>, shared: Arc<Shared>) {
    // Small answers must not wait for a client's acknowledgement. Failing, they only come later.
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    let socket = Socket {
        stream,
        reset: reset.clone(),
    };
    let service = service_fn(move |request| {
        let (shared, reset) = (shared.clone(), reset.clone());
        async move {
            let answered = serve(&shared, request).await;
            if answered.is_err() {
                reset.store(true, Ordering::Relaxed);
            }
            answered
        }
    });
    let http = hyper::server::conn::http1::Builder::new();
    // An error means that the client went away, does not trust the certificate, or that the cut was on
    // purpose.
    let _ = match tls {
        None => http.serve_connection(TokioIo::new(socket), service).await,
        Some(tls) => match tls.accept(socket).await {
            Ok(stream) => http.serve_connection(TokioIo::new(stream), service).await,
            Err(_) => return,
        },
    };
}

/// A connection that can end in a reset instead of an orderly close.
struct Socket {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            // Without it the client would see an orderly close, which is an error to it as well.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, buffers)
    }
}

/// What a request is about, as far as its path says.
enum Place<'a> {
    SignIn(&'a str, login::Endpoint),
    Batch(Version),
    Call(Version, &'a str, Option<String>),
    Unknown,
}

impl<'a> Place<'a> {
    fn of(path: &'a str) -> Self {
        if let Some((tenant, endpoint)) = endpoint(path) {
            return Place::SignIn(tenant, endpoint);
        }
        let Some((version, rest)) = version(path) else {
            return Place::Unknown;
        };
        match route(version, rest) {
            Route::Batch => Place::Batch(version),
            Route::Call(Subject::User(user), _) | Route::Read(user) => {
                Place::Call(version, rest, Some(user))
            }
            _ => Place::Call(version, rest, None),
        }
    }

    fn is(&self, target: &Target) -> bool {
        match (self, target) {
            (Place::SignIn(..), Target::SignIn) | (Place::Batch(_), Target::Batch) => true,
            (Place::SignIn(..), _) => false,
            (_, Target::Graph) => true,
            (Place::Call(_, _, Some(user)), Target::User(wanted)) => {
                user.eq_ignore_ascii_case(wanted)
            }
            _ => false,
        }
    }
}

async fn serve(shared: &Shared, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
    let send = |answer: Answer| answer.into_response().map_err(|_| Cut);
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    if path.starts_with("/_fake/") {
        let body = read(body).await?;
        return send(admin::serve(shared, &parts, &body));
    }
    // With its query, which says what is read of a user.
    let target = parts.uri.path_and_query().map_or(path, |it| it.as_str());
    let place = Place::of(target);
    let number = shared.seen(&Request::from_parts(parts.clone(), ()));
    let (ids, trouble) = {
        let mut state = shared.state();
        let state = &mut *state;
        match place {
            Place::SignIn(..) => state.totals.sign_in_requests += 1,
            _ => state.totals.requests += 1,
        }
        let trouble = state
            .rules
            .draw(&mut state.random, |target| place.is(target));
        if trouble.fault.is_some() {
            state.totals.faults += 1;
        }
        let request = state.request_id();
        let client = parts
            .headers
            .get("client-request-id")
            .and_then(|value| value.to_str().ok())
            .map_or_else(|| request.clone(), str::to_owned);
        (Ids { request, client }, trouble)
    };
    let body = read(body).await?;
    if !trouble.latency.is_zero() {
        tokio::time::sleep(trouble.latency).await;
    }
    let work = || match &place {
        Place::SignIn(tenant, endpoint) => {
            login::sign_in(shared, &mut shared.state(), tenant, *endpoint, &body)
        }
        place => call_graph(shared, &parts.method, &parts.headers, place, &body, &ids),
    };
    let (answer, whole) = play(trouble, &ids, work).await?;
    let answer = answer
        .with("request-id", ids.request.clone())
        .with("client-request-id", ids.client.clone())
        .with(
            "x-ms-ags-diagnostic",
            r#"{"ServerInfo":{"DataCenter":"Nowhere","Ring":"0","RoleInstance":"FAKE"}}"#,
        );
    shared.answered(number, answer.status);
    if whole {
        send(answer)
    } else {
        answer.into_cut_response().map_err(|_| Cut)
    }
}

async fn read(body: Incoming) -> Result<Bytes, Cut> {
    let whole = Limited::new(body, BODY_LIMIT).collect().await;
    Ok(whole.map_err(|_| Cut)?.to_bytes())
}

/// Plays the fault around the work; says whether the answer's body is to be sent whole.
async fn play(
    trouble: Trouble,
    ids: &Ids,
    work: impl FnOnce() -> Answer,
) -> Result<(Answer, bool), Cut> {
    let answer = match trouble.fault {
        None => work(),
        Some(Fault::Reset) => return Err(Cut),
        Some(Fault::LostAnswer) => {
            work();
            return Err(Cut);
        }
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::Html(status)) => Answer::html(status),
        Some(Fault::EmptyTooManyRequests(after)) => {
            let answer = Answer::empty(429);
            match after {
                Some(after) => answer.with("retry-after", after),
                None => answer,
            }
        }
        Some(Fault::TruncatedJson) => work().halved(),
        Some(Fault::CutBody) => return Ok((work(), false)),
        Some(Fault::ExpiredToken) => graph::expired(ids),
        Some(Fault::Redirect(to)) => Answer::empty(302).with("location", to),
        Some(Fault::Status {
            status,
            content_type,
            body,
        }) => Answer {
            status,
            content_type,
            body: body.into(),
            ..Answer::default()
        },
        // Latency is never drawn as the fault: it comes on top of one.
        Some(Fault::Latency(_)) => work(),
    };
    Ok((answer, true))
}

fn call_graph(
    shared: &Shared,
    method: &Method,
    headers: &HeaderMap,
    place: &Place<'_>,
    body: &[u8],
    ids: &Ids,
) -> Answer {
    let measured = headers.contains_key(CONTENT_LENGTH) || headers.contains_key(TRANSFER_ENCODING);
    if method == Method::POST && !measured {
        return Answer::html(411);
    }
    let caller = match graph::caller(shared, headers, ids) {
        Ok(caller) => caller,
        Err(refusal) => return refusal,
    };
    let mut state = shared.state();
    match place {
        Place::Batch(version) if method == Method::POST => {
            batch(shared, &mut state, &caller, *version, body, ids)
        }
        Place::Batch(_) => graph::not_allowed("POST", ids),
        Place::Call(version, path, _) => {
            graph::call(shared, &mut state, &caller, method, (*version, path), ids)
        }
        Place::SignIn(..) | Place::Unknown => {
            Answer::error(400, "BadRequest", "Invalid version.", ids)
        }
    }
}
