//! Any bytes, as Microsoft's permissions and provisioning files or as a tenant's service principal, end in a catalog
//! that answers or in an error.

#![no_main]

use libfuzzer_sys::fuzz_target;
use msgraph_permissions::{Catalog, CatalogInput, LookupOptions, ServiceExport};

fuzz_target!(|files: (&[u8], &[u8])| {
    let (permissions, provisioning) = files;
    if let Ok(export) = ServiceExport::parse(provisioning) {
        let catalog = Catalog::embedded().with_service(&export);
        assert!(catalog.permissions().count() >= Catalog::embedded().permissions().count());
    }
    let loaded = Catalog::load(CatalogInput {
        permissions,
        provisioning: Some(provisioning),
        overrides: true,
        source: "fuzz".to_owned(),
    });
    let Ok(catalog) = loaded else { return };
    for operation in catalog.operations() {
        let Ok(call) = format!("{} {}", operation.method, operation.template).parse() else {
            continue;
        };
        let answer = catalog.lookup(&call, operation.scheme, LookupOptions::default());
        let solution = catalog.solve(&[answer]);
        assert_eq!(solution.covered.len() + solution.unanswered.len(), 1);
    }
});
