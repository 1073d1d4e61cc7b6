//! The compiled form of a catalog: flat arrays and one text, used as they are, without parsing.
//!
//! The embedded catalog is written in this form by `cargo xtask codegen`, so that a process pays only for
//! what it looks up. Files loaded at run time are compiled into the same form: there is one lookup.

use std::ops::Range;
use std::sync::Arc;

/// First word of the arrays; the last digits count changes of this form.
pub(super) const MAGIC: u32 = 0x4d53_4701;

/// Stands for no index.
pub(super) const NONE: u32 = u32::MAX;

/// The arrays, in the order in which they stand. All hold words of 32 bits, least byte first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Section {
    /// Where each string begins in the text, and where the last ends. Strings go by what they are for:
    /// names of permissions, templates, symbols of the tree, folded symbols, roots, others.
    Strings,
    /// Numbers of permissions in the order of their names in lower case.
    NamesFolded,
    /// Three words a permission: flags; what is said of it in the three schemes; its reading twin.
    Permissions,
    /// For each permission, layer and scheme: operations unlocked, and those that write.
    Breadth,
    /// Sorted by id: four words of the id, the permission, the type, the layers in which it has it.
    Ids,
    /// For each permission, type and layer: four words of its id, all zero for none.
    IdOf,
    /// For each permission and type: a bit for each root below which it unlocks something.
    Reach,
    /// Where each list of partners begins, and where the last ends.
    AlsoStarts,
    /// Permissions of which one is required too.
    Also,
    /// Two words a template: methods in both layers, depth and flags; where its grants begin and how many.
    Templates,
    /// Two words a grant: permission; list of partners, methods, schemes and least.
    Grants,
    /// Template, override, method and scheme of each corrected operation, sorted.
    Corrections,
    /// Template and string of each other published spelling, sorted.
    Spellings,
    /// Seven words a place of the tree: symbol; first word-child; child that is an id; the same with one
    /// brace too many; first child with text around an id; first query; template.
    Nodes,
    /// Symbol and place of each word-child, sorted by symbol within a place.
    Edges,
    /// Place of each child with text around an id.
    Arounds,
    /// String and template of each template that differs from another by its query.
    Queries,
    /// For each symbol: its folded form.
    Folds,
    /// Four strings, state, count and number of paths of each override, followed by those paths.
    Overrides,
    /// Permission, type and two strings of each privileged permission, sorted.
    Privileged,
    /// Permission, type and two strings of each permission that older pages gave for revoking sessions.
    Formerly,
    /// Strings: hash of the permissions file, commit, day.
    Origin,
    /// Numbers of permissions, templates and operations before corrections, whether ids are known.
    Counts,
}

/// How many arrays there are.
pub(super) const SECTIONS: usize = Section::Counts as usize + 1;

/// Where each sort of string begins among all strings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Bases {
    pub(super) permissions: u32,
    pub(super) templates: u32,
    pub(super) symbols: u32,
    pub(super) folds: u32,
    pub(super) roots: u32,
    pub(super) others: u32,
}

/// How many words of the header the bases take.
const BASES: usize = 6;
/// Magic, bases, and where each section begins and the last ends.
pub(super) const HEADER: usize = 1 + BASES + SECTIONS + 1;

/// A text or bytes that are part of the program, or shared.
#[derive(Debug)]
pub(crate) enum Shared<T: ?Sized + 'static> {
    /// Part of the program.
    Static(&'static T),
    /// Made at run time.
    Made(Arc<T>),
}

impl<T: ?Sized> Clone for Shared<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Static(value) => Self::Static(value),
            Self::Made(value) => Self::Made(Arc::clone(value)),
        }
    }
}

impl<T: ?Sized> std::ops::Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match self {
            Self::Static(value) => value,
            Self::Made(value) => value,
        }
    }
}

/// A compiled catalog.
#[derive(Debug, Clone)]
pub(crate) struct Blob {
    words: Shared<[u8]>,
    text: Shared<str>,
    sections: [u32; SECTIONS + 1],
    bases: Bases,
}

impl Blob {
    /// Arrays and text as [`compile`](super::compile) wrote them.
    ///
    /// # Panics
    ///
    /// If they were written in another form: they are parts of this program or were just made by it.
    pub(super) fn new(words: Shared<[u8]>, text: Shared<str>) -> Self {
        assert!(
            word(&words, 0) == MAGIC,
            "the compiled catalog is of another form: run `cargo xtask codegen`"
        );
        let base = |number: usize| word(&words, 1 + number);
        let bases = Bases {
            permissions: base(0),
            templates: base(1),
            symbols: base(2),
            folds: base(3),
            roots: base(4),
            others: base(5),
        };
        let mut sections = [0; SECTIONS + 1];
        for (number, section) in sections.iter_mut().enumerate() {
            *section = word(&words, 1 + BASES + number);
        }
        Self {
            words,
            text,
            sections,
            bases,
        }
    }

    /// The arrays, as they are written to a file.
    pub(super) fn words(&self) -> &[u8] {
        &self.words
    }

    /// The text, as it is written to a file.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn shared_text(&self) -> &Shared<str> {
        &self.text
    }

    pub(super) fn bases(&self) -> Bases {
        self.bases
    }

    /// How many words a section holds.
    pub(super) fn len(&self, section: Section) -> usize {
        let section = section as usize;
        (self.sections[section + 1] - self.sections[section]) as usize
    }

    /// The `at`th word of a section.
    pub(super) fn word(&self, section: Section, at: usize) -> u32 {
        debug_assert!(at < self.len(section), "{section:?} {at}");
        word(&self.words, self.sections[section as usize] as usize + at)
    }

    /// The bytes of a string in the text.
    pub(super) fn range(&self, string: u32) -> Range<usize> {
        let at = string as usize;
        self.word(Section::Strings, at) as usize..self.word(Section::Strings, at + 1) as usize
    }

    /// A string by its number among all.
    pub(super) fn string(&self, string: u32) -> &str {
        &self.text[self.range(string)]
    }

    /// Of strings `first..end`, sorted by their bytes, the number within them of the one that is `text`.
    pub(super) fn find_string(&self, first: u32, end: u32, text: &str) -> Option<u32> {
        let (mut low, mut high) = (first, end);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.string(middle).cmp(text) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle - first),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }
}

/// The first of `0..count` for which `is_before` is false, where it is true for some first ones alone.
pub(super) fn partition_point(count: usize, is_before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        if is_before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

fn word(words: &[u8], at: usize) -> u32 {
    let bytes = words[at * 4..at * 4 + 4]
        .try_into()
        .expect("the range has four bytes");
    u32::from_le_bytes(bytes)
}
