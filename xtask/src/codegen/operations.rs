//! Each operation's permissions as Rust data, from `security`.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use openapiv3::{Operation, SecurityRequirement};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::Output;
use super::fragment::{Fragment, extension};

/// A security scheme of the fragment, by Microsoft's key, and the field it fills.
const SCHEMES: &[(&str, &str)] = &[
    ("DelegatedWork", "delegated"),
    ("DelegatedPersonal", "personal"),
    ("Application", "application"),
];

pub(super) fn output(fragment: &Fragment) -> Result<Output> {
    let schemes = scheme_keys(fragment)?;
    let mut constants = Vec::new();
    let mut names = Vec::new();
    for (method, path, operation) in fragment.operations()? {
        let id = operation
            .operation_id
            .as_deref()
            .with_context(|| format!("{method} {path}: no operationId"))?;
        let name = format_ident!("{}", shouting(id));
        let constant = constant(&name, method, path, operation, &schemes)
            .with_context(|| format!("{method} {path}"))?;
        constants.push(constant);
        names.push(name);
    }
    let file = syn::parse2(quote! {
        use crate::operations::{Operation, Permissions};

        #(#constants)*

        /// Every operation, in the order of the fragment.
        pub const ALL: &[Operation] = &[#(#names),*];
    })
    .context("the operations are not Rust")?;
    Ok(Output {
        path: "crates/msgraph-sessions/src/generated/operations.rs".to_owned(),
        contents: fragment.header("What each operation of the fragment needs.")
            + &prettyplease::unparse(&file),
    })
}

fn constant(
    name: &proc_macro2::Ident,
    method: &str,
    path: &str,
    operation: &Operation,
    schemes: &BTreeMap<String, &'static str>,
) -> Result<TokenStream> {
    let security = operation
        .security
        .as_ref()
        .context("no `security`: say `[]` for none")?;
    let unsupported: BTreeMap<String, String> =
        extension(&operation.extensions, "x-unsupported")?.unwrap_or_default();
    let of_items: bool =
        extension(&operation.extensions, "x-permissions-of-items")?.unwrap_or_default();
    ensure!(
        of_items == security.is_empty(),
        "`security` is empty exactly where `x-permissions-of-items` stands"
    );

    let mut fields = Vec::new();
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
        let ident = format_ident!("{field}");
        let value = match (accepted.is_empty(), reason, of_items) {
            (false, None, false) => quote! { Permissions::AnyOf(&[#(#accepted),*]) },
            (true, Some(reason), false) => quote! { Permissions::Unsupported(#reason) },
            (true, None, true) => quote! { Permissions::OfItems },
            (true, None, false) => bail!("`{key}` is in neither `security` nor `x-unsupported`"),
            _ => bail!("`{key}` is said to be supported and not supported"),
        };
        fields.push(quote! { #ident: #value });
    }

    let (version, template) = path
        .trim_start_matches('/')
        .split_once('/')
        .context("a path without a version")?;
    let template = format!("/{template}");
    let method = method.to_ascii_uppercase();
    let deprecated = operation.deprecated;
    let id = operation.operation_id.as_deref().unwrap_or_default();
    let doc = format!(" `{method} {path}`");
    Ok(quote! {
        #[doc = #doc]
        pub const #name: Operation = Operation {
            id: #id,
            method: #method,
            version: #version,
            template: #template,
            deprecated: #deprecated,
            #(#fields),*
        };
    })
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
