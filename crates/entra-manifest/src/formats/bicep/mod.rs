//! Format: Bicep files and Bicep parameters files.

mod collections;
mod declarations;
mod expression;
mod lex;
mod notation;
mod parse;

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use camino::Utf8Path;
use source_text::{Source, Span};

use super::Format;
use super::deployment::{self, Language, Program, Report, UnitFiles};
use crate::about::{About, Types};
use crate::amend::notation::Notation;
use crate::model::layout::Separator;
use crate::model::{Manifest, Problem, ProblemKind};
use crate::read::{ParseError, Read, Unit, WhyNot};

/// Bicep files.
pub(crate) struct Bicep;

static BICEP: About = About {
    id: "bicep",
    name: "Bicep file",
    files: &["*.bicep", "*.bicepparam"],
    generated: false,
    types: Types::Both,
    docs: "https://learn.microsoft.com/graph/templates/bicep/overview-bicep-templates-for-graph",
};

const LANGUAGE: Language = Language {
    separator: Separator::CommaOrLine,
};

/// Words of which every file that declares permissions, or hands them to a module, holds one.
static MARKER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build([
            "microsoft.graph/",
            "resourceaccess",
            "deploymentscripts@",
            "approle",
            "microsoftgraph",
            // A module can hold the applications, and a parameters file names its template.
            "module ",
            "using ",
            // Descriptions say which permissions a deployment needs.
            "permission",
            ".read",
        ])
        .ok()
});

impl Format for Bicep {
    fn about(&self) -> &'static About {
        &BICEP
    }

    fn names(&self, name: &Utf8Path) -> bool {
        name.extension().is_some_and(|e| {
            e.eq_ignore_ascii_case("bicep") || e.eq_ignore_ascii_case("bicepparam")
        })
    }

    fn claims(&self, name: &Utf8Path, text: &str) -> bool {
        self.names(name) && MARKER.as_ref().is_none_or(|marker| marker.is_match(text))
    }

    fn read(&self, unit: Unit<'_>) -> Read {
        match unit.sources {
            [source] => read_file(source, unit),
            _ => Read::Nothing(WhyNot::NoDeclaration),
        }
    }

    fn notation(&self) -> Option<&'static dyn Notation> {
        Some(&notation::BicepNotation)
    }

    fn syntax_error(&self, source: &Source) -> Option<ParseError> {
        let file = parse::parse(source.id(), source.text());
        (file.errors.into_iter().next()).map(|(span, message)| ParseError { message, span })
    }
}

fn read_file(source: &Source, unit: Unit<'_>) -> Read {
    let mut parsed = parse::File::default();
    let mut comments: Vec<Span> = Vec::new();
    let files = UnitFiles::new(unit, |file| {
        if !Bicep.names(file.name()) {
            return super::arm::program_of(file);
        }
        let mut of_file = parse::parse(file.id(), file.text());
        comments.append(&mut of_file.comments);
        let program = std::mem::take(&mut of_file.program);
        if file.id() == source.id() {
            parsed = of_file;
        }
        Some(program)
    });
    comments.sort_unstable();
    // The one that modules find too, so that a module that leads back here is known.
    let Some(own) = files.program(source.name()) else {
        return Read::Nothing(WhyNot::NoDeclaration);
    };
    let using = parsed.using.as_ref();
    let (program, path, arguments) = match using {
        // The parameters file gives values to the template that it names.
        Some(using) => {
            let Some(path) = deployment::relative(source.name(), using.value.as_ref()) else {
                return Read::Nothing(WhyNot::NoDeclaration);
            };
            if files.want(&path).is_none() {
                let wants = files.wants();
                return if wants.is_empty() {
                    Read::Nothing(WhyNot::NoDeclaration)
                } else {
                    Read::Wants(wants)
                };
            }
            let Some(program) = files.program(&path) else {
                return Read::Nothing(WhyNot::NoDeclaration);
            };
            let arguments = deployment::arguments(own, source.name(), &parsed.arguments, &files);
            (program, path, arguments)
        }
        None => (own, source.name().to_owned(), Vec::new()),
    };
    let report = match using {
        Some(_) => Report::Given(source.id()),
        None => Report::Declared(source.id()),
    };
    let evaluator = deployment::evaluate(program, &path, arguments, &files);
    let declared = deployment::declarations(&evaluator, &files, &comments, LANGUAGE, report);
    let wants = files.wants();
    if !wants.is_empty() {
        return Read::Wants(wants);
    }
    let mut problems = declared.problems;
    let mut apps = declared.apps;
    if apps.is_empty() && using.is_none() {
        let whole = source.span(0, source.text().len());
        apps.extend(deployment::documented(source, whole, None, &parsed.texts));
    }
    let about_graph = !apps.is_empty() || mentions_graph(source.text());
    if about_graph {
        problems.extend(parsed.errors.iter().map(|(span, what)| {
            Problem::new(
                ProblemKind::Syntax,
                *span,
                format!("this is not understood, and what it declares is not known: {what}"),
            )
        }));
    }
    if apps.is_empty() && problems.is_empty() {
        return Read::Nothing(WhyNot::NoDeclaration);
    }
    Read::Manifest(
        Manifest::new(&Bicep, &BICEP, apps)
            .with_problems(problems)
            .with_comments(comments),
    )
}

/// The program of a file that a Bicep file can name as a module.
pub(crate) fn program_of(source: &Source) -> Option<Program> {
    if Bicep.names(source.name()) {
        return Some(parse::parse(source.id(), source.text()).program);
    }
    super::arm::program_of(source)
}

fn mentions_graph(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.contains("'microsoft.graph/applications@")
        || lower.contains("'microsoft.graph/approleassignedto@")
        || lower.contains("'microsoft.graph/oauth2permissiongrants@")
}
