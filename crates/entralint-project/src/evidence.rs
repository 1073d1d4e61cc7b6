//! Searches files for calls of Microsoft Graph.

use std::sync::OnceLock;

use camino::{Utf8Path, Utf8PathBuf};
use entralint_core::calls::Window;
use entralint_core::config::Config;
use entralint_core::evidence;
use entralint_core::finding::Finding;
use entralint_core::plan::FileEvidence;
use entralint_core::rules::invalid_config;
use msgraph_calls::records::{self, Select};
use msgraph_calls::{Api, Evidence, Helpers, Options};
use msgraph_permissions::Catalog;
use source_text::{FileId, Source};

use crate::units::Units;

/// Reads calls out of files.
pub struct Scanner<'c> {
    catalog: &'c Catalog,
    /// Built when the first file is worth it: many folders have no code.
    api: OnceLock<Api>,
    options: Options,
    /// Says of folders whether they are searched, and whether with their tests.
    config: Option<&'c Config>,
}

impl<'c> Scanner<'c> {
    /// Reads calls by this catalog; with `include_tests` those of tests, too.
    pub fn new(catalog: &'c Catalog, include_tests: bool) -> Self {
        Self {
            catalog,
            api: OnceLock::new(),
            options: Options { include_tests },
            config: None,
        }
    }

    /// The same, for the files that the configuration wants to be searched.
    #[must_use]
    pub fn configured(mut self, config: &'c Config) -> Self {
        self.config = Some(config);
        self
    }

    /// Whether the configuration wants a file to be searched.
    pub fn searches(&self, name: &Utf8Path) -> bool {
        self.config.is_none_or(|config| config.of(name).scans())
    }

    fn api(&self) -> &Api {
        self.api.get_or_init(|| Api::of(self.catalog))
    }

    /// Whether a text can hold a call.
    pub fn is_worth(&self, source: &Source) -> bool {
        self.searches(source.name())
            && msgraph_calls::worth_scanning(source.name(), source.text().as_bytes())
    }

    /// The functions of a file that send a path which they are given.
    pub fn helpers(&self, source: &Source) -> Helpers {
        msgraph_calls::collect_helpers(source, self.api())
    }

    /// The calls of a file.
    pub fn scan(&self, source: &Source, helpers: &Helpers) -> Evidence {
        let with_tests = self
            .config
            .is_some_and(|config| config.of(source.name()).includes_tests());
        let options = Options {
            include_tests: self.options.include_tests || with_tests,
        };
        msgraph_calls::scan(source, self.api(), helpers, &options)
    }

    /// The calls of the recordings that the configuration names. Each belongs to its section.
    ///
    /// # Errors
    ///
    /// What is wrong with a recording, at the place where the configuration names it.
    pub fn recordings<'s>(
        &self,
        units: &Units<'_>,
        config: &Config,
        source_of: &dyn Fn(FileId) -> Option<&'s Source>,
    ) -> Result<(Vec<FileEvidence>, Vec<String>), Vec<Finding>> {
        let mut evidence = Vec::new();
        let mut remarks = Vec::new();
        let mut wrong = Vec::new();
        for (section, app) in config.apps.iter().enumerate() {
            for path in &app.recordings {
                let relative = units.root.relative(&units.root.open(&path.value));
                // A log holds the rows of many apps: those of the section's client id are its own.
                let client_id = app
                    .name
                    .as_ref()
                    .map(|name| name.value.as_str())
                    .filter(|name| is_client_id(name));
                match self.recording(units, &relative, client_id) {
                    Ok((mut file, remark)) => {
                        file.recording_of = Some(section);
                        evidence.push(file);
                        remarks.push(remark);
                    }
                    Err(error) => {
                        if let Some(source) = source_of(path.span.file) {
                            wrong.push(invalid_config::finding(source, path.span, error));
                        }
                    }
                }
            }
        }
        if wrong.is_empty() {
            Ok((evidence, remarks))
        } else {
            Err(wrong)
        }
    }

    /// The calls of one recording, and a line about it.
    fn recording(
        &self,
        units: &Units<'_>,
        relative: &Utf8Path,
        client_id: Option<&str>,
    ) -> Result<(FileEvidence, String), String> {
        let path: Utf8PathBuf = units.root.open(relative);
        let source = units.files.text(units.id(relative), &path, relative)?;
        let select = Select {
            app_id: client_id.map(str::to_owned),
        };
        let recording = records::read(&source, self.api(), &select)
            .map_err(|error| format!("{relative}: {error}"))?;
        let window = match recording.window {
            Some((first, last)) => format!(", {first} to {last}"),
            None => String::new(),
        };
        let apps = match recording.apps.len() {
            count @ 2.. if client_id.is_none() => {
                format!("; they belong to {count} apps: set `name` to the client id of one")
            }
            _ => String::new(),
        };
        let remark = format!(
            "recording {relative} ({}): {} of {} requests are taken{window}{apps}",
            recording.format, recording.taken, recording.requests
        );
        let mut file = evidence::of_file(&source, &recording.evidence);
        file.recorded = recording.window.map(|(first, last)| Window {
            first,
            last,
            requests: recording.taken,
        });
        Ok((file, remark))
    }
}

/// Whether a file's name is that of a language, a script or a workflow in which calls are searched.
pub fn is_code(name: &Utf8Path) -> bool {
    // The sign that every file of another name lacks as well: so the name alone decides.
    msgraph_calls::worth_scanning(name, b"graph.microsoft.com")
}

/// Whether the name of a section is an application id.
fn is_client_id(name: &str) -> bool {
    name.parse::<msgraph_permissions::PermissionId>().is_ok()
}
