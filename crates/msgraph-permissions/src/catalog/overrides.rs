//! Corrections to Microsoft's published data, each with its source.

use serde::Deserialize;

use super::TemplateId;
use super::blob::{Blob, Section};
use super::builder::Builder;
use super::layers::DoubtKind;
use super::model::{Correction, Grant};
use crate::path::TemplatePath;
use crate::{Method, Scheme};

/// A correction to Microsoft's published data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// Its name, as answers cite it.
    pub id: String,
    /// What is wrong in the data, in a sentence.
    pub reason: String,
    /// The page that says so.
    pub source: String,
    /// The day on which the page, or a stored copy of it, was read, `YYYY-MM-DD`.
    pub checked: String,
    /// The templates it corrects; one that ends in `/**` takes everything below with it.
    pub paths: Vec<String>,
}

/// What an override met in a catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverrideState {
    /// It changed the answer of so many operations.
    Applied {
        /// How many (method, template, scheme).
        operations: usize,
    },
    /// The data already says what it says: it has caught up, and the override is stale.
    CaughtUp,
    /// The catalog holds nothing that it speaks of.
    NothingHere,
    /// Overrides were switched off.
    Off,
}

#[derive(Deserialize)]
struct File {
    #[serde(default, rename = "override")]
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    reason: String,
    source: String,
    checked: String,
    paths: Vec<String>,
    #[serde(default)]
    methods: Vec<String>,
    #[serde(default)]
    schemes: Vec<String>,
    correction: Effect,
}

/// What the data should say.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Effect {
    /// No permission unlocks the calls.
    Unsupported,
    /// These of the accepted permissions are the marked ones, and no others.
    Least(Vec<String>),
    /// These bundles, and no others, unlock the calls.
    Accepts(Vec<AcceptedEntry>),
    /// These bundles unlock the calls too, also where the data lacks the calls.
    Add(Vec<AcceptedEntry>),
    /// The template is spelled so.
    Spelling(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct AcceptedEntry {
    permission: String,
    #[serde(default)]
    also_requires: Vec<String>,
    #[serde(default)]
    least: bool,
}

impl AcceptedEntry {
    fn read(&self, builder: &mut Builder) -> (u32, bool, Option<u32>) {
        let also = self
            .also_requires
            .iter()
            .map(|name| builder.intern(name))
            .collect();
        (
            builder.intern(&self.permission),
            self.least,
            builder.also(also),
        )
    }
}

/// An override ready to be applied.
pub(super) struct Rule {
    pub(super) about: Override,
    methods: Vec<Method>,
    schemes: Vec<Scheme>,
    effect: Effect,
}

/// Reads overrides from TOML. Errors are text for people.
pub(super) fn read(text: &str) -> Result<Vec<Rule>, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    file.entries
        .into_iter()
        .map(|entry| {
            let wrong = |error: &dyn std::fmt::Display| format!("override `{}`: {error}", entry.id);
            let methods: Vec<Method> = entry
                .methods
                .iter()
                .map(|method| method.parse().map_err(|error| wrong(&error)))
                .collect::<Result<_, _>>()?;
            let schemes: Vec<Scheme> = entry
                .schemes
                .iter()
                .map(|scheme| scheme.parse().map_err(|error| wrong(&error)))
                .collect::<Result<_, _>>()?;
            Ok(Rule {
                methods: if methods.is_empty() {
                    Method::ALL.to_vec()
                } else {
                    methods
                },
                schemes: if schemes.is_empty() {
                    Scheme::ALL.to_vec()
                } else {
                    schemes
                },
                effect: entry.correction,
                about: Override {
                    id: entry.id,
                    reason: entry.reason,
                    source: entry.source,
                    checked: entry.checked,
                    paths: entry.paths,
                },
            })
        })
        .collect()
}

/// Applies the rule, which is the `by`th of its catalog.
pub(super) fn apply(rule: &Rule, by: u32, builder: &mut Builder) -> OverrideState {
    let targets: Vec<TemplateId> = rule
        .about
        .paths
        .iter()
        .flat_map(|path| match &rule.effect {
            Effect::Add(_) => builder.template(path).into_iter().collect(),
            _ => find(builder, path),
        })
        .collect();
    if let Effect::Spelling(spelling) = &rule.effect {
        return respell(&targets, spelling, by, builder);
    }
    let adds = matches!(rule.effect, Effect::Add(_));
    let mut operations = 0;
    let mut met = false;
    for template in targets {
        for &method in &rule.methods {
            for &scheme in &rule.schemes {
                let before = cell(builder, template, method, scheme);
                let known = builder.templates[template as usize].methods & method.bit() != 0;
                if !known && !adds {
                    continue;
                }
                met = true;
                builder.templates[template as usize].keep_published();
                change(rule, builder, template, method, scheme);
                if cell(builder, template, method, scheme) != before {
                    operations += 1;
                    builder.templates[template as usize].methods |= method.bit();
                    builder.templates[template as usize]
                        .corrections
                        .push(Correction { method, scheme, by });
                }
            }
        }
    }
    match (met, operations) {
        (false, _) => OverrideState::NothingHere,
        (true, 0) => OverrideState::CaughtUp,
        (true, operations) => OverrideState::Applied { operations },
    }
}

/// Reads the overrides of a compiled catalog back, and what they met in it.
pub(super) fn read_compiled(blob: &Blob, is_on: bool) -> Vec<(Override, OverrideState)> {
    let mut words = (0..blob.len(Section::Overrides)).map(|at| blob.word(Section::Overrides, at));
    let mut overrides = Vec::new();
    while let Some(id) = words.next() {
        let mut word = || words.next().expect("an override is written whole");
        let text = |string: u32| blob.string(string).to_owned();
        let (reason, source, checked) = (text(word()), text(word()), text(word()));
        let (state, count, paths) = (word(), word(), word());
        let about = Override {
            id: text(id),
            reason,
            source,
            checked,
            paths: (0..paths).map(|_| text(word())).collect(),
        };
        let state = match state {
            _ if !is_on => OverrideState::Off,
            0 => OverrideState::Applied {
                operations: count as usize,
            },
            1 => OverrideState::CaughtUp,
            2 => OverrideState::NothingHere,
            _ => OverrideState::Off,
        };
        overrides.push((about, state));
    }
    overrides
}

/// Marks the templates that a path names as doubtful.
pub(super) fn doubt(kind: DoubtKind, path: &str, builder: &mut Builder) {
    for template in find(builder, path) {
        let template = &mut builder.templates[template as usize];
        match kind {
            DoubtKind::BetaOnly => template.beta_only = true,
            DoubtKind::DependsOnBody => template.depends_on_body = true,
            DoubtKind::DependsOnObject => template.depends_on_object = true,
        }
    }
}

/// The templates that a path of an override names.
fn find(builder: &Builder, path: &str) -> Vec<TemplateId> {
    let lower = path.to_lowercase();
    match lower.strip_suffix("/**") {
        Some(stem) => {
            TemplatePath::parse(stem).map_or_else(Vec::new, |path| builder.trie.below(&path))
        }
        None => TemplatePath::parse(&lower)
            .and_then(|path| builder.trie.get(&path))
            .into_iter()
            .collect(),
    }
}

/// What unlocks one operation, in a form that can be compared.
fn cell(
    builder: &Builder,
    template: TemplateId,
    method: Method,
    scheme: Scheme,
) -> Vec<(u32, bool, Option<u32>)> {
    let mut cell: Vec<_> = builder.templates[template as usize]
        .grants
        .iter()
        .filter(|grant| grant.covers(method, scheme))
        .map(|grant| {
            (
                grant.permission,
                grant.least & scheme.bit() != 0,
                grant.also,
            )
        })
        .collect();
    cell.sort_unstable();
    cell.dedup();
    cell
}

fn change(
    rule: &Rule,
    builder: &mut Builder,
    template: TemplateId,
    method: Method,
    scheme: Scheme,
) {
    let accepted: Vec<(u32, bool, Option<u32>)> = match &rule.effect {
        Effect::Unsupported | Effect::Spelling(_) => Vec::new(),
        Effect::Least(names) => {
            let least: Vec<u32> = names.iter().map(|name| builder.intern(name)).collect();
            cell(builder, template, method, scheme)
                .into_iter()
                .map(|(permission, _, also)| (permission, least.contains(&permission), also))
                .collect()
        }
        Effect::Add(entries) => {
            let marks = entries.iter().any(|entry| entry.least);
            let mut cell = cell(builder, template, method, scheme);
            for (_, least, _) in &mut cell {
                *least &= !marks;
            }
            let added: Vec<_> = entries.iter().map(|entry| entry.read(builder)).collect();
            cell.retain(|(permission, ..)| !added.iter().any(|(known, ..)| known == permission));
            cell.extend(added);
            cell
        }
        // What the data does not support at all, the override does not invent.
        Effect::Accepts(_) if cell(builder, template, method, scheme).is_empty() => Vec::new(),
        Effect::Accepts(entries) => entries.iter().map(|entry| entry.read(builder)).collect(),
    };
    let grants = &mut builder.templates[template as usize].grants;
    let mut kept = Vec::with_capacity(grants.len() + accepted.len());
    for grant in grants.drain(..) {
        if !grant.covers(method, scheme) {
            kept.push(grant);
            continue;
        }
        // The rest of the grant: other methods in all schemes, this method in the other schemes.
        let parts = [
            (grant.methods & !method.bit(), grant.schemes),
            (method.bit(), grant.schemes & !scheme.bit()),
        ];
        kept.extend(
            parts
                .into_iter()
                .filter(|&(methods, schemes)| methods != 0 && schemes != 0)
                .map(|(methods, schemes)| Grant {
                    methods,
                    schemes,
                    least: grant.least & schemes,
                    ..grant
                }),
        );
    }
    kept.extend(accepted.into_iter().map(|(permission, least, also)| Grant {
        permission,
        methods: method.bit(),
        schemes: scheme.bit(),
        least: if least { scheme.bit() } else { 0 },
        also,
    }));
    *grants = kept;
}

/// Adds the right spelling and keeps the wrong one.
fn respell(
    targets: &[TemplateId],
    spelling: &str,
    by: u32,
    builder: &mut Builder,
) -> OverrideState {
    let Some(&wrong) = targets.first() else {
        return OverrideState::NothingHere;
    };
    let known = builder.templates.len();
    let Some(right) = builder.template(spelling) else {
        return OverrideState::NothingHere;
    };
    if builder.templates.len() == known {
        return OverrideState::CaughtUp;
    }
    let grants = builder.templates[wrong as usize].grants.clone();
    let methods = builder.templates[wrong as usize].methods;
    let corrections: Vec<Correction> = Method::ALL
        .into_iter()
        .flat_map(|method| Scheme::ALL.map(|scheme| Correction { method, scheme, by }))
        .filter(|at| {
            grants
                .iter()
                .any(|grant| grant.covers(at.method, at.scheme))
        })
        .collect();
    let operations = corrections.len();
    let template = &mut builder.templates[right as usize];
    template.keep_published();
    template.grants = grants;
    template.methods = methods;
    template.corrections = corrections;
    OverrideState::Applied { operations }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_in_an_override_names_it() {
        let text = r#"
            [[override]]
            id = "x"
            reason = "r"
            source = "s"
            checked = "2026-01-01"
            paths = ["/x"]
            methods = ["FETCH"]
            correction = "unsupported"
        "#;
        assert_eq!(
            read(text).err().unwrap(),
            "override `x`: `FETCH` is not an HTTP method: expected GET, POST, PUT, PATCH or DELETE"
        );
    }
}
