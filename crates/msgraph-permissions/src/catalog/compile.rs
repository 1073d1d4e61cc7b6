//! From what was read to the compiled form.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::blob::{Bases, Blob, HEADER, MAGIC, NONE, SECTIONS, Section, Shared};
use super::builder::Builder;
use super::encode::{breadth, flags, folded, id_words, schemes, template_flags};
use super::layers::Noted;
use super::model::{Grant, TemplateFacts};
use super::origin::Origin;
use super::overrides::{Override, OverrideState};
use crate::roots::first_segment;
use crate::trie::to_u32;
use crate::{PermissionId, PermissionName, PermissionType, Scheme};

/// What of a catalog does not stand in its builder.
pub(super) struct Parts<'a> {
    pub(super) ids: &'a [(u32, PermissionType, PermissionId)],
    pub(super) overrides: &'a [(Override, OverrideState)],
    pub(super) privileged: &'a [Noted],
    pub(super) formerly: &'a [Noted],
    pub(super) origin: &'a Origin,
    /// Permissions, templates and operations before corrections.
    pub(super) counts: [usize; 3],
    pub(super) has_ids: bool,
}

/// Compiles a catalog. What is in no order, such as permissions and templates, is sorted, so that the
/// order of the files makes no difference.
pub(super) fn compile(builder: &Builder, parts: &Parts<'_>) -> Blob {
    let mut writer = Writer::new(builder);
    writer.permissions(builder);
    writer.ids(builder, parts);
    writer.templates(builder);
    writer.tree(builder);
    writer.overrides(parts.overrides);
    writer.noted(Section::Privileged, parts.privileged, builder);
    writer.noted(Section::Formerly, parts.formerly, builder);
    for text in [
        &parts.origin.sha256,
        &parts.origin.commit,
        &parts.origin.date,
    ] {
        let string = writer.other(text);
        writer.push(Section::Origin, string);
    }
    for count in parts.counts.into_iter().chain([usize::from(parts.has_ids)]) {
        writer.push(Section::Counts, to_u32(count));
    }
    writer.finish()
}

struct Writer {
    sections: Vec<Vec<u32>>,
    text: String,
    bases: Bases,
    /// From a number of the builder to the number in the compiled form.
    permission: Vec<u32>,
    template: Vec<u32>,
    /// Numbers of the builder in the order of the compiled form.
    permission_order: Vec<usize>,
    template_order: Vec<usize>,
    symbols: BTreeMap<Box<str>, u32>,
    roots: Vec<String>,
    others: BTreeMap<String, u32>,
    next_string: u32,
}

impl Writer {
    fn new(builder: &Builder) -> Self {
        let mut writer = Self {
            sections: vec![Vec::new(); SECTIONS],
            text: String::new(),
            bases: Bases::default(),
            permission: vec![0; builder.permissions.len()],
            template: vec![0; builder.templates.len()],
            permission_order: (0..builder.permissions.len()).collect(),
            template_order: (0..builder.templates.len()).collect(),
            symbols: BTreeMap::new(),
            roots: Vec::new(),
            others: BTreeMap::new(),
            next_string: 0,
        };
        writer.permission_order.sort_by(|&a, &b| {
            builder.permissions[a]
                .name
                .cmp(&builder.permissions[b].name)
        });
        writer.template_order.sort_by_cached_key(|&at| {
            let spelling = &builder.templates[at].spelling;
            (spelling.to_lowercase(), spelling.clone())
        });
        for (new, &old) in writer.permission_order.iter().enumerate() {
            writer.permission[old] = to_u32(new);
        }
        for (new, &old) in writer.template_order.iter().enumerate() {
            writer.template[old] = to_u32(new);
        }
        writer.strings(builder);
        writer
    }

    fn push(&mut self, section: Section, word: u32) {
        self.sections[section as usize].push(word);
    }

    fn string(&mut self, text: &str) -> u32 {
        let start = to_u32(self.text.len());
        self.push(Section::Strings, start);
        self.text.push_str(text);
        self.next_string += 1;
        self.next_string - 1
    }

    fn strings(&mut self, builder: &Builder) {
        for at in self.permission_order.clone() {
            self.string(&builder.permissions[at].name);
        }
        self.bases.templates = self.next_string;
        for at in self.template_order.clone() {
            self.string(&builder.templates[at].spelling);
        }
        self.bases.symbols = self.next_string;
        let mut symbols: Vec<Box<str>> = builder
            .trie
            .nodes()
            .iter()
            .map(|node| node.segment.clone())
            .collect();
        symbols.sort_unstable();
        symbols.dedup();
        let mut folds: Vec<String> = symbols.iter().map(|symbol| folded(symbol)).collect();
        for (number, symbol) in symbols.into_iter().enumerate() {
            self.string(&symbol);
            self.symbols.insert(symbol, to_u32(number));
        }
        self.bases.folds = self.next_string;
        let of_symbols = folds.clone();
        folds.sort_unstable();
        folds.dedup();
        for text in &folds {
            self.string(text);
        }
        for text in of_symbols {
            let fold = folds.binary_search(&text).expect("it was just put there");
            self.push(Section::Folds, to_u32(fold));
        }
        self.bases.roots = self.next_string;
        self.roots = builder
            .templates
            .iter()
            .map(|template| first_segment(&template.spelling))
            .collect();
        self.roots.sort_unstable();
        self.roots.dedup();
        for root in self.roots.clone() {
            self.string(&root);
        }
        self.bases.others = self.next_string;
    }

    /// The number of a string that has no place of its own.
    fn other(&mut self, text: &str) -> u32 {
        if let Some(&known) = self.others.get(text) {
            return known;
        }
        let string = self.string(text);
        self.others.insert(text.to_owned(), string);
        string
    }

    fn permissions(&mut self, builder: &Builder) {
        let breadth = [0, 1].map(|layer| breadth(builder, layer));
        for at in self.permission_order.clone() {
            let facts = &builder.permissions[at];
            let name = PermissionName::new(&facts.name);
            let twin = name
                .reading_twin()
                .and_then(|twin| builder.by_name.get(twin.as_str()))
                .map_or(NONE, |&twin| self.permission[twin as usize]);
            self.push(Section::Permissions, flags(facts, &name));
            self.push(Section::Permissions, schemes(facts));
            self.push(Section::Permissions, twin);
            for breadth in &breadth {
                for [all, writing] in breadth[at] {
                    self.push(Section::Breadth, all);
                    self.push(Section::Breadth, writing);
                }
            }
        }
        let mut folded: Vec<u32> = (0..to_u32(self.permission_order.len())).collect();
        folded.sort_by_cached_key(|&new| {
            let name = &builder.permissions[self.permission_order[new as usize]].name;
            (name.to_ascii_lowercase(), new)
        });
        self.sections[Section::NamesFolded as usize] = folded;
        let mut start = 0;
        for list in &builder.also {
            self.push(Section::AlsoStarts, start);
            let mut list: Vec<u32> = list
                .iter()
                .map(|&also| self.permission[also as usize])
                .collect();
            list.sort_unstable();
            start += to_u32(list.len());
            self.sections[Section::Also as usize].extend(list);
        }
        self.push(Section::AlsoStarts, start);
        self.reach(builder);
    }

    fn reach(&mut self, builder: &Builder) {
        let row = self.roots.len().div_ceil(32);
        let mut reach = vec![0_u32; builder.permissions.len() * 2 * row];
        for template in &builder.templates {
            let root = self
                .roots
                .binary_search(&first_segment(&template.spelling))
                .expect("it was just put there");
            for layer in [0, 1] {
                for grant in template.in_layer(layer).0 {
                    let also = grant
                        .also
                        .map_or(&[][..], |list| &builder.also[list as usize]);
                    for &permission in also.iter().chain([&grant.permission]) {
                        for scheme in Scheme::ALL {
                            if grant.schemes & scheme.bit() != 0 {
                                let new = self.permission[permission as usize] as usize;
                                let at = (new * 2 + scheme.permission_type() as usize) * row;
                                reach[at + root / 32] |= 1 << (root % 32);
                            }
                        }
                    }
                }
            }
        }
        self.sections[Section::Reach as usize] = reach;
    }

    fn ids(&mut self, builder: &Builder, parts: &Parts<'_>) {
        // By id, permission and type: the layers in which it is known.
        let mut known: BTreeMap<([u32; 4], u32, u32), u32> = BTreeMap::new();
        for &(permission, permission_type, id) in parts.ids {
            let key = (
                id_words(id),
                self.permission[permission as usize],
                permission_type as u32,
            );
            known.insert(key, 0b11);
        }
        for at in self.permission_order.clone() {
            let facts = &builder.permissions[at];
            for permission_type in PermissionType::ALL {
                let published = facts.ids[permission_type as usize];
                let service = facts.service_ids[permission_type as usize];
                for id in [published, service.or(published)] {
                    for word in id.map_or([0; 4], id_words) {
                        self.push(Section::IdOf, word);
                    }
                }
                let slot = |id| (id_words(id), self.permission[at], permission_type as u32);
                if let Some(id) = published {
                    known.insert(slot(id), 0b11);
                }
                if let Some(id) = service {
                    *known.entry(slot(id)).or_default() |= 0b10;
                }
            }
        }
        for ((id, permission, permission_type), layers) in known {
            self.sections[Section::Ids as usize].extend(id);
            for word in [permission, permission_type, layers] {
                self.push(Section::Ids, word);
            }
        }
    }

    fn templates(&mut self, builder: &Builder) {
        let mut start = 0;
        for at in self.template_order.clone() {
            let template = &builder.templates[at];
            let is_corrected = template.published.is_some();
            let [(before, methods_before), (after, methods)] =
                [template.in_layer(0), template.in_layer(1)];
            let mut head = u32::from(methods_before) | u32::from(methods) << 8;
            for (is, flag) in [
                (is_corrected, template_flags::CORRECTED),
                (template.beta_only, template_flags::BETA_ONLY),
                (template.depends_on_body, template_flags::DEPENDS_ON_BODY),
                (
                    template.depends_on_object,
                    template_flags::DEPENDS_ON_OBJECT,
                ),
            ] {
                head |= if is { flag } else { 0 };
            }
            self.push(Section::Templates, head);
            self.push(Section::Templates, start);
            start += self.grants(before);
            self.push(Section::Templates, start);
            if is_corrected {
                start += self.grants(after);
            }
            self.corrections(template, self.template[at]);
            for spelling in &template.other_spellings {
                let string = self.other(spelling);
                self.push(Section::Spellings, self.template[at]);
                self.push(Section::Spellings, string);
            }
        }
        for word in [0, start, start] {
            self.push(Section::Templates, word);
        }
    }

    fn grants(&mut self, grants: &[Grant]) -> u32 {
        for grant in grants {
            let bits = u32::from(grant.methods)
                | u32::from(grant.schemes) << 8
                | u32::from(grant.least) << 16;
            self.push(Section::Grants, self.permission[grant.permission as usize]);
            self.push(Section::Grants, grant.also.unwrap_or(NONE));
            self.push(Section::Grants, bits);
        }
        to_u32(grants.len())
    }

    fn corrections(&mut self, template: &TemplateFacts, number: u32) {
        let mut corrections = template.corrections.clone();
        corrections.sort_unstable();
        corrections.dedup();
        for correction in corrections {
            for word in [
                number,
                correction.by,
                correction.method as u32,
                correction.scheme as u32,
            ] {
                self.push(Section::Corrections, word);
            }
        }
    }

    fn tree(&mut self, builder: &Builder) {
        let (mut edges, mut arounds, mut queries) = (0, 0, 0);
        let template = |writer: &Self, id: u32| writer.template[id as usize];
        for node in builder.trie.nodes() {
            let symbol = self.symbols[&node.segment];
            for word in [
                symbol,
                edges,
                node.any.unwrap_or(NONE),
                node.stray_brace.unwrap_or(NONE),
                arounds,
                queries,
                node.template.map_or(NONE, |id| template(self, id)),
            ] {
                self.push(Section::Nodes, word);
            }
            let mut words: Vec<(u32, u32)> = node
                .literals
                .iter()
                .map(|&child| {
                    (
                        self.symbols[&builder.trie.nodes()[child as usize].segment],
                        child,
                    )
                })
                .collect();
            words.sort_unstable();
            for (symbol, child) in words {
                self.push(Section::Edges, symbol);
                self.push(Section::Edges, child);
            }
            for &(_, _, child) in &node.around {
                self.push(Section::Arounds, child);
            }
            for (query, id) in &node.queries {
                let string = self.other(query);
                self.push(Section::Queries, string);
                self.push(Section::Queries, template(self, *id));
            }
            edges += to_u32(node.literals.len());
            arounds += to_u32(node.around.len());
            queries += to_u32(node.queries.len());
        }
        // An end for the children of the last.
        for word in [0, edges, NONE, NONE, arounds, queries, NONE] {
            self.push(Section::Nodes, word);
        }
    }

    fn overrides(&mut self, overrides: &[(Override, OverrideState)]) {
        for (about, state) in overrides {
            let (state, count) = match state {
                OverrideState::Applied { operations } => (0, to_u32(*operations)),
                OverrideState::CaughtUp => (1, 0),
                OverrideState::NothingHere => (2, 0),
                OverrideState::Off => (3, 0),
            };
            for text in [&about.id, &about.reason, &about.source, &about.checked] {
                let string = self.other(text);
                self.push(Section::Overrides, string);
            }
            for word in [state, count, to_u32(about.paths.len())] {
                self.push(Section::Overrides, word);
            }
            for path in &about.paths {
                let string = self.other(path);
                self.push(Section::Overrides, string);
            }
        }
    }

    fn noted(&mut self, section: Section, noted: &[Noted], builder: &Builder) {
        let mut rows: Vec<[u32; 4]> = Vec::with_capacity(noted.len());
        for note in noted {
            let Some(&permission) = builder.by_name.get(note.name.as_str()) else {
                continue;
            };
            let (text, source) = (self.other(&note.text), self.other(&note.source));
            let permission = self.permission[permission as usize];
            rows.push([permission, note.permission_type as u32, text, source]);
        }
        rows.sort_unstable();
        self.sections[section as usize].extend(rows.into_iter().flatten());
    }

    fn finish(mut self) -> Blob {
        let end = to_u32(self.text.len());
        self.push(Section::Strings, end);
        let bases = self.bases;
        let mut words = vec![
            MAGIC,
            bases.permissions,
            bases.templates,
            bases.symbols,
            bases.folds,
            bases.roots,
            bases.others,
        ];
        let mut at = to_u32(HEADER);
        for section in &self.sections {
            words.push(at);
            at += to_u32(section.len());
        }
        words.push(at);
        words.extend(self.sections.into_iter().flatten());
        let bytes: Vec<u8> = words.into_iter().flat_map(u32::to_le_bytes).collect();
        Blob::new(
            Shared::Made(Arc::from(bytes)),
            Shared::Made(Arc::from(self.text)),
        )
    }
}
