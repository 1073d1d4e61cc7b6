//! The language server of entralint, over standard input and output: the findings of `entralint check` as diagnostics,
//! its fixes as code actions, and what is known of permissions and calls at the cursor.
//!
//! Each folder of the editor is checked as `entralint check` checks it, with the unsaved buffers in place of the files.
//! The server holds no rule. A message that it does not understand is answered with an error or ignored.

mod actions;
mod adapters;
mod allow;
mod capabilities;
mod client;
mod completion;
mod config_text;
mod context;
mod definition;
mod diagnostics;
mod features;
mod hover;
mod inlay_hints;
mod main_loop;
mod markdown;
mod positions;
mod progress;
mod subject;
#[cfg(test)]
mod testing;
mod transport;
mod uri;
mod view;
mod worker;

use std::sync::Arc;

use lsp_server::{Connection, ErrorCode, Message, Response};
use serde_json::json;

use crate::client::Client;
use crate::main_loop::MainLoop;

/// Serves an editor over standard input and output until it says goodbye. Gives whether it did so in order.
///
/// # Errors
///
/// That the output could not be written.
pub fn serve() -> Result<bool, String> {
    let (connection, threads) = transport::stdio();
    let in_order = run(&connection);
    drop(connection);
    threads.join().map_err(|error| error.to_string())?;
    Ok(in_order)
}

/// As [`serve`], over any connection.
#[must_use]
pub fn run(connection: &Connection) -> bool {
    let (id, parameters) = loop {
        match connection.receiver.recv() {
            Ok(Message::Request(request)) if request.method == "initialize" => {
                break (request.id, request.params);
            }
            Ok(Message::Request(request)) => {
                let code = ErrorCode::ServerNotInitialized as i32;
                let why = "the first request is `initialize`".to_owned();
                let _ = connection
                    .sender
                    .send(Response::new_err(request.id, code, why).into());
            }
            Ok(Message::Notification(notification)) if notification.method == "exit" => {
                return false;
            }
            Ok(_) => {}
            Err(_) => return false,
        }
    };
    let client = Arc::new(Client::new(connection.sender.clone(), &parameters));
    client.received(&id);
    client.answer(
        id,
        Ok(json!({
            "capabilities": capabilities::capabilities(client.abilities.positions),
            "serverInfo": { "name": "entralint", "version": env!("CARGO_PKG_VERSION") },
        })),
    );
    MainLoop::new(connection, &parameters, client).run()
}
