//! The facts as a table of the linter, which does not depend on the client.

use anyhow::{Context, Result};
use quote::quote;

use super::{Accepted, Facts};
use crate::codegen::fragment::Fragment;
use crate::codegen::{Contents, Output};

pub(super) fn output(fragment: &Fragment, all: &[Facts<'_>]) -> Result<Output> {
    let rows = all.iter().map(|facts| {
        let (id, method, version) = (facts.id, &facts.method, facts.version);
        let (template, deprecated) = (&facts.template, facts.deprecated);
        let superseded_by = match &facts.superseded_by {
            Some(newer) => quote! { Some(#newer) },
            None => quote! { None },
        };
        let (delegated, application) = (facts.former("delegated"), facts.former("application"));
        let least = &facts.roles.least;
        let fit = match &facts.roles.fit {
            Some(fit) => quote! { Some(#fit) },
            None => quote! { None },
        };
        let sets = match &facts.sets {
            Some(property) => quote! { Some(#property) },
            None => quote! { None },
        };
        let clouds = &facts.clouds;
        let production = facts.production;
        let personal = facts.permissions.iter().any(|(field, accepted)| {
            *field == "personal" && matches!(accepted, Accepted::AnyOf(_))
        });
        let notes = facts.notes.iter().map(|(name, text)| {
            quote! { OperationNote { name: #name, text: #text } }
        });
        quote! {
            OperationFacts {
                id: #id,
                method: #method,
                version: #version,
                template: #template,
                deprecated: #deprecated,
                superseded_by: #superseded_by,
                former_delegated: &[#(#delegated),*],
                former_application: &[#(#application),*],
                least_roles: &[#(#least),*],
                role_note: #fit,
                clouds: &[#(#clouds),*],
                production: #production,
                personal_accounts: #personal,
                sets: #sets,
                notes: &[#(#notes),*],
            }
        }
    });
    let file = syn::parse2(quote! {
        use super::{OperationFacts, OperationNote};

        /// Every operation of the fragment, v1.0 before beta.
        pub(super) const ALL: &[OperationFacts] = &[#(#rows),*];
    })
    .context("the table is not Rust")?;
    Ok(Output {
        path: "crates/entralint-core/src/generated/operations.rs".to_owned(),
        contents: Contents::Text(
            fragment.header("What is known of the operations that revoke sign-in sessions.")
                + &prettyplease::unparse(&file),
        ),
    })
}
