//! What this crate's tests share: units of one text, judged by calls.

use camino::Utf8Path;
use entra_manifest::{Manifest, Read, Unit};
use msgraph_permissions::{Catalog, LookupOptions};
use source_text::{FileId, Source};

use crate::calls::{DeclaredCall, Origin};
use crate::config::Config;
use crate::finding::Finding;
use crate::fix::{Allowed, Fixed, Texts};
use crate::plan::{Plan, TopLevel};
use crate::unit::Judge;

/// Calls that a person names on the command line.
pub(crate) fn named(calls: &[impl AsRef<str>]) -> Vec<DeclaredCall> {
    calls
        .iter()
        .map(|text| DeclaredCall {
            call: text.as_ref().parse().expect("it is a call"),
            origin: Origin::CommandLine,
        })
        .collect()
}

/// A plan for one app with these calls.
pub(crate) fn plan<'c>(
    catalog: &'c Catalog,
    config: &'c Config,
    calls: &[impl AsRef<str>],
) -> Plan<'c> {
    Plan::new(
        catalog,
        config,
        LookupOptions::default(),
        named(calls),
        TopLevel::CommandLine,
        Vec::new(),
    )
    .single(true)
}

/// A file.
pub(crate) fn source(name: &str, text: &str) -> Source {
    Source::decode(
        FileId::new(1),
        Utf8Path::new(name),
        text.as_bytes().to_vec(),
    )
    .expect("the text is UTF-8")
}

/// A file and what it declares.
pub(crate) fn read(name: &str, text: &str) -> (Texts, Manifest) {
    let source = source(name, text);
    match entra_manifest::read(Unit::file(&source)) {
        Read::Manifest(manifest) => (
            Texts {
                environments: Vec::new(),
                sources: vec![source],
                wanted: Vec::new(),
            },
            manifest,
        ),
        other => panic!("{name} is a manifest: {other:?}"),
    }
}

/// The findings of a file, and of the calls.
pub(crate) fn findings(judge: &Judge<'_>, name: &str, text: &str) -> Vec<Finding> {
    let (texts, manifest) = read(name, text);
    let mut findings = judge.check(texts.unit(), &manifest).findings;
    findings.extend(judge.check_calls().findings);
    findings
}

/// A file after its fixes.
pub(crate) fn fixed(judge: &Judge<'_>, text: &str, allowed: Allowed) -> (String, Fixed) {
    let (texts, manifest) = read("app.json", text);
    let fixed = crate::fix::fix(judge, &texts, &manifest, allowed);
    let new = fixed
        .changed
        .first()
        .map_or_else(|| text.to_owned(), |source| source.text().to_owned());
    (new, fixed)
}
