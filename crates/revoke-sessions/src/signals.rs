//! Ctrl-C and the other signals that ask for an end: once to stop in good order, twice to stop at once.

use std::io;

use msgraph_sessions::Stop;

use crate::progress::say;

/// What a shell gives for a program ended by Ctrl-C.
const AT_ONCE: i32 = 130;

/// Watches for signals for as long as the runtime runs.
pub(crate) fn watch(stop: Stop) {
    tokio::spawn(async move {
        // Without a handler a signal ends the program at once, which the journal withstands.
        let Ok(mut signals) = Signals::new() else {
            return;
        };
        signals.next().await;
        stop.stop();
        say(
            "\nStopping: no further user is sent; waiting for the answers under way. \
             Press Ctrl-C again to stop at once.",
        );
        signals.next().await;
        say("Stopped at once. What was not in the journal yet is sent again on --resume.");
        std::process::exit(AT_ONCE);
    });
}

/// Keeps a file that may not grow any further from ending the program: the write fails instead, and is
/// reported like that of a full disk.
pub(crate) fn survive_file_limits() {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        /// SIGXFSZ, the same number on both systems.
        const FILE_TOO_LARGE: i32 = 25;
        let kind = tokio::signal::unix::SignalKind::from_raw(FILE_TOO_LARGE);
        // The handler stays when the stream of signals is dropped; without it the default holds.
        let _ = tokio::signal::unix::signal(kind);
    }
}

/// The signals that ask for an end. None is lost between two calls of `next`.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hangup.recv() => {}
        }
    }
}

/// The events that ask for an end: Ctrl-C, Ctrl-Break, the closing of the console window, the end of the
/// session. None is lost between two calls of `next`.
#[cfg(windows)]
struct Signals {
    interrupt: tokio::signal::windows::CtrlC,
    break_: tokio::signal::windows::CtrlBreak,
    close: tokio::signal::windows::CtrlClose,
    shutdown: tokio::signal::windows::CtrlShutdown,
}

#[cfg(windows)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown};
        Ok(Signals {
            interrupt: ctrl_c()?,
            break_: ctrl_break()?,
            close: ctrl_close()?,
            shutdown: ctrl_shutdown()?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.break_.recv() => {}
            _ = self.close.recv() => {}
            _ = self.shutdown.recv() => {}
        }
    }
}
