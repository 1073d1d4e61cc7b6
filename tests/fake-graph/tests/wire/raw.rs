//! Requests written by hand on a plain socket, so that nothing is added or mended on the way.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// An answer as it came over the wire.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Raw {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap().to_owned()
    }
}

/// Writes `text` as it stands and reads until the server closes.
pub(crate) fn exchange(root: &str, text: &str) -> io::Result<Raw> {
    let mut stream = TcpStream::connect(root.strip_prefix("http://").unwrap())?;
    stream.set_read_timeout(Some(Duration::from_millis(700)))?;
    stream.write_all(text.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .ok_or(io::ErrorKind::UnexpectedEof)?;
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Ok(Raw {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    })
}

/// A POST with the usual headers.
pub(crate) fn post(root: &str, path: &str, token: &str, body: &str) -> io::Result<Raw> {
    let length = body.len();
    exchange(
        root,
        &format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        ),
    )
}

/// A POST of a form without a token.
pub(crate) fn form(root: &str, path: &str, body: &str) -> Raw {
    let length = body.len();
    exchange(
        root,
        &format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
        ),
    )
    .unwrap()
}
