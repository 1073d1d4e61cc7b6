//! Ctrl-C, and on Unix the termination signal: once to stop in good order, twice to stop at once.

use graph_sessions::Stop;

use crate::progress::say;

/// What a shell gives for a program ended by Ctrl-C.
const AT_ONCE: i32 = 130;

/// Watches for signals for as long as the runtime runs.
pub(crate) fn watch(stop: Stop) {
    tokio::spawn(async move {
        if signal().await.is_err() {
            // Without a handler Ctrl-C ends the program at once, which the journal withstands.
            return;
        }
        stop.stop();
        say(
            "\nStopping: nobody else is sent; waiting for the answers under way. \
             Press Ctrl-C again to stop at once.",
        );
        if signal().await.is_ok() {
            say("Stopped at once. What was not in the journal yet is sent again on --resume.");
            std::process::exit(AT_ONCE);
        }
    });
}

#[cfg(unix)]
async fn signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

#[cfg(not(unix))]
async fn signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
