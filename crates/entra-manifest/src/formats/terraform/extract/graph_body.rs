//! `msgraph_resource`: a call of Microsoft Graph that Terraform makes. Applications, role assignments and grants made
//! this way are declarations too: <https://registry.terraform.io/providers/microsoft/msgraph/latest/docs>.

use std::rc::Rc;

use source_text::{Span, Spanned};

use super::{Draft, Here, Reader};
use crate::PermissionType;
use crate::formats::terraform::eval::{Env, graph};
use crate::formats::terraform::symbol::{Api, Object, Symbol};
use crate::formats::terraform::syntax::{Expr, Node};
use crate::formats::terraform::value::{Kind, Origin, Reason, Unknown, Value};
use crate::model::Means;

impl<'p> Reader<'p, '_> {
    pub(super) fn graph_resource(&mut self, here: &Here<'p, '_>) {
        let body = &here.block.body;
        let Some(attribute) = body.attribute("body") else {
            return;
        };
        let Some(url) = body.attribute_of(&["url", "resource_url"]) else {
            return;
        };
        let url = self.eval.eval(&url.value, here.env);
        let url = self.eval.literal_parts(
            &url,
            body.attribute_of(&["url", "resource_url"])
                .map(|a| &a.value),
        );
        let value = self.eval.eval(unencoded(&attribute.value), here.env);
        let at = attribute.value.span;
        let mut drafts = Vec::new();
        let last = url
            .trim_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let collection = url
            .trim_matches('/')
            .split('/')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let mut application = false;
        if last == "approleassignments" || last == "approleassignedto" {
            self.role_body(&value, at, &mut drafts);
        } else if last == "oauth2permissiongrants" {
            self.scope_body(&value, at, &mut drafts);
        } else if collection.starts_with("applications") {
            application = true;
            if let Some(list) = member(&value, "requiredResourceAccess") {
                self.objects(list, at, Means::Requested, &mut drafts);
            }
        }
        if drafts.is_empty() && !application {
            return;
        }
        for draft in &mut drafts {
            if draft.condition.is_none() {
                draft.condition.clone_from(&here.doubt);
            }
        }
        if application {
            let app = self.app(here, true);
            self.apps[app].name =
                member(&value, "displayName")
                    .and_then(Value::as_text)
                    .map(|text| {
                        let span = match text.origin {
                            Origin::Literal(span) => self.quoted(span),
                            Origin::Made(span) => span,
                        };
                        Spanned::new(text.text.to_string(), span)
                    });
            self.apps[app].drafts.extend(drafts);
            return;
        }
        let owner = ["principalId", "clientId"]
            .iter()
            .find_map(|name| self.owner(member(&value, name)?, at));
        let app = match owner {
            Some(owner) => self.app_at(owner.address, owner.block, owner.span, false),
            None => self.grants_of(here),
        };
        self.apps[app].drafts.extend(drafts);
    }

    /// `{principalId, resourceId, appRoleId}`
    fn role_body(&self, value: &Value, at: Span, out: &mut Vec<Draft>) {
        let Some(id) = member(value, "appRoleId") else {
            return;
        };
        let (api, said) = self.body_api(value, at);
        for mut picked in self.picked(id, at, false) {
            picked.permission_type = Some(PermissionType::Application);
            let mut draft = self.draft(picked, Some(&api), said, None, at, at);
            draft.means = Means::Granted;
            out.push(draft);
        }
    }

    /// `{clientId, resourceId, scope: "User.Read Mail.Read"}`
    fn scope_body(&self, value: &Value, at: Span, out: &mut Vec<Draft>) {
        let Some(scope) = member(value, "scope") else {
            return;
        };
        let (api, said) = self.body_api(value, at);
        let words = match scope.as_text() {
            Some(_) => self.eval.words(scope, at),
            None => scope.clone(),
        };
        for mut picked in self.picked(&words, at, true) {
            picked.permission_type = Some(PermissionType::Delegated);
            let mut draft = self.draft(picked, Some(&api), said, None, at, at);
            draft.means = Means::Granted;
            out.push(draft);
        }
    }

    fn body_api(&self, value: &Value, at: Span) -> (Api, Span) {
        let Some(id) = member(value, "resourceId") else {
            let reason = Reason::Invalid("resourceId is missing");
            return (Api::Unknown(Rc::new(Unknown { at, reason })), at);
        };
        // The exported id of a service principal that this configuration looks up at Graph by its appId.
        let exported = match &id.kind {
            Kind::Symbol(symbol) => match &**symbol {
                Symbol::Attribute(object, _) | Symbol::Instance(object) => {
                    self.exported_api(object)
                }
                _ => None,
            },
            _ => None,
        };
        (exported.unwrap_or_else(|| self.eval.api_of(id, at)), at)
    }

    /// `msgraph_resource` or its data source with `url = "servicePrincipals(appId='…')"`.
    fn exported_api(&self, object: &Object) -> Option<Api> {
        let resource = &self.eval.module(object.holder.scope).resources[object.holder.resource];
        if !resource.kind().starts_with("msgraph_resource") {
            return None;
        }
        let url = resource.block.body.attribute_of(&["url", "resource_url"])?;
        let env = Env::new(object.holder.scope, resource.file, &object.each);
        let text = self.eval.eval(&url.value, env).to_text(url.value.span)?;
        text.text
            .contains(&*crate::resource::MICROSOFT_GRAPH.to_string())
            .then(|| graph(url.value.span))
    }
}

/// What `jsonencode` gets, for a body that is written with it.
fn unencoded(expr: &Expr) -> &Expr {
    match &expr.node {
        Node::Call { name, args, .. } if &**name == "jsonencode" && args.len() == 1 => &args[0],
        _ => expr,
    }
}

fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    value.settled().member(name)
}
