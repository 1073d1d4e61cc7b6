//! `kiota-lock.json`: the paths for which a client was generated. It may call them: an upper bound, no proof.
//!
//! <https://learn.microsoft.com/en-us/openapi/kiota/using#--include-path---i>

use globset::{GlobBuilder, GlobMatcher};
use msgraph_permissions::Method;

use super::collect::{Collector, Manner, Request, for_each, member, members, text};
use super::{Format, Head, RecordError};
use crate::{Certainty, Kind};

pub(super) struct Lock;

pub(super) const MANNER: Manner = Manner {
    kind: Kind::Generated,
    certainty: Certainty::Possible,
    bare_paths: true,
};

impl Format for Lock {
    fn name(&self) -> &'static str {
        "kiota-lock"
    }

    fn claims(&self, head: &Head<'_>) -> bool {
        head.name == "kiota-lock.json" || head.has("kiotaVersion")
    }

    fn read(&self, collector: &mut Collector<'_>) -> Result<(), RecordError> {
        let whole = collector.text();
        let outer = members(collector, whole)?;
        let mut excluded = Vec::new();
        if let Some(list) = member(&outer, "excludePatterns") {
            for_each(collector, list.get(), |collector, element| {
                let span = collector.place(element.get());
                if let Some(pattern) = text(element) {
                    excluded.push(
                        Pattern::read(&pattern)
                            .map_err(|reason| collector.syntax(reason, span.start as usize))?,
                    );
                }
                Ok(())
            })?;
        }
        let Some(list) = member(&outer, "includePatterns") else {
            return Err(RecordError::Missing {
                format: self.name(),
                member: "includePatterns",
                span: collector.source.span(0, 0),
            });
        };
        let api = collector.api;
        for_each(collector, list.get(), |collector, element| {
            let span = collector.place(element.get());
            let Some(written) = text(element) else {
                return Ok(());
            };
            let pattern = Pattern::read(&written)
                .map_err(|reason| collector.syntax(reason, span.start as usize))?;
            for (method, template) in api.operations() {
                if pattern.matches(method, template)
                    && !excluded.iter().any(|out| out.matches(method, template))
                {
                    collector.count();
                    let method = method.to_string();
                    let request = Request {
                        method: &method,
                        url: template,
                        ..Request::default()
                    };
                    collector.request(&request, MANNER, span);
                }
            }
            Ok(())
        })
    }
}

/// `/users/{user-id}/messages#GET`, `/groups/**`.
struct Pattern {
    path: GlobMatcher,
    method: Option<Method>,
}

impl Pattern {
    fn read(text: &str) -> Result<Self, String> {
        let (path, method) = match text.split_once('#') {
            Some((path, method)) => (
                path,
                Some(
                    method
                        .parse::<Method>()
                        .map_err(|error| error.to_string())?,
                ),
            ),
            None => (text, None),
        };
        // An id has another name in every description, so any segment will do.
        let path: Vec<&str> = path
            .split('/')
            .map(|segment| {
                if segment.starts_with('{') {
                    "*"
                } else {
                    segment
                }
            })
            .collect();
        let glob = GlobBuilder::new(&path.join("/"))
            .literal_separator(true)
            .case_insensitive(true)
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self {
            path: glob.compile_matcher(),
            method,
        })
    }

    fn matches(&self, method: Method, template: &str) -> bool {
        self.method.is_none_or(|wanted| wanted == method) && self.path.is_match(template)
    }
}
