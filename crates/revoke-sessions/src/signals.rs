//! Ctrl-C, and on Unix the termination signal: once to stop in good order, twice to stop at once.

use std::io;

use msgraph_sessions::Stop;

use crate::progress::say;

/// What a shell gives for a program ended by Ctrl-C.
const AT_ONCE: i32 = 130;

/// Watches for signals for as long as the runtime runs.
pub(crate) fn watch(stop: Stop) {
    tokio::spawn(async move {
        // Without a handler Ctrl-C ends the program at once, which the journal withstands.
        let Ok(mut signals) = Signals::new() else {
            return;
        };
        signals.next().await;
        stop.stop();
        say(
            "\nStopping: nobody else is sent; waiting for the answers under way. \
             Press Ctrl-C again to stop at once.",
        );
        signals.next().await;
        say("Stopped at once. What was not in the journal yet is sent again on --resume.");
        std::process::exit(AT_ONCE);
    });
}

/// The signals that ask for an end. None is lost between two calls of `next`.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// The signals that ask for an end. None is lost between two calls of `next`.
#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn new() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Signals)
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}
