//! A method of the client for each operation that revokes, by the operation's own name.

use anyhow::{Context, Result};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::Facts;
use crate::codegen::fragment::Fragment;
use crate::codegen::{Contents, Output};

pub(super) fn output(fragment: &Fragment, all: &[Facts<'_>]) -> Result<Output> {
    // The others carry requests or read: what they give is not a revocation.
    let revoking = all
        .iter()
        .filter(|facts| facts.method == "POST" && facts.sets.is_some());
    let methods = revoking.map(|facts| method(facts, all));
    let file = syn::parse2(quote! {
        use crate::answer::Revoked;
        use crate::call::CallOptions;
        use crate::client::Client;
        use crate::error::Error;
        use crate::operations;
        use crate::user::UserIdOrUpn;

        /// The operations by their ids in the OpenAPI fragment.
        impl Client {
            #(#methods)*
        }
    })
    .context("the methods are not Rust")?;
    Ok(Output {
        path: "crates/msgraph-sessions/src/generated/calls.rs".to_owned(),
        contents: Contents::Text(
            fragment.header("A method for each operation that revokes.")
                + &prettyplease::unparse(&file),
        ),
    })
}

fn method(facts: &Facts<'_>, all: &[Facts<'_>]) -> TokenStream {
    let constant = facts.constant();
    let name = format_ident!("{}", constant.to_lowercase());
    let mut docs = vec![
        format!(" {}", facts.summary),
        String::new(),
        format!(" `{} /{}{}`", facts.method, facts.version, facts.template),
        String::new(),
        format!(" See [`operations::{constant}`] for what it needs."),
    ];
    let newer = all
        .iter()
        .find(|other| Some(other.id) == facts.superseded_by.as_deref());
    let deprecated = newer.map(|newer| {
        let note = format!("use `{}`", newer.constant().to_lowercase());
        quote! { #[deprecated = #note] }
    });
    docs.extend([
        String::new(),
        " # Errors".to_owned(),
        String::new(),
        " See [`Error`]. A success that does not confirm the revocation is one of them.".to_owned(),
    ]);
    let constant = format_ident!("{constant}");
    if facts.template.contains("{user}") {
        quote! {
            #(#[doc = #docs])*
            #deprecated
            pub async fn #name(&self, user: &UserIdOrUpn) -> Result<Revoked, Error> {
                let (api, call) = self.begin(&operations::#constant, CallOptions::default());
                call.revoked(api.#name().user(user.as_str()).send()).await
            }
        }
    } else {
        quote! {
            #(#[doc = #docs])*
            #deprecated
            pub async fn #name(&self) -> Result<Revoked, Error> {
                let (api, call) = self.begin(&operations::#constant, CallOptions::default());
                call.revoked(api.#name().send()).await
            }
        }
    }
}
