//! Configuration data of Microsoft365DSC.

use source_text::Span;

use super::layout;
use super::read::{Reader, find};
use crate::PermissionType;
use crate::formats::terraform::data::{Entry, Text, Value};
use crate::model::layout::ElementLayout;
use crate::model::{Means, Resource, TypeRef, Unresolved, permission_type};

impl Reader<'_> {
    /// An application with `Permissions`, each with `Name`, `Type`, `SourceAPI`.
    /// <https://microsoft365dsc.com/resources/azure-ad/AADApplication/>
    pub(super) fn desired_state(&mut self, entries: &[Entry], named: Option<&Text>) {
        let Some(list) = find(entries, &["permissions"]).and_then(Value::elements) else {
            return;
        };
        let mut app = None;
        for entry in list.iter().filter_map(Value::entries) {
            let (Some(name), Some(api)) = (find(entry, &["name"]), find(entry, &["sourceapi"]))
            else {
                continue;
            };
            let app = *app.get_or_insert_with(|| self.app(entries, named));
            let span = layout::item(self.source, self.hull(entry));
            let id = self.resource(Some(api), span);
            let resource = self.apps[app].push_resource(Resource::new(span, id));
            let ty = self.desired_type(entry, span);
            let layout = ElementLayout::default();
            self.push(
                app,
                resource,
                Some(name),
                ty,
                span,
                Means::Requested,
                layout,
            );
        }
    }

    /// `Delegated`, `AppOnly`.
    fn desired_type(&self, entry: &[Entry], span: Span) -> TypeRef {
        let Some(text) = find(entry, &["type"]).and_then(Value::as_text) else {
            return TypeRef::Unresolved {
                text: None,
                span,
                reason: Unresolved::Missing,
            };
        };
        let known = if text.text.eq_ignore_ascii_case("apponly") {
            Some(PermissionType::Application)
        } else {
            permission_type(&text.text)
        };
        // The words are not those of a manifest, so a type is not rewritten.
        match known {
            Some(known) => TypeRef::implied(known),
            None => TypeRef::Unresolved {
                text: Some(text.text.to_string()),
                span: self.quoted(text.origin.span()),
                reason: Unresolved::NotAType,
            },
        }
    }
}
