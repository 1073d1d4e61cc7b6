//! A catalog: every permission, what it unlocks, and its ids.

mod builder;
mod info;
mod json;
mod layers;
mod load;
mod model;
mod overrides;
mod provisioning;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

pub use info::{CatalogInfo, CatalogInput, LoadError, LoadProblem, Operation};
pub(crate) use model::{Grant, NO_LEVEL, PermissionIndex, Template};
pub use model::{Permission, Place, SchemeInfo};
pub use overrides::{Override, OverrideState};

use self::builder::Builder;
use crate::name::OIDC_SCOPES;
use crate::trie::{TemplateId, Trie};
use crate::{Method, PermissionId, PermissionName, PermissionType, Scheme};

const EMBEDDED_PERMISSIONS: &[u8] = include_bytes!("../../data/permissions.json");
const EMBEDDED_PROVISIONING: &[u8] = include_bytes!("../../data/provisioning.json");
const IDS: &str = include_str!("../../data/ids.toml");
const NOT_IN_SERVICE: &str = include_str!("../../data/not-in-service.toml");
const DOUBTS: &str = include_str!("../../data/doubts.toml");
const OVERRIDES: &str = include_str!("../../data/overrides.toml");

/// Every permission of Microsoft Graph that is known, what it unlocks, and its ids.
#[derive(Debug)]
pub struct Catalog {
    info: CatalogInfo,
    problems: Vec<LoadProblem>,
    permissions: Vec<Permission>,
    by_name: FxHashMap<Box<str>, PermissionIndex>,
    /// By name in lower case.
    by_folded_name: FxHashMap<Box<str>, PermissionIndex>,
    by_id: FxHashMap<PermissionId, Vec<(PermissionName, PermissionType)>>,
    templates: Vec<Template>,
    trie: Trie,
    also: Vec<Box<[PermissionIndex]>>,
    breadth: Vec<[usize; 3]>,
    writing: Vec<[usize; 3]>,
    has_ids: bool,
    overrides: Vec<(Override, OverrideState)>,
}

static EMBEDDED: LazyLock<Catalog> = LazyLock::new(|| {
    let mut catalog = Catalog::load(CatalogInput {
        permissions: EMBEDDED_PERMISSIONS,
        provisioning: Some(EMBEDDED_PROVISIONING),
        overrides: true,
        source: "embedded".to_owned(),
    })
    .expect("the embedded files are constants, and a test loads them");
    catalog.info.complete = false;
    catalog
});

impl Catalog {
    /// The catalog inside this crate: revoking sign-in sessions, and what is called beside it.
    ///
    /// A selection of Microsoft's data, corrected by the reference pages.
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// The embedded catalog without this crate's corrections.
    pub fn embedded_without_overrides() -> Result<Self, LoadError> {
        let mut catalog = Self::load(CatalogInput {
            permissions: EMBEDDED_PERMISSIONS,
            provisioning: Some(EMBEDDED_PROVISIONING),
            overrides: false,
            source: "embedded".to_owned(),
        })?;
        catalog.info.complete = false;
        Ok(catalog)
    }

    /// Loads a catalog from files in Microsoft's formats.
    ///
    /// A bad entry is skipped and noted in [`problems`](Self::problems); an error means that a file
    /// is not JSON or another file altogether.
    pub fn load(input: CatalogInput<'_>) -> Result<Self, LoadError> {
        let mut builder = Builder::new();
        let mut problems = load::read_permissions(input.permissions, &mut builder)?;
        let ids = match input.provisioning {
            Some(bytes) => {
                let (ids, more) = provisioning::read_provisioning(bytes, &mut builder)?;
                problems.extend(more);
                ids
            }
            None => Vec::new(),
        };
        if input.overrides {
            let ids = layers::read_ids(IDS).map_err(LoadError::Overrides)?;
            apply_ids(&ids, &mut builder, &mut problems);
            for (name, permission_type) in
                layers::read_not_in_service(NOT_IN_SERVICE).map_err(LoadError::Overrides)?
            {
                let index = builder.intern(&name);
                builder.permissions[index as usize].not_in_service[permission_type as usize] = true;
            }
        }
        let info = CatalogInfo {
            source: input.source,
            sha256: hex(&Sha256::digest(input.permissions)),
            permissions: builder
                .permissions
                .iter()
                .filter(|permission| permission.listed)
                .count(),
            templates: builder.templates.len(),
            operations: operations(&builder.templates).count(),
            complete: true,
        };
        let rules = overrides::read(OVERRIDES).map_err(LoadError::Overrides)?;
        let mut overrides = Vec::with_capacity(rules.len());
        for (by, rule) in rules.into_iter().enumerate() {
            let state = if input.overrides {
                overrides::apply(&rule, by, &mut builder)
            } else {
                OverrideState::Off
            };
            overrides.push((rule.about, state));
        }
        let (mut breadth, mut writing) = (
            breadth(&builder, |_| true),
            breadth(&builder, |method| method != Method::Get),
        );
        for (kind, path) in layers::read_doubts(DOUBTS).map_err(LoadError::Overrides)? {
            overrides::doubt(kind, &path, &mut builder);
        }
        let mut by_id: FxHashMap<PermissionId, Vec<(PermissionName, PermissionType)>> =
            FxHashMap::default();
        for provisioned in &ids {
            let name = builder.permissions[provisioned.permission as usize]
                .name
                .clone();
            let known = by_id.entry(provisioned.id).or_default();
            if !known.contains(&(name.clone(), provisioned.kind)) {
                known.push((name, provisioned.kind));
            }
        }
        for (name, id) in OIDC_SCOPES {
            let index = builder.intern(name);
            let permission = &mut builder.permissions[index as usize];
            permission.ids[PermissionType::Delegated as usize].get_or_insert(id);
            by_id
                .entry(id)
                .or_insert_with(|| vec![(permission.name.clone(), PermissionType::Delegated)]);
        }
        let mut by_folded_name: FxHashMap<Box<str>, PermissionIndex> = FxHashMap::default();
        for (index, permission) in (0..).zip(&builder.permissions) {
            let known = by_folded_name
                .entry(permission.name.as_str().to_ascii_lowercase().into())
                .or_insert(index);
            let has_id = |index: PermissionIndex| {
                builder.permissions[index as usize]
                    .ids
                    .iter()
                    .any(Option::is_some)
            };
            if !has_id(*known) && has_id(index) {
                *known = index;
            }
        }
        for permission in &builder.permissions {
            for permission_type in PermissionType::ALL {
                if let Some(id) = permission.ids[permission_type as usize] {
                    let known = by_id.entry(id).or_default();
                    if !known.contains(&(permission.name.clone(), permission_type)) {
                        known.push((permission.name.clone(), permission_type));
                    }
                }
            }
        }
        breadth.resize(builder.permissions.len(), [0; 3]);
        writing.resize(builder.permissions.len(), [0; 3]);
        Ok(Self {
            info,
            problems,
            has_ids: !ids.is_empty(),
            by_name: builder.by_name,
            by_folded_name,
            permissions: builder.permissions,
            by_id,
            templates: builder.templates,
            trie: builder.trie,
            also: builder.also,
            breadth,
            writing,
            overrides,
        })
    }

    /// What a report says of this catalog.
    pub fn info(&self) -> &CatalogInfo {
        &self.info
    }

    /// Entries that were skipped or read with a change, with their places.
    pub fn problems(&self) -> &[LoadProblem] {
        &self.problems
    }

    /// Every correction this crate carries, and what it met in this catalog.
    pub fn overrides(&self) -> &[(Override, OverrideState)] {
        &self.overrides
    }

    /// Corrections that the data has caught up with.
    ///
    /// None for the embedded catalog, which is written beside them.
    pub fn stale_overrides(&self) -> impl Iterator<Item = &Override> {
        self.overrides
            .iter()
            .filter(|(_, state)| self.info.complete && *state == OverrideState::CaughtUp)
            .map(|(about, _)| about)
    }

    /// The permission of this name, in any ASCII case; the whole name, never a part.
    ///
    /// Where two differ by case alone, the exact spelling decides, then which of them has an id.
    pub fn permission(&self, name: &str) -> Option<&Permission> {
        let index = match self.by_name.get(name) {
            Some(&index) => index,
            None => *self
                .by_folded_name
                .get(name.to_ascii_lowercase().as_str())?,
        };
        Some(self.at(index))
    }

    /// Every permission that is known, in the order of the files.
    pub fn permissions(&self) -> &[Permission] {
        &self.permissions
    }

    /// The id under which a manifest declares this permission in this kind.
    pub fn id_of(&self, name: &PermissionName, kind: PermissionType) -> Option<PermissionId> {
        self.permission(name.as_str())?.id(kind)
    }

    /// The permissions that an id stands for: none if it is not known, and two for a few ids.
    pub fn by_id(&self, id: PermissionId) -> &[(PermissionName, PermissionType)] {
        self.by_id.get(&id).map_or(&[], Vec::as_slice)
    }

    /// How many operations (method, template) a permission unlocks in a scheme.
    pub fn breadth(&self, name: &PermissionName, scheme: Scheme) -> usize {
        self.index(name)
            .map_or(0, |index| self.breadth[index as usize][scheme.index()])
    }

    /// How many operations other than reading ones (GET) a permission unlocks in a scheme.
    pub fn writing(&self, name: &PermissionName, scheme: Scheme) -> usize {
        self.index(name)
            .map_or(0, |index| self.writing[index as usize][scheme.index()])
    }

    /// Every operation that some permission unlocks, overrides applied, in the order of the files.
    pub fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        operations(&self.templates)
    }

    /// Every operation that a permission unlocks in a scheme, alone or with another, overrides applied.
    pub fn unlocked_by(&self, name: &PermissionName, scheme: Scheme) -> Vec<Operation<'_>> {
        let Some(index) = self.index(name) else {
            return Vec::new();
        };
        let mut unlocked = Vec::new();
        for template in &self.templates {
            for method in Method::ALL {
                let unlocks =
                    |grant: &Grant| grant.permission == index && grant.covers(method, scheme);
                if template.grants.iter().any(unlocks) {
                    unlocked.push(Operation {
                        template: &template.spelling,
                        method,
                        scheme,
                    });
                }
            }
        }
        unlocked.sort_unstable();
        unlocked
    }

    /// Permissions that unlock fewer operations than `name` in `scheme` but some of the same,
    /// with how many they share, the most first.
    pub fn narrower(&self, name: &PermissionName, scheme: Scheme) -> Vec<(PermissionName, usize)> {
        let Some(index) = self.index(name) else {
            return Vec::new();
        };
        let own = self.breadth[index as usize][scheme.index()];
        let mut shared: BTreeMap<PermissionIndex, usize> = BTreeMap::new();
        for template in &self.templates {
            for method in Method::ALL {
                let mut here: Vec<PermissionIndex> = template
                    .grants
                    .iter()
                    .filter(|grant| grant.covers(method, scheme))
                    .map(|grant| grant.permission)
                    .collect();
                here.sort_unstable();
                here.dedup();
                if here.contains(&index) {
                    for other in here {
                        *shared.entry(other).or_default() += 1;
                    }
                }
            }
        }
        let mut narrower: Vec<(PermissionName, usize)> = shared
            .into_iter()
            .filter(|&(other, _)| {
                other != index && self.breadth[other as usize][scheme.index()] < own
            })
            .map(|(other, count)| (self.permissions[other as usize].name.clone(), count))
            .collect();
        narrower.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        narrower
    }

    pub(crate) fn index(&self, name: &PermissionName) -> Option<PermissionIndex> {
        self.by_name.get(name.as_str()).copied()
    }

    pub(crate) fn at(&self, index: PermissionIndex) -> &Permission {
        &self.permissions[index as usize]
    }

    /// The privilege level in a scheme; a missing one is above every other.
    pub(crate) fn level(&self, index: PermissionIndex, scheme: Scheme) -> u8 {
        self.at(index)
            .scheme(scheme)
            .and_then(|info| info.privilege_level)
            .unwrap_or(NO_LEVEL)
    }

    pub(crate) fn breadth_at(&self, index: PermissionIndex, scheme: Scheme) -> usize {
        self.breadth[index as usize][scheme.index()]
    }

    /// Whether the service has the permission, so that a tenant can grant it.
    pub fn in_service(&self, name: &PermissionName, permission_type: PermissionType) -> bool {
        self.index(name)
            .is_none_or(|index| self.in_service_at(index, permission_type))
    }

    pub(crate) fn in_service_at(
        &self,
        index: PermissionIndex,
        permission_type: PermissionType,
    ) -> bool {
        !self.at(index).not_in_service[permission_type as usize]
    }

    pub(crate) fn trie(&self) -> &Trie {
        &self.trie
    }

    pub(crate) fn template_list(&self) -> &[Template] {
        &self.templates
    }

    pub(crate) fn template(&self, id: TemplateId) -> &Template {
        &self.templates[id as usize]
    }

    pub(crate) fn also(&self, list: u32) -> &[PermissionIndex] {
        &self.also[list as usize]
    }

    /// Whether a provisioning file was loaded, so that a missing id says something.
    pub(crate) fn has_ids(&self) -> bool {
        self.has_ids
    }

    pub(crate) fn override_id(&self, by: usize) -> &str {
        &self.overrides[by].0.id
    }
}

/// How many (method, template) each permission unlocks, by scheme.
fn breadth(builder: &Builder, counts: impl Fn(Method) -> bool) -> Vec<[usize; 3]> {
    let counted = Method::ALL
        .into_iter()
        .filter(|&method| counts(method))
        .fold(0, |counted, method| counted | method.bit());
    let mut breadth = vec![[0; 3]; builder.permissions.len()];
    let mut here: Vec<(PermissionIndex, [u8; 3])> = Vec::new();
    for template in &builder.templates {
        here.clear();
        for grant in &template.grants {
            let methods = match here
                .iter_mut()
                .find(|(permission, _)| *permission == grant.permission)
            {
                Some((_, methods)) => methods,
                None => {
                    here.push((grant.permission, [0; 3]));
                    let last = here.len() - 1;
                    &mut here[last].1
                }
            };
            for scheme in Scheme::ALL {
                if grant.schemes & scheme.bit() != 0 {
                    methods[scheme.index()] |= grant.methods;
                }
            }
        }
        for (permission, methods) in &here {
            for scheme in 0..3 {
                breadth[*permission as usize][scheme] +=
                    (methods[scheme] & counted).count_ones() as usize;
            }
        }
    }
    breadth
}

/// Puts the ids of the service in the place of the published ones, and drops the problems that this settles.
fn apply_ids(ids: &[layers::ServiceId], builder: &mut Builder, problems: &mut Vec<LoadProblem>) {
    for service in ids {
        let index = builder.intern(&service.name);
        let slot = service.permission_type as usize;
        builder.permissions[index as usize].ids[slot] = Some(service.id);
        problems.retain(|problem| {
            problem.subject != service.name
                || service.published.is_empty()
                || !problem.message.contains(&service.published)
        });
    }
}

fn operations(templates: &[Template]) -> impl Iterator<Item = Operation<'_>> {
    templates.iter().flat_map(|template| {
        let mut methods = [0_u8; 3];
        for grant in &template.grants {
            for scheme in Scheme::ALL {
                if grant.schemes & scheme.bit() != 0 {
                    methods[scheme.index()] |= grant.methods;
                }
            }
        }
        Method::ALL.into_iter().flat_map(move |method| {
            Scheme::ALL
                .into_iter()
                .filter(move |scheme| methods[scheme.index()] & method.bit() != 0)
                .map(move |scheme| Operation {
                    template: &template.spelling,
                    method,
                    scheme,
                })
        })
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}
