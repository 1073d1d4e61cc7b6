//! Projects of a few files in memory, for the tests of the features.

use std::sync::OnceLock;

use entra_manifest::{Manifest, ROUNDS, Read, Wanted};
use entralint_core::config::Config;
use entralint_core::evidence;
use entralint_core::finding::{Finding, Location};
use entralint_core::fix::Texts;
use entralint_core::plan::{AppId, FileEvidence, Plan, Project, TopLevel, join};
use entralint_core::unit::{Judge, app_ids};
use msgraph_calls::{Api, Helpers, Options, scan};
use msgraph_permissions::{Catalog, LookupOptions};
use source_text::{FileId, Source};

use crate::view::View;

/// Where the cursor stands in one of the files.
pub(crate) const CURSOR: &str = "$0";

/// Runs a feature at the cursor of one of these files, which are judged together. `entralint.toml` is the configuration.
pub(crate) fn at_cursor<T>(files: &[(&str, &str)], run: impl FnOnce(&View<'_>, usize) -> T) -> T {
    let mut cursor = None;
    let sources: Vec<Source> = files
        .iter()
        .enumerate()
        .map(|(number, (name, text))| {
            let offset = text.find(CURSOR);
            if let Some(offset) = offset {
                cursor = Some((number, offset));
            }
            let text = text.replacen(CURSOR, "", 1);
            let id = FileId::new(u32::try_from(number).expect("there are few files"));
            Source::decode(id, *name, text.into_bytes()).expect("the text is UTF-8")
        })
        .collect();
    let (number, offset) = cursor.expect("one of the files has a cursor");
    in_project(&sources, number, |view| run(view, offset))
}

/// Runs a feature in a file of a project.
pub(crate) fn in_project<T>(
    sources: &[Source],
    number: usize,
    run: impl FnOnce(&View<'_>) -> T,
) -> T {
    let catalog = Catalog::embedded();
    static API: OnceLock<Api> = OnceLock::new();
    let api = API.get_or_init(|| Api::of(catalog));
    let config = sources
        .iter()
        .find(|source| source.name() == "entralint.toml")
        .and_then(|source| Config::parse(source).ok())
        .unwrap_or_default();
    let mut apps: Vec<AppId> = Vec::new();
    let mut evidence: Vec<FileEvidence> = Vec::new();
    let mut units: Vec<Option<(Texts, Manifest)>> = Vec::new();
    for source in sources {
        let unit = read(source);
        if let Some((texts, manifest)) = &unit {
            apps.extend(app_ids(texts.unit(), manifest));
        }
        units.push(unit);
        let found = scan(source, api, &Helpers::default(), &Options::default());
        evidence.push(evidence::of_file(source, &found));
    }
    let joined = join(&apps, &evidence, &Project::default(), &config, true);
    let plan = Plan::new(
        catalog,
        &config,
        LookupOptions::default(),
        config.calls.clone(),
        TopLevel::Config,
        config.apps.iter().map(|app| app.calls.clone()).collect(),
    )
    .with_evidence(joined)
    .for_apps(&apps);
    let unit = units[number].as_ref();
    let findings: Vec<Finding> = unit.map_or_else(Vec::new, |(texts, manifest)| {
        Judge::new(&plan).check(texts.unit(), manifest).findings
    });
    let source = &sources[number];
    let link = |at: &Location| Some(format!("file:///project/{}#L{}", at.path, at.start.line));
    run(&View {
        source,
        is_config: source.name() == "entralint.toml",
        unit: unit.map(|(texts, manifest)| (texts.unit(), manifest)),
        evidence: evidence.get(number),
        findings: &findings,
        plan: &plan,
        apps: &apps,
        link: &link,
    })
}

/// What a file declares by itself.
fn read(source: &Source) -> Option<(Texts, Manifest)> {
    let mut texts = Texts {
        sources: vec![source.clone()],
        wanted: Vec::new(),
        environments: Vec::new(),
    };
    for _ in 0..ROUNDS {
        match entra_manifest::read(texts.unit()) {
            Read::Manifest(manifest) => return Some((texts, manifest)),
            Read::Wants(wants) => texts.wanted.extend(wants.into_iter().map(|want| Wanted {
                want,
                files: Vec::new(),
            })),
            _ => return None,
        }
    }
    None
}
