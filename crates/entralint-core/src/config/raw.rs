//! The configuration as it is written.

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
    #[serde(default)]
    pub(super) other_users: bool,
    /// Search source code for calls; true by default.
    pub(super) scan: Option<bool>,
    /// Also search tests, fixtures and samples for calls.
    #[serde(default)]
    pub(super) include_tests: bool,
    /// Files and folders that are not read, as globs relative to this file.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) exclude: Vec<Spanned<String>>,
    /// The permissions data to use instead of the embedded catalog.
    pub(super) catalog: Option<RawCatalog>,
    /// One section for each app.
    #[serde(default)]
    #[schemars(with = "Vec<RawApp>")]
    pub(super) app: Vec<Spanned<RawApp>>,
}

/// Microsoft's published permissions data, kept in the repository.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawCatalog {
    /// permissions.json, relative to this file; the embedded catalog where none is named.
    pub(super) permissions: Option<String>,
    /// provisioningInfo.json, relative to this file; the one in the same folder where none is named.
    pub(super) provisioning: Option<String>,
    /// The SHA-256 of permissions.json, in hex: another file is refused.
    pub(super) sha256: Option<String>,
    /// The SHA-256 of provisioningInfo.json, in hex: another file is refused.
    pub(super) provisioning_sha256: Option<String>,
    /// The service principal of Microsoft Graph in the tenant, as `az ad sp show` writes it, relative to this file:
    /// its ids and permissions are used in place of those of the catalog.
    pub(super) service_principal: Option<String>,
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

/// The parser's message in this tool's words, with the key that was probably meant.
fn sentence(message: &str) -> String {
    let message = message.trim_end();
    let mut quoted = message.split('`').skip(1).step_by(2);
    let Some(unknown) = quoted
        .next()
        .filter(|_| message.starts_with("unknown field"))
    else {
        return text::shown(message);
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
