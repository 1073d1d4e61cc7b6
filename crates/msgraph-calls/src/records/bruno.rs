//! Bruno requests (`.bru`): one request a file.
//!
//! <https://docs.usebruno.com/bru-lang/overview>

use super::collect::{Collector, Manner, Request};
use super::variables::Variables;
use super::{Format, Head, LeftOut, RecordError};
use crate::{Certainty, Kind};

pub(super) struct Bruno;

const METHODS: [&str; 7] = ["get", "post", "put", "patch", "delete", "head", "options"];

impl Format for Bruno {
    fn name(&self) -> &'static str {
        "bruno"
    }

    fn claims(&self, head: &Head<'_>) -> bool {
        head.ends_with(".bru")
    }

    fn read(&self, collector: &mut Collector<'_>) -> Result<(), RecordError> {
        let text = collector.text();
        let mut variables = Variables::default();
        let mut block = "";
        let mut request = None;
        for line in text.lines() {
            let trimmed = line.trim();
            if !line.starts_with([' ', '\t']) {
                block = trimmed.strip_suffix('{').map_or("", str::trim);
                continue;
            }
            let Some((name, value)) = trimmed.split_once(':') else {
                continue;
            };
            let (name, value) = (name.trim(), value.trim());
            if METHODS.contains(&block) && name == "url" {
                request = Some((block, value));
            } else if block.starts_with("vars") && !name.starts_with('~') {
                variables.set(name, value);
            }
        }
        collector.count();
        let Some((method, url)) = request else {
            collector.leave_out(LeftOut::Unreadable);
            return Ok(());
        };
        let span = collector.place(url);
        let request = Request {
            method,
            url: &variables.fill(url),
            ..Request::default()
        };
        let manner = Manner {
            kind: Kind::Collection,
            certainty: Certainty::Possible,
            bare_paths: false,
        };
        collector.request(&request, manner, span);
        Ok(())
    }
}
