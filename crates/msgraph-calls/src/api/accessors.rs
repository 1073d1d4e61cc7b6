//! From the accessors of a generated client to a path: `Users[id].RevokeSignInSessions`, `users().byUserId(id)`.
//!
//! A segment of a template and an accessor of code fold alike, so no table of names is needed. Measured on every builder
//! of the six generated SDKs: each operation of the published data is reached, and none by another's accessors.

use msgraph_permissions::Method;

use super::{Api, bit, fold};

/// A place in the tree that a chain of accessors has reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// The nodes: `Me` stands for `/me` and for `/users/{id}`, as the published data has some paths under one only. Empty:
    /// the catalog does not know the path.
    nodes: Vec<u32>,
    /// The path so far.
    pub(crate) path: String,
}

impl Cursor {
    /// Whether the catalog knows the path so far.
    pub(crate) fn is_known(&self) -> bool {
        !self.nodes.is_empty()
    }
}

impl Api {
    /// The root of the tree.
    pub(crate) fn cursor(&self) -> Cursor {
        Cursor {
            nodes: vec![0],
            path: String::new(),
        }
    }

    /// Follows an accessor. `None`: the place has no such word.
    pub(crate) fn accessor(&self, from: &Cursor, accessor: &str) -> Option<Cursor> {
        let at_root = from.path.is_empty();
        let word = bare(accessor);
        let folded = fold(&word);
        let words = |folded: &str| -> Vec<u32> {
            from.nodes
                .iter()
                .filter_map(|node| self.nodes[*node as usize].words.get(folded).copied())
                .collect()
        };
        let step = |nodes: Vec<u32>, segment: &str| {
            (!nodes.is_empty()).then(|| Cursor {
                nodes,
                path: format!("{}/{segment}", from.path),
            })
        };
        if at_root && folded == "me" {
            let mut nodes = words("me");
            let users = words("users");
            nodes.extend(
                users
                    .iter()
                    .filter_map(|node| self.nodes[*node as usize].item),
            );
            return step(nodes, "me");
        }
        let mut nodes = words(&folded);
        if folded == "root" {
            // What is addressed by its path lies under `root:`.
            nodes.extend(words("root:"));
        }
        if let Some(cursor) = step(nodes, &camel(&word)) {
            return Some(cursor);
        }
        for (special, segment) in [("ref", "$ref"), ("count", "$count"), ("value", "$value")] {
            if folded == special {
                return step(words(segment), segment);
            }
        }
        // A cast: `GraphUser`.
        if let Some(cast) = folded.strip_prefix("graph")
            && !cast.is_empty()
            && let Some(cursor) = step(words(cast), &format!("microsoft.graph.{cast}"))
        {
            return Some(cursor);
        }
        if let Some(cursor) = self.function(from, &folded) {
            return Some(cursor);
        }
        // An action or function with its namespace: `MicrosoftGraphCallRecordsGetDirectRoutingCallsWith…`.
        if folded.starts_with("microsoftgraph")
            || accessor.starts_with("microsoft_graph")
            || accessor.starts_with("microsoftGraph")
        {
            for start in 14..folded.len().saturating_sub(3) {
                let Some(tail) = folded.get(start..) else {
                    continue;
                };
                if let Some(cursor) = step(words(tail), tail).or_else(|| self.function(from, tail))
                {
                    return Some(cursor);
                }
                // The published data leaves the arguments of some out.
                if let Some((name, _)) = tail.split_once("with") {
                    let spelled = camel(&word);
                    let segment = spelled
                        .get(start..)
                        .map_or_else(String::new, with_arguments);
                    if let Some(cursor) = step(words(name), &segment) {
                        return Some(cursor);
                    }
                }
            }
        }
        None
    }

    /// `RangeWithAddress`, `GetByUserWithRoleWithName` in any order, `ApplicationsWithAppId`.
    fn function(&self, from: &Cursor, folded: &str) -> Option<Cursor> {
        for node in &from.nodes {
            let here = &self.nodes[*node as usize];
            for (split, _) in folded.match_indices("with") {
                let (name, rest) = folded.split_at(split);
                let Some(known) = here.functions.get(name) else {
                    continue;
                };
                for function in known {
                    let length: usize = function.arguments.iter().map(|a| a.len() + 4).sum();
                    let all = function
                        .arguments
                        .iter()
                        .all(|argument| rest.contains(&format!("with{}", fold(argument))));
                    if !all || length != rest.len() {
                        continue;
                    }
                    // An alternate key names an item of the collection: `applications(appId={value})`.
                    let item = here
                        .words
                        .get(name)
                        .and_then(|collection| self.nodes[*collection as usize].item);
                    if let Some(item) = item {
                        return Some(Cursor {
                            nodes: vec![item, function.node],
                            path: format!("{}/{}/{{id}}", from.path, self.spelling(name)),
                        });
                    }
                    let arguments: Vec<String> = function
                        .arguments
                        .iter()
                        .map(|name| format!("{name}={{}}"))
                        .collect();
                    return Some(Cursor {
                        nodes: vec![function.node],
                        path: format!("{}/{name}({})", from.path, arguments.join(",")),
                    });
                }
            }
            // A function whose arguments are given in the call: `.search("x")` of older clients.
            if let Some(function) = here.functions.get(folded).and_then(|all| all.first()) {
                return Some(Cursor {
                    nodes: vec![function.node],
                    path: format!("{}/{folded}", from.path),
                });
            }
        }
        None
    }

    /// A collection's word in the spelling of the service, for the few that have alternate keys.
    fn spelling<'a>(&self, folded: &'a str) -> &'a str {
        match folded {
            "serviceprincipals" => "servicePrincipals",
            "directoryroles" => "directoryRoles",
            other => other,
        }
    }

    /// Follows the singular of a collection to its item: `user(id)` of graph-rs-sdk.
    pub(crate) fn singular(&self, from: &Cursor, accessor: &str) -> Option<Cursor> {
        let word = bare(accessor);
        let mut plurals = vec![format!("{word}s"), format!("{word}es")];
        if let Some(stem) = word.strip_suffix('y') {
            plurals.push(format!("{stem}ies"));
        }
        plurals.iter().find_map(|plural| {
            let collection = self.accessor(from, plural)?;
            self.item(&collection)
        })
    }

    /// The item of a collection. `None`: the catalog has no item here.
    pub(crate) fn item(&self, from: &Cursor) -> Option<Cursor> {
        let nodes: Vec<u32> = from
            .nodes
            .iter()
            .filter_map(|node| self.nodes[*node as usize].item)
            .collect();
        (!nodes.is_empty()).then(|| Cursor {
            nodes,
            path: format!("{}/{{id}}", from.path),
        })
    }

    /// The item that is addressed by its path: `Root.ItemWithPath("a.txt")`.
    pub(crate) fn by_path(&self, from: &Cursor) -> Cursor {
        Cursor {
            nodes: from
                .nodes
                .iter()
                .filter_map(|node| self.nodes[*node as usize].address)
                .collect(),
            path: format!("{}:/{{id}}:", from.path),
        }
    }

    /// Whether the bytes of what the cursor is at are its `$value`.
    pub(crate) fn has_value(&self, from: &Cursor) -> bool {
        let path = from.path.strip_suffix("/{id}").unwrap_or(&from.path);
        let word = fold(path.rsplit('/').next().unwrap_or_default());
        matches!(
            word.as_str(),
            "photo" | "photos" | "messages" | "attachments" | "mailfolders"
        )
    }

    /// A word or an item that the catalog does not know.
    pub(crate) fn unknown(&self, from: &Cursor, accessor: &str) -> Cursor {
        Cursor {
            nodes: Vec::new(),
            path: format!("{}/{}", from.path, camel(&bare(accessor))),
        }
    }

    /// The template at a place, if it has the method.
    pub(crate) fn template_at(&self, cursor: &Cursor, method: Method) -> Option<&str> {
        cursor.nodes.iter().find_map(|node| {
            let template = self.nodes[*node as usize].template?;
            let template = &self.templates[template as usize];
            (template.methods & bit(method) != 0).then_some(&*template.spelling)
        })
    }
}

/// `GetPstnCallsWithFromDateTimeWithToDateTime` as `getPstnCalls(fromDateTime={},toDateTime={})`.
fn with_arguments(accessor: &str) -> String {
    let mut parts = accessor.split("With");
    let name = camel(parts.next().unwrap_or_default());
    let arguments: Vec<String> = parts.map(|part| format!("{}={{}}", camel(part))).collect();
    format!("{name}({})", arguments.join(","))
}

/// An accessor without the marks that keep it apart from a keyword: `escapedDefault`, `defaultEscaped`, `import_`.
fn bare(accessor: &str) -> String {
    let word = accessor.trim_end_matches('_').trim_start_matches('_');
    let word = word.strip_suffix("Escaped").unwrap_or(word);
    match word
        .strip_prefix("escaped")
        .or_else(|| word.strip_prefix("Escaped"))
    {
        Some(rest) if rest.starts_with(char::is_uppercase) => rest.to_owned(),
        _ => word.to_owned(),
    }
}

/// An accessor in the spelling of the API: `RevokeSignInSessions`, `revoke_sign_in_sessions` to `revokeSignInSessions`.
fn camel(accessor: &str) -> String {
    let mut out = String::with_capacity(accessor.len());
    let mut upper = false;
    for c in accessor.chars() {
        if c == '_' {
            upper = true;
        } else if out.is_empty() {
            out.extend(c.to_lowercase());
        } else if upper {
            out.extend(c.to_uppercase());
            upper = false;
        } else {
            out.push(c);
        }
    }
    out
}
