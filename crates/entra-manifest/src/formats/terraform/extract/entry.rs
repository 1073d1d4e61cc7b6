//! `required_resource_access`: the APIs of an application and the permissions of each.

use source_text::Span;

use super::permission::Picked;
use super::{Draft, Here, Reader};
use crate::formats::terraform::eval::Nested;
use crate::formats::terraform::symbol::Api;
use crate::formats::terraform::value::{Reason, Unknown, Value};
use crate::model::Means;

impl<'p> Reader<'p, '_> {
    pub(super) fn entries(&self, here: &Here<'p, '_>, out: &mut Vec<Draft>) {
        let body = &here.block.body;
        self.eval.each_block(
            body,
            "required_resource_access",
            here.env,
            here.doubt.as_ref(),
            &mut |entry| {
                self.entry(entry, out);
            },
        );
        // Blocks can be written as an attribute that is a list of objects.
        if let Some(attribute) = body.attribute("required_resource_access") {
            let value = self.eval.eval(&attribute.value, here.env);
            let value = value.doubted(here.doubt.as_ref());
            self.objects(&value, attribute.value.span, Means::Requested, out);
        }
    }

    fn entry(&self, entry: &Nested<'p, '_>, out: &mut Vec<Draft>) {
        let (api, said) = match entry
            .body
            .attribute_of(&["resource_app_id", "resource_application_id"])
        {
            Some(id) => {
                let value = self.eval.eval(&id.value, entry.env);
                (self.eval.api_of(&value, id.value.span), id.value.span)
            }
            None => {
                let reason = Reason::Invalid("resource_app_id is missing");
                (
                    Api::Unknown(std::rc::Rc::new(Unknown {
                        at: entry.span,
                        reason,
                    })),
                    entry.span,
                )
            }
        };
        let mut found = false;
        self.eval.each_block(
            entry.body,
            "resource_access",
            entry.env,
            entry.doubt.as_ref(),
            &mut |access| {
                found = true;
                self.access(entry, access, &api, said, out);
            },
        );
        if let Some(attribute) = entry.body.attribute("resource_access") {
            let value = self
                .eval
                .eval(&attribute.value, entry.env)
                .doubted(entry.doubt.as_ref());
            self.accesses(
                &value,
                &api,
                said,
                entry.span,
                attribute.value.span,
                Means::Requested,
                out,
            );
        }
    }

    fn access(
        &self,
        entry: &Nested<'p, '_>,
        access: &Nested<'p, '_>,
        api: &Api,
        said: Span,
        out: &mut Vec<Draft>,
    ) {
        let (value, used) = match access.body.attribute("id") {
            Some(id) => (self.eval.eval(&id.value, access.env), id.value.span),
            None => (
                Value::unknown(access.span, Reason::NoMember("id".to_owned())),
                access.span,
            ),
        };
        let ty = access
            .body
            .attribute("type")
            .map(|ty| (self.eval.eval(&ty.value, access.env), ty.value.span));
        for picked in self.picked(&value, used, false) {
            let doubt = picked.doubt.clone().or_else(|| access.doubt.clone());
            let ty = ty.as_ref().map(|(value, span)| (value, *span));
            let mut draft = self.draft(picked, Some(api), said, ty, entry.span, used);
            draft.entry_block = entry.plain;
            draft.condition = doubt;
            out.push(draft);
        }
    }

    /// A request of a permission. What the permission itself says of its API goes before what the entry says.
    pub(super) fn draft(
        &self,
        picked: Picked,
        api: Option<&Api>,
        said: Span,
        ty: Option<(&Value, Span)>,
        entry: Span,
        used: Span,
    ) -> Draft {
        let own = picked
            .api
            .as_ref()
            .filter(|own| !matches!(own, Api::Unknown(_)));
        let resource = match (own, api) {
            (Some(own), _) => self.resource_ref(own, used),
            (None, Some(api)) => self.resource_ref(api, said),
            (None, None) => match &picked.api {
                Some(unknown) => self.resource_ref(unknown, used),
                None => self.resource_ref(&Api::Unknown(self.eval.why(&Value::NULL, used)), used),
            },
        };
        Draft {
            entry,
            entry_block: false,
            resource,
            permission_type: self.type_ref(ty, picked.permission_type, used),
            permission: picked.permission,
            used,
            means: Means::Requested,
            condition: picked.doubt,
            fixed: picked.fixed,
        }
    }
}
