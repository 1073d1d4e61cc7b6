//! How facts become words of the compiled form: flags, schemes, ids, counts.

use std::collections::BTreeMap;

use super::builder::Builder;
use super::model::{NO_LEVEL, PermissionFacts};
use crate::templates::fold;
use crate::{Method, PermissionId, PermissionName, Scheme};

/// Flags of a permission.
pub(super) mod permission_flags {
    pub(in crate::catalog) const LISTED: u32 = 1;
    pub(in crate::catalog) const RSC: u32 = 1 << 1;
    pub(in crate::catalog) const SAYS_WRITE: u32 = 1 << 2;
    pub(in crate::catalog) const ONLY_READS: u32 = 1 << 3;
    /// Shifted by the type.
    pub(in crate::catalog) const NOT_IN_SERVICE: u32 = 1 << 4;
}

/// Flags of a template, above the methods of both layers.
pub(super) mod template_flags {
    pub(in crate::catalog) const CORRECTED: u32 = 1 << 16;
    pub(in crate::catalog) const BETA_ONLY: u32 = 1 << 17;
    pub(in crate::catalog) const DEPENDS_ON_BODY: u32 = 1 << 18;
    pub(in crate::catalog) const DEPENDS_ON_OBJECT: u32 = 1 << 19;
}

/// The folded form of a symbol: of a function, that of its name.
pub(super) fn folded(symbol: &str) -> String {
    fold(symbol.split('(').next().unwrap_or(symbol))
}

/// An id as four words.
pub(super) fn id_words(id: PermissionId) -> [u32; 4] {
    let (a, b, c, d) = {
        let bits = id.as_uuid().as_u128();
        (bits >> 96, bits >> 64, bits >> 32, bits)
    };
    [a, b, c, d].map(|bits| (bits & 0xffff_ffff) as u32)
}

/// The flags of a permission.
pub(super) fn flags(facts: &PermissionFacts, name: &PermissionName) -> u32 {
    use permission_flags::{LISTED, NOT_IN_SERVICE, ONLY_READS, RSC, SAYS_WRITE};
    [
        (facts.listed, LISTED),
        (facts.is_rsc, RSC),
        (name.says_write(), SAYS_WRITE),
        (name.says_only_read(), ONLY_READS),
        (facts.not_in_service[0], NOT_IN_SERVICE),
        (facts.not_in_service[1], NOT_IN_SERVICE << 1),
    ]
    .into_iter()
    .filter(|(is, _)| *is)
    .fold(0, |flags, (_, flag)| flags | flag)
}

/// For each scheme eight bits: none if it is absent, else the level and, above it, consent.
pub(super) fn schemes(facts: &PermissionFacts) -> u32 {
    let mut schemes = 0;
    for (number, info) in facts.schemes.iter().enumerate() {
        if let Some(info) = info {
            let level = u32::from(info.privilege_level.unwrap_or(NO_LEVEL));
            schemes |= (level | u32::from(info.admin_consent) << 4) << (number * 8);
        }
    }
    schemes
}

/// For each permission and scheme of a layer, how many operations it unlocks, and how many of them write.
pub(super) fn breadth(builder: &Builder, layer: usize) -> Vec<[[u32; 2]; 3]> {
    let mut breadth = vec![[[0; 2]; 3]; builder.permissions.len()];
    let mut here: BTreeMap<u32, [u8; 3]> = BTreeMap::new();
    for template in &builder.templates {
        here.clear();
        for grant in template.in_layer(layer).0 {
            let methods = here.entry(grant.permission).or_default();
            for scheme in Scheme::ALL {
                if grant.schemes & scheme.bit() != 0 {
                    methods[scheme.index()] |= grant.methods;
                }
            }
        }
        for (permission, methods) in &here {
            for scheme in 0..3 {
                let counts = &mut breadth[*permission as usize][scheme];
                counts[0] += methods[scheme].count_ones();
                counts[1] += (methods[scheme] & !Method::Get.bit()).count_ones();
            }
        }
    }
    breadth
}
