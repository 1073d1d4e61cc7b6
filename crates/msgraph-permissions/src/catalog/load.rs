//! From files in Microsoft's formats to a compiled catalog: read, correct, compile.

use sha2::{Digest, Sha256};

use super::blob::Blob;
use super::builder::Builder;
use super::compile::{self, Parts};
use super::origin::Origin;
use super::overrides::{self, Override, OverrideState};
use super::{CatalogInput, EmbedInput, LoadError, LoadProblem, layers, permissions, provisioning};
use crate::name::OIDC_SCOPES;
use crate::{PermissionId, PermissionType};

const OVERRIDES: &str = include_str!("../../data/overrides.toml");
const IDS: &str = include_str!("../../data/ids.toml");
const NOT_IN_SERVICE: &str = include_str!("../../data/not-in-service.toml");
const DOUBTS: &str = include_str!("../../data/doubts.toml");
const PRIVILEGED: &str = include_str!("../../data/privileged.toml");
const FORMERLY: &str = include_str!("../../data/formerly-documented.toml");

/// This crate's own lists, as text: what corrects the published data, and what is noted of some permissions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lists<'a> {
    pub(super) overrides: &'a str,
    pub(super) ids: &'a str,
    pub(super) not_in_service: &'a str,
    pub(super) doubts: &'a str,
    pub(super) privileged: &'a str,
    pub(super) formerly: &'a str,
}

impl Lists<'static> {
    pub(super) const OWN: Self = Self {
        overrides: OVERRIDES,
        ids: IDS,
        not_in_service: NOT_IN_SERVICE,
        doubts: DOUBTS,
        privileged: PRIVILEGED,
        formerly: FORMERLY,
    };
}

/// Compiles what this crate embeds. A bad entry is an error here.
pub(super) fn embeddable(input: &EmbedInput<'_>) -> Result<Blob, LoadError> {
    let lists = Lists {
        overrides: input.overrides,
        ids: input.ids,
        not_in_service: input.not_in_service,
        doubts: input.doubts,
        privileged: input.privileged,
        formerly: input.formerly_documented,
    };
    let origin = Origin {
        sha256: input.sha256.to_owned(),
        commit: input.commit.to_owned(),
        date: input.date.to_owned(),
    };
    let input = CatalogInput {
        permissions: input.permissions,
        provisioning: Some(input.provisioning),
        overrides: true,
        source: String::new(),
    };
    let (blob, problems) = compiled(&input, &lists, Some(origin))?;
    match problems.first() {
        Some(problem) => Err(LoadError::Overrides(problem.to_string())),
        None => Ok(blob),
    }
}

/// Reads and compiles a catalog, and returns what had to be skipped.
pub(super) fn compiled(
    input: &CatalogInput<'_>,
    lists: &Lists<'_>,
    origin: Option<Origin>,
) -> Result<(Blob, Vec<LoadProblem>), LoadError> {
    let mut builder = Builder::new();
    let mut problems = permissions::read_permissions(input.permissions, &mut builder)?;
    let provisioned = match input.provisioning {
        Some(bytes) => {
            let (ids, more) = provisioning::read_provisioning(bytes, &mut builder)?;
            problems.extend(more);
            ids
        }
        None => Vec::new(),
    };
    let counts = [
        builder
            .permissions
            .iter()
            .filter(|permission| permission.listed)
            .count(),
        builder.templates.len(),
        operations(&builder),
    ];
    let has_ids = !provisioned.is_empty();
    let mut ids: Vec<(u32, PermissionType, PermissionId)> = provisioned
        .iter()
        .map(|row| (row.permission, row.permission_type, row.id))
        .collect();
    for (name, id) in OIDC_SCOPES {
        let index = builder.intern(name);
        builder.permissions[index as usize].ids[PermissionType::Delegated as usize]
            .get_or_insert(id);
        ids.push((index, PermissionType::Delegated, id));
    }
    let corrected = correct(lists, input.overrides, &mut builder, &mut problems)
        .map_err(LoadError::Overrides)?;
    let noted = |text| layers::read_noted(text).map_err(LoadError::Overrides);
    let origin = origin.unwrap_or_else(|| Origin {
        sha256: base16ct::lower::encode_string(&Sha256::digest(input.permissions)),
        ..Origin::default()
    });
    let blob = compile::compile(
        &builder,
        &Parts {
            ids: &ids,
            overrides: &corrected,
            privileged: &noted(lists.privileged)?,
            formerly: &noted(lists.formerly)?,
            origin: &origin,
            counts,
            has_ids,
        },
    );
    Ok((blob, problems))
}

/// Applies every correction. Which of them are in use is chosen when the catalog is: what is published
/// is kept as well as what is corrected.
fn correct(
    lists: &Lists<'_>,
    is_on: bool,
    builder: &mut Builder,
    problems: &mut Vec<LoadProblem>,
) -> Result<Vec<(Override, OverrideState)>, String> {
    for service in layers::read_ids(lists.ids)? {
        let index = builder.intern(&service.name);
        builder.permissions[index as usize].service_ids[service.permission_type as usize] =
            Some(service.id);
        // A mistyped id of the data that is put right here is no news.
        problems.retain(|problem| {
            !is_on
                || problem.subject != service.name
                || service.published.is_empty()
                || !problem.message.contains(&service.published)
        });
    }
    for (name, permission_type) in layers::read_not_in_service(lists.not_in_service)? {
        let index = builder.intern(&name);
        builder.permissions[index as usize].not_in_service[permission_type as usize] = true;
    }
    let mut corrected = Vec::new();
    for (by, rule) in (0..).zip(overrides::read(lists.overrides)?) {
        let state = overrides::apply(&rule, by, builder);
        corrected.push((rule.about, state));
    }
    for (kind, path) in layers::read_doubts(lists.doubts)? {
        overrides::doubt(kind, &path, builder);
    }
    Ok(corrected)
}

/// How many operations (method, template, scheme) some permission unlocks.
fn operations(builder: &Builder) -> usize {
    let of_template = |template: &super::model::TemplateFacts| {
        let mut methods = [0_u8; 3];
        for grant in &template.grants {
            for (scheme, methods) in methods.iter_mut().enumerate() {
                if grant.schemes & (1 << scheme) != 0 {
                    *methods |= grant.methods;
                }
            }
        }
        methods.iter().map(|bits| bits.count_ones()).sum::<u32>()
    };
    let count: u32 = builder.templates.iter().map(of_template).sum();
    count as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_files_makes_no_difference() {
        let file = |members: [&str; 2]| {
            format!(r#"{{"permissions": {{{}, {}}}}}"#, members[0], members[1])
        };
        let a = r#""A.Read.All": {"authorizationType": "oAuth2", "schemes": {"Application": {}}, "pathSets":
            [{"schemeKeys": ["Application"], "methods": ["GET"], "paths": {"/b": "least=Application", "/a": ""}}]}"#;
        let b = r#""B.Read.All": {"authorizationType": "oAuth2", "schemes": {"Application": {}}, "pathSets":
            [{"schemeKeys": ["Application"], "methods": ["GET"], "paths": {"/a": "least=Application"}}]}"#;
        let compiled = |text: &str| {
            let input = CatalogInput {
                permissions: text.as_bytes(),
                provisioning: None,
                overrides: true,
                source: String::new(),
            };
            compiled(&input, &Lists::OWN, Some(Origin::default()))
                .unwrap()
                .0
        };
        let (one, other) = (compiled(&file([a, b])), compiled(&file([b, a])));
        assert_eq!(one.text(), other.text());
        assert_eq!(one.words().len(), other.words().len());
    }
}
