//! The table of `spec/legacy-cmdlets.tsv`: AzureAD, AzureADPreview, MSOnline and Microsoft.Entra.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::names::strip_prefix_fold;
use super::table::{Call, Entry};
use super::{Resolved, Used};

const TEXT: &str = include_str!("../../data/legacy-cmdlets.tsv");

/// What begins the nouns of the modules. `AzureADMS` is covered by `AzureAD`.
const PREFIXES: [&str; 3] = ["AzureAD", "Msol", "Entra"];

static TABLE: LazyLock<FxHashMap<String, Entry>> = LazyLock::new(|| {
    rows()
        .map(|(name, method, path)| {
            let entry = match method {
                "-" => Entry::NotACall,
                _ => Entry::Call(
                    Call::read(method, path)
                        .expect("the embedded table is a constant, and a test reads it"),
                ),
            };
            (name.to_ascii_lowercase(), entry)
        })
        .collect()
});

fn rows() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    TEXT.lines()
        .filter(|line| !line.starts_with('#'))
        .skip(1)
        .filter_map(|line| {
            let mut cells = line.split('\t');
            Some((cells.next()?, cells.next()?, cells.next()?))
        })
}

pub(super) fn resolve(used: &Used<'_>) -> Resolved {
    let Some((verb, noun)) = used.name.split_once('-') else {
        return Resolved::Unknown;
    };
    let Some((prefix, rest)) = PREFIXES
        .iter()
        .find_map(|prefix| Some((prefix, strip_prefix_fold(noun, prefix)?)))
    else {
        return Resolved::Unknown;
    };
    let stripped =
        strip_prefix_fold(rest, "Beta").filter(|rest| *prefix == "Entra" && !rest.is_empty());
    let name = match stripped {
        Some(rest) => format!("{verb}-Entra{rest}"),
        None => used.name.to_owned(),
    };
    match TABLE.get(&name.to_ascii_lowercase()) {
        Some(Entry::NotACall) => Resolved::NotACall,
        Some(Entry::Call(call)) => {
            let mut sent = call.sent(used);
            sent.beta = stripped.is_some();
            Resolved::Call(sent)
        }
        // An author's own function may be called `Get-EntraReport`: only the retired modules' names are surely theirs.
        None if *prefix == "Entra" => Resolved::Unknown,
        None if is_service(verb, rest) => Resolved::NotACall,
        // `Get-AzureADAccessToken` is no cmdlet of the modules: their nouns begin with what they are about.
        None => match root(rest) {
            Some(root) => Resolved::NoEquivalent {
                root: Some(root.to_owned()),
            },
            None => Resolved::Unknown,
        },
    }
}

/// Commands that sign in or ask about the session.
fn is_service(verb: &str, rest: &str) -> bool {
    let verb = verb.to_ascii_lowercase();
    matches!(verb.as_str(), "connect" | "disconnect") || rest.eq_ignore_ascii_case("Service")
}

/// The first segment of the path that a noun is about, where its first word tells.
fn root(noun: &str) -> Option<&'static str> {
    let noun = strip_prefix_fold(noun, "MS").unwrap_or(noun);
    [
        ("User", "users"),
        ("Group", "groups"),
        ("ApplicationProxy", "applications"),
        ("Application", "applications"),
        ("ServicePrincipal", "serviceprincipals"),
        ("Service", "serviceprincipals"),
        ("Device", "devices"),
        ("Domain", "domains"),
        ("DirectoryRole", "directoryroles"),
        ("Role", "directoryroles"),
        ("Company", "organization"),
    ]
    .into_iter()
    .find_map(|(word, root)| strip_prefix_fold(noun, word).map(|_| root))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_call_or_none() {
        let mut seen = std::collections::BTreeSet::new();
        for (name, method, path) in rows() {
            assert!(
                seen.insert(name.to_ascii_lowercase()),
                "{name} stands twice"
            );
            assert!(
                method == "-" || Call::read(method, path).is_some(),
                "{name}: {method} {path}"
            );
        }
        assert!(seen.len() > 400);
        assert_eq!(TABLE.len(), seen.len());
    }
}
