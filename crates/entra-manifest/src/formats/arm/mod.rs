//! Format: templates of Azure Resource Manager, written by hand or compiled from Bicep, and their parameters files.

mod expression;
mod notation;
mod prose;
mod template;

use camino::{Utf8Path, Utf8PathBuf};
use jsonc_parser::ast::Object;
use source_text::Source;

use super::Format;
use super::deployment::{self, Expr, Language, Program, Report, UnitFiles};
use crate::about::{About, Types};
use crate::amend::notation::Notation;
use crate::json::{self, tree, with_document};
use crate::model::layout::Separator;
use crate::model::{Manifest, Problem, ProblemKind};
use crate::read::{ParseError, Read, Unit, WhyNot};

/// Templates of Azure Resource Manager.
pub(crate) struct Arm;

const DOCS: &str = "https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax";

static TEMPLATE: About = About {
    id: "arm-template",
    name: "ARM template",
    files: &["*.json", "azuredeploy.json"],
    generated: false,
    types: Types::Both,
    docs: DOCS,
};

static COMPILED: About = About {
    id: "compiled-bicep",
    name: "ARM template compiled from Bicep",
    generated: true,
    ..TEMPLATE
};

static PARAMETERS: About = About {
    id: "arm-parameters",
    name: "parameters of an ARM template",
    files: &["*.parameters.json"],
    ..TEMPLATE
};

const LANGUAGE: Language = Language {
    separator: Separator::Comma,
};

/// Words of which every template and parameters file holds one, in the spelling of the schema and in lower case. Another
/// spelling would still be read as JSON.
const WORDS: [&str; 6] = [
    "contentVersion",
    "deploymentTemplate.json",
    "deploymentParameters.json",
    "contentversion",
    "deploymenttemplate.json",
    "deploymentparameters.json",
];

impl Format for Arm {
    fn about(&self) -> &'static About {
        &TEMPLATE
    }

    fn shapes(&self) -> &'static [&'static About] {
        static SHAPES: &[&About] = &[&TEMPLATE, &COMPILED, &PARAMETERS];
        SHAPES
    }

    fn names(&self, name: &Utf8Path) -> bool {
        name.extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("json") || e.eq_ignore_ascii_case("jsonc"))
    }

    fn claims(&self, _: &Utf8Path, text: &str) -> bool {
        text.trim_start().starts_with(['{', '/']) && json::holds(text, &WORDS)
    }

    fn read(&self, unit: Unit<'_>) -> Read {
        let [source] = unit.sources else {
            return Read::Nothing(WhyNot::NoDeclaration);
        };
        // A text that is no JSON is for the JSON reader to judge.
        let read = with_document(source, |document| {
            let root = document.root.as_object()?;
            if is_parameters(root) {
                return read_parameters(source, unit, root);
            }
            template::is_template(root).then(|| read_template(source, unit, document, root))
        });
        read.ok()
            .flatten()
            .unwrap_or(Read::Nothing(WhyNot::NoDeclaration))
    }

    fn notation(&self) -> Option<&'static dyn Notation> {
        Some(&notation::ArmNotation)
    }

    fn syntax_error(&self, source: &Source) -> Option<ParseError> {
        json::error(source)
    }
}

/// The program of a template.
pub(crate) fn program_of(source: &Source) -> Option<Program> {
    template::program_of(source)
}

fn read_template(
    source: &Source,
    unit: Unit<'_>,
    document: &json::Document<'_>,
    root: &Object<'_>,
) -> Read {
    let files = UnitFiles::new(unit, template::program_of);
    let Some(program) = files.program(source.name()) else {
        return Read::Nothing(WhyNot::NoDeclaration);
    };
    let evaluator = deployment::evaluate(program, source.name(), Vec::new(), &files);
    let declared = deployment::declarations(
        &evaluator,
        &files,
        &document.comments,
        LANGUAGE,
        Report::Declared(source.id()),
    );
    let compiled = is_compiled(root);
    let mut problems = declared.problems;
    let mut apps = declared.apps;
    if compiled && !apps.is_empty() {
        // The source of a compiled file, in which a person would change something.
        let bicep = source.name().with_extension("bicep");
        if files.want(&bicep).is_some() {
            problems.push(Problem::new(
                ProblemKind::Generated,
                source.span(0, 0),
                format!("this file is compiled from {bicep}: change that and compile it again"),
            ));
        }
    }
    let wants = files.wants();
    if !wants.is_empty() {
        return Read::Wants(wants);
    }
    if apps.is_empty() {
        apps.extend(prose::documented(source, root));
    }
    if apps.is_empty() && problems.is_empty() {
        return Read::Nothing(WhyNot::NoDeclaration);
    }
    problems.extend(document.problems.iter().cloned());
    let about = if compiled { &COMPILED } else { &TEMPLATE };
    Read::Manifest(
        Manifest::new(&Arm, about, apps)
            .with_problems(problems)
            .with_comments(document.comments.clone()),
    )
}

/// Whether the Bicep compiler wrote a template: it signs its work.
fn is_compiled(root: &Object<'_>) -> bool {
    tree::object(root, "metadata")
        .and_then(|metadata| tree::object(metadata, "_generator"))
        .and_then(|generator| tree::string(generator, "name"))
        .is_some_and(|name| name.value.eq_ignore_ascii_case("bicep"))
}

fn is_parameters(root: &Object<'_>) -> bool {
    let schema = tree::string(root, "$schema");
    schema.is_some_and(|schema| {
        schema
            .value
            .to_ascii_lowercase()
            .contains("deploymentparameters.json")
    })
}

/// A parameters file: the template that it is for, with its values. `None` if no template is there.
fn read_parameters(source: &Source, unit: Unit<'_>, root: &Object<'_>) -> Option<Read> {
    let files = UnitFiles::new(unit, |file| {
        template::program_of(file).or_else(|| super::bicep::program_of(file))
    });
    let reader = template::Reader {
        source,
        function: false,
    };
    let given = tree::object(root, "parameters")?;
    let arguments: Vec<(String, Expr)> = (given.properties.iter())
        .filter_map(|member| {
            let value = tree::value(member.value.as_object()?, "value")?;
            Some((member.name.as_str().to_owned(), reader.value(value)))
        })
        .collect();
    let candidates = templates_for(source.name());
    let found = candidates.iter().find_map(|path| {
        files.want(path)?;
        Some((path, files.program(path)?))
    });
    let Some((path, program)) = found else {
        let wants = files.wants();
        return (!wants.is_empty()).then_some(Read::Wants(wants));
    };
    let empty = Program::default();
    let arguments = deployment::arguments(&empty, source.name(), &arguments, &files);
    let evaluator = deployment::evaluate(program, path, arguments, &files);
    let mut comments = Vec::new();
    for file in unit.files() {
        if let Ok(more) = with_document(file, |document| document.comments.clone()) {
            comments.extend(more);
        }
    }
    comments.sort_unstable();
    let declared = deployment::declarations(
        &evaluator,
        &files,
        &comments,
        LANGUAGE,
        Report::Given(source.id()),
    );
    // Wants of the template that are not there change nothing about the values given here.
    let wants = files.wants();
    let relevant: Vec<_> = (wants.into_iter())
        .filter(|want| !matches!(want, crate::read::Want::File(path) if candidates.contains(path)))
        .collect();
    if !relevant.is_empty() {
        return Some(Read::Wants(relevant));
    }
    if declared.apps.is_empty() {
        return None;
    }
    Some(Read::Manifest(
        Manifest::new(&Arm, &PARAMETERS, declared.apps)
            .with_problems(declared.problems)
            .with_comments(comments),
    ))
}

/// Where the template of a parameters file is by custom: `main.parameters.dev.json` and `main.parameters.json` belong to
/// `main.bicep` or `main.json`; `parameters.json`, as the Azure portal exports it, to `template.json`.
fn templates_for(name: &Utf8Path) -> Vec<Utf8PathBuf> {
    let file = name.file_name().unwrap_or_default();
    let lower = file.to_ascii_lowercase();
    let stems: Vec<&str> = match lower.find(".parameters") {
        Some(at) => vec![&file[..at]],
        None => vec!["template", "azuredeploy", "main"],
    };
    let in_folder = |file: String| name.with_file_name(file);
    (stems.iter())
        .flat_map(|stem| [format!("{stem}.bicep"), format!("{stem}.json")])
        .map(in_folder)
        .collect()
}
