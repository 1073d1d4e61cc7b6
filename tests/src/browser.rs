//! A headless Chromium, steered by its DevTools protocol: for tests of the html report.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

/// How long an answer may take. A page of a few MB takes a second.
const PATIENCE: Duration = Duration::from_secs(60);

/// A browser with one page. It ends with the value.
pub struct Browser {
    process: Child,
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    session: String,
    next: u64,
    /// What the page reported while answers were waited for: method and parameters.
    pub events: Vec<(String, Value)>,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts the Chromium that `ENTRALINT_CHROMIUM` names, or `chromium`.
    ///
    /// # Panics
    ///
    /// Where there is none, or it does not speak the protocol.
    pub fn start() -> Self {
        let program = std::env::var("ENTRALINT_CHROMIUM").unwrap_or_else(|_| "chromium".to_owned());
        let profile = tempfile::tempdir().expect("a temporary folder can be made");
        let mut process = Command::new(&program)
            .args([
                "--headless",
                "--disable-gpu",
                // Containers run tests as root, which the sandbox refuses. The page is our own.
                "--no-sandbox",
                "--no-first-run",
                "--hide-scrollbars",
                "--remote-debugging-port=0",
                "about:blank",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{program}: {error}: set ENTRALINT_CHROMIUM to a Chromium or Chrome")
            });
        let stderr = process.stderr.take().expect("it was asked for");
        let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
        let address = lines
            .find_map(|line| {
                line.strip_prefix("DevTools listening on ")
                    .map(str::to_owned)
            })
            .expect("Chromium says where it listens");
        // The pipe is read on, or the browser would stop when it is full.
        std::thread::spawn(move || lines.for_each(drop));
        let (socket, _) = tungstenite::connect(&address).expect("Chromium answers");
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            stream
                .set_read_timeout(Some(PATIENCE))
                .expect("a timeout of more than nothing is valid");
        }
        let mut browser = Self {
            process,
            socket,
            session: String::new(),
            next: 0,
            events: Vec::new(),
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let session = browser.call(
            "Target.attachToTarget",
            json!({ "targetId": target["targetId"], "flatten": true }),
        );
        browser.session = session["sessionId"]
            .as_str()
            .expect("a session has an id")
            .to_owned();
        for domain in ["Page", "Runtime", "Network", "Log"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    /// Sends a command and gives its result.
    ///
    /// # Panics
    ///
    /// Where the browser answers with an error, or not at all.
    pub fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.next += 1;
        let id = self.next;
        let mut command = json!({ "id": id, "method": method, "params": parameters });
        if !self.session.is_empty() {
            command["sessionId"] = self.session.as_str().into();
        }
        self.socket
            .send(Message::text(command.to_string()))
            .expect("the browser takes commands");
        loop {
            let answer = self.receive();
            if answer["id"] == id {
                assert!(answer.get("error").is_none(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    /// The next message; an event is kept as well.
    fn receive(&mut self) -> Value {
        loop {
            let message = self.socket.read().expect("the browser answers in time");
            let Message::Text(text) = message else {
                continue;
            };
            let value: Value = serde_json::from_str(&text).expect("the protocol is JSON");
            if let Some(method) = value["method"].as_str() {
                self.events
                    .push((method.to_owned(), value["params"].clone()));
            }
            return value;
        }
    }

    /// Opens a file and waits until it is there.
    pub fn open(&mut self, path: &camino::Utf8Path) {
        let from = self.events.len();
        self.call("Page.navigate", json!({ "url": format!("file://{path}") }));
        while !self.events[from..]
            .iter()
            .any(|(method, _)| method == "Page.loadEventFired")
        {
            self.receive();
        }
    }

    /// The value of an expression.
    ///
    /// # Panics
    ///
    /// Where it throws.
    pub fn value(&mut self, expression: &str) -> Value {
        let answer = self.call(
            "Runtime.evaluate",
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true }),
        );
        assert!(
            answer.get("exceptionDetails").is_none(),
            "{expression}: {answer}"
        );
        answer["result"]["value"].clone()
    }

    /// Presses a key, as a person does.
    pub fn press(&mut self, key: &str, code: u32) {
        for kind in ["rawKeyDown", "keyUp"] {
            self.call(
                "Input.dispatchKeyEvent",
                json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code }),
            );
        }
    }

    /// A picture of the window, as PNG in base64.
    pub fn picture(&mut self, width: u32, height: u32) -> String {
        self.call(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false }),
        );
        let answer = self.call("Page.captureScreenshot", json!({}));
        answer["data"]
            .as_str()
            .expect("a picture has data")
            .to_owned()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
