//! What Terraform itself wrote down, in JSON: a plan (`terraform show -json`), with the values that it computed, and a
//! state file, with what is there. Both are read and never edited: an edit belongs into the configuration.
//!
//! <https://developer.hashicorp.com/terraform/internals/json-format>

mod apps;
mod complete;
mod references;
mod resources;

pub(super) use complete::complete;

use std::sync::LazyLock;

use camino::Utf8Path;
use jsonc_parser::ast::Object;
use source_text::Source;

use crate::about::{About, Types};
use crate::formats::Format;
use crate::json::{SyntaxError, with_document};
use crate::model::{App, Manifest};
use crate::read::{Read, Unit, WhyNot};

/// Plans.
#[derive(Debug)]
pub(crate) struct Plan;

/// State files.
#[derive(Debug)]
pub(crate) struct State;

static PLAN: About = About {
    id: "terraform-plan",
    name: "Terraform plan in JSON",
    files: &["*.json"],
    generated: true,
    types: Types::Both,
    docs: "docs/formats/terraform.md",
};

static STATE: About = About {
    id: "terraform-state",
    name: "Terraform state",
    files: &["*.tfstate"],
    generated: true,
    types: Types::Both,
    docs: "docs/formats/terraform.md",
};

static PROVIDER: LazyLock<memchr::memmem::Finder<'static>> =
    LazyLock::new(|| memchr::memmem::Finder::new("azuread_"));

fn mentions_provider(text: &str) -> bool {
    PROVIDER.find(text.as_bytes()).is_some()
}

impl Format for Plan {
    fn about(&self) -> &'static About {
        &PLAN
    }

    fn names(&self, name: &Utf8Path) -> bool {
        name.file_name()
            .is_some_and(|name| name.ends_with("plan.json"))
    }

    fn claims(&self, name: &Utf8Path, text: &str) -> bool {
        name.extension() == Some("json")
            && memchr::memmem::find(text.as_bytes(), b"\"terraform_version\"").is_some()
            && memchr::memmem::find(text.as_bytes(), b"_module\"").is_some()
            && mentions_provider(text)
    }

    fn read(&self, unit: Unit<'_>) -> Read {
        read(unit, &Plan, &PLAN, |source, root| {
            let resources = resources::of_plan(source, root)?;
            Some(apps::apps(source, &resources, &references::of_plan(root)))
        })
    }
}

impl Format for State {
    fn about(&self) -> &'static About {
        &STATE
    }

    fn names(&self, name: &Utf8Path) -> bool {
        name.extension() == Some("tfstate")
    }

    fn claims(&self, name: &Utf8Path, text: &str) -> bool {
        self.names(name) && mentions_provider(text)
    }

    fn read(&self, unit: Unit<'_>) -> Read {
        read(unit, &State, &STATE, |source, root| {
            let resources = resources::of_state(source, root)?;
            Some(apps::apps(
                source,
                &resources,
                &references::References::default(),
            ))
        })
    }
}

fn read(
    unit: Unit<'_>,
    format: &'static dyn Format,
    about: &'static About,
    apps: impl FnOnce(&Source, &Object<'_>) -> Option<Vec<App>>,
) -> Read {
    let [source] = unit.sources else {
        return Read::Nothing(WhyNot::NoDeclaration);
    };
    let found = with_document(source, |document| apps(source, document.root.as_object()?));
    match found {
        Ok(Some(apps)) if !apps.is_empty() => Read::Manifest(Manifest::new(format, about, apps)),
        Ok(_) => Read::Nothing(WhyNot::NoDeclaration),
        Err(SyntaxError::At(error)) => Read::Broken(vec![error]),
        Err(SyntaxError::Empty) => Read::Nothing(WhyNot::Empty),
        Err(SyntaxError::NotJson | SyntaxError::SeveralDocuments) => Read::Nothing(WhyNot::NotJson),
    }
}
