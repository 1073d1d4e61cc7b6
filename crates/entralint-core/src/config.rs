//! `entralint.toml`: what a repository says once, so that nobody has to say it each time.

use std::ops::Range;

use camino::{Utf8Path, Utf8PathBuf};
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use crate::calls::{DeclaredCall, Origin};

/// The name that is looked for here and in the folders above.
pub const NAME: &str = "entralint.toml";

/// The file as written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Raw {
    /// The calls that the apps of this repository make, one a string, such as
    /// "application POST /users/{id}/revokeSignInSessions".
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    calls: Vec<Spanned<String>>,
    /// The calls concern other users than the one signed in.
    #[serde(default)]
    other_users: bool,
    /// The permissions data to judge by; the embedded catalogue where it is not there.
    catalog: Option<RawCatalog>,
}

/// Microsoft's published permissions data, kept in the repository.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawCatalog {
    /// permissions.json, relative to this file.
    permissions: String,
    /// provisioningInfo.json, relative to this file.
    provisioning: Option<String>,
    /// The SHA-256 of permissions.json, in hex: another file is refused.
    sha256: Option<String>,
    /// The SHA-256 of provisioningInfo.json, in hex: another file is refused.
    provisioning_sha256: Option<String>,
}

/// What the configuration says, ready for use.
#[derive(Debug, Default)]
pub struct Config {
    pub calls: Vec<DeclaredCall>,
    pub other_users: bool,
    pub catalog: Option<CatalogConfig>,
}

/// Which files to load, and the hashes that pin them.
#[derive(Clone, Debug)]
pub struct CatalogConfig {
    pub permissions: Utf8PathBuf,
    pub provisioning: Option<Utf8PathBuf>,
    pub sha256: Option<String>,
    pub provisioning_sha256: Option<String>,
}

/// Reads the text of a configuration file. `path` is where it lies, which its paths are relative to; `shown` is how
/// messages name it.
///
/// # Errors
///
/// What is wrong, with file, line and column.
pub fn parse(text: &str, path: &Utf8Path, shown: &str) -> Result<Config, String> {
    let at = |span: Range<usize>| place(text, shown, span.start);
    let raw: Raw = toml::from_str(text).map_err(|error| {
        format!(
            "{}: {}",
            at(error.span().unwrap_or(0..0)),
            error.message().trim_end()
        )
    })?;
    let mut calls = Vec::new();
    for text_of_call in raw.calls {
        let place = at(text_of_call.span());
        let call = text_of_call
            .get_ref()
            .parse()
            .map_err(|error| format!("{place}: {error}"))?;
        let line = line_of(text, text_of_call.span().start);
        calls.push(DeclaredCall {
            call,
            origin: Origin::File {
                path: shown.to_owned(),
                line,
            },
        });
    }
    let folder = path.parent().unwrap_or(Utf8Path::new(""));
    Ok(Config {
        calls,
        other_users: raw.other_users,
        catalog: raw.catalog.map(|catalog| CatalogConfig {
            permissions: folder.join(catalog.permissions),
            provisioning: catalog.provisioning.map(|p| folder.join(p)),
            sha256: catalog.sha256,
            provisioning_sha256: catalog.provisioning_sha256,
        }),
    })
}

fn line_of(text: &str, offset: usize) -> usize {
    text.get(..offset)
        .unwrap_or(text)
        .bytes()
        .filter(|b| *b == b'\n')
        .count()
        + 1
}

fn place(text: &str, shown: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
    format!("{shown}:{}:{column}", line_of(text, offset))
}

/// The configuration's JSON Schema, for editors.
pub fn schema() -> schemars::Schema {
    let mut schema = schemars::schema_for!(Raw);
    schema.insert("title".to_owned(), "entralint.toml".into());
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        parse(text, Utf8Path::new("/r/entralint.toml"), "entralint.toml").unwrap_err()
    }

    #[test]
    fn a_mistake_is_pointed_at() {
        assert!(error("cals = []").starts_with("entralint.toml:1:1: unknown field `cals`"));
        let bad_call = error("calls = [\n  \"GET /users\",\n  \"FETCH /users\",\n]");
        assert!(bad_call.starts_with("entralint.toml:3:3: "), "{bad_call}");
        assert!(error("calls = [").starts_with("entralint.toml:1:"));
    }

    #[test]
    fn paths_are_relative_to_the_file() {
        let text = "[catalog]\npermissions = \"graph/permissions.json\"\n";
        let config = parse(text, Utf8Path::new("/r/entralint.toml"), "x").unwrap();
        assert_eq!(
            config.catalog.unwrap().permissions,
            "/r/graph/permissions.json"
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_configuration_or_an_error_with_a_place(text in ".{0,200}") {
            if let Err(error) = parse(&text, Utf8Path::new("/r/entralint.toml"), "entralint.toml") {
                proptest::prop_assert!(error.starts_with("entralint.toml:"), "{}", error);
            }
        }
    }
}
