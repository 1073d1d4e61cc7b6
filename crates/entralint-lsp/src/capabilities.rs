//! What the server tells an editor that it can do.

use serde_json::{Value, json};

/// The server's capabilities.
pub(crate) fn capabilities() -> Value {
    json!({
        "positionEncoding": "utf-16",
        "textDocumentSync": { "openClose": true, "change": 1, "save": true },
        "codeActionProvider": { "codeActionKinds": ["quickfix"] },
        "hoverProvider": true,
        // What begins a string or an index, or the next part of a name.
        "completionProvider": { "triggerCharacters": ["\"", "'", ".", "["] },
        "definitionProvider": true,
        "referencesProvider": true,
        "inlayHintProvider": true,
    })
}
