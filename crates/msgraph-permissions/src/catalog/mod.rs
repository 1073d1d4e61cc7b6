//! A catalog: every permission, what it unlocks, and its ids.

mod blob;
mod builder;
mod compile;
mod encode;
mod info;
mod json;
mod layers;
mod load;
mod model;
mod origin;
mod overrides;
mod permissions;
mod provisioning;
mod service;
mod view;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

pub(crate) use self::blob::Shared;
use self::blob::{Blob, Section, partition_point};
pub use self::info::{
    CatalogInfo, CatalogInput, EmbedInput, Layers, LoadError, LoadProblem, Operation,
};
pub(crate) use self::model::{Grant, NO_LEVEL, PermissionIndex};
pub use self::model::{Place, SchemeInfo};
pub use self::overrides::{Override, OverrideState};
use self::service::ServicePrincipal;
pub use self::service::{Export as ServiceExport, ServiceError};
pub use self::view::Permission;

use crate::{Method, PermissionId, PermissionName, PermissionType, Scheme};

/// Index of a template in the catalog.
pub(crate) type TemplateId = u32;
/// Index of a place in the tree of templates.
pub(crate) type NodeId = u32;

const EMBEDDED_WORDS: &[u8] = include_bytes!("../../data/catalog.bin");
const EMBEDDED_TEXT: &str = include_str!("../../data/catalog.txt");

/// Every permission of Microsoft Graph that is known, what it unlocks, and its ids.
///
/// Permissions are in the order of their names, templates in that of their paths.
#[derive(Debug, Clone)]
pub struct Catalog {
    blob: Blob,
    info: CatalogInfo,
    problems: Vec<LoadProblem>,
    layers: Layers,
    service: Option<Arc<ServicePrincipal>>,
    overrides: OnceLock<Vec<(Override, OverrideState)>>,
}

static EMBEDDED: LazyLock<Catalog> = LazyLock::new(|| {
    let blob = Blob::new(
        Shared::Static(EMBEDDED_WORDS),
        Shared::Static(EMBEDDED_TEXT),
    );
    Catalog::of(blob, "embedded".to_owned(), Vec::new(), Layers::ALL)
});

impl Catalog {
    /// The catalog inside this crate: all of Microsoft Graph as published on the day that
    /// [`info`](Self::info) tells, with this crate's corrections.
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// Loads a catalog from files in Microsoft's formats.
    ///
    /// A bad entry is skipped and noted in [`problems`](Self::problems); an error means that a file
    /// is not JSON or another file altogether.
    pub fn load(input: CatalogInput<'_>) -> Result<Self, LoadError> {
        Self::load_as(input, None)
    }

    /// As [`load`](Self::load), of a permissions file whose SHA-256 is known already, in lower-case
    /// hexadecimal: the one of a pinned file is not computed twice.
    pub fn load_hashed(input: CatalogInput<'_>, sha256: String) -> Result<Self, LoadError> {
        let origin = origin::Origin {
            sha256,
            ..origin::Origin::default()
        };
        Self::load_as(input, Some(origin))
    }

    fn load_as(input: CatalogInput<'_>, origin: Option<origin::Origin>) -> Result<Self, LoadError> {
        let layers = if input.overrides {
            Layers::ALL
        } else {
            Layers::NONE
        };
        let (blob, problems) = load::compiled(&input, &load::Lists::OWN, origin)?;
        Ok(Self::of(blob, input.source, problems, layers))
    }

    fn of(blob: Blob, source: String, problems: Vec<LoadProblem>, layers: Layers) -> Self {
        let count = |at| blob.word(Section::Counts, at) as usize;
        let origin = |at| blob.string(blob.word(Section::Origin, at)).to_owned();
        let known = |text: String| (!text.is_empty()).then_some(text);
        let info = CatalogInfo {
            source,
            sha256: origin(0),
            commit: known(origin(1)),
            date: known(origin(2)),
            permissions: count(0),
            templates: count(1),
            operations: count(2),
            complete: true,
        };
        Self {
            blob,
            info,
            problems,
            layers,
            service: None,
            overrides: OnceLock::new(),
        }
    }

    /// The same data with these corrections on and the others off.
    #[must_use]
    pub fn with_layers(&self, layers: Layers) -> Self {
        Self {
            layers,
            overrides: OnceLock::new(),
            ..self.clone()
        }
    }

    /// The same data as a tenant's own service principal of Microsoft Graph has it: its ids and the
    /// permissions that it has win over this crate's lists.
    #[must_use]
    pub fn with_service(&self, service: &ServiceExport) -> Self {
        Self {
            service: Some(Arc::new(ServicePrincipal::new(self, service))),
            ..self.clone()
        }
    }

    /// What a report says of this catalog.
    pub fn info(&self) -> &CatalogInfo {
        &self.info
    }

    /// Which corrections are on.
    pub fn layers(&self) -> Layers {
        self.layers
    }

    /// The catalog that this crate embeds, in the form in which it does: arrays and text.
    ///
    /// For `cargo xtask codegen`, which writes them to data/.
    #[doc(hidden)]
    pub fn compile(input: &EmbedInput<'_>) -> Result<(Vec<u8>, String), LoadError> {
        let blob = load::embeddable(input)?;
        Ok((blob.words().to_vec(), blob.text().to_owned()))
    }

    /// Entries that were skipped or read with a change, with their places.
    pub fn problems(&self) -> &[LoadProblem] {
        &self.problems
    }

    /// Every correction this crate carries, and what it met in this catalog.
    pub fn overrides(&self) -> &[(Override, OverrideState)] {
        self.overrides
            .get_or_init(|| overrides::read_compiled(&self.blob, self.layers.overrides))
    }

    /// Corrections that the data has caught up with.
    pub fn stale_overrides(&self) -> impl Iterator<Item = &Override> {
        self.overrides()
            .iter()
            .filter(|(_, state)| *state == OverrideState::CaughtUp)
            .map(|(about, _)| about)
    }

    pub(crate) fn override_id(&self, by: u32) -> &str {
        self.overrides()
            .get(by as usize)
            .map_or("", |(about, _)| about.id.as_str())
    }

    /// The permission of this name, in any ASCII case; the whole name, never a part.
    ///
    /// Where two differ by case alone, the exact spelling decides, then which of them has an id.
    pub fn permission(&self, name: &str) -> Option<Permission<'_>> {
        let index = self
            .index_of(name)
            .or_else(|| self.index_in_any_case(name))
            .or_else(|| self.service.as_ref()?.extra(name))?;
        Some(Permission {
            catalog: self,
            index,
        })
    }

    fn index_in_any_case(&self, name: &str) -> Option<PermissionIndex> {
        let count = self.blob.len(Section::NamesFolded);
        let index = |at: usize| self.blob.word(Section::NamesFolded, at);
        let lower = |index: PermissionIndex| {
            self.blob
                .string(index)
                .bytes()
                .map(|b| b.to_ascii_lowercase())
        };
        let wanted = || name.bytes().map(|byte| byte.to_ascii_lowercase());
        let first = partition_point(count, |at| lower(index(at)).lt(wanted()));
        let mut same = (first..count)
            .map(index)
            .take_while(|&index| lower(index).eq(wanted()));
        let first = same.next()?;
        let has_id = |index: &PermissionIndex| {
            PermissionType::ALL
                .into_iter()
                .any(|permission_type| self.id_at(*index, permission_type).is_some())
        };
        if has_id(&first) {
            return Some(first);
        }
        Some(same.find(has_id).unwrap_or(first))
    }

    /// Every permission that is known.
    pub fn permissions(&self) -> impl Iterator<Item = Permission<'_>> {
        let extra = self.service.as_ref().map_or(0, |service| service.extras());
        (0..self.compiled() + extra).map(|index| Permission {
            catalog: self,
            index,
        })
    }

    /// The id under which a manifest declares this permission in this type.
    pub fn id_of(
        &self,
        name: &PermissionName,
        permission_type: PermissionType,
    ) -> Option<PermissionId> {
        self.permission(name.as_str())?.id(permission_type)
    }

    /// The permissions that an id stands for: none if it is not known, and two for a few ids.
    pub fn by_id(&self, id: PermissionId) -> Vec<(PermissionName, PermissionType)> {
        let mut known: Vec<(PermissionIndex, PermissionType)> = self.compiled_by_id(id).collect();
        if let Some(service) = &self.service {
            // What the tenant's service says of an id is so.
            let own: Vec<_> = service.by_id(id).collect();
            if !own.is_empty() {
                known = own;
            }
        }
        known
            .into_iter()
            .map(|(index, permission_type)| (self.name_at(index), permission_type))
            .collect()
    }

    /// How many operations (method, template) a permission unlocks in a scheme.
    pub fn breadth(&self, name: &PermissionName, scheme: Scheme) -> usize {
        self.index(name)
            .map_or(0, |index| self.breadth_at(index, scheme).0 as usize)
    }

    /// How many operations other than reading ones (GET) a permission unlocks in a scheme.
    pub fn writing(&self, name: &PermissionName, scheme: Scheme) -> usize {
        self.index(name)
            .map_or(0, |index| self.breadth_at(index, scheme).1 as usize)
    }

    /// Whether the service has the permission, so that a tenant can grant it.
    pub fn in_service(&self, name: &PermissionName, permission_type: PermissionType) -> bool {
        self.permission(name.as_str())
            .is_none_or(|permission| permission.in_service(permission_type))
    }

    /// Every operation that some permission unlocks.
    pub fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        self.template_ids().flat_map(move |template| {
            let mut methods = [0_u8; 3];
            for grant in self.grants(template) {
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
                        template: self.spelling(template),
                        method,
                        scheme,
                    })
            })
        })
    }

    /// Every operation that a permission unlocks in a scheme, alone or with another.
    pub fn unlocked_by(&self, name: &PermissionName, scheme: Scheme) -> Vec<Operation<'_>> {
        let Some(index) = self.index(name) else {
            return Vec::new();
        };
        let mut unlocked = Vec::new();
        for template in self.template_ids() {
            for method in Method::ALL {
                let unlocks =
                    |grant: Grant| grant.permission == index && grant.covers(method, scheme);
                if self.grants(template).any(unlocks) {
                    unlocked.push(Operation {
                        template: self.spelling(template),
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
        let own = self.breadth_at(index, scheme).0;
        let mut shared: BTreeMap<PermissionIndex, usize> = BTreeMap::new();
        for template in self.template_ids() {
            for method in Method::ALL {
                let mut here: Vec<PermissionIndex> = self
                    .grants(template)
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
            .filter(|&(other, _)| other != index && self.breadth_at(other, scheme).0 < own)
            .map(|(other, count)| (self.name_at(other), count))
            .collect();
        narrower.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        narrower
    }

    pub(crate) fn index(&self, name: &PermissionName) -> Option<PermissionIndex> {
        self.index_of(name.as_str())
    }

    fn index_of(&self, name: &str) -> Option<PermissionIndex> {
        self.blob.find_string(0, self.compiled(), name)
    }

    pub(crate) fn name_at(&self, index: PermissionIndex) -> PermissionName {
        if index < self.compiled() {
            PermissionName::within(self.blob.shared_text(), self.blob.range(index))
        } else {
            self.service
                .as_ref()
                .and_then(|service| service.extra_name(index))
                .expect("an index beyond the compiled ones was given by the service's export")
        }
    }

    /// Whether ids were loaded, so that a missing one says something.
    pub(crate) fn has_ids(&self) -> bool {
        self.service.is_some() || self.blob.word(Section::Counts, 3) != 0
    }

    /// What is noted of a permission in a section of four words a row.
    pub(crate) fn noted(
        &self,
        section: NotedSection,
        name: &PermissionName,
        permission_type: PermissionType,
    ) -> Option<(&str, &str)> {
        let index = self.index(name)?;
        let section = match section {
            NotedSection::Privileged => Section::Privileged,
            NotedSection::Formerly => Section::Formerly,
        };
        let count = self.blob.len(section) / 4;
        let word = |row: usize, at: usize| self.blob.word(section, row * 4 + at);
        let key = (index, permission_type as u32);
        let row = partition_point(count, |row| (word(row, 0), word(row, 1)) < key);
        (row < count && (word(row, 0), word(row, 1)) == key).then(|| {
            (
                self.blob.string(word(row, 2)),
                self.blob.string(word(row, 3)),
            )
        })
    }
}

/// What is noted of some permissions, each with its source.
#[derive(Debug, Clone, Copy)]
pub(crate) enum NotedSection {
    /// They lead to control of the tenant.
    Privileged,
    /// Older pages gave them for revoking sessions.
    Formerly,
}
