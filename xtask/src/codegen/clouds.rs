//! The national clouds, from the fragment's `servers`.

use anyhow::{Context, Result, bail};
use openapiv3::Server;
use proc_macro2::Ident;
use quote::{format_ident, quote};
use serde::Deserialize;

use super::fragment::{Fragment, extension};
use super::{Contents, Output};

/// `x-cloud` on a server.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct XCloud {
    name: String,
    variant: String,
    aliases: Vec<String>,
    authority: String,
}

impl XCloud {
    fn of(server: &Server) -> Result<Self> {
        extension(&server.extensions, "x-cloud")?
            .with_context(|| format!("{}: a server without `x-cloud`", server.url))
    }
}

/// The names of all clouds.
pub(super) fn names(fragment: &Fragment) -> Result<Vec<String>> {
    let servers = fragment.api.servers.iter();
    servers.map(|it| Ok(XCloud::of(it)?.name)).collect()
}

/// The Rust variant of the cloud with this name.
pub(super) fn variant(fragment: &Fragment, name: &str) -> Result<Ident> {
    for server in &fragment.api.servers {
        let cloud = XCloud::of(server)?;
        if cloud.name == name {
            return Ok(format_ident!("{}", cloud.variant));
        }
    }
    bail!("no such cloud: `{name}`")
}

pub(super) fn output(fragment: &Fragment) -> Result<Output> {
    let mut variants = Vec::new();
    let mut idents = Vec::new();
    let mut facts = Vec::new();
    for server in &fragment.api.servers {
        let cloud = XCloud::of(server)?;
        let ident = format_ident!("{}", cloud.variant);
        let description = server.description.as_deref().unwrap_or(&server.url);
        let doc = format!(" {description} Graph root <{}>.", server.url);
        let (name, aliases, root, authority) =
            (&cloud.name, &cloud.aliases, &server.url, &cloud.authority);
        variants.push(quote! { #[doc = #doc] #ident });
        facts.push(quote! {
            Cloud::#ident => Some(&CloudFacts {
                name: #name,
                aliases: &[#(#aliases),*],
                graph_root: #root,
                authority: #authority,
            })
        });
        idents.push(ident);
    }
    let file = syn::parse2(quote! {
        use crate::cloud::{CloudFacts, CustomCloud};

        /// A deployment of Microsoft Graph. Tenants, app registrations and tokens are separate in each.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Cloud {
            #(#variants,)*
            /// A proxy in front of Graph, or a test server: see [`Cloud::custom`].
            Custom(CustomCloud),
        }

        impl Cloud {
            /// Every national cloud, the global one first.
            pub const NATIONAL: &[Cloud] = &[#(Cloud::#idents),*];

            /// What the fragment says of this cloud; nothing of a custom one.
            pub(crate) const fn facts(&self) -> Option<&'static CloudFacts> {
                match self {
                    #(#facts,)*
                    Cloud::Custom(_) => None,
                }
            }
        }
    })
    .context("the clouds are not Rust")?;
    Ok(Output {
        path: "crates/msgraph-sessions/src/generated/clouds.rs".to_owned(),
        contents: Contents::Text(
            fragment.header("The national clouds of the fragment's servers.")
                + &prettyplease::unparse(&file),
        ),
    })
}
