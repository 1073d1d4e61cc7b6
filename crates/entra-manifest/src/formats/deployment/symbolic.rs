//! What is followed by name through expressions: service principals, their permissions, and lookups among those.
//!
//! No file says which id `User.Read.All` has: samples look it up in the service principal of Microsoft Graph,
//! `filter(graph.appRoles, r => r.value == 'User.Read.All')[0].id`. The evaluator carries out such a lookup with names
//! in place of the data of a tenant.

use std::rc::Rc;

use super::value::Value;

/// One resource of a loop, or the only one of a declaration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instance {
    /// Index of the scope (one instance of a file or template) that declares it.
    pub(crate) scope: usize,
    /// Index into the resources of the scope's program.
    pub(crate) resource: usize,
    /// Which one of a loop.
    pub(crate) nth: Option<usize>,
}

/// Whether a permission stands among `appRoles` or among `oauth2PermissionScopes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Among {
    Roles,
    Scopes,
}

/// What expressions follow by name.
#[derive(Debug, Clone)]
pub(crate) enum Symbolic {
    /// A resource.
    Resource(Instance),
    /// The object id of a resource.
    ObjectId(Instance),
    /// The application id of an application that this deployment makes.
    AppId(Instance),
    /// A property that the service gives to a resource at deployment.
    Runtime(Instance, String),
    /// A module of a scope, by index.
    Module {
        scope: usize,
        module: usize,
        nth: Option<usize>,
    },
    /// The outputs of a module.
    Outputs {
        scope: usize,
        module: usize,
        nth: Option<usize>,
    },
    /// The variables and functions of an imported file.
    Namespace(usize),
    /// All permissions that a service principal publishes of one kind.
    Permissions(Instance, Among),
    /// One of them.
    Permission(Rc<Permission>),
    /// The name or the id of every one of them, in their order: `map(sp.appRoles, r => r.value)`.
    Every(Instance, Among, Aspect),
    /// Ids or whole permissions by name: `toObject(sp.appRoles, r => r.value, r => r.id)`.
    ByName(Instance, Among, Aspect),
    /// The place of a permission in its list: `indexOf(map(sp.appRoles, r => r.value), 'X')`.
    Position(Rc<Permission>),
    /// A member of a permission.
    Aspect(Rc<Permission>, Aspect),
    /// What a lambda asks of a permission.
    Test(Rc<Test>),
}

/// A permission of a service principal.
#[derive(Debug, Clone)]
pub(crate) struct Permission {
    pub(crate) of: Instance,
    pub(crate) among: Among,
    pub(crate) known: Known,
}

/// By what a permission is known.
#[derive(Debug, Clone)]
pub(crate) enum Known {
    /// Any of them: the parameter of a lambda.
    Any,
    /// By name.
    Name(Value),
    /// By id.
    Id(Value),
}

/// A member of a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aspect {
    Id,
    /// Its name.
    Value,
    /// The permission itself.
    Whole,
}

/// A condition on any permission.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    /// Its name is one of these.
    Names(Vec<Value>),
    /// Its id is one of these.
    Ids(Vec<Value>),
    /// Something that does not choose by name, such as `contains(r.allowedMemberTypes, 'Application')`.
    Other,
}
