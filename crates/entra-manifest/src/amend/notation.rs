//! How a format writes what has no neighbour to be written like.

use uuid::Uuid;

use super::PermissionText;
use super::style::Style;
use crate::PermissionType;
use crate::model::layout::Separator;

/// How a format writes an element. What a file shows already is copied from there: see
/// [`ElementLayout::plain`](crate::model::layout::ElementLayout::plain).
///
/// Each method answers `None` where the format cannot write it; the change is then refused.
pub(crate) trait Notation: Sync {
    /// A literal of a permission in the place of another literal, `like`: a GUID in its letter case and braces, or a
    /// name, in its quotes, behind its address.
    fn literal(&self, like: &str, permission: &NewPermission<'_>) -> Option<String> {
        Some(literal_like(like, permission))
    }

    /// A literal of a type in the place of another literal, `like`.
    fn permission_type(&self, like: &str, permission_type: PermissionType) -> Option<String> {
        Some(quoted_like(like, permission_type.as_manifest()))
    }

    /// A literal of a resource in the place of another literal, `like`.
    fn resource(&self, like: &str, resource: &str) -> Option<String> {
        Some(quoted_like(like, resource))
    }

    /// What separates the members of an object or the arguments of a block of this dialect.
    fn members(&self, dialect: u8) -> Separator {
        let _ = dialect;
        Separator::Comma
    }

    /// An element of a list of elements. `implied` says that the list itself gives the type.
    fn element(
        &self,
        at: &At<'_>,
        permission: &NewPermission<'_>,
        permission_type: PermissionType,
        implied: bool,
    ) -> Option<String>;

    /// A member of an entry: a list of these elements, which [`element`](Self::element) wrote for one level deeper.
    /// `permission_type` is that of all elements, where the format has a list for each type.
    fn elements(
        &self,
        at: &At<'_>,
        permission_type: Option<PermissionType>,
        elements: &[String],
    ) -> Option<String>;

    /// Whether an entry of this dialect has one list for each type.
    fn lists_by_type(&self, dialect: u8) -> bool {
        let _ = dialect;
        false
    }

    /// The entries of a resource that an app has no entry for.
    fn entries(
        &self,
        at: &At<'_>,
        resource: &str,
        permissions: &[(NewPermission<'_>, PermissionType)],
    ) -> Option<Vec<String>>;

    /// A list of items, brackets included, in the place of `null`. The items are written for one level deeper.
    fn list(&self, at: &At<'_>, items: &[String]) -> Option<String>;

    /// What stands in the place of a list that has no delimiters and lost its last item; `None`: nothing.
    fn empty(&self, dialect: u8) -> Option<&'static str> {
        let _ = dialect;
        None
    }

    /// A member of an app that has no list of entries: a list of these, which are written for one level deeper.
    fn first_list(&self, at: &At<'_>, entries: &[String]) -> Option<String>;
}

/// Where something is to be written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'a> {
    /// The habits of the file.
    pub(crate) style: &'a Style,
    /// The indentation of what is written: of its lines behind the first.
    pub(crate) indent: &'a str,
    /// Whether the members' names begin with a capital.
    pub(crate) capitals: bool,
    /// The dialect of the list, as its layout has it.
    pub(crate) dialect: u8,
    /// Whether lists of names have blanks within their brackets.
    pub(crate) padded: bool,
}

impl At<'_> {
    /// The indentation one level deeper.
    pub(crate) fn deeper(&self) -> String {
        format!("{}{}", self.indent, self.style.indent)
    }
}

/// A permission to be written, by id or by name.
#[derive(Debug, Clone, Copy)]
pub(crate) enum NewPermission<'a> {
    /// By id.
    Id(Uuid),
    /// By name, which needs no escaping.
    Name(&'a str),
}

impl NewPermission<'_> {
    /// The text without quotes.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Id(id) => id.to_string(),
            Self::Name(name) => (*name).to_owned(),
        }
    }
}

impl PermissionText {
    /// The permission by name or by id.
    pub(crate) fn written(&self, by_name: bool) -> NewPermission<'_> {
        if by_name {
            NewPermission::Name(&self.name)
        } else {
            NewPermission::Id(self.id)
        }
    }
}

/// A permission in the manner of another literal.
pub(crate) fn literal_like(like: &str, permission: &NewPermission<'_>) -> String {
    let content = like.trim_matches(['"', '\'', '`']);
    // `https://graph.microsoft.com/User.Read`: a scope with the address of its API.
    let address = content.rfind('/').map_or("", |slash| &content[..=slash]);
    match permission {
        NewPermission::Name(name) => quoted_like(like, &format!("{address}{name}")),
        NewPermission::Id(id) => quoted_like(like, &id_like(content, *id)),
    }
}

/// An id, in the letter case and the braces of another one.
pub(crate) fn id_like(like: &str, id: Uuid) -> String {
    let upper = like.contains(|c: char| c.is_ascii_uppercase())
        && !like.contains(|c: char| c.is_ascii_lowercase());
    let id = if upper {
        id.to_string().to_ascii_uppercase()
    } else {
        id.to_string()
    };
    if like.starts_with('{') && like.ends_with('}') {
        format!("{{{id}}}")
    } else {
        id
    }
}

/// A text in the quotes of the literal `like`; bare if that has none.
pub(crate) fn quoted_like(like: &str, content: &str) -> String {
    match like.chars().next() {
        Some(quote @ ('"' | '\'' | '`')) if like.len() > 1 && like.ends_with(quote) => {
            format!("{quote}{content}{quote}")
        }
        _ => content.to_owned(),
    }
}
