//! Deployment scripts: PowerShell or shell text inside a deployment that requests or grants permissions by calls.
//!
//! The readers of scripts read the text. What a script does to grant permissions in a way that they do not follow is
//! said to be there.

use source_lex::Language;
use source_text::{Encoding, Source, Span};

use super::elements::Placed;
use super::grants::Whose;
use super::graph::{Owner, Reader};
use super::posted;
use super::program::Resource as Declared;
use super::requests;
use super::symbolic::Instance;
use super::value::{Data, Piece, Value};
use crate::PermissionType;
use crate::formats::scripts;
use crate::model::{
    App, Condition, Means, PermissionRef, Requested, Resource, ResourceRef, TypeRef, Unresolved,
};
use crate::resource::MICROSOFT_GRAPH;

/// Words of which a script that grants or requests permissions holds at least one.
const GRANTS: &[&str] = &[
    "approleassign",
    "oauth2permissiongrant",
    "requiredresourceaccess",
    "required-resource-accesses",
    "app permission add",
    "app permission grant",
    "admin-consent",
    "connect-mggraph",
];

impl Reader<'_, '_> {
    /// `Microsoft.Resources/deploymentScripts`.
    pub(super) fn scripts(&mut self, scope: usize, index: usize, resource: &Declared) {
        for (instance, condition) in self.evaluator.instances(scope, index, resource) {
            let body = self.evaluator.body(&instance);
            let of = |name: &str| {
                body.member(name)
                    .or_else(|| body.member("properties")?.member(name))
                    .cloned()
            };
            let Some(content) = of("scriptContent") else {
                continue;
            };
            let Some(text) = content.as_text() else {
                continue;
            };
            let lower = text.to_ascii_lowercase();
            if !GRANTS.iter().any(|word| lower.contains(word)) {
                continue;
            }
            // A template has the language next to the properties, where it is not seen here.
            let kind = of("kind").and_then(|kind| kind.as_text());
            let shell = match kind {
                Some(kind) => kind.eq_ignore_ascii_case("AzureCLI"),
                None => of("azCliVersion").is_some(),
            };
            let language = if shell {
                Language::Shell
            } else {
                Language::PowerShell
            };
            self.script(&instance, resource, &content, &text, language, condition);
        }
    }

    fn script(
        &mut self,
        instance: &Instance,
        declared: &Declared,
        content: &Value,
        text: &str,
        language: Language,
        condition: Option<Span>,
    ) {
        let whose = Whose::of(Owner::Name(requests::symbol(self.evaluator, instance)));
        let at = self.building(&whose, declared);
        let mut app = std::mem::replace(&mut self.apps[at].app, App::new(declared.span));
        let condition = condition.map(|span| Condition {
            text: self.texts.excerpt(span),
            span,
        });
        let place = verbatim(content);
        let found = match place.and_then(|place| Some((self.texts.source(place.file)?, place))) {
            Some((source, place)) => scripts::apps_of(source, place, language),
            // A string with escapes: the text is read by itself, and every place is the string's.
            None => {
                let file = content.span.file;
                let decoded = Source::new(file, "", text.to_owned(), Encoding::Utf8);
                let whole = decoded.span(0, text.len());
                let mut apps = scripts::apps_of(&decoded, whole, language);
                for app in &mut apps {
                    move_to(app, content.span);
                }
                apps
            }
        };
        let mut any = false;
        for script in found {
            let first = app.resources.len();
            app.resources.extend(script.resources);
            for mut requested in script.requested {
                any = true;
                requested.resource += first;
                requested.condition = requested.condition.or_else(|| condition.clone());
                app.requested.push(requested);
            }
        }
        if !any {
            any = self.posted_roles(&mut app, declared, content, text, condition.as_ref());
        }
        if !any {
            self.unread_script(&mut app, declared, content);
        }
        self.apps[at].app = app;
    }

    /// The ids of app roles in requests to Microsoft Graph that the script builds by hand.
    fn posted_roles(
        &mut self,
        app: &mut App,
        declared: &Declared,
        content: &Value,
        text: &str,
        condition: Option<&Condition>,
    ) -> bool {
        let graph = ["graph.microsoft.", "00000003-0000-0000-c000-000000000000"];
        if !graph.iter().any(|word| text.contains(word)) {
            return false;
        }
        let found = posted::roles(text);
        if found.is_empty() {
            return false;
        }
        let api = ResourceRef::Implied {
            uuid: MICROSOFT_GRAPH,
            span: declared.name_span,
        };
        let resource = app.push_resource(Resource::new(declared.span, api));
        for (uuid, range) in found {
            let place = verbatim(content).map(|whole| {
                let start = whole.start as usize + range.start;
                Span::new(whole.file, start, start + range.len())
            });
            let span = place.unwrap_or(content.span);
            let ty = TypeRef::implied(PermissionType::Application);
            let permission = PermissionRef::Id { uuid, span };
            let mut requested = Requested::new(resource, permission, ty, span);
            requested.means = Means::Granted;
            requested.condition = condition.cloned();
            if place.is_none() {
                requested.layout.fixed = Some("the script is one string with escapes");
            }
            app.requested.push(requested);
        }
        true
    }

    fn unread_script(&mut self, app: &mut App, declared: &Declared, content: &Value) {
        let api = ResourceRef::Unresolved {
            text: String::new(),
            span: declared.name_span,
            reason: Unresolved::Unknown("is named by a script in a way that is not read".into()),
        };
        let resource = app.push_resource(Resource::new(declared.span, api));
        let placed = Placed {
            resource,
            element: declared.span,
            item: None,
            objects: false,
            siblings: &[],
            label: None,
            condition: None,
        };
        let permission = PermissionRef::Unresolved {
            text: String::new(),
            span: content.span,
            reason: Unresolved::Unknown("is granted by a script in a way that is not read".into()),
        };
        let ty = TypeRef::Unresolved {
            text: None,
            span: content.span,
            reason: Unresolved::Missing,
        };
        let new = self.request(app, permission, ty, false, &placed);
        app.requested[new].means = Means::Granted;
    }
}

/// Where a text stands in the file as it is.
fn verbatim(content: &Value) -> Option<Span> {
    let Data::Text(text) = &content.data else {
        return None;
    };
    match text.pieces.as_slice() {
        [
            Piece::Known {
                span, exact: true, ..
            },
        ] => Some(*span),
        _ => None,
    }
}

/// Gives all that an app requests one place.
fn move_to(app: &mut App, place: Span) {
    for resource in &mut app.resources {
        resource.span = place;
        match &mut resource.id {
            ResourceRef::Id { span, .. }
            | ResourceRef::Name { span, .. }
            | ResourceRef::Implied { span, .. }
            | ResourceRef::Unresolved { span, .. } => *span = place,
        }
    }
    for requested in &mut app.requested {
        requested.span = place;
        requested.used_at = None;
        requested.label = None;
        requested.layout.place = None;
        requested.layout.fixed = Some("the script is one string with escapes");
        match &mut requested.permission {
            PermissionRef::Id { span, .. }
            | PermissionRef::Name { span, .. }
            | PermissionRef::Unresolved { span, .. } => *span = place,
        }
        match &mut requested.permission_type {
            TypeRef::Known { span, .. } => *span = None,
            TypeRef::Unresolved { span, .. } => *span = place,
        }
    }
}
