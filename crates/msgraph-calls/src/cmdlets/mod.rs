//! Cmdlets of the Microsoft Graph PowerShell SDK, and of the modules before it: the call that each sends.
//!
//! The SDK's names are made by a rule from the paths of the API, so they are resolved by the same rule from the catalog's
//! templates ([`Index`]), with a short list of exceptions (`spec/cmdlets.toml`). The names of the retired AzureAD and
//! MSOnline modules and of Microsoft.Entra follow no such rule: they have a table (`spec/legacy-cmdlets.tsv`).

mod choose;
mod index;
mod legacy;
mod names;
mod spellings;
mod table;

use msgraph_permissions::Method;

pub(crate) use self::index::Index;

/// A cmdlet as it is used at one place of a script.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Used<'a> {
    /// Its name, in any case: `Get-MgUser`.
    pub(crate) name: &'a str,
    /// The names of its parameters, without the dash, in lower case; those of a splatted table too.
    pub(crate) parameters: &'a [&'a str],
    /// Something is piped into it.
    pub(crate) piped: bool,
    /// Further parameters come from a splatted table that could not be read.
    pub(crate) open: bool,
}

/// What a cmdlet does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resolved {
    /// It sends this request.
    Call(Sent),
    /// It belongs to one of the modules, and sends nothing.
    NotACall,
    /// It is named as one of the modules names its cmdlets, and its call is not known.
    NoEquivalent {
        /// First segment of the path, where the name tells as much.
        root: Option<String>,
    },
    /// It belongs to none of the modules.
    Unknown,
}

/// The request of a cmdlet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sent {
    /// The HTTP method.
    pub(crate) method: Method,
    /// The path, an id as `{id}`.
    pub(crate) path: String,
    /// A `-MgBeta` cmdlet.
    pub(crate) beta: bool,
    /// Whether the item or the list is called depends on what the text does not show.
    pub(crate) unsure: bool,
}

/// The call of a cmdlet.
pub(crate) fn resolve(used: &Used<'_>, index: &Index) -> Resolved {
    let Some((verb, noun)) = used.name.split_once('-') else {
        return Resolved::Unknown;
    };
    let is_name = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if verb.is_empty() || noun.len() < 3 || !is_name(verb) || !is_name(noun) {
        return Resolved::Unknown;
    }
    if let Some(entry) = table::find(used.name) {
        return match entry {
            table::Entry::NotACall => Resolved::NotACall,
            table::Entry::Call(call) => Resolved::Call(call.sent(used)),
        };
    }
    let Some(noun) = names::strip_prefix_fold(noun, "mg") else {
        return legacy::resolve(used);
    };
    let (noun, beta) = match names::strip_prefix_fold(noun, "beta") {
        Some(rest) if !rest.is_empty() => (rest, true),
        _ => (noun, false),
    };
    if noun.is_empty() {
        return Resolved::Unknown;
    }
    // `Get-MgmtThing`: a capital follows a module's prefix, where the script's author wrote capitals. `Get-Mguser` is a
    // cmdlet for all that.
    let small = noun.starts_with(|c: char| c.is_ascii_lowercase()) && used.name.contains("-Mg");
    match index.find(verb, noun) {
        None if small => Resolved::Unknown,
        Some(candidates) => Resolved::Call(choose::choose(used, &candidates, beta)),
        // A function of the author's may be named so too: `Write-MgUserLog`.
        None if !table::is_verb(verb) => Resolved::Unknown,
        None => match index.root(noun) {
            Some(root) => Resolved::NoEquivalent { root: Some(root) },
            None => Resolved::Unknown,
        },
    }
}

#[cfg(test)]
mod tests;
