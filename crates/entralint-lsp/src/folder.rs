//! A folder of the editor: its project, kept up to date.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use camino::{Utf8Path, Utf8PathBuf};
use entralint_core::finding::Finding;
use entralint_project::calls::CallOptions;
use entralint_project::catalog::CatalogOptions;
use entralint_project::run::failed;
use entralint_project::workspace::{Reach, Stopped};
use entralint_project::{CheckOptions, Failure, Files, Project, Workspace, baseline, read};

/// A folder's project, as its configuration is now.
pub(crate) struct Opened {
    /// The folder.
    pub(crate) path: Utf8PathBuf,
    project: Option<Project>,
    /// Why it cannot be checked. The project is then without its configuration, for what is known without a check.
    failure: Option<Failure>,
}

impl Opened {
    /// Opens a folder with the buffers of the editor.
    pub(crate) fn new(files: &Files, path: Utf8PathBuf) -> Self {
        let paths = [Utf8PathBuf::from(".")];
        let open =
            |options: &CatalogOptions| Project::open_with(files.clone(), &path, options, &paths);
        match open(&CatalogOptions::default()) {
            Ok(project) => Self {
                path,
                project: Some(project),
                failure: None,
            },
            Err(failure) => {
                let isolated = CatalogOptions {
                    isolated: true,
                    ..CatalogOptions::default()
                };
                let project = open(&isolated).ok();
                Self {
                    path,
                    project,
                    failure: Some(failure),
                }
            }
        }
    }
}

/// A folder that was checked.
pub(crate) struct Folder<'p> {
    /// The folder.
    pub(crate) path: &'p Utf8Path,
    /// Its root and its project.
    pub(crate) project: Option<&'p Project>,
    /// What is known of it.
    pub(crate) workspace: Option<Workspace<'p>>,
    /// The open findings, by the file in which they are shown, relative to the root.
    pub(crate) findings: BTreeMap<Utf8PathBuf, Vec<Finding>>,
    /// Why it could not be checked, for people.
    pub(crate) failure: Option<String>,
    /// The configuration is wrong: the findings say so, whatever else changes.
    is_wrong: bool,
}

fn options() -> CheckOptions {
    CheckOptions {
        paths: vec![".".into()],
        calls: CallOptions::default(),
        limit: read::LARGEST_MIB * 1024 * 1024,
        scan: true,
        include_tests: false,
        keep_apps: false,
        keep_said: false,
        today: jiff::Zoned::now().date(),
    }
}

impl<'p> Folder<'p> {
    /// Checks a folder.
    pub(crate) fn new(opened: &'p Opened) -> Self {
        let mut folder = Self {
            path: &opened.path,
            project: opened.project.as_ref(),
            workspace: None,
            findings: BTreeMap::new(),
            failure: None,
            is_wrong: opened.failure.is_some(),
        };
        match &opened.failure {
            Some(Failure::Text(why)) => folder.failure = Some(why.clone()),
            Some(Failure::Findings(findings)) => folder.show(findings.clone()),
            None => {}
        }
        if let Some(project) = folder.project {
            let known = baseline::load(
                &project.files,
                None,
                &project.config.config,
                &project.root,
                false,
            );
            let go_on = |_: usize, _: usize| ControlFlow::Continue(());
            match known {
                Ok(known) => {
                    match Workspace::open(project, &options(), Reach::Paths, known, &go_on) {
                        Ok(workspace) => folder.workspace = Some(workspace),
                        Err(Stopped::Failed(failure)) => folder.fail(failure),
                        Err(Stopped::Cancelled) => {}
                    }
                }
                Err(why) => folder.failure = Some(why),
            }
        }
        folder.report();
        folder
    }

    /// Takes note of files that changed, given by their absolute paths.
    pub(crate) fn update(&mut self, changed: &BTreeSet<Utf8PathBuf>, listed: bool) {
        let (Some(project), Some(workspace)) = (self.project, &mut self.workspace) else {
            return;
        };
        let changed = changed
            .iter()
            .map(|path| project.root.relative(path))
            .collect();
        workspace.update(&changed, listed);
        self.report();
    }

    fn report(&mut self) {
        if self.is_wrong {
            return;
        }
        match self.workspace.as_mut().map(Workspace::report) {
            Some(Ok(report)) => self.show(report.findings),
            Some(Err(failure)) => self.fail(failure),
            None => {}
        }
    }

    fn fail(&mut self, failure: Failure) {
        match failure {
            Failure::Text(why) => self.failure = Some(why),
            Failure::Findings(findings) => self.show(failed(findings).findings),
        }
    }

    fn show(&mut self, findings: Vec<Finding>) {
        self.findings.clear();
        for finding in findings.into_iter().filter(Finding::is_open) {
            if let Some(mark) = &finding.place {
                let file = mark.at.path.clone();
                self.findings.entry(file).or_default().push(finding);
            }
        }
    }
}
