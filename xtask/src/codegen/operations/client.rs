//! The facts as constants of the client, each with a page of documentation.

use anyhow::{Context, Result};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{Accepted, Facts};
use crate::codegen::fragment::Fragment;
use crate::codegen::{Contents, Output, clouds};

pub(super) fn output(fragment: &Fragment, all: &[Facts<'_>]) -> Result<Output> {
    let constants = all
        .iter()
        .map(|facts| constant(fragment, facts, all))
        .collect::<Result<Vec<_>>>()?;
    let names = all
        .iter()
        .map(|facts| format_ident!("{}", facts.constant()));
    let file = syn::parse2(quote! {
        use crate::cloud::Cloud;
        use crate::operations::{Note, Operation, Permissions, Roles};

        #(#constants)*

        /// Every operation, in the order of the fragment.
        pub const ALL: &[Operation] = &[#(#names),*];
    })
    .context("the operations are not Rust")?;
    Ok(Output {
        path: "crates/msgraph-sessions/src/generated/operations.rs".to_owned(),
        contents: Contents::Text(
            fragment.header("What each operation of the fragment needs.")
                + &prettyplease::unparse(&file),
        ),
    })
}

fn constant(fragment: &Fragment, facts: &Facts<'_>, all: &[Facts<'_>]) -> Result<TokenStream> {
    let name = format_ident!("{}", facts.constant());
    let docs = docs(facts, all).into_iter().map(|line| format!(" {line}"));
    let (id, method, version) = (facts.id, &facts.method, facts.version);
    let (template, deprecated) = (&facts.template, facts.deprecated);
    let permissions = facts.permissions.iter().map(|(field, accepted)| {
        let field = format_ident!("{field}");
        let value = match accepted {
            Accepted::AnyOf(names) => quote! { Permissions::AnyOf(&[#(#names),*]) },
            Accepted::Unsupported(reason) => quote! { Permissions::Unsupported(#reason) },
            Accepted::OfItems => quote! { Permissions::OfItems },
        };
        quote! { #field: #value }
    });
    let clouds = facts
        .clouds
        .iter()
        .map(|name| clouds::variant(fragment, name))
        .collect::<Result<Vec<_>>>()?;
    let production = facts.production;
    let sets = option(facts.sets.as_deref());
    let superseded_by = option(facts.superseded_by.as_deref());
    let roles = match (&facts.roles.least, &facts.roles.fit) {
        (least, None) if least.is_empty() => quote! { Roles::NotNamed },
        (least, None) => quote! { Roles::Least(&[#(#least),*]) },
        (_, Some(fit)) => quote! { Roles::Fit(#fit) },
    };
    let (delegated, application) = (facts.former("delegated"), facts.former("application"));
    let notes = facts
        .notes
        .iter()
        .map(|(name, text)| quote! { Note { name: #name, text: #text } });
    Ok(quote! {
        #(#[doc = #docs])*
        pub const #name: Operation = Operation {
            id: #id,
            method: #method,
            version: #version,
            template: #template,
            deprecated: #deprecated,
            superseded_by: #superseded_by,
            #(#permissions,)*
            former_delegated: &[#(#delegated),*],
            former_application: &[#(#application),*],
            roles: #roles,
            clouds: &[#(Cloud::#clouds),*],
            production: #production,
            sets: #sets,
            notes: &[#(#notes),*],
        };
    })
}

/// The lines of the constant's documentation, in Markdown.
fn docs(facts: &Facts<'_>, all: &[Facts<'_>]) -> Vec<String> {
    let mut lines = vec![
        facts.summary.to_owned(),
        String::new(),
        format!("`{} /{}{}`", facts.method, facts.version, facts.template),
        String::new(),
    ];
    for (field, accepted) in &facts.permissions {
        let text = match accepted {
            Accepted::AnyOf(names) => {
                let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
                format!(
                    "any one of {}, the least privileged first.",
                    names.join(", ")
                )
            }
            Accepted::Unsupported(reason) => format!("not supported. {reason}"),
            Accepted::OfItems => "the permissions of the requests in it.".to_owned(),
        };
        let who = match *field {
            "delegated" => "Delegated",
            "personal" => "Personal account",
            _ => "Application",
        };
        lines.push(format!("- {who}: {text}"));
    }
    if !facts.roles.least.is_empty() {
        lines.push(format!(
            "- Roles: with a delegated token the signed-in user needs a supported Microsoft Entra \
             role. The least privileged are {}.",
            facts.roles.least.join(", ")
        ));
    }
    if let Some(fit) = &facts.roles.fit {
        lines.push(format!("- Roles, with a delegated token: {fit}"));
    }
    lines.push(format!("- Clouds: {}.", facts.clouds.join(", ")));
    if let Some(property) = &facts.sets {
        lines.push(format!("- Property of the user: `{property}`."));
    }
    lines.extend(facts.needs_more.iter().map(|text| format!("- {text}")));
    let notes = facts.notes.iter();
    lines.extend(notes.map(|(_, text)| format!("- {text}")));
    let newer = facts.superseded_by.as_deref();
    if let Some(newer) = all.iter().find(|other| Some(other.id) == newer) {
        lines.push(format!("- Use [`{}`] instead.", newer.constant()));
    }
    lines
}

fn option(text: Option<&str>) -> TokenStream {
    match text {
        Some(text) => quote! { Some(#text) },
        None => quote! { None },
    }
}
