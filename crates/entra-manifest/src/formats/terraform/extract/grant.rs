//! API access and grants: `azuread_application_api_access`, `azuread_app_role_assignment`,
//! `azuread_service_principal_delegated_permission_grant`.

use source_text::Span;

use super::{Draft, Here, Reader};
use crate::PermissionType;
use crate::formats::terraform::symbol::Api;
use crate::formats::terraform::syntax::Attribute;
use crate::formats::terraform::value::{Kind, Reason, Value};
use crate::model::{Means, PermissionRef, ResourceRef, Unresolved};
use crate::resource::{self, MICROSOFT_GRAPH};

impl<'p> Reader<'p, '_> {
    pub(super) fn api_access(&mut self, here: &Here<'p, '_>) {
        let (api, said) = self.api(here, &["api_client_id"]);
        let lists = [
            ("role_ids", PermissionType::Application),
            ("scope_ids", PermissionType::Delegated),
        ];
        let mut drafts = Vec::new();
        for (name, ty) in lists {
            if let Some(list) = here.block.body.attribute(name) {
                self.list(here, list, &api, said, ty, Means::Requested, &mut drafts);
            }
        }
        self.put(here, &["application_id"], drafts);
    }

    pub(super) fn role_assignment(&mut self, here: &Here<'p, '_>) {
        let (api, said) = self.api(here, &["resource_object_id"]);
        let mut drafts = Vec::new();
        if let Some(id) = here.block.body.attribute("app_role_id") {
            self.list(
                here,
                id,
                &api,
                said,
                PermissionType::Application,
                Means::Granted,
                &mut drafts,
            );
        }
        for draft in &mut drafts {
            by_object_id(draft);
            if let (ResourceRef::Unresolved { span, .. }, PermissionRef::Id { uuid, .. }) =
                (&draft.resource, &draft.permission)
                && resource::is_graph_permission(*uuid)
            {
                draft.resource = ResourceRef::Implied {
                    uuid: MICROSOFT_GRAPH,
                    span: *span,
                };
            }
        }
        // The default role of an own application, and roles of own applications, are assigned to users and groups with
        // the same resource.
        self.put(here, &["principal_object_id"], drafts);
    }

    pub(super) fn delegated_grant(&mut self, here: &Here<'p, '_>) {
        let (api, said) = self.api(here, &["resource_service_principal_object_id"]);
        let mut drafts = Vec::new();
        if let Some(names) = here.block.body.attribute("claim_values") {
            self.list(
                here,
                names,
                &api,
                said,
                PermissionType::Delegated,
                Means::Granted,
                &mut drafts,
            );
        }
        drafts.iter_mut().for_each(by_object_id);
        self.put(here, &["service_principal_object_id"], drafts);
    }

    fn api(&self, here: &Here<'p, '_>, names: &[&str]) -> (Api, Span) {
        match here.block.body.attribute_of(names) {
            Some(attribute) => {
                let value = self.eval.eval(&attribute.value, here.env);
                (
                    self.eval.api_of(&value, attribute.value.span),
                    attribute.value.span,
                )
            }
            None => {
                let unknown =
                    Value::unknown(here.block.span, Reason::Invalid("the API is not named"));
                (self.eval.api_of(&unknown, here.block.span), here.block.span)
            }
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "what an attribute means is all in the call"
    )]
    fn list(
        &self,
        here: &Here<'p, '_>,
        list: &'p Attribute,
        api: &Api,
        said: Span,
        ty: PermissionType,
        means: Means,
        out: &mut Vec<Draft>,
    ) {
        let value = self.eval.eval(&list.value, here.env);
        let names = means == Means::Granted && ty == PermissionType::Delegated;
        // Nothing by default, and a variable that the caller sets.
        let empty = value.elements().is_some_and(|items| items.is_empty())
            || matches!(value.kind, Kind::Null);
        let value = match self.eval.open_variable(&list.value, here.env) {
            Some(variable) if empty => {
                Value::unknown(list.value.span, Reason::Variable(variable.to_owned()))
            }
            _ => value,
        };
        for mut picked in self.picked(&value, list.value.span, names) {
            picked.permission_type = Some(ty);
            if picked.doubt.is_none() {
                picked.doubt.clone_from(&here.doubt);
            }
            let mut draft = self.draft(
                picked,
                Some(api),
                said,
                None,
                here.block.span,
                list.value.span,
            );
            draft.means = means;
            out.push(draft);
        }
    }

    /// Puts requests with the app that an attribute of the block refers to; where that is not known, with the block.
    pub(super) fn put(&mut self, here: &Here<'p, '_>, names: &[&str], drafts: Vec<Draft>) {
        if drafts.is_empty() {
            return;
        }
        let owner = here.block.body.attribute_of(names).and_then(|attribute| {
            let value = self.eval.eval(&attribute.value, here.env);
            self.owner(&value, attribute.value.span)
        });
        let app = match owner {
            Some(owner) => self.app_at(owner.address, owner.block, owner.span, false),
            None => self.grants_of(here),
        };
        self.apps[app].drafts.extend(drafts);
    }
}

/// The literal object id of a service principal differs from tenant to tenant: it does not say which API it is, unless
/// someone took the application id of a known one for it.
fn by_object_id(draft: &mut Draft) {
    if let ResourceRef::Id { span, uuid } = draft.resource
        && resource::by_id(uuid).is_none()
    {
        draft.resource = ResourceRef::Unresolved {
            text: uuid.to_string(),
            span,
            reason: Unresolved::Unknown(
                "belongs to a service principal that is given by its object id".into(),
            ),
        };
    }
}
