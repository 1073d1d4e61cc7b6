//! `[[app]]` of the configuration: which apps a section selects, and which sections are wrong.

use std::sync::Arc;

use camino::Utf8Path;
use source_text::{Source, Span};

use super::{AppId, Plan};
use crate::config::{AppSection, Config};
use crate::finding::Finding;
use crate::rules::invalid_config;
use crate::text;

impl Plan<'_> {
    /// What is wrong with the sections, now that all apps are known: two sections for one app, and globs and selectors
    /// that match nothing. `configs` are the texts of the configurations; `whole` says that all files below the root
    /// were looked at.
    pub fn check_sections(
        &self,
        configs: &[&Source],
        apps: &[AppId],
        names: &[Arc<Utf8Path>],
        whole: bool,
    ) -> Vec<Finding> {
        let source = |span: Span| configs.iter().find(|source| source.id() == span.file);
        let wrong = |span: Span, message: &str| {
            source(span).map(|source| invalid_config::finding(source, span, message))
        };
        let mut findings = Vec::new();
        let mut matched = vec![false; self.config.apps.len()];
        let mut twice: Vec<(usize, usize)> = Vec::new();
        for app in apps {
            let sections = self.sections_of(app);
            for section in &sections {
                if let Some(matched) = matched.get_mut(*section) {
                    *matched = true;
                }
            }
            if let [first, second, ..] = sections[..]
                && !twice.contains(&(first, second))
            {
                twice.push((first, second));
                findings.extend(self.selected_twice(app, first, second, &source));
            }
        }
        if !whole {
            return findings;
        }
        for (section, matched) in self.config.apps.iter().zip(matched) {
            let mut dead = false;
            for pattern in &section.manifests {
                if !apps.iter().any(|app| pattern.matches(&app.path)) {
                    dead = true;
                    findings.extend(wrong(
                        pattern.span,
                        "no manifest matches this glob: it is relative to the folder of entralint.toml",
                    ));
                }
            }
            for pattern in &section.sources {
                if !names.iter().any(|path| pattern.matches(path)) {
                    findings.extend(wrong(
                        pattern.span,
                        "no file matches this glob: it is relative to the folder of entralint.toml",
                    ));
                }
            }
            // An app of a nearer section is not lost to this one: it may be meant for the others below it.
            let overruled = || apps.iter().any(|app| selects(section, app));
            if !matched && !dead && !overruled() {
                findings.extend(wrong(
                    section.span,
                    "no app matches this section: `entralint list` shows the names and addresses of apps",
                ));
            }
        }
        findings
    }

    fn selected_twice<'s>(
        &self,
        app: &AppId,
        first: usize,
        second: usize,
        source: &dyn Fn(Span) -> Option<&'s &'s Source>,
    ) -> Option<Finding> {
        let one = self.config.apps.get(first)?;
        let other = self.config.apps.get(second)?;
        let what = app.key();
        let message = format!(
            "two sections select the app {}: narrow `manifests`, or add `name` or `address`",
            text::shown(if what.label.is_empty() {
                &what.file
            } else {
                &what.label
            })
        );
        let source = source(other.span)?;
        let first = crate::finding::locate(source, one.span);
        Some(
            invalid_config::finding(source, other.span, message)
                .related(first, "the first section"),
        )
    }
}

/// The places of the sections that fit, of the nearest file that has any.
pub(super) fn nearest(config: &Config, fits: impl Fn(&AppSection) -> bool) -> Vec<usize> {
    let mut found: Vec<(usize, &AppSection)> = config
        .apps
        .iter()
        .enumerate()
        .filter(|(_, section)| fits(section))
        .collect();
    // All that fit lie in folders above one file, so the longest path is the nearest.
    let depth = |section: &AppSection| section.folder.as_str().len();
    if let Some(deepest) = found.iter().map(|(_, section)| depth(section)).max() {
        found.retain(|(_, section)| depth(section) == deepest);
    }
    found.into_iter().map(|(at, _)| at).collect()
}

/// Whether a section is about an app.
pub(super) fn selects(section: &AppSection, app: &AppId) -> bool {
    let same = |wanted: &str, actual: &Option<String>| {
        actual
            .as_deref()
            .is_some_and(|actual| actual.eq_ignore_ascii_case(wanted))
    };
    app.path.starts_with(&section.folder)
        && (section.manifests.is_empty() || section.manifests.iter().any(|p| p.matches(&app.path)))
        && section
            .name
            .as_ref()
            .is_none_or(|name| same(&name.value, &app.name) || same(&name.value, &app.app_id))
        && section
            .address
            .as_ref()
            .is_none_or(|address| same(&address.value, &app.address))
}
