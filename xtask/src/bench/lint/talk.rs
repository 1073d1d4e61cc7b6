//! A server that is spoken to over its standard input and output, and what it costs.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::table::Quantity;

/// How messages are told apart.
#[derive(Clone, Copy)]
pub(super) enum Framing {
    /// A header with the length: the Language Server Protocol.
    Length,
    /// One a line: the Model Context Protocol.
    Line,
}

/// A running server.
pub(super) struct Server {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    framing: Framing,
    last: u64,
}

impl Server {
    /// Starts a server in a folder.
    pub(super) fn start(
        program: &Path,
        arguments: &[&str],
        folder: &Path,
        framing: Framing,
    ) -> Result<Self> {
        let mut child = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot run {}", program.display()))?;
        Ok(Self {
            input: child.stdin.take().context("it is piped")?,
            output: BufReader::new(child.stdout.take().context("it is piped")?),
            child,
            framing,
            last: 0,
        })
    }

    /// Says something that has no answer.
    pub(super) fn notify(&mut self, method: &str, params: &Value) -> Result<()> {
        self.write(&json!({"jsonrpc": "2.0", "method": method, "params": params}))
    }

    /// Asks, and gives the answer with the time that passed until it was there.
    pub(super) fn request(&mut self, method: &str, params: &Value) -> Result<(Value, Duration)> {
        self.last += 1;
        let id = self.last;
        let start = Instant::now();
        self.write(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))?;
        let answer = self.wait(|message| message["id"] == id && message.get("method").is_none())?;
        if let Some(error) = answer.get("error") {
            bail!("{method} was refused: {error}");
        }
        Ok((answer, start.elapsed()))
    }

    /// Reads messages up to the first that is wanted.
    pub(super) fn wait(&mut self, is_wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        loop {
            let message = self.read()?;
            if is_wanted(&message) {
                return Ok(message);
            }
        }
    }

    /// The most memory that it has had so far.
    pub(super) fn peak(&self) -> Result<Quantity> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .context("only Linux says how much memory another process has had")?;
        let kib = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok())
            .context("the peak is there")?;
        Ok(Quantity::Megabytes(kib * 1024.0 / 1e6))
    }

    fn write(&mut self, message: &Value) -> Result<()> {
        match self.framing {
            Framing::Length => {
                let text = message.to_string();
                write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len())?;
            }
            Framing::Line => writeln!(self.input, "{message}")?,
        }
        Ok(self.input.flush()?)
    }

    fn read(&mut self) -> Result<Value> {
        let mut line = String::new();
        let mut length = 0;
        loop {
            line.clear();
            if self.output.read_line(&mut line)? == 0 {
                bail!("the server has ended");
            }
            match self.framing {
                Framing::Line => return Ok(serde_json::from_str(&line)?),
                Framing::Length if line.trim().is_empty() => break,
                Framing::Length => {
                    if let Some(number) = line.strip_prefix("Content-Length:") {
                        length = number.trim().parse()?;
                    }
                }
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body)?;
        Ok(serde_json::from_slice(&body)?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The median of times passed.
pub(super) fn median(mut times: Vec<Duration>) -> Quantity {
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    Quantity::Milliseconds(median.as_secs_f64() * 1e3)
}
