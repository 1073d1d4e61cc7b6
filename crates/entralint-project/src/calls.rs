//! The calls that the command line and the configuration name.

use camino::{Utf8Path, Utf8PathBuf};
use entralint_core::calls::{DeclaredCall, Origin, of_lines};
use entralint_core::config::Config;
use entralint_core::finding::Finding;
use entralint_core::plan::{Scope, TopLevel};
use entralint_core::rules::invalid_config;
use entralint_core::text;
use source_text::{FileId, Source, Spanned};

use crate::files::Files;
use crate::root::Root;

/// Calls that are named for a run.
#[derive(Clone, Debug, Default)]
pub struct CallOptions {
    /// Calls, as `METHOD PATH`.
    pub calls: Vec<String>,
    /// Files with a call on each line; `-` is standard input.
    pub calls_from: Vec<Utf8PathBuf>,
    /// Calls about a user are about other users than the one who signed in, too.
    pub other_users: bool,
}

/// Named calls.
pub struct Named {
    /// Those of no section.
    pub top: Vec<DeclaredCall>,
    /// Who named those.
    pub top_level: TopLevel,
    /// Those of configurations in nearer folders.
    pub scopes: Vec<Scope>,
    /// Those of each section of the configuration.
    pub sections: Vec<Vec<DeclaredCall>>,
    /// The files that they stand in, for reports.
    pub files: Vec<(FileId, Utf8PathBuf)>,
}

/// What is wrong.
pub enum Wrong {
    /// With the command line.
    Usage(String),
    /// With a line of a file.
    Findings(Vec<Finding>),
}

/// Reads all calls that are named.
///
/// # Errors
///
/// What is wrong with a call, and where.
pub fn named<'s>(
    files: &Files,
    options: &CallOptions,
    config: &Config,
    source_of: &dyn Fn(FileId) -> Option<&'s Source>,
    root: &Root,
) -> Result<Named, Wrong> {
    let mut reader = Reader {
        content: files,
        root,
        files: Vec::new(),
        findings: Vec::new(),
    };
    let mut top = Vec::new();
    for text in &options.calls {
        let call = text
            .parse()
            .map_err(|error| Wrong::Usage(format!("--calls {}: {error}", text::quoted(text))))?;
        top.push(DeclaredCall {
            call,
            origin: Origin::CommandLine,
        });
    }
    for path in &options.calls_from {
        top.extend(reader.read(path).map_err(Wrong::Usage)?);
    }
    let mut top_level = TopLevel::CommandLine;
    let mut scopes = Vec::new();
    if top.is_empty() {
        top = reader.read_named(&config.calls, &config.calls_from, source_of);
        for nested in &config.nested {
            let calls = reader.read_named(&nested.calls, &nested.calls_from, source_of);
            if let Some(folder) = nested.folder.clone().filter(|_| !calls.is_empty()) {
                scopes.push(Scope { folder, calls });
            }
        }
        top_level = if top.is_empty() && scopes.is_empty() {
            TopLevel::Absent
        } else {
            TopLevel::Config
        };
    }
    let sections = config
        .apps
        .iter()
        .map(|section| reader.read_named(&section.calls, &section.calls_from, source_of))
        .collect();
    if reader.findings.is_empty() {
        Ok(Named {
            top,
            top_level,
            scopes,
            sections,
            files: reader.files,
        })
    } else {
        Err(Wrong::Findings(reader.findings))
    }
}

struct Reader<'r> {
    content: &'r Files,
    root: &'r Root,
    files: Vec<(FileId, Utf8PathBuf)>,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    fn read(&mut self, path: &Utf8Path) -> Result<Vec<DeclaredCall>, String> {
        let number = u32::try_from(self.files.len()).unwrap_or(u32::MAX) + 1;
        if number >= crate::units::FIRST_ID {
            return Err("too many files of calls".to_owned());
        }
        let id = FileId::new(number);
        let name = if path == "-" {
            Utf8PathBuf::from("stdin")
        } else {
            self.root.relative(path)
        };
        let whole = if path == "-" {
            path.to_owned()
        } else {
            self.root.working.join(path)
        };
        let source = self.content.text(id, &whole, &name)?;
        self.files.push((id, name));
        match of_lines(&source) {
            Ok(calls) => Ok(calls),
            Err(findings) => {
                self.findings.extend(findings);
                Ok(Vec::new())
            }
        }
    }

    /// Calls that a configuration names, and those of the files that it names.
    fn read_named<'s>(
        &mut self,
        calls: &[DeclaredCall],
        paths: &[Spanned<Utf8PathBuf>],
        source_of: &dyn Fn(FileId) -> Option<&'s Source>,
    ) -> Vec<DeclaredCall> {
        let mut calls = calls.to_vec();
        for path in paths {
            let whole = self.root.open(&path.value);
            match (self.read(&whole), source_of(path.span.file)) {
                (Ok(read), _) => calls.extend(read),
                (Err(error), Some(source)) => self
                    .findings
                    .push(invalid_config::finding(source, path.span, error)),
                (Err(_), None) => {}
            }
        }
        calls
    }
}
