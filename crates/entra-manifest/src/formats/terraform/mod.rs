//! Terraform and OpenTofu: applications of the azuread and msgraph providers, API access and grants.
//!
//! A folder is read at once, with the modules and files that it refers to. [`project`] holds what the files declare,
//! [`eval`] computes values that know their literals, [`extract`] goes from resources to requests, [`assemble`] puts
//! them into the model, and [`layout`] says where each can be edited.

mod assemble;
mod comments;
pub(in crate::formats) mod data;
mod eval;
mod extract;
mod layout;
mod module;
mod notation;
mod overrides;
mod place;
mod project;
pub(crate) mod recorded;
mod symbol;
mod syntax;
mod unknown;
mod value;

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use camino::Utf8Path;

use super::{Format, Together};
use crate::about::{About, Types};
use crate::amend::notation::Notation;
use crate::model::{Manifest, Problem, ProblemKind};
use crate::read::{ParseError, Read, Unit, Want, WhyNot};
use eval::Eval;
pub(in crate::formats) use eval::names_graph;
use extract::Reader;
use project::{Folder, Project, Role};

/// The format.
#[derive(Debug)]
pub(crate) struct Terraform;

static ABOUT: About = About {
    id: "terraform",
    name: "Terraform configuration",
    files: &[
        "*.tf",
        "*.tofu",
        "*.tf.json",
        "*.tofu.json",
        "*.tfvars",
        "*.tfvars.json",
    ],
    generated: false,
    types: Types::Both,
    docs: "docs/formats/terraform.md",
};

/// Words of which every configuration that declares permissions holds one: a provider's resources, a module call, or the
/// types of permissions in a variable's default.
const MARKERS: &[&str] = &["azuread_", "msgraph_", "module", "\"Role\"", "\"Scope\""];

static MARKER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        .build(MARKERS)
        .expect("three short words make a small automaton")
});

/// The application id of Microsoft Graph, by which files of values name it.
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// Environments of one configuration, as far as they are read.
const MAX_ENVIRONMENTS: usize = 64;

impl Format for Terraform {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn names(&self, name: &Utf8Path) -> bool {
        project::role(name).is_some()
    }

    fn claims(&self, name: &Utf8Path, text: &str) -> bool {
        match project::role(name) {
            Some(Role::Configuration) => MARKER.is_match(text),
            // Values for a configuration that is kept elsewhere.
            Some(_) => text.contains(GRAPH),
            None => false,
        }
    }

    fn together(&self) -> Together {
        Together::Folder
    }

    fn read(&self, unit: Unit<'_>) -> Read {
        match project::load(unit) {
            Ok(folders) => read(unit, &folders),
            Err(wants) => Read::Wants(wants),
        }
    }

    fn notation(&self) -> Option<&'static dyn Notation> {
        Some(&notation::Terraform)
    }
}

fn read<'p>(unit: Unit<'p>, folders: &'p [Folder<'p>]) -> Read {
    let project = Project::new(unit, folders);
    let environments = project.modules[0].environments.len().min(MAX_ENVIRONMENTS);
    let choices: Vec<Option<usize>> = if environments == 0 {
        vec![None]
    } else {
        (0..environments).map(Some).collect()
    };
    let mut runs = Vec::new();
    let mut wants: Vec<Want> = Vec::new();
    let mut incomplete = false;
    for choice in choices {
        let eval = Eval::new(&project, choice);
        let apps = Reader::new(&eval).read();
        incomplete |= eval.incomplete();
        for want in eval.into_wants() {
            if !wants.contains(&want) {
                wants.push(want);
            }
        }
        let name = choice
            .and_then(|at| project.modules[0].environments.get(at))
            .map(|e| e.name);
        runs.push((name, apps));
    }
    if !wants.is_empty() {
        return Read::Wants(wants);
    }
    let broken: Vec<ParseError> = folders
        .iter()
        .flat_map(|folder| folder.broken.iter().cloned())
        .collect();
    let mut drafts = assemble::merge(runs);
    let loose = Reader::new(&Eval::new(&project, None)).loose(&drafts);
    drafts.extend(loose);
    let (apps, comments) = assemble::apps(&project, drafts);
    let apps = recorded::complete(apps, unit.got(&project::recorded(unit)).unwrap_or_default());
    let unread = unread(unit, &project, incomplete);
    if apps.is_empty() && unread.is_none() {
        return match broken.is_empty() {
            false
                if folders[0]
                    .broken
                    .iter()
                    .any(|error| may_declare(unit, error)) =>
            {
                Read::Broken(broken)
            }
            _ => Read::Nothing(WhyNot::NoDeclaration),
        };
    }
    let mut problems: Vec<Problem> = broken
        .into_iter()
        .map(|error| Problem::new(ProblemKind::Syntax, error.span, error.message))
        .collect();
    problems.extend(unread);
    Read::Manifest(
        Manifest::new(&Terraform, &ABOUT, apps)
            .with_problems(problems)
            .with_comments(comments),
    )
}

/// What a bound of the reader left out, if it did.
fn unread(unit: Unit<'_>, project: &Project<'_>, incomplete: bool) -> Option<Problem> {
    let said = |at, message| Some(Problem::new(ProblemKind::NotRead, at, message));
    let module = &project.modules[0];
    if incomplete && project.declares[0] {
        let resource = module
            .resources
            .iter()
            .find(|r| project::declares(r.kind()));
        let block = resource
            .map(|resource| resource.block)
            .or_else(|| module.calls.first().map(|call| call.block))?;
        return said(
            block.span,
            "the configuration takes too many steps to evaluate: part of it was not read",
        );
    }
    if let Some(environment) = module.environments.get(MAX_ENVIRONMENTS) {
        let value = environment.values.values().next()?;
        return said(
            value.expr.span,
            "the configuration has more files of values than are read: this one and others were not",
        );
    }
    let call = project::beyond_bounds(unit, project.folders)?;
    said(
        call,
        "the modules are nested deeper, or are more, than are followed: this one was not read",
    )
}

/// Whether the file of an error can declare something.
fn may_declare(unit: Unit<'_>, error: &ParseError) -> bool {
    unit.sources.iter().any(|source| {
        source.id() == error.span.file && Terraform.claims(source.name(), source.text())
    })
}
