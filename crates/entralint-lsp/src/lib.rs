//! The language server of entralint, over standard input and output: the findings of `entralint check` as diagnostics,
//! its fixes as code actions, and what is known of permissions and calls at the cursor.
//!
//! Each folder of the editor is checked as `entralint check` checks it, with the unsaved buffers in place of the files.
//! The server holds no rule. A message that it does not understand is answered with an error or ignored.

mod adapters;
mod allow;
mod capabilities;
mod completion;
mod config_text;
mod context;
mod definition;
mod diagnostics;
mod features;
mod folder;
mod hover;
mod inlay_hints;
mod markdown;
mod server;
mod subject;
#[cfg(test)]
mod testing;
mod view;

use lsp_server::Connection;
use serde_json::json;

use crate::server::Server;

/// Serves an editor over standard input and output until it says goodbye. Gives whether it did so in order.
///
/// # Errors
///
/// That the first messages are not those of an editor.
pub fn serve() -> Result<bool, String> {
    let (connection, threads) = Connection::stdio();
    let result = run(&connection);
    drop(connection);
    threads.join().map_err(|error| error.to_string())?;
    result
}

/// As [`serve`], over any connection.
///
/// # Errors
///
/// As [`serve`].
pub fn run(connection: &Connection) -> Result<bool, String> {
    let (id, parameters) = connection
        .initialize_start()
        .map_err(|error| error.to_string())?;
    connection
        .initialize_finish(
            id,
            json!({
                "capabilities": capabilities::capabilities(),
                "serverInfo": { "name": "entralint", "version": env!("CARGO_PKG_VERSION") },
            }),
        )
        .map_err(|error| error.to_string())?;
    Ok(Server::new(connection, &parameters).run())
}
