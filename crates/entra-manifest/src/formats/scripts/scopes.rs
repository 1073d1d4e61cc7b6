//! Scopes: names of permissions, alone or behind the address of their API.

use msgraph_permissions::{Catalog, is_oidc_scope};

use super::collect::{Collected, Manner};
use super::follow::Reached;
use crate::label::is_exactly_a_permission;

/// Hosts of Microsoft Graph in the four clouds, and its application id.
/// <https://learn.microsoft.com/en-us/graph/deployments>
pub(super) const HOSTS: [&str; 5] = [
    "graph.microsoft.com",
    "graph.microsoft.us",
    "dod-graph.microsoft.us",
    "microsoftgraph.chinacloudapi.cn",
    "00000003-0000-0000-c000-000000000000",
];

/// What a scope names.
pub(super) enum Scope<'a> {
    /// A permission of Microsoft Graph.
    Graph(&'a str),
    /// A scope of another API, `/.default`, or no scope.
    Other,
}

/// Which permission a scope names.
pub(super) fn scope_name(text: &str) -> Scope<'_> {
    let Some((address, name)) = text.rsplit_once('/') else {
        return if text.is_empty()
            || text == ".default"
            || !text.starts_with(|c: char| c.is_ascii_alphabetic())
        {
            Scope::Other
        } else {
            Scope::Graph(text)
        };
    };
    let host = address
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    if HOSTS.contains(&host.as_str()) && is_exactly_a_permission(name) {
        Scope::Graph(name)
    } else {
        Scope::Other
    }
}

/// Whether Microsoft Graph publishes a permission of this name, or it is one of the sign-in scopes.
pub(super) fn is_published(name: &str) -> bool {
    is_oidc_scope(name) || Catalog::embedded().permission(name).is_some()
}

/// Declares every word that is a scope of Microsoft Graph, even one that is not published: the place says that it is meant
/// for one.
pub(super) fn push_names(reached: Reached, manner: Manner, out: &mut Collected<'_>) {
    push(reached, manner, out, |_| true);
}

/// Declares the words that Microsoft Graph publishes. For places that can hold other words, too.
pub(super) fn push_published(reached: Reached, manner: Manner, out: &mut Collected<'_>) {
    let named = reached.literals.iter().any(|literal| {
        matches!(scope_name(&literal.text), Scope::Graph(name)
            if !is_oidc_scope(name) && is_published(name))
    });
    // Sign-in scopes alone may be another provider's.
    if named {
        push(reached, manner, out, is_published);
    }
}

fn push(reached: Reached, manner: Manner, out: &mut Collected<'_>, counts: impl Fn(&str) -> bool) {
    for mut literal in reached.literals {
        if let Scope::Graph(name) = scope_name(&literal.text)
            && counts(name)
        {
            // The address goes with the literal; its name is what counts.
            literal.text = name.to_owned();
            out.push(literal, manner);
        }
    }
    for unknown in reached.unknown {
        out.push(unknown, manner);
    }
}
