//! Any text, as a file of any language that calls are read in, is read without a panic, and every call lies in it.

#![no_main]

use std::sync::LazyLock;

use entra_manifest::{FileId, Source};
use libfuzzer_sys::fuzz_target;
use msgraph_calls::{Api, Helpers, Options, collect_helpers, scan};
use msgraph_permissions::Catalog;

static API: LazyLock<Api> = LazyLock::new(|| {
    let operations = Catalog::embedded().operations();
    Api::new(operations.map(|operation| (operation.method, operation.template)))
});

/// One name for each language and each form of workflow.
const NAMES: [&str; 16] = [
    "a.cs", "a.ts", "a.js", "a.py", "a.go", "a.java", "a.kt", "a.php", "a.ps1", "a.sh", "a.rs",
    "a.json", "a.yml", "a.http", "a.bicep", "a.tf",
];

fuzz_target!(|data: &[u8]| {
    let Some((choice, bytes)) = data.split_first() else {
        return;
    };
    let name = NAMES[usize::from(*choice) % NAMES.len()];
    let Ok(source) = Source::decode(FileId::default(), name, bytes.to_vec()) else {
        return;
    };
    let helpers = collect_helpers(&source, &API);
    for helpers in [&Helpers::default(), &helpers] {
        let evidence = scan(&source, &API, helpers, &Options::default());
        for call in &evidence.calls {
            assert!(source.text().get(call.span.range()).is_some());
        }
    }
});
