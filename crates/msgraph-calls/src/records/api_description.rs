//! An OpenAPI description with a server of Microsoft Graph: what a client made from it may call.

use source_lex::yaml::{self, Node};

use super::collect::{Collector, Request};
use super::kiota::MANNER;
use super::{Format, Head, RecordError};

pub(super) struct OpenApi;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

impl Format for OpenApi {
    fn name(&self) -> &'static str {
        "openapi"
    }

    fn claims(&self, head: &Head<'_>) -> bool {
        let start: String = head.text.chars().take(4096).collect();
        head.has("openapi")
            || start
                .lines()
                .any(|line| line.trim_start().starts_with("openapi:"))
    }

    fn read(&self, collector: &mut Collector<'_>) -> Result<(), RecordError> {
        // JSON is YAML too.
        let document = yaml::parse(collector.source)
            .map_err(|error| collector.syntax(error.reason, error.offset))?;
        let server = document
            .get("servers")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(|server| server.get("url")?.text())
            .find(|url| url.contains("graph.microsoft.") || url.contains("microsoftgraph."));
        let Some(server) = server else {
            return Err(RecordError::OtherApi {
                span: collector.source.span(0, 0),
            });
        };
        for (path, operations) in document.get("paths").map(Node::pairs).unwrap_or_default() {
            for (method, _) in operations.pairs() {
                if METHODS.contains(&method.text.to_ascii_lowercase().as_str()) {
                    collector.count();
                    let url = format!("{}{}", server.trim_end_matches('/'), path.text);
                    let request = Request {
                        method: &method.text,
                        url: &url,
                        ..Request::default()
                    };
                    collector.request(&request, MANNER, method.span);
                }
            }
        }
        Ok(())
    }
}
