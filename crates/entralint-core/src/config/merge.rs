//! Configurations of several folders as one: what counts for a file is what the configurations of its folder and of the
//! folders above it say.
//!
//! - `[rules]`, `scan`, `include-tests`, `other-users`, `catalog`, `baseline`: the nearest that sets it wins. A rule that is
//!   locked further away can be made stricter and not weaker.
//! - `calls` and `calls-from` of the top level: the nearest that has any.
//! - `[[app]]`: the nearest with a section that selects the app.
//! - `exclude`, `[[allow]]`, `[[forbid]]`: all count, each for the files below its own folder.

use camino::Utf8Path;

use super::Config;
use crate::policy::Selection;

impl Config {
    /// Adds the configuration of a folder below. Those above it were added before.
    pub fn add_nested(&mut self, mut nearer: Self) {
        let folder = nearer.folder.clone().unwrap_or_default();
        let above = self.of_folder(&folder).clone();
        nearer.other_users = nearer.other_users.or(above.other_users);
        nearer.scan = nearer.scan.or(above.scan);
        nearer.include_tests = nearer.include_tests.or(above.include_tests);
        nearer.catalog = nearer.catalog.or(above.catalog);
        nearer.baseline = nearer.baseline.or(above.baseline);
        nearer.policy.inherit(above.policy, false);
        self.exclude.extend(nearer.exclude.iter().cloned());
        self.apps.append(&mut nearer.apps);
        self.environments.append(&mut nearer.environments);
        self.nested.push(nearer);
    }

    /// What counts for a file, given by its path relative to the run's root.
    pub fn of(&self, file: &Utf8Path) -> &Self {
        self.of_folder(file.parent().unwrap_or(Utf8Path::new("")))
    }

    /// What counts for the files of a folder.
    pub fn of_folder(&self, folder: &Utf8Path) -> &Self {
        self.nested
            .iter()
            .filter(|nested| {
                nested
                    .folder
                    .as_ref()
                    .is_some_and(|own| folder.starts_with(own))
            })
            // One folder has one configuration, so the longest path is the nearest.
            .max_by_key(|nested| nested.folder.as_ref().map(|own| own.as_str().len()))
            .unwrap_or(self)
    }

    /// This configuration and those of nearer folders.
    pub fn all(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.nested)
    }

    /// Sets what the command line keeps of the findings.
    pub fn select(&mut self, selection: Selection) {
        for nested in &mut self.nested {
            nested.policy.selection = selection.clone();
        }
        self.policy.selection = selection;
    }

    /// The files that were read, the furthest first.
    pub fn files(&self) -> impl Iterator<Item = &Utf8Path> {
        self.all().filter_map(|config| config.file.as_deref())
    }
}
