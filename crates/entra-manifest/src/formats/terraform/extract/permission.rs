//! Which permission a value is, and by what literal.

use std::rc::Rc;

use source_text::Span;
use uuid::Uuid;

use super::Reader;
use crate::PermissionType;
use crate::formats::terraform::symbol::{Api, Symbol};
use crate::formats::terraform::value::{Doubt, Kind, Origin, Reason, Text, Unknown, Value};
use crate::model::{PermissionRef, ResourceRef, TypeRef, Unresolved, permission_type};

/// A permission that a value stands for.
pub(super) struct Picked {
    pub(super) permission: PermissionRef,
    /// The API, where the value itself says it.
    pub(super) api: Option<Api>,
    /// The type, where the value itself says it.
    pub(super) permission_type: Option<PermissionType>,
    pub(super) doubt: Option<Rc<Doubt>>,
    pub(super) fixed: Option<&'static str>,
}

impl<'p> Reader<'p, '_> {
    /// The permissions that a value can be, one for each option. `used` is the expression. Names are permissions only
    /// where `names` says so.
    pub(super) fn picked(&self, value: &Value, used: Span, names: bool) -> Vec<Picked> {
        let maybe = value.maybe.clone();
        let mut all = match &value.kind {
            Kind::Choice { options, first } => {
                let doubt = self.eval.doubt(used);
                let mut all = Vec::new();
                for (at, option) in options.iter().enumerate() {
                    for mut picked in self.picked(option, used, names) {
                        if !(*first && at == 0) && picked.doubt.is_none() {
                            picked.doubt = Some(Rc::clone(&doubt));
                        }
                        all.push(picked);
                    }
                }
                all
            }
            Kind::List(items) | Kind::Set(items) => items
                .iter()
                .flat_map(|item| self.picked(item, used, names))
                .collect(),
            Kind::Null => Vec::new(),
            Kind::Text(text) => vec![self.by_text(text, names)],
            Kind::Symbol(symbol) => vec![self.by_symbol(symbol, used)],
            Kind::Unknown(unknown) => vec![self.unresolved(unknown, used)],
            Kind::Bool(_) | Kind::Number(_) | Kind::Map(_) => {
                vec![not_clear(self.text(used), used, Unresolved::WrongType)]
            }
        };
        for picked in &mut all {
            if picked.doubt.is_none() {
                picked.doubt.clone_from(&maybe);
            }
        }
        all
    }

    /// What stands at a place, as long as it is one line: more is no help in a message.
    fn text(&self, span: Span) -> String {
        let text = self.eval.project.slice(span);
        text.lines()
            .next()
            .unwrap_or_default()
            .trim_end()
            .to_owned()
    }

    fn by_text(&self, text: &Text, names: bool) -> Picked {
        let (span, fixed) = self.literal(text);
        let content = text.text.trim();
        // A table of ids by name: the key at the place of use is what names the permission.
        if let (Some(key), Ok(_)) = (&text.key, Uuid::try_parse(content))
            && is_permission_name(&key.text)
        {
            let (span, fixed) = self.literal(key);
            return Picked {
                permission: PermissionRef::Name {
                    name: key.text.to_string(),
                    span,
                },
                api: None,
                permission_type: None,
                doubt: None,
                fixed,
            };
        }
        let permission = match Uuid::try_parse(content) {
            Ok(uuid) if uuid.is_nil() => {
                return not_clear(text.text.to_string(), span, Unresolved::Placeholder);
            }
            Ok(uuid) => PermissionRef::Id { uuid, span },
            Err(_) if content.is_empty() => {
                return not_clear(String::new(), span, Unresolved::Empty);
            }
            Err(_) if content.contains(['<', '{', '$']) => {
                return not_clear(text.text.to_string(), span, Unresolved::Placeholder);
            }
            Err(_) if names || is_permission_name(content) => PermissionRef::Name {
                name: content.to_owned(),
                span,
            },
            Err(_) => return not_clear(text.text.to_string(), span, Unresolved::Malformed),
        };
        Picked {
            permission,
            api: None,
            permission_type: None,
            doubt: None,
            fixed,
        }
    }

    /// The place of a string's literal, quotes included, or of the expression that makes it.
    fn literal(&self, text: &Text) -> (Span, Option<&'static str>) {
        match text.origin {
            Origin::Literal(span) => (self.quoted(span), None),
            Origin::Made(span) => (span, Some("the text is put together by an expression")),
        }
    }

    fn by_symbol(&self, symbol: &Symbol, used: Span) -> Picked {
        match symbol {
            Symbol::Permission(api, ty, name) => {
                let (span, fixed) = self.literal(name);
                // A role that was picked by its id is called by it.
                let permission = match Uuid::try_parse(name.text.trim()) {
                    Ok(uuid) => PermissionRef::Id { uuid, span },
                    Err(_) => PermissionRef::Name {
                        name: name.text.to_string(),
                        span,
                    },
                };
                Picked {
                    permission,
                    api: Some(api.clone()),
                    permission_type: Some(*ty),
                    doubt: None,
                    fixed,
                }
            }
            Symbol::Named(name) => {
                let (span, fixed) = self.literal(name);
                Picked {
                    permission: PermissionRef::Name {
                        name: name.text.to_string(),
                        span,
                    },
                    api: None,
                    permission_type: None,
                    doubt: None,
                    fixed,
                }
            }
            Symbol::Ids(..) | Symbol::Entries(..) | Symbol::Column(..) => {
                let reason = "is every permission of the API: name those that are used";
                not_clear(self.text(used), used, Unresolved::Unknown(reason.into()))
            }
            _ => {
                let unknown = self.eval.why(&Value::symbol(symbol.clone()), used);
                self.unresolved(&unknown, used)
            }
        }
    }

    fn unresolved(&self, unknown: &Unknown, used: Span) -> Picked {
        not_clear(self.text(used), used, reason(unknown))
    }

    /// The type that a value says, or that the permission implies.
    pub(super) fn type_ref(
        &self,
        value: Option<(&Value, Span)>,
        implied: Option<PermissionType>,
        whole: Span,
    ) -> TypeRef {
        let Some((value, used)) = value else {
            return implied.map_or(
                TypeRef::Unresolved {
                    text: None,
                    span: whole,
                    reason: Unresolved::Missing,
                },
                TypeRef::implied,
            );
        };
        match &value.settled().kind {
            Kind::Text(text) => match permission_type(&text.text) {
                Some(known) => TypeRef::Known {
                    permission_type: known,
                    span: match text.origin {
                        Origin::Literal(span) => Some(self.quoted(span)),
                        Origin::Made(_) => None,
                    },
                },
                None => TypeRef::Unresolved {
                    text: Some(text.text.to_string()),
                    span: self.literal(text).0,
                    reason: Unresolved::NotAType,
                },
            },
            _ => implied.map_or_else(
                || TypeRef::Unresolved {
                    text: Some(self.text(used)),
                    span: used,
                    reason: Self::reason_of(value),
                },
                TypeRef::implied,
            ),
        }
    }

    fn reason_of(value: &Value) -> Unresolved {
        value
            .as_unknown()
            .map_or(Unresolved::Expression, |unknown| reason(unknown))
    }

    /// The API as the model has it. `used` is the expression that says it.
    pub(super) fn resource_ref(&self, api: &Api, used: Span) -> ResourceRef {
        match api {
            Api::Id(text) => match Uuid::try_parse(text.text.trim()) {
                Ok(uuid) => match text.origin {
                    Origin::Literal(span)
                        if self.eval.project.slice(span).trim() == &*text.text =>
                    {
                        ResourceRef::Id {
                            uuid,
                            span: self.quoted(span),
                        }
                    }
                    _ => ResourceRef::Implied { uuid, span: used },
                },
                Err(_) => ResourceRef::Name {
                    name: text.text.to_string(),
                    span: self.literal(text).0,
                },
            },
            Api::Published(name) => ResourceRef::Name {
                name: name.to_string(),
                span: used,
            },
            Api::Own(address) => ResourceRef::Name {
                name: address.to_string(),
                span: used,
            },
            Api::Unknown(unknown) => ResourceRef::Unresolved {
                text: self.text(used),
                span: used,
                reason: reason(unknown),
            },
        }
    }
}

fn not_clear(text: String, span: Span, reason: Unresolved) -> Picked {
    Picked {
        permission: PermissionRef::Unresolved { text, span, reason },
        api: None,
        permission_type: None,
        doubt: None,
        fixed: None,
    }
}

/// The reason as the model has it: it completes the sentence "the permission …".
pub(super) fn reason(unknown: &Unknown) -> Unresolved {
    match &unknown.reason {
        Reason::Variable(_) => Unresolved::DependsOnCaller,
        Reason::NoMember(name) if name == "id" => Unresolved::Missing,
        other => Unresolved::Unknown(format!("is not known: {other}").into()),
    }
}

/// Whether a text is written like the name of a Graph permission: `User.Read.All`, or one of the sign-in scopes.
pub(super) fn is_permission_name(text: &str) -> bool {
    crate::label::is_exactly_a_permission(text)
}
