//! The configuration as it is written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use source_text::Source;
use toml::Spanned;

use crate::finding::Finding;
use crate::rules::invalid_config;
use crate::text;

/// The file as written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Raw {
    /// The version of the configuration's format: 1.
    #[schemars(with = "Option<i64>")]
    pub(super) version: Option<Spanned<i64>>,
    /// The calls that the app of this repository makes, one a string, such as
    /// "application POST /users/{id}/revokeSignInSessions". With several apps use `[[app]]`.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) calls: Vec<Spanned<String>>,
    /// Files with calls, one a line, relative to this file.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) calls_from: Vec<Spanned<String>>,
    /// The calls target other users than the one signed in, so self-only permissions such as User.Read do not count.
    #[schemars(with = "Option<bool>")]
    pub(super) other_users: Option<Spanned<bool>>,
    /// Search source code for calls; true by default.
    #[schemars(with = "Option<bool>")]
    pub(super) scan: Option<Spanned<bool>>,
    /// Also search tests, fixtures and samples for calls.
    #[schemars(with = "Option<bool>")]
    pub(super) include_tests: Option<Spanned<bool>>,
    /// Files and folders that are not read, as globs relative to this file.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) exclude: Vec<Spanned<String>>,
    /// The permissions data to use instead of the embedded catalog.
    pub(super) catalog: Option<RawCatalog>,
    /// The oldest entralint that may check this repository, such as "0.2.0".
    #[schemars(with = "Option<String>")]
    pub(super) required_version: Option<Spanned<String>>,
    /// Configurations of this repository whose rules, exceptions and deny-list count here too, relative to this file.
    /// What this file says wins, save for rules that they lock.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) extends: Vec<Spanned<String>>,
    /// The severity of rules: "off", "note", "warning" or "error", by the rule's id.
    #[serde(default)]
    #[schemars(with = "std::collections::BTreeMap<String, RawLevel>")]
    pub(super) rules: BTreeMap<Spanned<String>, Spanned<String>>,
    /// Rules that a configuration which extends this one, or lies in a nearer folder, cannot weaken.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) locked: Vec<Spanned<String>>,
    /// Findings that are accepted, each with a reason.
    #[serde(default)]
    #[schemars(with = "Vec<RawAllow>")]
    pub(super) allow: Vec<Spanned<RawAllow>>,
    /// Permissions that this organisation does not grant.
    #[serde(default)]
    #[schemars(with = "Vec<RawForbid>")]
    pub(super) forbid: Vec<Spanned<RawForbid>>,
    /// The baseline's file, relative to this one; entralint-baseline.json at the repository's root where nothing is named.
    #[schemars(with = "Option<String>")]
    pub(super) baseline: Option<Spanned<String>>,
    /// The environments of Terraform configurations. With any named for a folder, no other `-var-file` is read there.
    #[serde(default)]
    pub(super) environment: Vec<RawEnvironment>,
    /// One section for each app.
    #[serde(default)]
    #[schemars(with = "Vec<RawApp>")]
    pub(super) app: Vec<Spanned<RawApp>>,
}

/// A severity of the configuration, for the schema.
#[derive(JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(
    dead_code,
    reason = "the schema alone uses it: values are read with their place"
)]
enum RawLevel {
    /// The rule's findings are dropped.
    Off,
    /// Worth knowing.
    Note,
    /// Should change.
    Warning,
    /// Must change.
    Error,
}

/// Findings that are accepted. At least one of `rule`, `app` and `permission` selects them; all that are named must fit.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawAllow {
    /// The rule's id.
    #[schemars(with = "Option<String>")]
    pub(super) rule: Option<Spanned<String>>,
    /// The app's name, address or file; `*` and `?` stand for any characters.
    #[schemars(with = "Option<String>")]
    pub(super) app: Option<Spanned<String>>,
    /// The permission's name.
    #[schemars(with = "Option<String>")]
    pub(super) permission: Option<Spanned<String>>,
    /// Why it is accepted.
    #[schemars(with = "String")]
    pub(super) reason: Option<Spanned<String>>,
    /// Who answers for it.
    pub(super) owner: Option<String>,
    /// The last day on which it counts, such as 2027-03-31.
    #[schemars(with = "Option<String>")]
    pub(super) expires: Option<Spanned<RawDate>>,
}

/// A day, as a TOML date or as a string.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum RawDate {
    /// `2027-03-31`
    Date(toml::value::Datetime),
    /// `"2027-03-31"`
    Text(String),
}

/// A permission that this organisation does not grant.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawForbid {
    /// The permission's name.
    #[schemars(with = "String")]
    pub(super) permission: Spanned<String>,
    /// "delegated", "application" or both; both where nothing is named.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) types: Vec<Spanned<String>>,
    /// The apps that it is about, by name, address or file; all where nothing is named.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) apps: Vec<Spanned<String>>,
    /// Why.
    #[schemars(with = "String")]
    pub(super) reason: Option<Spanned<String>>,
}

/// Microsoft's published permissions data, kept in the repository.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawCatalog {
    /// permissions.json, relative to this file; the embedded catalog where none is named.
    #[schemars(with = "Option<String>")]
    pub(super) permissions: Option<Spanned<String>>,
    /// provisioningInfo.json, relative to this file; the one in the same folder where none is named.
    #[schemars(with = "Option<String>")]
    pub(super) provisioning: Option<Spanned<String>>,
    /// The SHA-256 of permissions.json, in hex: another file is refused.
    #[schemars(with = "Option<String>")]
    pub(super) sha256: Option<Spanned<String>>,
    /// The SHA-256 of provisioningInfo.json, in hex: another file is refused.
    #[schemars(with = "Option<String>")]
    pub(super) provisioning_sha256: Option<Spanned<String>>,
    /// The service principal of Microsoft Graph in the tenant, as `az ad sp show` writes it, relative to this file:
    /// its ids and permissions are used in place of those of the catalog.
    #[schemars(with = "Option<String>")]
    pub(super) service_principal: Option<Spanned<String>>,
}

/// An environment of a Terraform configuration.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawEnvironment {
    /// The environment's name, such as "prod": that of the workspace.
    pub(super) name: String,
    /// The folder of the configuration, relative to this file; this file's own folder by default.
    #[serde(default)]
    pub(super) folder: String,
    /// The files of `-var-file`, relative to this file. Later ones win.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) files: Vec<Spanned<String>>,
}

/// One app: which declarations are its, and which calls it makes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawApp {
    /// The files that declare the app's permissions, as globs relative to this file.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) manifests: Vec<Spanned<String>>,
    /// The app's display name or application id, where a file declares several apps.
    #[schemars(with = "Option<String>")]
    pub(super) name: Option<Spanned<String>>,
    /// How the format addresses the app, such as "azuread_application.worker".
    #[schemars(with = "Option<String>")]
    pub(super) address: Option<Spanned<String>>,
    /// The calls that the app makes.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) calls: Vec<Spanned<String>>,
    /// Files with calls, one a line, relative to this file.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) calls_from: Vec<Spanned<String>>,
    /// The app's source code, as globs relative to this file.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) sources: Vec<Spanned<String>>,
    /// Recordings of the app's requests (HAR, Dev Proxy, activity logs), relative to this file.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) recordings: Vec<Spanned<String>>,
    /// Who signs in: "work", "personal" or both; "work" by default.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) account_types: Option<Vec<Spanned<String>>>,
}

/// Reads the file, or says what is wrong with its syntax or its keys.
pub(super) fn parse(source: &Source) -> Result<Raw, Finding> {
    toml::from_str(source.text()).map_err(|error| {
        let range = error.span().unwrap_or(0..0);
        let span = source.span(range.start, range.end.max(range.start));
        invalid_config::finding(source, span, sentence(error.message()))
    })
}

/// Ends of the parser's messages, and what to write.
const HINTS: [(&str, &str); 5] = [
    ("expected a sequence", "expected a list: write [\"…\"]"),
    (
        "expected a map",
        "expected a table: write its name between brackets on a line of its own, and its keys below",
    ),
    (
        "expected a string",
        "expected a text: write it between quotes",
    ),
    ("expected a boolean", "write true or false, without quotes"),
    (
        "duplicate key",
        "this key stands here twice: keep one of them",
    ),
];

/// The parser's message in this tool's words, with the key that was probably meant.
fn sentence(message: &str) -> String {
    let message = message.trim_end();
    let mut quoted = message.split('`').skip(1).step_by(2);
    let Some(unknown) = quoted
        .next()
        .filter(|_| message.starts_with("unknown field"))
    else {
        return match HINTS.iter().find(|(end, _)| message.ends_with(end)) {
            Some((end, hint)) => {
                let rest = message.strip_suffix(end).unwrap_or(message);
                format!("{}{hint}", text::shown(rest))
            }
            None => text::shown(message),
        };
    };
    let known: Vec<&str> = quoted.collect();
    let near = known
        .iter()
        .map(|key| (strsim::damerau_levenshtein(key, unknown), *key))
        .min()
        // A third of the letters wrong is a slip; more is another word.
        .filter(|(distance, key)| distance * 3 <= key.len().max(3));
    match near {
        Some((_, key)) => format!("unknown key `{unknown}`: did you mean `{key}`?"),
        None => format!(
            "unknown key `{unknown}`: the keys here are {}",
            text::and(&known)
        ),
    }
}

/// The configuration's JSON Schema, for editors.
pub fn schema() -> schemars::Schema {
    let mut schema = schemars::schema_for!(Raw);
    schema.insert("title".to_owned(), NAME_OF_SCHEMA.into());
    schema
}

const NAME_OF_SCHEMA: &str = super::NAME;
