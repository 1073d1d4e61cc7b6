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
    Answer, Call, Catalog, CatalogInput, Layers, LookupOptions, PermissionName, Scheme,
};

/// Microsoft's published files.
pub(crate) struct Published {
    pub(crate) permissions: Vec<u8>,
    pub(crate) provisioning: Vec<u8>,
    /// With overrides.
    pub(crate) catalog: Catalog,
    /// Without.
    pub(crate) plain: Catalog,
}

static PUBLISHED: LazyLock<Published> = LazyLock::new(|| {
    let folder = std::env::var_os("ENTRALINT_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let read = |name: &str| {
        let path = folder.join("data").join(name);
        std::fs::read(&path).unwrap_or_else(|error| {
            panic!(
                "{}: {error}: this test needs Microsoft's published data beside the repository, or \
                 where ENTRALINT_SHARED says",
                path.display()
            )
        })
    };
    let permissions = read("permissions.json");
    let provisioning = read("provisioningInfo.json");
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
    Published {
        permissions,
        provisioning,
        catalog,
        plain,
    }
});

/// Microsoft's published files. A test that uses them is ignored unless it is asked for.
pub(crate) fn published() -> &'static Published {
    &PUBLISHED
}

/// The embedded catalog without corrections: the data as it is published.
pub(crate) fn plain() -> &'static Catalog {
    static PLAIN: LazyLock<Catalog> =
        LazyLock::new(|| Catalog::embedded().with_layers(Layers::NONE));
    &PLAIN
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
