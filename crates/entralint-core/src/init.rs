//! The text of a first `entralint.toml`: the apps of a repository, their sources, and what they call.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use camino::Utf8Path;

use crate::calls::{DeclaredCall, UnresolvedCall};
use crate::plan::{AppId, EvidenceOf, Plan};
use crate::text;

/// Writes the configuration for these apps. What was found stands in comments: `check` finds it again by itself, and
/// what a person names is to be a decision.
pub fn config(apps: &[AppId], plan: &Plan<'_>) -> String {
    let mut out = String::from(
        "# Configuration of entralint. Paths and globs are relative to this file.\nversion = 1\n",
    );
    let mut in_file: BTreeMap<&Utf8Path, usize> = BTreeMap::new();
    for app in apps.iter().filter(|app| !app.documented) {
        *in_file.entry(&app.path).or_default() += 1;
    }
    let mut written: BTreeSet<String> = BTreeSet::new();
    for app in apps.iter().filter(|app| !app.documented) {
        let several = in_file.get(&*app.path).is_some_and(|n| *n > 1);
        let selector = selector(app, several);
        // Apps of one file that nothing tells apart cannot have sections of their own.
        if !written.insert(selector.clone()) {
            continue;
        }
        let _ = write!(out, "\n[[app]]\n{selector}");
        match plan.evidence_of(app) {
            Some(evidence) => of_app(&mut out, evidence),
            None => {
                out.push_str("# no calls were found: name them here\n# calls = [\"GET /users\"]\n")
            }
        }
    }
    let shared = plan.shared_evidence();
    if !shared.calls.is_empty() || !shared.unresolved.is_empty() {
        out.push_str(
            "\n# It is not clear which app makes these calls: add their files to the `sources` of an app.\n",
        );
        calls(&mut out, &shared.calls);
        unresolved(&mut out, &shared.unresolved);
    }
    out
}

fn selector(app: &AppId, several: bool) -> String {
    let mut out = format!(
        "manifests = [{}]\n",
        quoted(&literal(&text::path(&app.path)))
    );
    if several {
        if let Some(address) = &app.address {
            let _ = writeln!(out, "address = {}", quoted(address));
        } else if let Some(name) = app.name.as_ref().or(app.app_id.as_ref()) {
            let _ = writeln!(out, "name = {}", quoted(name));
        }
    }
    out
}

fn of_app(out: &mut String, evidence: &EvidenceOf) {
    let files: BTreeSet<String> = evidence
        .calls
        .iter()
        .filter_map(|call| call.origin.location())
        .chain(evidence.unresolved.iter().map(|unresolved| &unresolved.at))
        .map(|at| literal(&text::path(&at.path)))
        .collect();
    if !files.is_empty() {
        out.push_str("sources = [\n");
        for file in files {
            let _ = writeln!(out, "  {},", quoted(&file));
        }
        out.push_str("]\n");
    }
    calls(out, &evidence.calls);
    unresolved(out, &evidence.unresolved);
}

fn calls(out: &mut String, calls: &[DeclaredCall]) {
    let mut seen = BTreeSet::new();
    for call in calls {
        let text = text::shown(&call.call.to_string());
        if !seen.insert(text.clone()) {
            continue;
        }
        let place = call
            .origin
            .location()
            .map(|at| format!(" ({})", at.shown()))
            .unwrap_or_default();
        let _ = writeln!(
            out,
            "# found: {text}, {}{place}",
            call.origin.certainty().as_str()
        );
    }
}

fn unresolved(out: &mut String, places: &[UnresolvedCall]) {
    for place in places {
        let _ = writeln!(
            out,
            "# not resolved: {} ({}): name the call with `calls`",
            text::shown(&place.text),
            place.at.shown()
        );
    }
}

/// A path as a glob that matches nothing else.
fn literal(path: &str) -> String {
    globset::escape(path)
}

/// A string of TOML.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use msgraph_permissions::{Catalog, LookupOptions};
    use source_text::FileId;

    use super::*;
    use crate::config::Config;
    use crate::plan::{FileEvidence, Project, TopLevel, join};
    use crate::testing;

    #[test]
    fn what_is_written_is_a_configuration_that_selects_the_same_apps() {
        let app = |path: &str, index, name: &str| AppId {
            path: Utf8Path::new(path).into(),
            index,
            name: Some(name.to_owned()),
            app_id: None,
            address: None,
            documented: false,
            signs_in: false,
        };
        let apps = [
            app("a [x]/app.json", 0, "A \"quoted\""),
            app("b/apps.json", 0, "B"),
            app("b/apps.json", 1, "C"),
        ];
        let evidence = [FileEvidence {
            path: "a [x]/src/x.ts".into(),
            calls: testing::named(&["GET /users"]),
            unresolved: Vec::new(),
            recording_of: None,
            partly: false,
            recorded: None,
            mentions: std::collections::BTreeSet::new(),
            in_own_session: false,
            properties: std::collections::BTreeSet::new(),
        }];
        let empty = Config::default();
        let joined = join(&apps, &evidence, &Project::default(), &empty, true);
        let plan = Plan::new(
            Catalog::embedded(),
            &empty,
            LookupOptions::default(),
            Vec::new(),
            TopLevel::Absent,
            Vec::new(),
        )
        .with_evidence(joined);
        let text = config(&apps, &plan);
        insta::assert_snapshot!(text);
        let source =
            source_text::Source::decode(FileId::new(0), "entralint.toml", text.into_bytes())
                .expect("it is UTF-8");
        let config = Config::parse(&source).expect("it is a configuration");
        let plan = Plan::new(
            Catalog::embedded(),
            &config,
            LookupOptions::default(),
            Vec::new(),
            TopLevel::Absent,
            Vec::new(),
        );
        let sections: Vec<Vec<usize>> = apps.iter().map(|app| plan.sections_of(app)).collect();
        assert_eq!(sections, [[0], [1], [2]]);
    }
}
