//! Any text, as entralint.toml, is a configuration or mistakes with places in it.

#![no_main]

use entra_manifest::{Encoding, FileId, Source};
use entralint_core::config::{Config, NAME};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: String| {
    let lines = text.split('\n').count();
    let source = Source::new(FileId::default(), NAME, text, Encoding::Utf8);
    match Config::parse(&source) {
        Ok(config) => {
            let _ = config.excludes("infra/app.json".into());
        }
        Err(findings) => {
            assert!(!findings.is_empty());
            for finding in findings {
                let place = finding.place.expect("a mistake in a file has a place");
                assert!((1..=lines).contains(&place.at.start.line));
            }
        }
    }
});
