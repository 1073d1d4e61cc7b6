//! Postman collections, version 2.0 and 2.1.
//!
//! <https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/index.html>

use serde_json::value::RawValue;

use super::collect::{
    Collector, Manner, Members, Request, for_each, member, members, string, text,
};
use super::variables::Variables;
use super::{Format, Head, LeftOut, RecordError};
use crate::{Certainty, Kind};

pub(super) struct Postman;

/// Folders within folders.
const MOST_DEPTH: usize = 32;

const MANNER: Manner = Manner {
    kind: Kind::Collection,
    certainty: Certainty::Possible,
    bare_paths: false,
};

impl Format for Postman {
    fn name(&self) -> &'static str {
        "postman"
    }

    fn claims(&self, head: &Head<'_>) -> bool {
        head.has("info") && head.has("item")
    }

    fn read(&self, collector: &mut Collector<'_>) -> Result<(), RecordError> {
        let whole = collector.text();
        let outer = members(collector, whole)?;
        let mut variables = Variables::default();
        if let Some(list) = member(&outer, "variable") {
            for_each(collector, list.get(), |collector, element| {
                let variable = members(collector, element.get())?;
                let name = string(&variable, "key").or_else(|| string(&variable, "id"));
                if let (Some(name), Some(value)) = (name, string(&variable, "value")) {
                    variables.set(&name, &value);
                }
                Ok(())
            })?;
        }
        items(collector, &outer, &variables, 0)
    }
}

fn items(
    collector: &mut Collector<'_>,
    folder: &Members<'_>,
    variables: &Variables,
    depth: usize,
) -> Result<(), RecordError> {
    let Some(list) = member(folder, "item").filter(|_| depth < MOST_DEPTH) else {
        return Ok(());
    };
    for_each(collector, list.get(), |collector, element| {
        let item = members(collector, element.get())?;
        if let Some(request) = member(&item, "request") {
            hand(collector, request, variables)?;
        }
        items(collector, &item, variables, depth + 1)
    })
}

/// A request is an object, or an address alone, which is then read with GET.
fn hand(
    collector: &mut Collector<'_>,
    request: &RawValue,
    variables: &Variables,
) -> Result<(), RecordError> {
    collector.count();
    let span = collector.place(request.get());
    let (method, url) = if let Some(url) = text(request) {
        ("GET".to_owned(), Some(url))
    } else {
        let request = members(collector, request.get())?;
        let url = match member(&request, "url") {
            Some(url) if url.get().starts_with('{') => {
                string(&members(collector, url.get())?, "raw")
            }
            Some(url) => text(url),
            None => None,
        };
        (
            string(&request, "method").unwrap_or_else(|| "GET".to_owned()),
            url,
        )
    };
    let Some(url) = url else {
        collector.leave_out(LeftOut::Unreadable);
        return Ok(());
    };
    let request = Request {
        method: &variables.fill(&method),
        url: &variables.fill(&url),
        ..Request::default()
    };
    collector.request(&request, MANNER, span);
    Ok(())
}
