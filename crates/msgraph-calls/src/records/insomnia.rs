//! Insomnia's exports: version 4 (JSON) and 5 (YAML).
//!
//! <https://developer.konghq.com/insomnia/import-export/>

use source_lex::yaml::{self, Node};

use super::collect::{Collector, Manner, Request, for_each, member, members, string, text};
use super::variables::Variables;
use super::{Format, Head, RecordError};
use crate::{Certainty, Kind};

pub(super) struct Version4;
pub(super) struct Version5;

const MANNER: Manner = Manner {
    kind: Kind::Collection,
    certainty: Certainty::Possible,
    bare_paths: false,
};

impl Format for Version4 {
    fn name(&self) -> &'static str {
        "insomnia"
    }

    fn claims(&self, head: &Head<'_>) -> bool {
        head.has("__export_format") && head.has("resources")
    }

    fn read(&self, collector: &mut Collector<'_>) -> Result<(), RecordError> {
        let whole = collector.text();
        let outer = members(collector, whole)?;
        let Some(resources) = member(&outer, "resources") else {
            return Ok(());
        };
        let mut variables = Variables::default();
        for_each(collector, resources.get(), |collector, element| {
            let resource = members(collector, element.get())?;
            if string(&resource, "_type").as_deref() == Some("environment")
                && let Some(data) =
                    member(&resource, "data").filter(|data| data.get().starts_with('{'))
            {
                for (name, value) in members(collector, data.get())? {
                    if let Some(value) = text(value) {
                        variables.set(&name, &value);
                    }
                }
            }
            Ok(())
        })?;
        for_each(collector, resources.get(), |collector, element| {
            let resource = members(collector, element.get())?;
            if string(&resource, "_type").as_deref() != Some("request") {
                return Ok(());
            }
            collector.count();
            let (method, url) = (string(&resource, "method"), string(&resource, "url"));
            let span = member(&resource, "url").map_or_else(
                || collector.place(element.get()),
                |url| collector.place(url.get()),
            );
            let request = Request {
                method: method.as_deref().unwrap_or("GET"),
                url: &variables.fill(url.as_deref().unwrap_or_default()),
                ..Request::default()
            };
            collector.request(&request, MANNER, span);
            Ok(())
        })
    }
}

impl Format for Version5 {
    fn name(&self) -> &'static str {
        "insomnia"
    }

    fn claims(&self, head: &Head<'_>) -> bool {
        head.text.contains("collection.insomnia.rest/")
    }

    fn read(&self, collector: &mut Collector<'_>) -> Result<(), RecordError> {
        let document = yaml::parse(collector.source)
            .map_err(|error| collector.syntax(error.reason, error.offset))?;
        let mut variables = Variables::default();
        let mut environment = |data: Option<&Node>| {
            for (name, value) in data.map(Node::pairs).unwrap_or_default() {
                if let Some(value) = value.text() {
                    variables.set(&name.text, value);
                }
            }
        };
        let environments = document.get("environments");
        environment(environments.and_then(|node| node.get("data")));
        for sub in environments
            .and_then(|node| node.get("subEnvironments"))
            .map(Node::items)
            .unwrap_or_default()
        {
            environment(sub.get("data"));
        }
        if let Some(list) = document.get("collection") {
            items(collector, list, &variables);
        }
        Ok(())
    }
}

fn items(collector: &mut Collector<'_>, list: &Node, variables: &Variables) {
    for item in list.items() {
        if let Some(url) = item.get("url") {
            collector.count();
            let request = Request {
                method: item.get("method").and_then(Node::text).unwrap_or("GET"),
                url: &variables.fill(url.text().unwrap_or_default()),
                ..Request::default()
            };
            collector.request(&request, MANNER, url.span());
        }
        if let Some(children) = item.get("children") {
            items(collector, children, variables);
        }
    }
}
