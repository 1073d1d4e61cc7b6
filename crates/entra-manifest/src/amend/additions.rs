//! The text of added permissions.

use super::AmendError;
use super::notation::NewPermission;
use super::plan::{Addition, AppPlan};
use crate::PermissionType;
use crate::model::layout::Place;

const CANNOT: AmendError =
    AmendError::NotEditable("another permission cannot be written here: add it by hand");

impl AppPlan<'_> {
    /// An element for a list of elements.
    pub(super) fn element_text(
        &self,
        addition: &Addition<'_>,
        resource: usize,
        access: usize,
    ) -> Result<String, AmendError> {
        let list = &self.app.resources[resource].layout.accesses[access];
        let elements = self.elements_of(resource, access);
        let indent = match elements.first() {
            Some(first) => self
                .context
                .indent(self.app.requested[*first].span)?
                .to_owned(),
            None => {
                let outer = self.context.indent(list.span)?;
                self.at(list.span, outer, list.dialect)?.deeper()
            }
        };
        let is_own = |other: &usize| {
            let other = &self.app.requested[*other];
            other.resource == resource && other.layout.place == Some(Place::Access(access))
        };
        let others = (0..self.app.requested.len()).filter(|other| !is_own(other));
        for element in elements.iter().copied().chain(others) {
            let like = &self.app.requested[element];
            let Some(Place::Access(at)) = like.layout.place else {
                continue;
            };
            let other = &self.app.resources[like.resource].layout.accesses[at];
            if (other.permission_type.is_some(), other.dialect)
                != (list.permission_type.is_some(), list.dialect)
            {
                continue;
            }
            if let Some(template) = self.element_template(element, resource, addition)? {
                return template.fill(self.context, &indent);
            }
        }
        let by_name = list.by_name || self.has_names(resource);
        let permission = self.written(addition, by_name)?;
        let at = self.at(list.span, &indent, list.dialect)?;
        let implied = list.permission_type.is_some();
        self.context
            .notation
            .element(&at, &permission, addition.permission_type, implied)
            .ok_or(CANNOT)
    }

    /// A member with a list of elements, for an entry that has none that fits.
    pub(super) fn access_text(
        &self,
        additions: &[Addition<'_>],
        resource: usize,
        permission_type: Option<PermissionType>,
    ) -> Result<String, AmendError> {
        let entry = &self.app.resources[resource].layout;
        let body = entry
            .body
            .as_ref()
            .ok_or(AmendError::NotEditable("the entry is no object"))?;
        let indent = self.member_indent(body)?;
        let mut at = self.at(body.span, &indent, self.dialect_of(resource))?;
        at.capitals = body.capitals;
        let by_name = permission_type.is_some() || self.has_names(resource);
        let elements = self.elements(additions, &at.deeper(), at, by_name, permission_type)?;
        self.context
            .notation
            .elements(&at, permission_type, &elements)
            .ok_or(CANNOT)
    }

    fn elements(
        &self,
        additions: &[Addition<'_>],
        indent: &str,
        at: super::notation::At<'_>,
        by_name: bool,
        implied: Option<PermissionType>,
    ) -> Result<Vec<String>, AmendError> {
        let at = super::notation::At { indent, ..at };
        additions
            .iter()
            .map(|addition| {
                let permission = self.written(addition, by_name)?;
                let ty = addition.permission_type;
                let notation = self.context.notation;
                notation
                    .element(&at, &permission, ty, implied.is_some())
                    .ok_or(CANNOT)
            })
            .collect()
    }

    /// The entries for a resource that has none yet.
    pub(super) fn entry_texts(
        &self,
        additions: &[Addition<'_>],
    ) -> Result<Vec<String>, AmendError> {
        let Some(first) = additions.first() else {
            return Ok(Vec::new());
        };
        let indent = self.entry_indent()?;
        if let Some(texts) = self.entries_like_others(additions, &indent)? {
            return Ok(texts);
        }
        let lists = &self.app.layout.lists;
        let target = self.target_list().and_then(|list| lists.get(list));
        let span = target.map_or(self.app.span, |list| list.span);
        let by_name = target.is_some_and(|list| list.by_name) || self.names_resources();
        let resource = self.resource_text(first, by_name)?;
        let permissions: Vec<(NewPermission<'_>, PermissionType)> = additions
            .iter()
            .map(|addition| Ok((self.written(addition, by_name)?, addition.permission_type)))
            .collect::<Result<_, AmendError>>()?;
        let body = self.app.layout.body.as_ref();
        let dialect = target
            .map(|list| list.dialect)
            .or(body.map(|body| body.dialect));
        let at = self.at(span, &indent, dialect.unwrap_or_default())?;
        self.context
            .notation
            .entries(&at, &resource, &permissions)
            .ok_or(CANNOT)
    }
}
