//! What a subscription is about: `POST /subscriptions` needs what reading its `resource` needs.
//! <https://learn.microsoft.com/graph/api/subscription-post-subscriptions#permissions>

use std::collections::BTreeSet;
use std::ops::Range;

use msgraph_permissions::Method;
use source_lex::TokenKind;
use source_text::Span;

use super::{Place, Scan, holed};
use crate::address::{self, Target};
use crate::model::Step;

impl Scan<'_, '_> {
    /// Notes for each call that makes a subscription what it reads, where the code says so in one way only.
    pub(super) fn subscriptions(&mut self) {
        let makes = |call: &crate::Found| {
            call.method == Method::Post && call.path.eq_ignore_ascii_case("/subscriptions")
        };
        if !self.evidence.calls.iter().any(makes) {
            return;
        }
        let resources = self.resources();
        let Place::At(_, base) = self.place else {
            return;
        };
        for number in 0..self.evidence.calls.len() {
            let call = &self.evidence.calls[number];
            if !makes(call) {
                continue;
            }
            let offset = call.span.start.saturating_sub(base);
            let at = self
                .code
                .tokens()
                .partition_point(|token| token.start < offset);
            // What the function says, else what the file says.
            let function = self
                .code
                .function_of(at)
                .map(|function| function.start as usize..function.end as usize);
            let within = |range: &Range<usize>| -> Vec<&(usize, String)> {
                resources
                    .iter()
                    .filter(|(at, _)| range.contains(at))
                    .collect()
            };
            let mut near = function.as_ref().map(within).unwrap_or_default();
            if near.is_empty() {
                near = resources.iter().collect();
            }
            let different: BTreeSet<&str> =
                near.iter().map(|(_, template)| template.as_str()).collect();
            let (Some((place, template)), 1) = (near.first(), different.len()) else {
                continue;
            };
            let token = self.code.token(*place);
            let span: Span = self.span(token.start, token.end);
            let call = &mut self.evidence.calls[number];
            call.reads = Some(template.clone());
            call.steps.push(Step {
                text: format!("a subscription needs what GET {template} needs"),
                span,
            });
        }
    }

    /// The resources that the text names: `resource: "/me/messages"`, `setResource("…")`, with the template that reads each.
    fn resources(&self) -> Vec<(usize, String)> {
        let code = self.code;
        let mut found = Vec::new();
        for at in 0..code.len() {
            if !matches!(
                code.kind(at),
                TokenKind::Word | TokenKind::Str | TokenKind::Var
            ) {
                continue;
            }
            let name = code.name(at).to_ascii_lowercase();
            let value = match name.as_str() {
                "resource" if matches!(code.text(at + 1), ":" | "=" | "=>") => {
                    at + 2..code.expression_end(at + 2)
                }
                "setresource" | "set_resource" if code.is(at + 1, "(") => {
                    at + 2..code.skip(at + 1).saturating_sub(1)
                }
                _ => continue,
            };
            if value.len() > 40 {
                continue;
            }
            for value in code.fold(value) {
                let text = holed(&value);
                let Some(address) = address::read(self.api, Some(Method::Get), &text) else {
                    continue;
                };
                if let Target::Path {
                    template: Some(template),
                    ..
                } = address.target
                {
                    found.push((at, template.to_owned()));
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use crate::{Helpers, Options, testing};

    #[test]
    fn a_subscription_reads_what_it_is_about() {
        let reads = |name: &str, text: &str| -> Vec<Option<String>> {
            let source = testing::source(name, text);
            let api = testing::api();
            crate::scan(&source, &api, &Helpers::default(), &Options::default())
                .calls
                .into_iter()
                .map(|call| call.reads)
                .collect()
        };
        let messages = Some("/users/{id}/messages".to_owned());
        let js = "import { Client } from '@microsoft/microsoft-graph-client';\nasync function watch(client, id) { await client.api('/subscriptions').post({ changeType: 'created', resource: `users/${id}/messages` }); }";
        assert_eq!(reads("a.js", js), std::slice::from_ref(&messages));
        let cs = "using Microsoft.Graph;\nclass A { async Task Run(GraphServiceClient client) { var wanted = new Subscription { ChangeType = \"created\", Resource = \"/users/1/messages\" }; await client.Subscriptions.PostAsync(wanted); } }";
        assert_eq!(reads("a.cs", cs), [messages]);
        // Two resources, or one that only the run knows: nothing is concluded.
        let two = js.replace("});", "}); const other = { resource: '/groups' };");
        assert_eq!(reads("a.js", &two), [None]);
        assert_eq!(
            reads("a.js", &js.replace("`users/${id}/messages`", "what")),
            [None]
        );
    }
}
