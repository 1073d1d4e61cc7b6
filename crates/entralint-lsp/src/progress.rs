//! Progress of an index in the editor, which can cancel it there.

use std::sync::Mutex;
use std::sync::PoisonError;

use serde_json::{Value, json};

use crate::client::Client;

/// The progress of one worker. It is shown as soon as the editor agrees, and ends when this is dropped.
pub(crate) struct Shown<'c> {
    client: &'c Client,
    token: String,
    /// The percentage that was shown last; `None` before the first.
    last: Mutex<Option<usize>>,
}

/// The first message of a progress.
pub(crate) fn begin(percentage: usize) -> Value {
    json!({
        "kind": "begin",
        "title": "entralint: reading the folder",
        "cancellable": true,
        "percentage": percentage,
    })
}

/// The last message of a progress.
pub(crate) fn end() -> Value {
    json!({ "kind": "end" })
}

impl<'c> Shown<'c> {
    /// Announces progress to an editor that shows it.
    pub(crate) fn new(client: &'c Client, folder: usize, generation: u64) -> Self {
        let token = format!("entralint/index/{folder}/{generation}");
        if client.abilities.progress {
            client.create_progress(&token);
        }
        Self {
            client,
            token,
            last: Mutex::new(None),
        }
    }

    /// So many of so many steps are done; of none, that many more is not known.
    pub(crate) fn report(&self, done: usize, total: usize) {
        if !self.client.shows_progress(&self.token) {
            return;
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let percentage = (done * 100).checked_div(total);
        match (*last, percentage) {
            (None, _) => {
                let percentage = percentage.unwrap_or(0).min(100);
                self.client.progress(&self.token, begin(percentage));
                *last = Some(percentage);
            }
            (Some(before), Some(now)) if now > before => {
                let value = json!({ "kind": "report", "percentage": now.min(100) });
                self.client.progress(&self.token, value);
                *last = Some(now);
            }
            _ => {}
        }
    }

    /// Whether the editor cancelled it.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.client.has_cancelled_progress(&self.token)
    }
}

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        self.client.end_progress(&self.token, last.is_some());
    }
}
