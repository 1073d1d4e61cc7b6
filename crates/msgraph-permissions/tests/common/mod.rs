//! What the integration tests share.

#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests are tests"
)]

use std::path::PathBuf;
use std::sync::LazyLock;

use msgraph_permissions::{
    Answer, Call, Catalog, CatalogInput, LookupOptions, PermissionName, Scheme,
};

/// Microsoft's published files, if they are beside this repository (or where `ENTRALINT_SHARED` says).
pub(crate) struct Published {
    pub(crate) permissions: Vec<u8>,
    pub(crate) provisioning: Vec<u8>,
    /// With overrides.
    pub(crate) catalog: Catalog,
    /// Without.
    pub(crate) plain: Catalog,
}

static PUBLISHED: LazyLock<Option<Published>> = LazyLock::new(|| {
    let folder = std::env::var_os("ENTRALINT_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let permissions = std::fs::read(folder.join("data/permissions.json")).ok()?;
    let provisioning = std::fs::read(folder.join("data/provisioningInfo.json")).ok()?;
    let load = |overrides| {
        Catalog::load(CatalogInput {
            permissions: &permissions,
            provisioning: Some(&provisioning),
            overrides,
            source: "published".to_owned(),
        })
        .unwrap()
    };
    let (catalog, plain) = (load(true), load(false));
    Some(Published {
        permissions,
        provisioning,
        catalog,
        plain,
    })
});

/// Microsoft's published files; `None`, said plainly, where they are not.
pub(crate) fn published() -> Option<&'static Published> {
    let published = PUBLISHED.as_ref();
    if published.is_none() {
        println!("skipped: ../shared/data is not here");
    }
    published
}

pub(crate) fn call(text: &str) -> Call {
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

pub(crate) fn lookup(catalog: &Catalog, scheme: Scheme, text: &str) -> Answer {
    catalog.lookup(&call(text), scheme, LookupOptions::default())
}

/// The least bundle as text, or the verdict where there is none.
pub(crate) fn least(catalog: &Catalog, scheme: Scheme, text: &str) -> String {
    let answer = lookup(catalog, scheme, text);
    answer
        .least
        .as_ref()
        .map_or_else(|| answer.verdict.to_string(), ToString::to_string)
}

pub(crate) fn names(names: &[PermissionName]) -> Vec<&str> {
    names.iter().map(PermissionName::as_str).collect()
}

/// A catalog from JSON text in Microsoft's permissions format.
pub(crate) fn catalog(permissions: &str) -> Catalog {
    Catalog::load(CatalogInput {
        permissions: permissions.as_bytes(),
        provisioning: None,
        overrides: false,
        source: "test".to_owned(),
    })
    .unwrap()
}
