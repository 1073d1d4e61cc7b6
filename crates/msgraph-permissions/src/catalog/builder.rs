//! A catalog while it is being read.

use rustc_hash::FxHashMap;

use super::TemplateId;
use super::model::{Grant, PermissionFacts, PermissionIndex, SchemeInfo, TemplateFacts};
use crate::Scheme;
use crate::path::TemplatePath;
use crate::trie::{Trie, to_u32};

/// Permissions, templates and grants, before anything is derived from them.
pub(super) struct Builder {
    pub(super) permissions: Vec<PermissionFacts>,
    /// Permissions by exact name: the published data has two that differ by case alone.
    pub(super) by_name: FxHashMap<Box<str>, PermissionIndex>,
    pub(super) templates: Vec<TemplateFacts>,
    pub(super) trie: Trie,
    /// Lists of permissions of which one is required too, each sorted.
    pub(super) also: Vec<Box<[PermissionIndex]>>,
    also_known: FxHashMap<Box<[PermissionIndex]>, u32>,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            permissions: Vec::new(),
            by_name: FxHashMap::default(),
            templates: Vec::new(),
            trie: Trie::new(),
            also: Vec::new(),
            also_known: FxHashMap::default(),
        }
    }

    /// The permission of this name, added if it is new.
    pub(super) fn intern(&mut self, name: &str) -> PermissionIndex {
        if let Some(&permission) = self.by_name.get(name) {
            return permission;
        }
        let permission = to_u32(self.permissions.len());
        self.permissions.push(PermissionFacts::unlisted(name));
        self.by_name.insert(name.into(), permission);
        permission
    }

    /// The permission of this name, now described; and whether it was not before.
    pub(super) fn list(&mut self, name: &str, is_rsc: bool) -> (PermissionIndex, bool) {
        let index = self.intern(name);
        let permission = &mut self.permissions[index as usize];
        let is_new = !permission.listed;
        permission.listed = true;
        permission.is_rsc = is_rsc;
        (index, is_new)
    }

    pub(super) fn set_scheme(
        &mut self,
        permission: PermissionIndex,
        scheme: Scheme,
        info: SchemeInfo,
    ) {
        self.permissions[permission as usize].schemes[scheme.index()] = Some(info);
    }

    /// The template of this spelling, added if it is new. `None` if the text names nothing.
    pub(super) fn template(&mut self, spelling: &str) -> Option<TemplateId> {
        let lower = spelling.to_lowercase();
        let path = TemplatePath::parse(&lower)?;
        let new = to_u32(self.templates.len());
        let template = self.trie.insert(path, new);
        if template == new {
            self.templates.push(TemplateFacts::new(spelling));
        } else {
            let known = &mut self.templates[template as usize];
            let mut other: Box<str> = spelling.into();
            if prefers(&other, &known.spelling) {
                std::mem::swap(&mut other, &mut known.spelling);
            }
            if other != known.spelling && !known.other_spellings.contains(&other) {
                known.other_spellings.push(other);
            }
        }
        Some(template)
    }

    /// The list of permissions of which one is required too; `None` if it is empty.
    pub(super) fn also(&mut self, mut names: Vec<PermissionIndex>) -> Option<u32> {
        names.sort_unstable();
        names.dedup();
        if names.is_empty() {
            return None;
        }
        let names = names.into_boxed_slice();
        if let Some(&known) = self.also_known.get(&names) {
            return Some(known);
        }
        let index = to_u32(self.also.len());
        self.also.push(names.clone());
        self.also_known.insert(names, index);
        Some(index)
    }

    pub(super) fn grant(
        &mut self,
        template: TemplateId,
        permission: PermissionIndex,
        methods: u8,
        schemes: u8,
        least: u8,
        also: Option<u32>,
    ) {
        let template = &mut self.templates[template as usize];
        template.methods |= methods;
        template.grants.push(Grant {
            permission,
            methods,
            schemes,
            least,
            also,
        });
    }
}

/// Of two spellings of one template, the one with more capitals, then the shorter, then the first in order.
fn prefers(new: &str, known: &str) -> bool {
    let rank = |text: &str| {
        let capitals = text.bytes().filter(u8::is_ascii_uppercase).count();
        (usize::MAX - capitals, text.len())
    };
    (rank(new), new) < (rank(known), known)
}
