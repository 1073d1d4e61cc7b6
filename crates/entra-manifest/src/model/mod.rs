//! What a manifest declares, whatever its format: apps, the APIs they use, and the permissions that they request.

pub(crate) mod layout;
mod problem;
mod reference;

use source_text::{Span, Spanned};

use crate::PermissionType;
use crate::about::About;
use crate::formats::Format;
use layout::{AppLayout, ElementLayout, EntryLayout, Fingerprint};

pub use problem::{Problem, ProblemKind};
pub use reference::{PermissionRef, ResourceRef, TypeRef, Unresolved};

/// What a file, or the files of a folder together, declare.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// The format: how the declarations are written.
    pub about: &'static About,
    /// The apps declared, in the order of the files.
    pub apps: Vec<App>,
    /// What is odd about the files but did not stop the reading, in the order of the files.
    pub problems: Vec<Problem>,
    /// All comments of the files that can be edited, in order, delimiters included.
    pub(crate) comments: Vec<Span>,
    /// Who reads the edited files again.
    pub(crate) format: &'static dyn Format,
    /// Of which texts this was read.
    pub(crate) files: Vec<Fingerprint>,
}

impl PartialEq for Manifest {
    fn eq(&self, other: &Self) -> bool {
        self.about == other.about && self.apps == other.apps && self.problems == other.problems
    }
}

impl Eq for Manifest {}

impl Manifest {
    /// A manifest of `format`, which is of the shape `about`.
    pub(crate) fn new(format: &'static dyn Format, about: &'static About, apps: Vec<App>) -> Self {
        Self {
            about,
            apps,
            problems: Vec::new(),
            comments: Vec::new(),
            format,
            files: Vec::new(),
        }
    }

    /// The same with these oddities, which need no order.
    #[must_use]
    pub(crate) fn with_problems(mut self, mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|problem| problem.span);
        self.problems = problems;
        self
    }

    /// The same with these comments, which need no order. Without them an edit does not see the comments of a file.
    #[must_use]
    pub(crate) fn with_comments(mut self, mut comments: Vec<Span>) -> Self {
        comments.sort_unstable();
        self.comments = comments;
        self
    }

    /// Whether the format can be edited at all.
    pub fn is_editable(&self) -> bool {
        self.format.notation().is_some() && !self.about.generated
    }
}

/// One app and what it requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Its display name, where the file gives one.
    pub name: Option<Spanned<String>>,
    /// Its application (client) id as written: a GUID or a placeholder.
    pub app_id: Option<Spanned<String>>,
    /// How people of the format address it: `module.api.azuread_application.worker` in Terraform, the symbolic name in
    /// Bicep. `None` where the format has no such word.
    pub address: Option<String>,
    /// The whole app.
    pub span: Span,
    /// The resources whose permissions it requests, in the order of the files. A resource can occur twice.
    pub resources: Vec<Resource>,
    /// The permissions requested, in the order of the files. A permission can occur twice.
    pub requested: Vec<Requested>,
    /// What the agents of an agent identity blueprint inherit of it; empty for any other app.
    pub inherited: Vec<Inherited>,
    /// Where elements and entries stand and where new ones go.
    pub(crate) layout: AppLayout,
}

impl App {
    /// An app at a place, which requests nothing yet.
    pub(crate) fn new(span: Span) -> Self {
        Self {
            name: None,
            app_id: None,
            address: None,
            span,
            resources: Vec::new(),
            requested: Vec::new(),
            inherited: Vec::new(),
            layout: AppLayout::default(),
        }
    }

    /// Adds a resource and gives its index.
    pub(crate) fn push_resource(&mut self, resource: Resource) -> usize {
        self.resources.push(resource);
        self.resources.len() - 1
    }
}

/// One entry for an API whose permissions are requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// The whole entry, its permissions included. Where the format has no entry (`Connect-MgGraph -Scopes …`), what
    /// says which API it is.
    pub span: Span,
    /// Which API it is.
    pub id: ResourceRef,
    /// What a sibling member or a comment calls the resource.
    pub label: Option<Spanned<String>>,
    /// How the entry is laid out.
    pub(crate) layout: EntryLayout,
}

impl Resource {
    /// An entry that cannot be edited.
    pub(crate) fn new(span: Span, id: ResourceRef) -> Self {
        Self {
            span,
            id,
            label: None,
            layout: EntryLayout::default(),
        }
    }
}

/// One permission that an app requests, or one place where it is not clear which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requested {
    /// Index into [`App::resources`].
    pub resource: usize,
    /// Which permission. Its literal can lie in another file than the app.
    pub permission: PermissionRef,
    /// Delegated or application.
    pub permission_type: TypeRef,
    /// The comment or sibling member that names the permission for people. It can be wrong.
    pub label: Option<Spanned<String>>,
    /// The whole element.
    pub span: Span,
    /// What the declaration is: a request, a grant, a sign-in, or prose.
    pub means: Means,
    /// Where the app uses the permission, if its literal stands elsewhere: in a local, a variable or a file of values.
    pub used_at: Option<Span>,
    /// What decides whether it is requested at all; `None` if it always is.
    pub condition: Option<Condition>,
    /// How the element is laid out.
    pub(crate) layout: ElementLayout,
}

impl Requested {
    /// A request that is always made and that cannot be edited.
    pub(crate) fn new(
        resource: usize,
        permission: PermissionRef,
        permission_type: TypeRef,
        span: Span,
    ) -> Self {
        Self {
            resource,
            permission,
            permission_type,
            label: None,
            span,
            means: Means::Requested,
            used_at: None,
            condition: None,
            layout: ElementLayout::default(),
        }
    }

    /// Whether the permission may be requested or not, as a variable or a caller decides.
    pub const fn is_conditional(&self) -> bool {
        self.condition.is_some()
    }
}

/// What the agents made from an agent identity blueprint inherit of one API, without consent of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inherited {
    /// The API.
    pub resource: ResourceRef,
    /// Its scopes (delegated) or its roles (application).
    pub permission_type: PermissionType,
    /// How much.
    pub what: Inheritance,
    /// The permissions listed, by name or id.
    pub names: Vec<PermissionRef>,
    /// Where it is said.
    pub span: Span,
}

/// How much agents inherit of what is granted to their blueprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Inheritance {
    /// `allAllowed`: everything, now and later.
    Everything,
    /// `enumerated`: what is listed.
    Listed,
    /// `none`: nothing.
    Nothing,
    /// Another word.
    Unclear,
}

/// What a declaration of a permission is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Means {
    /// The app's registration requests it: `requiredResourceAccess`.
    #[default]
    Requested,
    /// It is granted: `appRoleAssignment`, `oauth2PermissionGrant`.
    Granted,
    /// A script requests it when it signs in: `Connect-MgGraph -Scopes`.
    AskedAtSignIn,
    /// Prose says that the app needs it. Never a request.
    Documented,
}

impl Means {
    /// The word for reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Granted => "granted",
            Self::AskedAtSignIn => "sign-in",
            Self::Documented => "documented",
        }
    }
}

/// What decides whether a permission is requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The expression as people of the format write it: `var.enable_mail`.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// The type that a word of a manifest stands for: `Scope`, `Role`, or the words that people say for them, in any case.
pub(crate) fn permission_type(word: &str) -> Option<PermissionType> {
    [PermissionType::Delegated, PermissionType::Application]
        .into_iter()
        .find(|ty| {
            word.eq_ignore_ascii_case(ty.as_manifest())
                || word.eq_ignore_ascii_case(&ty.to_string())
        })
}
