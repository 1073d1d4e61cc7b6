//! `--verbose` and `--log`: what the client does and why a connection fails. No user, no token.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::failure::Failure;
use crate::redact::redacted;

/// What is written down of the work itself.
#[derive(Debug, Args)]
#[command(next_help_heading = "Diagnostics")]
pub(crate) struct LogOptions {
    /// Say on standard error what is sent and answered, and why a connection fails
    #[arg(long, short)]
    pub(crate) verbose: bool,
    /// Write the same to a file; it names requests by their ids, and no user
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
}

impl LogOptions {
    /// The file, if there is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.log.as_deref()
    }

    /// Begins to write down what the client does.
    pub(crate) fn start(&self) -> Result<(), Failure> {
        if !self.verbose && self.log.is_none() {
            return Ok(());
        }
        // Other crates log addresses and headers; the client does not.
        let own = || filter_fn(|metadata| metadata.target().starts_with("msgraph_sessions"));
        let screen = self.verbose.then(|| {
            tracing_subscriber::fmt::layer()
                .with_ansi(false)
                .with_target(false)
                .with_writer(Redacted::new(io::stderr()))
                .with_filter(own())
        });
        let file = match &self.log {
            None => None,
            Some(path) => {
                let file = private(path).map_err(|source| Failure::Log {
                    path: path.clone(),
                    source,
                })?;
                Some(
                    tracing_subscriber::fmt::layer()
                        .with_ansi(false)
                        .with_writer(Redacted::new(file))
                        .with_filter(own()),
                )
            }
        };
        // A second start in one process, as in a test, leaves the first in place.
        let _ = tracing_subscriber::registry()
            .with(screen)
            .with(file)
            .try_init();
        Ok(())
    }
}

/// A new file, or the end of the one that is there, for its owner alone.
fn private(path: &PathBuf) -> io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

/// A writer that lets no token through. Each event comes in one piece.
struct Redacted<W>(Arc<Mutex<W>>);

impl<W> Redacted<W> {
    fn new(writer: W) -> Self {
        Self(Arc::new(Mutex::new(writer)))
    }
}

impl<W: Write> Write for Redacted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = redacted(&String::from_utf8_lossy(bytes));
        let mut writer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writer.write_all(text.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut writer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writer.flush()
    }
}

impl<W: Write> MakeWriter<'_> for Redacted<W> {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}
