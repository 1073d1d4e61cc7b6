//! Which app a grant or an API access is for: references to applications and service principals, followed to the app.

use source_text::Span;

use super::Reader;
use crate::formats::terraform::eval::Env;
use crate::formats::terraform::symbol::{Each, Holder, Object, Symbol};
use crate::formats::terraform::value::{Kind, Reason, Value};

/// The app that something is for.
pub(super) struct Owner {
    /// Its address, and the same without the instance.
    pub(super) address: String,
    pub(super) block: String,
    pub(super) span: Span,
}

impl<'p> Reader<'p, '_> {
    /// The app that a reference stands for: an application, or the identity that has the principal.
    pub(super) fn owner(&self, value: &Value, used: Span) -> Option<Owner> {
        match &value.settled().kind {
            Kind::Symbol(symbol) => match &**symbol {
                Symbol::Attribute(object, _) | Symbol::Instance(object) => {
                    Some(self.owner_of(object, 0))
                }
                _ => None,
            },
            // Declared in a file that is not here: its address still says which app it is.
            Kind::Unknown(unknown) => match &unknown.reason {
                Reason::Undeclared(name) if name.contains('.') => {
                    let address = name
                        .trim_end_matches(".object_id")
                        .trim_end_matches(".id")
                        .to_owned();
                    Some(Owner {
                        block: address.clone(),
                        address,
                        span: used,
                    })
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn owner_of(&self, object: &Object, depth: usize) -> Owner {
        /// A service principal is one step from its application; more is a cycle.
        const MAX_STEPS: usize = 4;
        let resource = &self.eval.module(object.holder.scope).resources[object.holder.resource];
        if resource.kind() == "azuread_service_principal" && depth < MAX_STEPS {
            let env = Env::new(object.holder.scope, resource.file, &object.each);
            let id = resource
                .block
                .body
                .attribute_of(&["client_id", "application_id"]);
            if let Some(id) = id
                && let Some(Symbol::Attribute(app, _) | Symbol::Instance(app)) =
                    self.eval.eval(&id.value, env).settled().as_symbol()
                && *app.holder_key() != *object.holder_key()
            {
                return self.owner_of(app, depth + 1);
            }
        }
        Owner {
            address: self.eval.address(object),
            block: self.eval.address(&Object {
                holder: object.holder,
                each: Each::One,
            }),
            span: resource.block.span,
        }
    }
}

impl Object {
    const fn holder_key(&self) -> &Holder {
        &self.holder
    }
}
