//! Members and elements of values: of objects and lists, and of what is followed by name.

use std::rc::Rc;

use source_text::{FileId, Span};

use super::eval::Evaluator;
use super::symbolic::{Among, Aspect, Instance, Known, Permission, Symbolic, Test};
use super::value::{Data, Value, Why, join, why_of};

impl Evaluator<'_> {
    /// `of.name`.
    pub(super) fn member(&self, of: &Value, name: &str, safe: bool, span: Span) -> Value {
        match &of.data {
            Data::Object(_) => match of.member(name) {
                Some(value) => value.clone().assumed(of.assumed),
                None if safe => Value::new(Data::Null, span).assumed(of.assumed),
                None => Value::unknown(Why::Lookup(name.to_owned()), span),
            },
            Data::Null if safe => of.clone(),
            Data::Either(options) => self.each(options, |one| self.member(one, name, safe, span)),
            Data::Unknown(_) => of.clone(),
            Data::Symbolic(symbolic) => self.symbolic_member(symbolic, name, span),
            _ => Value::unknown(Why::Type("an object"), span),
        }
    }

    fn symbolic_member(&self, of: &Symbolic, name: &str, span: Span) -> Value {
        let symbolic = |symbolic| Value::new(Data::Symbolic(symbolic), span);
        match of {
            Symbolic::Resource(instance) => self.property(instance, name, span),
            Symbolic::Module { scope, module, nth } if name == "outputs" => {
                symbolic(Symbolic::Outputs {
                    scope: *scope,
                    module: *module,
                    nth: *nth,
                })
            }
            Symbolic::Outputs { scope, module, nth } => {
                self.output(*scope, *module, *nth, name, span)
            }
            Symbolic::Namespace(scope) => self
                .variable(*scope, name)
                .unwrap_or_else(|| Value::unknown(Why::Name(name.to_owned()), span)),
            Symbolic::Permission(permission) => permission_member(permission, name, span),
            Symbolic::ByName(of, among, aspect) => {
                by_name(of, *among, *aspect, &Value::worked_out(name, span), span)
            }
            Symbolic::Runtime(instance, path) => symbolic(Symbolic::Runtime(
                instance.clone(),
                format!("{path}.{name}"),
            )),
            _ => Value::unknown(Why::Property(name.to_owned()), span),
        }
    }

    /// A property of a resource: what the file says of it, else what a deployment will know.
    pub(super) fn property(&self, instance: &Instance, name: &str, span: Span) -> Value {
        let scope = self.scope(instance.scope);
        let resource = &scope.program.resources[instance.resource];
        let symbolic = |symbolic| Value::new(Data::Symbolic(symbolic), span);
        let is_principal = resource.ty.ends_with("serviceprincipals");
        match name {
            "id" => return symbolic(Symbolic::ObjectId(instance.clone())),
            // Of a service principal the file never lists what it publishes, except for one that it makes itself.
            "appRoles" if is_principal => {
                return symbolic(Symbolic::Permissions(instance.clone(), Among::Roles));
            }
            "oauth2PermissionScopes" | "publishedPermissionScopes" if is_principal => {
                return symbolic(Symbolic::Permissions(instance.clone(), Among::Scopes));
            }
            // Older templates wrap the properties.
            "properties" if resource.ty.starts_with("microsoft.graph/") => {
                return symbolic(Symbolic::Resource(instance.clone()));
            }
            _ => {}
        }
        if !resource.existing || name == "appId" {
            let body = self.body(instance);
            if let Some(value) = body.member(name) {
                return value.clone();
            }
        }
        if name == "appId" && resource.ty.ends_with("/applications") {
            return symbolic(Symbolic::AppId(instance.clone()));
        }
        symbolic(Symbolic::Runtime(instance.clone(), name.to_owned()))
    }

    /// `of[index]`.
    pub(super) fn at(
        &self,
        of: &Value,
        index: &Value,
        safe: bool,
        from_end: bool,
        span: Span,
    ) -> Value {
        if let Data::Either(options) = &of.data {
            return self.each(options, |one| self.at(one, index, safe, from_end, span));
        }
        if let Data::Either(options) = &index.data {
            return self.each(options, |one| self.at(of, one, safe, from_end, span));
        }
        match (&of.data, &index.data) {
            (Data::Unknown(_), _) => of.clone(),
            (Data::Null, _) if safe => of.clone(),
            (Data::Symbolic(symbolic), _) => self.symbolic_at(symbolic, index, span),
            (_, Data::Unknown(_)) => index.clone(),
            (Data::List(items), Data::Int(at)) => {
                let at = usize::try_from(*at).ok();
                let at = if from_end {
                    at.and_then(|at| items.len().checked_sub(at))
                } else {
                    at
                };
                match at.and_then(|at| items.get(at)) {
                    Some(value) => value.clone().assumed(index.assumed),
                    None if safe => Value::new(Data::Null, span),
                    // A list with an unknown element has any number of elements.
                    None => (items.iter())
                        .find(|item| item.as_unknown().is_some())
                        .cloned()
                        .unwrap_or_else(|| {
                            Value::unknown(Why::Type("in the list, which is too short"), span)
                        }),
                }
            }
            (Data::Object(_), Data::Text(_)) => match index.as_text() {
                Some(name) => self.member(of, &name, safe, span).assumed(index.assumed),
                None => Value::unknown(why_of(index), index.span),
            },
            _ => Value::unknown(Why::Type("a list or an object"), span),
        }
    }

    fn symbolic_at(&self, of: &Symbolic, index: &Value, span: Span) -> Value {
        let nth = match &index.data {
            Data::Int(at) => usize::try_from(*at).ok(),
            _ => None,
        };
        let symbolic = |symbolic| Value::new(Data::Symbolic(symbolic), span);
        match of {
            Symbolic::Resource(instance) if nth.is_some() => {
                symbolic(Symbolic::Resource(Instance {
                    nth,
                    ..instance.clone()
                }))
            }
            Symbolic::Module { scope, module, .. } => symbolic(Symbolic::Module {
                scope: *scope,
                module: *module,
                nth,
            }),
            Symbolic::ByName(of, among, aspect) => by_name(of, *among, *aspect, index, span),
            Symbolic::Permissions(..) => match &index.data {
                Data::Symbolic(Symbolic::Position(permission)) => {
                    symbolic(Symbolic::Permission(Rc::clone(permission)))
                }
                _ => Value::unknown(Why::Unsupported("picking a permission by its number"), span),
            },
            Symbolic::Every(.., aspect) => match &index.data {
                Data::Symbolic(Symbolic::Position(permission)) => {
                    aspect_of(permission, *aspect, span)
                }
                _ => Value::unknown(Why::Unsupported("picking a permission by its number"), span),
            },
            _ => match index.as_text() {
                Some(name) => self.symbolic_member(of, &name, span),
                None => Value::unknown(why_of(index), index.span),
            },
        }
    }

    /// One value for each alternative, joined.
    pub(super) fn each(&self, options: &[Value], mut f: impl FnMut(&Value) -> Value) -> Value {
        let mut values = options.iter().map(&mut f);
        let Some(first) = values.next() else {
            return Value::unknown(Why::Limit, Span::at(FileId::default(), 0));
        };
        values.fold(first, |a, b| join(a, b, None))
    }
}

fn permission_member(permission: &Rc<Permission>, name: &str, span: Span) -> Value {
    match name {
        "id" => aspect_of(permission, Aspect::Id, span),
        "value" => aspect_of(permission, Aspect::Value, span),
        _ => Value::new(Data::Symbolic(Symbolic::Test(Rc::new(Test::Other))), span),
    }
}

/// A member of a permission, where it is known without the tenant's data.
pub(super) fn aspect_of(permission: &Rc<Permission>, aspect: Aspect, span: Span) -> Value {
    match (aspect, &permission.known) {
        (Aspect::Whole, _) => Value::new(
            Data::Symbolic(Symbolic::Permission(Rc::clone(permission))),
            span,
        ),
        (Aspect::Value, Known::Name(name)) => name.clone(),
        (Aspect::Id, Known::Id(id)) => id.clone(),
        _ => Value::new(
            Data::Symbolic(Symbolic::Aspect(Rc::clone(permission), aspect)),
            span,
        ),
    }
}

/// The permission with this name, or its id.
fn by_name(of: &Instance, among: Among, aspect: Aspect, name: &Value, span: Span) -> Value {
    if name.as_text().is_none() {
        return Value::unknown(why_of(name), name.span);
    }
    let permission = Rc::new(Permission {
        of: of.clone(),
        among,
        known: Known::Name(name.clone()),
    });
    aspect_of(&permission, aspect, span)
}
