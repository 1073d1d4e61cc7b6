//! `.http` and `.rest` files of Visual Studio, VS Code's REST Client and JetBrains' HTTP Client.
//!
//! <https://learn.microsoft.com/en-us/aspnet/core/test/http-files>

use super::collect::{Collector, Manner, Request};
use super::variables::Variables;
use super::{Format, Head, RecordError};
use crate::{Certainty, Kind};

pub(super) struct HttpFile;

const METHODS: [&str; 9] = [
    "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT",
];

const MANNER: Manner = Manner {
    kind: Kind::Collection,
    certainty: Certainty::Possible,
    bare_paths: false,
};

impl Format for HttpFile {
    fn name(&self) -> &'static str {
        "http"
    }

    fn claims(&self, head: &Head<'_>) -> bool {
        head.ends_with(".http") || head.ends_with(".rest")
    }

    fn read(&self, collector: &mut Collector<'_>) -> Result<(), RecordError> {
        let text = collector.text();
        let mut variables = Variables::default();
        for line in text.lines() {
            if let Some((name, value)) = line
                .trim()
                .strip_prefix('@')
                .and_then(|line| line.split_once('='))
            {
                variables.set(name, value.trim());
            }
        }
        let mut lines = text.lines().peekable();
        // Within a request, headers and body follow up to the next `###`.
        let mut within = false;
        while let Some(line) = lines.next() {
            let trimmed = line.trim();
            if trimmed.starts_with("###") {
                within = false;
                continue;
            }
            if within
                || trimmed.is_empty()
                || trimmed.starts_with(['#', '@', '/']) && !trimmed.starts_with("/v")
            {
                continue;
            }
            let (method, rest) = match trimmed.split_once(char::is_whitespace) {
                Some((word, rest)) if METHODS.contains(&word) => (word, rest.trim()),
                // An address alone is read with GET.
                _ if trimmed.starts_with("http://")
                    || trimmed.starts_with("https://")
                    || trimmed.starts_with("{{") =>
                {
                    ("GET", trimmed)
                }
                _ => continue,
            };
            within = true;
            let span = collector.place(rest);
            let mut url = rest
                .split(" HTTP/")
                .next()
                .unwrap_or(rest)
                .trim()
                .to_owned();
            // The query may go on in the next lines.
            while let Some(more) = lines
                .peek()
                .map(|line| line.trim())
                .filter(|line| line.starts_with(['?', '&']))
            {
                url.push_str(more);
                lines.next();
            }
            collector.count();
            let request = Request {
                method,
                url: &variables.fill(&url),
                ..Request::default()
            };
            collector.request(&request, MANNER, span);
        }
        Ok(())
    }
}
