//! The requests about a file that the server answers.

use serde_json::Value;

use crate::adapters;
use crate::context::Context;

/// A request and what answers it.
pub(crate) struct Feature {
    /// The method of the protocol.
    pub(crate) method: &'static str,
    /// Gives the result; null where there is nothing to say.
    pub(crate) answer: fn(&Context<'_>, &Value) -> Value,
}

/// Every feature.
pub(crate) const FEATURES: &[Feature] = &[
    Feature {
        method: "textDocument/hover",
        answer: adapters::hover,
    },
    Feature {
        method: "textDocument/completion",
        answer: adapters::completion,
    },
    Feature {
        method: "textDocument/definition",
        answer: adapters::definition,
    },
    Feature {
        method: "textDocument/references",
        answer: adapters::references,
    },
    Feature {
        method: "textDocument/inlayHint",
        answer: adapters::inlay_hints,
    },
];
