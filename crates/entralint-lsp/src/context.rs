//! What is known of the file of a request.

use entralint_core::config::NAME;
use entralint_core::finding::{Finding, Location, locate};
use entralint_core::plan::FileEvidence;
use entralint_project::Workspace;
use entralint_project::units::ReadUnit;
use serde_json::{Value, json};
use source_text::{Source, Span};

use crate::client::Client;

/// What an editor sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientOptions {
    /// Names are shown next to ids.
    pub(crate) inlay_hints: bool,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self { inlay_hints: true }
    }
}

impl ClientOptions {
    /// Reads `initializationOptions`, or the settings of `workspace/didChangeConfiguration`.
    pub(crate) fn of(value: &Value) -> Self {
        Self {
            inlay_hints: value["inlayHints"].as_bool().unwrap_or(true),
        }
    }
}

/// The file of a request, and its project as the last check left it.
pub(crate) struct Context<'a> {
    /// The editor.
    pub(crate) client: &'a Client,
    /// The project.
    pub(crate) workspace: &'a Workspace<'a>,
    /// The file as it is now.
    pub(crate) source: &'a Source,
    /// The unit that it is part of.
    pub(crate) unit: Option<&'a ReadUnit>,
    /// The calls that it makes.
    pub(crate) evidence: Option<&'a FileEvidence>,
    /// The open findings that are shown in it.
    pub(crate) findings: &'a [Finding],
    /// What the editor sets.
    pub(crate) options: &'a ClientOptions,
}

impl Context<'_> {
    /// Whether the file is an `entralint.toml`.
    pub(crate) fn is_config(&self) -> bool {
        self.source.name().file_name() == Some(NAME)
    }

    /// The offset of a position of the protocol. A position behind the text counts as its end.
    pub(crate) fn offset(&self, position: &Value) -> Option<usize> {
        let positions = self.client.abilities.positions;
        positions.offset(self.source, position)
    }

    /// The position of an offset.
    pub(crate) fn position(&self, offset: usize) -> Value {
        let range = self.range(self.source.span(offset, offset));
        range["start"].clone()
    }

    /// The range of a span of the file.
    pub(crate) fn range(&self, span: Span) -> Value {
        self.client
            .abilities
            .positions
            .range(&locate(self.source, span))
    }

    /// The address and the range of a place in any file.
    pub(crate) fn location(&self, at: &Location) -> Option<Value> {
        let root = &self.workspace.project().root;
        let uri = self.client.uri(&root.open(&at.path))?;
        Some(json!({ "uri": uri, "range": self.client.abilities.positions.range(at) }))
    }
}
