//! The facts of each operation, from `security` and the `x-` extensions, as Rust data.

mod calls;
mod client;
mod linter;

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use openapiv3::{Operation, SecurityRequirement};
use serde::Deserialize;

use super::Output;
use super::fragment::{Fragment, extension};

/// A security scheme of the fragment, by Microsoft's key, and the field it fills.
const SCHEMES: &[(&str, &str)] = &[
    ("DelegatedWork", "delegated"),
    ("DelegatedPersonal", "personal"),
    ("Application", "application"),
];

/// The same facts twice: in the client, and in the linter, which does not depend on the client.
pub(super) fn outputs(fragment: &Fragment) -> Result<Vec<Output>> {
    let facts = Facts::all(fragment)?;
    Ok(vec![
        client::output(fragment, &facts)?,
        calls::output(fragment, &facts)?,
        linter::output(fragment, &facts)?,
    ])
}

/// All that the fragment says of one operation.
struct Facts<'a> {
    id: &'a str,
    /// In capitals.
    method: String,
    version: &'a str,
    /// Path after the version.
    template: String,
    summary: &'a str,
    deprecated: bool,
    /// By field of [`SCHEMES`].
    permissions: Vec<(&'static str, Accepted<'a>)>,
    clouds: Vec<String>,
    production: bool,
    sets: Option<String>,
    roles: Roles,
    superseded_by: Option<String>,
    /// By field of [`SCHEMES`]: permissions that older documentation named.
    former: Vec<(&'static str, Vec<String>)>,
    /// Name and text.
    notes: Vec<(String, String)>,
    /// Why `security` leaves out permissions that the permissions data has.
    needs_more: Option<String>,
}

/// What an operation accepts in one scheme.
enum Accepted<'a> {
    AnyOf(Vec<&'a str>),
    Unsupported(String),
    OfItems,
}

/// `x-roles` of an operation.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Roles {
    #[serde(default)]
    least: Vec<String>,
    fit: Option<String>,
}

impl<'a> Facts<'a> {
    fn all(fragment: &'a Fragment) -> Result<Vec<Self>> {
        let schemes = scheme_keys(fragment)?;
        let texts: BTreeMap<String, String> =
            extension(&fragment.api.extensions, "x-notes")?.unwrap_or_default();
        let clouds = super::clouds::names(fragment)?;
        let operations = fragment.operations()?;
        let mut all = Vec::new();
        for (method, path, operation) in &operations {
            let facts = Self::of(method, path, operation, &schemes, &texts)
                .with_context(|| format!("{method} {path}"))?;
            for cloud in &facts.clouds {
                ensure!(clouds.contains(cloud), "{path}: no such cloud: `{cloud}`");
            }
            all.push(facts);
        }
        for facts in &all {
            if let Some(other) = &facts.superseded_by {
                ensure!(
                    all.iter().any(|known| known.id == other),
                    "{}: superseded by `{other}`, which is not an operation",
                    facts.id
                );
                ensure!(facts.deprecated, "{}: superseded, not deprecated", facts.id);
            }
        }
        Ok(all)
    }

    fn of(
        method: &str,
        path: &'a str,
        operation: &'a Operation,
        schemes: &BTreeMap<String, &'static str>,
        texts: &BTreeMap<String, String>,
    ) -> Result<Self> {
        let extensions = &operation.extensions;
        let (version, template) = path
            .trim_start_matches('/')
            .split_once('/')
            .context("a path without a version")?;
        let notes: Vec<String> = extension(extensions, "x-notes")?.context("no `x-notes`")?;
        let notes = notes
            .into_iter()
            .map(|name| {
                let text = texts
                    .get(&name)
                    .with_context(|| format!("no text for the note `{name}`"))?;
                Ok((name, text.clone()))
            })
            .collect::<Result<_>>()?;
        let mut former = Vec::new();
        let by_key: BTreeMap<String, Vec<String>> =
            extension(extensions, "x-former-permissions")?.unwrap_or_default();
        for (key, names) in by_key {
            let field = schemes
                .get(&key)
                .with_context(|| format!("no such security scheme: `{key}`"))?;
            former.push((*field, names));
        }
        Ok(Self {
            id: operation
                .operation_id
                .as_deref()
                .context("no operationId")?,
            method: method.to_ascii_uppercase(),
            version,
            template: format!("/{template}"),
            summary: operation.summary.as_deref().context("no summary")?,
            deprecated: operation.deprecated,
            permissions: permissions(operation, schemes)?,
            clouds: extension(extensions, "x-clouds")?.context("no `x-clouds`")?,
            production: extension(extensions, "x-production")?.context("no `x-production`")?,
            sets: extension(extensions, "x-sets")?,
            roles: extension(extensions, "x-roles")?.unwrap_or_default(),
            superseded_by: extension(extensions, "x-superseded-by")?,
            former,
            notes,
            needs_more: extension(extensions, "x-needs-more")?,
        })
    }

    /// The name of its constant.
    fn constant(&self) -> String {
        shouting(self.id)
    }

    /// Permissions that older documentation named in one scheme.
    fn former(&self, field: &str) -> &[String] {
        self.former
            .iter()
            .find(|(known, _)| *known == field)
            .map_or(&[], |(_, names)| names)
    }
}

/// What an operation accepts, by scheme.
fn permissions<'a>(
    operation: &'a Operation,
    schemes: &BTreeMap<String, &'static str>,
) -> Result<Vec<(&'static str, Accepted<'a>)>> {
    let security = operation
        .security
        .as_ref()
        .context("no `security`: say `[]` for none")?;
    let extensions = &operation.extensions;
    let unsupported: BTreeMap<String, String> =
        extension(extensions, "x-unsupported")?.unwrap_or_default();
    let of_items: bool = extension(extensions, "x-permissions-of-items")?.unwrap_or_default();
    ensure!(
        of_items == security.is_empty(),
        "`security` is empty exactly where `x-permissions-of-items` stands"
    );
    let mut permissions = Vec::new();
    for (_, field) in SCHEMES {
        let keys: Vec<&String> = schemes
            .iter()
            .filter(|(_, of)| of == &field)
            .map(|(key, _)| key)
            .collect();
        let [key] = keys.as_slice() else {
            bail!("the fragment needs one security scheme for `{field}`");
        };
        let accepted = accepted(security, key)?;
        let reason = unsupported.get(*key);
        let value = match (accepted.is_empty(), reason, of_items) {
            (false, None, false) => Accepted::AnyOf(accepted),
            (true, Some(reason), false) => Accepted::Unsupported(reason.clone()),
            (true, None, true) => Accepted::OfItems,
            (true, None, false) => bail!("`{key}` is in neither `security` nor `x-unsupported`"),
            _ => bail!("`{key}` is said to be supported and not supported"),
        };
        permissions.push((*field, value));
    }
    Ok(permissions)
}

/// The permissions that stand in `security` for one scheme, each alone enough, in order.
fn accepted<'a>(security: &'a [SecurityRequirement], key: &str) -> Result<Vec<&'a str>> {
    let mut accepted = Vec::new();
    for requirement in security {
        ensure!(
            requirement.len() == 1,
            "an entry of `security` names one scheme"
        );
        if let Some(scopes) = requirement.get(key) {
            let [permission] = scopes.as_slice() else {
                bail!("an entry of `security` names one permission");
            };
            ensure!(
                !accepted.contains(&permission.as_str()),
                "`{permission}` stands twice"
            );
            accepted.push(permission.as_str());
        }
    }
    Ok(accepted)
}

/// From the fragment's names of its security schemes to the fields they fill.
fn scheme_keys(fragment: &Fragment) -> Result<BTreeMap<String, &'static str>> {
    let components = fragment.api.components.as_ref().context("no components")?;
    let mut keys = BTreeMap::new();
    for (key, scheme) in &components.security_schemes {
        let openapiv3::ReferenceOr::Item(openapiv3::SecurityScheme::OAuth2 { extensions, .. }) =
            scheme
        else {
            bail!("`{key}` is not an OAuth 2 security scheme");
        };
        let microsoft: String = extension(extensions, "x-scheme")?
            .with_context(|| format!("`{key}`: no `x-scheme`"))?;
        let (_, field) = SCHEMES
            .iter()
            .find(|(name, _)| *name == microsoft)
            .with_context(|| format!("`{key}`: no such scheme: `{microsoft}`"))?;
        keys.insert(key.clone(), *field);
    }
    Ok(keys)
}

/// `meRevokeSignInSessions` as `ME_REVOKE_SIGN_IN_SESSIONS`.
fn shouting(camel: &str) -> String {
    let mut name = String::new();
    for letter in camel.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_id_becomes_a_constant() {
        assert_eq!(
            shouting("meRevokeSignInSessions"),
            "ME_REVOKE_SIGN_IN_SESSIONS"
        );
        assert_eq!(shouting("batch"), "BATCH");
    }

    #[test]
    fn each_entry_of_security_names_one_scheme_and_one_permission() {
        let of = |text: &str| serde_json::from_str::<Vec<SecurityRequirement>>(text).unwrap();
        let security = of(r#"[{"a": ["X"]}, {"b": ["Y"]}, {"a": ["Z"]}]"#);
        assert_eq!(accepted(&security, "a").unwrap(), ["X", "Z"]);
        for wrong in [
            r#"[{"a": ["X", "Y"]}]"#,
            r#"[{"a": ["X"], "b": ["X"]}]"#,
            r#"[{"a": ["X"]}, {"a": ["X"]}]"#,
        ] {
            assert!(accepted(&of(wrong), "a").is_err(), "{wrong}");
        }
    }
}
