//! Format: applications in YAML, as Pulumi, Crossplane, Ansible and Microsoft365DSC declare them.
//!
//! The first three write the same things with the names of their tools: `requiredResourceAccesses` and `resourceAccesses`
//! (Pulumi), `requiredResourceAccess` and `resourceAccess` (Crossplane), `required_resource_accesses` and
//! `resource_access` (Ansible's azure_rm_adapplication). An application is a mapping that has such a list; grants are
//! known by the names of their arguments.

mod comments;
mod desired_state;
mod layout;
mod notation;
mod read;
mod references;

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use camino::Utf8Path;

use super::Format;
use super::terraform::data::yaml_documents;
use crate::about::{About, Types};
use crate::amend::notation::Notation;
use crate::model::Manifest;
use crate::read::{Read, Unit, WhyNot};

/// Applications in YAML.
#[derive(Debug)]
pub(crate) struct Yaml;

static ABOUT: About = About {
    id: "application-yaml",
    name: "application in YAML (Pulumi, Crossplane, Ansible, Microsoft365DSC)",
    files: &["*.yaml", "*.yml"],
    generated: false,
    types: Types::Both,
    docs: "docs/formats/yaml.md",
};

/// Words of which every file that declares permissions in this way holds one.
static MARKER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build([
            "requiredresourceaccess",
            "required_resource_access",
            "approleid",
            "claimvalues",
            "apiclientid",
            "sourceapi",
        ])
        .expect("a few short words make a small automaton")
});

impl Format for Yaml {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn names(&self, name: &Utf8Path) -> bool {
        name.extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("yaml") || e.eq_ignore_ascii_case("yml"))
    }

    fn claims(&self, name: &Utf8Path, text: &str) -> bool {
        self.names(name) && MARKER.is_match(text)
    }

    fn read(&self, unit: Unit<'_>) -> Read {
        let [source] = unit.sources else {
            return Read::Nothing(WhyNot::NoDeclaration);
        };
        let Some(documents) = yaml_documents(source) else {
            return Read::Nothing(WhyNot::NoDeclaration);
        };
        let comments = comments::comments(source);
        let apps = read::apps(source, &comments, &documents);
        if apps.is_empty() {
            return Read::Nothing(WhyNot::NoDeclaration);
        }
        Read::Manifest(Manifest::new(&Self, &ABOUT, apps).with_comments(comments))
    }

    fn notation(&self) -> Option<&'static dyn Notation> {
        Some(&notation::Yaml)
    }
}
