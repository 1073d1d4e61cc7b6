//! What the server tells an editor that it can do.

use serde_json::{Value, json};

use crate::actions::{FIX_ALL, QUICK_FIX};
use crate::positions::Positions;

/// The server's capabilities.
pub(crate) fn capabilities(positions: Positions) -> Value {
    json!({
        "positionEncoding": positions.as_str(),
        "textDocumentSync": { "openClose": true, "change": 1, "save": true },
        "codeActionProvider": { "codeActionKinds": [QUICK_FIX, FIX_ALL] },
        "hoverProvider": true,
        // What begins a string or an index, or the next part of a name.
        "completionProvider": { "triggerCharacters": ["\"", "'", ".", "["] },
        "definitionProvider": true,
        "referencesProvider": true,
        "inlayHintProvider": true,
        "workspace": {
            "workspaceFolders": { "supported": true, "changeNotifications": true },
        },
    })
}
