//! From resources to requests: which blocks of a configuration declare permissions, of which app, and by what literal.

mod caller;
mod entry;
mod grant;
mod graph_body;
mod loose;
mod owner;
mod permission;
mod shape;

use std::rc::Rc;

use rustc_hash::FxHashMap;
use source_text::{Span, Spanned};

use super::eval::{Env, Eval, suffix};
use super::module::{Call, Resource};
use super::symbol::{Each, Holder, Object};
use super::syntax::Block;
use super::value::{Doubt, Kind, Origin};
use crate::model::{Means, PermissionRef, ResourceRef, TypeRef};

/// An app as it is found, before its instances and environments are put together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AppDraft {
    /// `module.api.azuread_application.worker["x"]`
    pub(super) address: String,
    /// The same without the instance of the block itself.
    pub(super) block: String,
    pub(super) name: Option<Spanned<String>>,
    pub(super) span: Span,
    /// Whether the block is an application that entries can be added to.
    pub(super) application: bool,
    pub(super) drafts: Vec<Draft>,
}

/// A request as it is found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Draft {
    /// The block that names the API.
    pub(super) entry: Span,
    /// Whether that block is a `required_resource_access` that is written out.
    pub(super) entry_block: bool,
    pub(super) resource: ResourceRef,
    pub(super) permission: PermissionRef,
    pub(super) permission_type: TypeRef,
    /// The expression or block that uses the permission.
    pub(super) used: Span,
    pub(super) means: Means,
    pub(super) condition: Option<Rc<Doubt>>,
    /// Why the literal cannot be edited.
    pub(super) fixed: Option<&'static str>,
}

/// Goes through a configuration and collects what its apps request.
pub(super) struct Reader<'p, 'e> {
    pub(super) eval: &'e Eval<'p>,
    apps: Vec<AppDraft>,
    by_address: FxHashMap<String, usize>,
}

/// The instance of a block that is looked at.
struct Here<'p, 'h> {
    env: Env<'h>,
    object: Object,
    block: &'p Block,
    doubt: Option<Rc<Doubt>>,
}

impl<'p, 'e> Reader<'p, 'e> {
    pub(super) fn new(eval: &'e Eval<'p>) -> Self {
        Self {
            eval,
            apps: Vec::new(),
            by_address: FxHashMap::default(),
        }
    }

    /// Reads the unit's own folder and the modules that it calls.
    pub(super) fn read(mut self) -> Vec<AppDraft> {
        self.scope(0, None);
        self.apps
    }

    fn scope(&mut self, scope: usize, doubt: Option<&Rc<Doubt>>) {
        let module = self.eval.module(scope);
        // Applications first: grants are put with the app that they are for.
        for applications in [true, false] {
            for (at, resource) in module.resources.iter().enumerate() {
                if !resource.data && is_application(resource.kind()) == applications {
                    self.resource(
                        Holder {
                            scope,
                            resource: at,
                        },
                        resource,
                        doubt,
                    );
                }
            }
        }
        for (at, call) in module.calls.iter().enumerate() {
            self.call(scope, at, call, doubt);
        }
    }

    fn call(&mut self, scope: usize, at: usize, call: &Call<'p>, doubt: Option<&Rc<Doubt>>) {
        // What a module does that declares no permissions can take more steps than all the rest.
        if call
            .target
            .is_some_and(|target| !self.eval.project.declares[target])
        {
            return;
        }
        let each = self.eval.scope(scope).each.clone();
        let env = Env::new(scope, call.file, &each);
        for (instance, condition) in self.eval.instances(call.block, env) {
            let condition = condition.or_else(|| doubt.cloned());
            match self.eval.enter(scope, at, &instance) {
                Some(inner) => self.scope(inner, condition.as_ref()),
                None if call.target.is_none() => {
                    let env = Env::new(scope, call.file, &instance);
                    let address = format!(
                        "{}module.{}{}",
                        self.eval.scope(scope).prefix,
                        call.block.label(0),
                        suffix(&instance)
                    );
                    self.unread_module(call.block, env, address, condition);
                }
                None => {}
            }
        }
    }

    fn resource(&mut self, holder: Holder, resource: &Resource<'p>, doubt: Option<&Rc<Doubt>>) {
        type Read<'p, 'e> = fn(&mut Reader<'p, 'e>, &Here<'p, '_>);
        let read: Read<'p, 'e> = match resource.kind() {
            "azuread_application" | "azuread_application_registration" => Self::application,
            "azuread_application_api_access" => Self::api_access,
            "azuread_app_role_assignment" => Self::role_assignment,
            "azuread_service_principal_delegated_permission_grant" => Self::delegated_grant,
            "msgraph_resource" | "msgraph_update_resource" => Self::graph_resource,
            _ => return,
        };
        let outer = self.eval.scope(holder.scope).each.clone();
        let env = Env::new(holder.scope, resource.file, &outer);
        for (each, condition) in self.eval.instances(resource.block, env) {
            let here = Here {
                env: Env::new(holder.scope, resource.file, &each),
                object: Object {
                    holder,
                    each: each.clone(),
                },
                block: resource.block,
                doubt: condition.or_else(|| doubt.cloned()),
            };
            read(self, &here);
        }
    }

    fn application(&mut self, here: &Here<'p, '_>) {
        let app = self.app(here, true);
        self.apps[app].name = self.display_name(here);
        let mut drafts = Vec::new();
        self.entries(here, &mut drafts);
        self.apps[app].drafts.extend(drafts);
    }

    fn display_name(&self, here: &Here<'p, '_>) -> Option<Spanned<String>> {
        let name = &here
            .block
            .body
            .attribute_of(&["display_name", "name"])?
            .value;
        let value = self.eval.eval(name, here.env);
        match &value.settled().kind {
            Kind::Text(text) if !text.text.is_empty() => {
                let span = match text.origin {
                    Origin::Literal(span) => self.quoted(span),
                    Origin::Made(span) => span,
                };
                Some(Spanned::new(text.text.to_string(), span))
            }
            _ => None,
        }
    }

    /// The app of a block's instance.
    fn app(&mut self, here: &Here<'p, '_>, application: bool) -> usize {
        let address = self.eval.address(&here.object);
        let block = self.eval.address(&Object {
            holder: here.object.holder,
            each: Each::One,
        });
        self.app_at(address, block, here.block.span, application)
    }

    /// The app of grants to a principal that is not known: all instances of a block are for one.
    fn grants_of(&mut self, here: &Here<'p, '_>) -> usize {
        let block = self.eval.address(&Object {
            holder: here.object.holder,
            each: Each::One,
        });
        self.app_at(block.clone(), block, here.block.span, false)
    }

    fn app_at(&mut self, address: String, block: String, span: Span, application: bool) -> usize {
        if let Some(found) = self.by_address.get(&address) {
            // The same address twice is two configurations in one folder: each block is an app of its own.
            if !application || self.apps[*found].span == span {
                return *found;
            }
        }
        self.by_address.insert(address.clone(), self.apps.len());
        self.apps.push(AppDraft {
            address,
            block,
            name: None,
            span,
            application,
            drafts: Vec::new(),
        });
        self.apps.len() - 1
    }

    /// A literal's place with its quotes.
    fn quoted(&self, span: Span) -> Span {
        let Some(source) = self.eval.project.source(span) else {
            return span;
        };
        let bytes = source.text().as_bytes();
        let (start, end) = (span.range().start, span.range().end);
        let quote = |at: Option<&u8>| at.filter(|byte| matches!(byte, b'"' | b'\'')).copied();
        let before = start.checked_sub(1).and_then(|at| quote(bytes.get(at)));
        if before.is_some() && before == quote(bytes.get(end)) {
            source.span(start - 1, end + 1)
        } else {
            span
        }
    }
}

fn is_application(kind: &str) -> bool {
    matches!(
        kind,
        "azuread_application" | "azuread_application_registration"
    )
}
