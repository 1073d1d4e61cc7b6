//! What the compiled catalog says of a permission, a template, and a place in the tree.

use uuid::Uuid;

use super::blob::{NONE, Section, partition_point};
use super::encode::{permission_flags, template_flags};
use super::model::{Grant, NO_LEVEL, PermissionIndex, SchemeInfo};
use super::{Catalog, NodeId, TemplateId};
use crate::{Method, PermissionId, PermissionName, PermissionType, Scheme};

/// A permission that a catalog knows.
#[derive(Debug, Clone, Copy)]
pub struct Permission<'c> {
    pub(super) catalog: &'c Catalog,
    pub(super) index: PermissionIndex,
}

impl Permission<'_> {
    /// The name, as the catalog spells it.
    pub fn name(self) -> PermissionName {
        self.catalog.name_at(self.index)
    }

    /// Whether it is granted per team, chat or user (resource-specific consent) rather than per tenant.
    pub fn is_rsc(self) -> bool {
        self.catalog.has_flag(self.index, permission_flags::RSC)
    }

    /// Whether the permissions file describes it. If not, its id alone is known.
    pub fn is_listed(self) -> bool {
        self.catalog.has_flag(self.index, permission_flags::LISTED)
    }

    /// What the catalog says of the permission in one scheme; `None` if it does not exist there.
    pub fn scheme(self, scheme: Scheme) -> Option<SchemeInfo> {
        self.catalog.scheme_at(self.index, scheme)
    }

    /// The id under which a manifest declares it; `None` if the catalog knows none for this type.
    pub fn id(self, permission_type: PermissionType) -> Option<PermissionId> {
        self.catalog.id_at(self.index, permission_type)
    }

    /// The types in which it exists: described in one of their schemes, or with an id.
    pub fn types(self) -> impl Iterator<Item = PermissionType> {
        PermissionType::ALL
            .into_iter()
            .filter(move |&permission_type| {
                self.id(permission_type).is_some()
                    || Scheme::ALL.into_iter().any(|scheme| {
                        scheme.permission_type() == permission_type && self.scheme(scheme).is_some()
                    })
            })
    }

    /// Whether the service has it in this type, so that a tenant can grant it.
    pub fn in_service(self, permission_type: PermissionType) -> bool {
        self.catalog.in_service_at(self.index, permission_type)
    }
}

/// Permissions.
impl Catalog {
    /// How many permissions are compiled; a service's export may add others after them.
    pub(super) fn compiled(&self) -> u32 {
        self.blob.bases().templates
    }

    fn permission_word(&self, index: PermissionIndex, word: usize) -> u32 {
        if index < self.compiled() {
            self.blob
                .word(Section::Permissions, index as usize * 3 + word)
        } else {
            0
        }
    }

    fn has_flag(&self, index: PermissionIndex, flag: u32) -> bool {
        self.permission_word(index, 0) & flag != 0
    }

    pub(crate) fn is_rsc_at(&self, index: PermissionIndex) -> bool {
        self.has_flag(index, permission_flags::RSC)
    }

    pub(crate) fn says_write_at(&self, index: PermissionIndex) -> bool {
        self.has_flag(index, permission_flags::SAYS_WRITE)
    }

    pub(crate) fn says_only_read_at(&self, index: PermissionIndex) -> bool {
        self.has_flag(index, permission_flags::ONLY_READS)
    }

    /// The permission of the same name with `Read` in the place of `ReadWrite`.
    pub(crate) fn reading_twin_at(&self, index: PermissionIndex) -> Option<PermissionIndex> {
        Some(self.permission_word(index, 2)).filter(|&twin| twin != NONE)
    }

    pub(super) fn scheme_at(&self, index: PermissionIndex, scheme: Scheme) -> Option<SchemeInfo> {
        let bits = (self.permission_word(index, 1) >> (scheme.index() * 8)) & 0xff;
        let level = (bits & 0xf) as u8;
        (level != 0).then_some(SchemeInfo {
            privilege_level: (level != NO_LEVEL).then_some(level),
            admin_consent: bits & 0x10 != 0,
        })
    }

    /// The privilege level in a scheme; a missing one is above every other.
    pub(crate) fn level(&self, index: PermissionIndex, scheme: Scheme) -> u8 {
        self.scheme_at(index, scheme)
            .and_then(|info| info.privilege_level)
            .unwrap_or(NO_LEVEL)
    }

    /// How many operations a permission unlocks in a scheme, and how many of them write.
    pub(crate) fn breadth_at(&self, index: PermissionIndex, scheme: Scheme) -> (u32, u32) {
        if index >= self.compiled() {
            return (0, 0);
        }
        let layer = usize::from(self.layers.overrides);
        let at = ((index as usize * 2 + layer) * 3 + scheme.index()) * 2;
        (
            self.blob.word(Section::Breadth, at),
            self.blob.word(Section::Breadth, at + 1),
        )
    }

    pub(super) fn id_at(
        &self,
        index: PermissionIndex,
        permission_type: PermissionType,
    ) -> Option<PermissionId> {
        if let Some(service) = &self.service {
            return service.id(index, permission_type);
        }
        let layer = usize::from(self.layers.ids);
        let at = (index as usize * 2 + permission_type as usize) * 2 + layer;
        let id = self.id_words(Section::IdOf, at * 4);
        (!id.is_nil()).then_some(PermissionId::from_uuid(id))
    }

    pub(crate) fn has_no_id(
        &self,
        index: PermissionIndex,
        permission_type: PermissionType,
    ) -> bool {
        self.id_at(index, permission_type).is_none()
    }

    fn id_words(&self, section: Section, at: usize) -> Uuid {
        let word = |number: usize| u128::from(self.blob.word(section, at + number));
        Uuid::from_u128(word(0) << 96 | word(1) << 64 | word(2) << 32 | word(3))
    }

    /// The compiled permissions that an id stands for.
    pub(super) fn compiled_by_id(
        &self,
        id: PermissionId,
    ) -> impl Iterator<Item = (PermissionIndex, PermissionType)> {
        const ROW: usize = 7;
        let count = self.blob.len(Section::Ids) / ROW;
        let row = |number: usize| self.id_words(Section::Ids, number * ROW);
        let first = partition_point(count, |number| row(number) < id.as_uuid());
        let layer = 1 << u32::from(self.layers.ids);
        (first..count)
            .take_while(move |&number| row(number) == id.as_uuid())
            .map(|number| {
                let word = |at: usize| self.blob.word(Section::Ids, number * ROW + at);
                (word(4), word(5), word(6))
            })
            .filter(move |(_, _, layers)| layers & layer != 0)
            .map(|(index, permission_type, _)| {
                (index, PermissionType::ALL[permission_type as usize])
            })
    }

    pub(crate) fn in_service_at(
        &self,
        index: PermissionIndex,
        permission_type: PermissionType,
    ) -> bool {
        if let Some(service) = &self.service
            // Resource-specific permissions stand in another list of the service principal.
            && !self.is_rsc_at(index)
        {
            return service.id(index, permission_type).is_some();
        }
        let flag = permission_flags::NOT_IN_SERVICE << permission_type as u32;
        !self.layers.not_in_service || !self.has_flag(index, flag)
    }

    /// Whether a permission unlocks something below a root, alone or with another.
    pub(crate) fn reaches(
        &self,
        index: PermissionIndex,
        permission_type: PermissionType,
        root: u32,
    ) -> bool {
        if index >= self.compiled() {
            return false;
        }
        let row = (self.root_count() as usize).div_ceil(32);
        let at = (index as usize * 2 + permission_type as usize) * row + root as usize / 32;
        self.blob.word(Section::Reach, at) & (1 << (root % 32)) != 0
    }

    fn root_count(&self) -> u32 {
        let bases = self.blob.bases();
        bases.others - bases.roots
    }

    /// The number of a root, in lower case.
    pub(crate) fn root(&self, word: &str) -> Option<u32> {
        let bases = self.blob.bases();
        self.blob.find_string(bases.roots, bases.others, word)
    }

    /// The permissions of a list of which one is required too.
    pub(crate) fn also(&self, list: u32) -> impl Iterator<Item = PermissionIndex> {
        let at = |number: usize| self.blob.word(Section::AlsoStarts, number) as usize;
        (at(list as usize)..at(list as usize + 1)).map(|at| self.blob.word(Section::Also, at))
    }
}

/// Templates.
impl Catalog {
    pub(crate) fn template_count(&self) -> u32 {
        let bases = self.blob.bases();
        bases.symbols - bases.templates
    }

    /// The templates of the layer in use.
    pub(crate) fn template_ids(&self) -> impl Iterator<Item = TemplateId> {
        (0..self.template_count()).filter(|&template| self.methods_of(template) != 0)
    }

    fn template_word(&self, template: TemplateId, word: usize) -> u32 {
        self.blob
            .word(Section::Templates, template as usize * 3 + word)
    }

    pub(crate) fn spelling(&self, template: TemplateId) -> &str {
        self.blob.string(self.blob.bases().templates + template)
    }

    /// Every method of a template, in whatever scheme, as bits.
    pub(crate) fn methods_of(&self, template: TemplateId) -> u8 {
        let shift = if self.layers.overrides { 8 } else { 0 };
        (self.template_word(template, 0) >> shift & 0xff) as u8
    }

    pub(crate) fn is_beta_only(&self, template: TemplateId) -> bool {
        self.template_word(template, 0) & template_flags::BETA_ONLY != 0
    }

    pub(crate) fn depends_on_body(&self, template: TemplateId) -> bool {
        self.template_word(template, 0) & template_flags::DEPENDS_ON_BODY != 0
    }

    pub(crate) fn depends_on_object(&self, template: TemplateId) -> bool {
        self.template_word(template, 0) & template_flags::DEPENDS_ON_OBJECT != 0
    }

    pub(crate) fn grants(&self, template: TemplateId) -> impl Iterator<Item = Grant> + Clone {
        let (published, corrected) = (
            self.template_word(template, 1),
            self.template_word(template, 2),
        );
        let is_corrected = self.layers.overrides
            && self.template_word(template, 0) & template_flags::CORRECTED != 0;
        let range = if is_corrected {
            corrected..self.template_word(template + 1, 1)
        } else {
            published..corrected
        };
        range.map(|grant| {
            let word = |number: usize| self.blob.word(Section::Grants, grant as usize * 3 + number);
            let bits = word(2);
            Grant {
                permission: word(0),
                also: Some(word(1)).filter(|&also| also != NONE),
                methods: (bits & 0xff) as u8,
                schemes: (bits >> 8 & 0xff) as u8,
                least: (bits >> 16 & 0xff) as u8,
            }
        })
    }

    /// The overrides that changed an operation, by their numbers.
    pub(crate) fn corrections(
        &self,
        template: TemplateId,
        method: Method,
        scheme: Scheme,
    ) -> impl Iterator<Item = u32> {
        let count = if self.layers.overrides {
            self.blob.len(Section::Corrections) / 4
        } else {
            0
        };
        let word = |row: usize, at: usize| self.blob.word(Section::Corrections, row * 4 + at);
        let first = partition_point(count, |row| word(row, 0) < template);
        (first..count)
            .take_while(move |&row| word(row, 0) == template)
            .filter(move |&row| word(row, 2) == method as u32 && word(row, 3) == scheme as u32)
            .map(move |row| word(row, 1))
    }

    /// The other published spellings of a template.
    pub(crate) fn other_spellings(&self, template: TemplateId) -> impl Iterator<Item = &str> {
        let count = self.blob.len(Section::Spellings) / 2;
        let word = |row: usize, at: usize| self.blob.word(Section::Spellings, row * 2 + at);
        let first = partition_point(count, |row| word(row, 0) < template);
        (first..count)
            .take_while(move |&row| word(row, 0) == template)
            .map(move |row| self.blob.string(word(row, 1)))
    }
}

/// The tree of templates.
impl Catalog {
    fn node_word(&self, node: NodeId, word: usize) -> u32 {
        self.blob.word(Section::Nodes, node as usize * 7 + word)
    }

    fn node_at(&self, node: NodeId, word: usize) -> Option<NodeId> {
        Some(self.node_word(node, word)).filter(|&child| child != NONE)
    }

    pub(crate) fn root_node(&self) -> NodeId {
        0
    }

    /// What stands at a place.
    pub(crate) fn segment_at(&self, node: NodeId) -> &str {
        self.blob
            .string(self.blob.bases().symbols + self.node_word(node, 0))
    }

    pub(crate) fn any_child(&self, node: NodeId) -> Option<NodeId> {
        self.node_at(node, 2)
    }

    pub(crate) fn stray_brace_child(&self, node: NodeId) -> Option<NodeId> {
        self.node_at(node, 3)
    }

    pub(crate) fn template_at(&self, node: NodeId) -> Option<TemplateId> {
        self.node_at(node, 6)
    }

    /// Children that are words or functions.
    pub(crate) fn word_children(
        &self,
        node: NodeId,
    ) -> impl DoubleEndedIterator<Item = NodeId> + use<'_> {
        (self.node_word(node, 1)..self.node_word(node + 1, 1))
            .map(|edge| self.blob.word(Section::Edges, edge as usize * 2 + 1))
    }

    /// The child that is this word.
    pub(crate) fn word_child(&self, node: NodeId, symbol: u32) -> Option<NodeId> {
        let first = self.node_word(node, 1) as usize;
        let count = self.node_word(node + 1, 1) as usize - first;
        let word = |edge: usize, at: usize| self.blob.word(Section::Edges, (first + edge) * 2 + at);
        let edge = partition_point(count, |edge| word(edge, 0) < symbol);
        (edge < count && word(edge, 0) == symbol).then(|| word(edge, 1))
    }

    /// Children that are words or functions whose folded form is this one.
    pub(crate) fn folded_children(
        &self,
        node: NodeId,
        fold: u32,
    ) -> impl Iterator<Item = NodeId> + use<'_> {
        (self.node_word(node, 1)..self.node_word(node + 1, 1))
            .filter(move |&edge| {
                let symbol = self.blob.word(Section::Edges, edge as usize * 2);
                self.blob.word(Section::Folds, symbol as usize) == fold
            })
            .map(|edge| self.blob.word(Section::Edges, edge as usize * 2 + 1))
    }

    /// Children with text around an id.
    pub(crate) fn around_children(
        &self,
        node: NodeId,
    ) -> impl DoubleEndedIterator<Item = NodeId> + use<'_> {
        (self.node_word(node, 4)..self.node_word(node + 1, 4))
            .map(|around| self.blob.word(Section::Arounds, around as usize))
    }

    /// Templates that differ by a query, with its pattern.
    pub(crate) fn queries(&self, node: NodeId) -> impl Iterator<Item = (&str, TemplateId)> {
        (self.node_word(node, 5)..self.node_word(node + 1, 5)).map(|query| {
            let word = |at: usize| self.blob.word(Section::Queries, query as usize * 2 + at);
            (self.blob.string(word(0)), word(1))
        })
    }

    /// The number of a word of the API, in lower case.
    pub(crate) fn symbol(&self, text: &str) -> Option<u32> {
        let bases = self.blob.bases();
        self.blob.find_string(bases.symbols, bases.folds, text)
    }

    /// The number of a folded word.
    pub(crate) fn fold(&self, folded: &str) -> Option<u32> {
        let bases = self.blob.bases();
        self.blob.find_string(bases.folds, bases.roots, folded)
    }
}
