//! From values to the permissions and resources of the model.

use std::rc::Rc;

use source_text::{FileId, Source, Span};
use uuid::Uuid;

use super::eval::Evaluator;
use super::symbolic::{Among, Aspect, Instance, Known, Symbolic};
use super::value::{Data, InList, Piece, Text, Unknown, Value, Why};
use crate::PermissionType;
use crate::model::{PermissionRef, ResourceRef, TypeRef, Unresolved, permission_type};

/// The texts that spans refer to.
pub(crate) trait Texts {
    /// The file of this number.
    fn source(&self, file: FileId) -> Option<&Source>;

    /// Whether a text is such, of those that are read together.
    fn any(&self, such: &dyn Fn(&str) -> bool) -> bool;

    /// The text of a span, on one line and not too long for a message.
    fn excerpt(&self, span: Span) -> String {
        let text = self
            .source(span.file)
            .map_or("", |source| source.slice(span));
        let line: Vec<&str> = text.split_whitespace().collect();
        let line = line.join(" ");
        match line.char_indices().nth(80) {
            Some((at, _)) => format!("{}…", &line[..at]),
            None => line,
        }
    }
}

/// One permission that a value stands for.
pub(super) struct Found {
    pub(super) permission: PermissionRef,
    /// The list that it is an item of by itself, as a name in a list of names is.
    pub(super) item: Option<InList>,
    /// The name that stands with an id in a table.
    pub(super) label: Option<Span>,
    /// Whether the literal can be replaced.
    pub(super) literal: bool,
    pub(super) conditional: Option<Span>,
    /// The service principal in whose permissions it was looked up, and among which.
    pub(super) of: Option<(Instance, Among)>,
}

/// A literal that names something: its text, its place, and whether that place holds it as it is.
struct Literal {
    text: String,
    span: Span,
    exact: bool,
}

fn literal(text: &Text, fallback: Span) -> Option<Literal> {
    let whole = text.known()?;
    let mut known = text.pieces.iter().filter_map(|piece| match piece {
        Piece::Known {
            text,
            span,
            exact,
            literal,
            ..
        } if !text.is_empty() => Some((*span, *exact, *literal)),
        _ => None,
    });
    let first = known.next();
    match (first, known.next()) {
        (Some((span, exact, literal)), None) => {
            // The whole literal with its quotes, or a word of a longer one.
            let all = span.start <= literal.start + 1 && span.end + 1 >= literal.end;
            Some(Literal {
                text: whole,
                span: if all || !exact { literal } else { span },
                exact,
            })
        }
        (Some((span, ..)), Some(_)) => Some(Literal {
            text: whole,
            span,
            exact: false,
        }),
        (None, _) => Some(Literal {
            text: whole,
            span: fallback,
            exact: false,
        }),
    }
}

/// Why something is not known, as the model says it.
pub(super) fn reason(unknown: &Unknown) -> Unresolved {
    match &unknown.why {
        Why::Parameter(_) => Unresolved::DependsOnCaller,
        why => Unresolved::Unknown(why.to_string().into()),
    }
}

/// The permissions that a value stands for: several where a condition chooses between them.
pub(super) fn permissions(texts: &dyn Texts, value: &Value) -> Vec<Found> {
    match &value.data {
        Data::Either(options) => {
            return (options.iter().filter(|option| !option.is_null()))
                .flat_map(|option| {
                    let option = option.clone().under(value.conditional);
                    permissions(texts, &option)
                })
                .collect();
        }
        Data::Symbolic(Symbolic::Aspect(permission, Aspect::Id | Aspect::Whole)) => {
            let (Known::Name(named) | Known::Id(named)) = &permission.known else {
                return vec![unresolved(
                    texts,
                    value,
                    Unresolved::Unknown("stands for all permissions of the API".into()),
                )];
            };
            let named = named.clone().under(value.conditional);
            let mut found = permissions(texts, &named);
            for one in &mut found {
                one.of = Some((permission.of.clone(), permission.among));
                one.item = one.item.or(value.item);
            }
            return found;
        }
        Data::Symbolic(Symbolic::Permission(permission)) => {
            let whole = Value {
                data: Data::Symbolic(Symbolic::Aspect(Rc::clone(permission), Aspect::Id)),
                ..value.clone()
            };
            return permissions(texts, &whole);
        }
        _ => {}
    }
    let found = match &value.data {
        Data::Text(text) => match literal(text, value.span) {
            Some(literal) => {
                let Literal { text, span, exact } = literal;
                let word = text.trim();
                let permission = match word.parse::<Uuid>() {
                    Ok(uuid) if !uuid.is_nil() => PermissionRef::Id { uuid, span },
                    _ if word.is_empty() => PermissionRef::Unresolved {
                        text,
                        span,
                        reason: Unresolved::Empty,
                    },
                    _ if is_placeholder(word) => PermissionRef::Unresolved {
                        reason: Unresolved::Placeholder,
                        span,
                        text,
                    },
                    _ if is_name(word) => PermissionRef::Name {
                        name: word.to_owned(),
                        span,
                    },
                    _ => PermissionRef::Unresolved {
                        reason: Unresolved::Malformed,
                        span,
                        text,
                    },
                };
                (permission, exact)
            }
            None => {
                let reason = text.unknown().map_or(Unresolved::Expression, |u| reason(u));
                return vec![unresolved(texts, value, reason)];
            }
        },
        Data::Unknown(unknown) => return vec![unresolved(texts, value, reason(unknown))],
        Data::Null => return vec![unresolved(texts, value, Unresolved::Empty)],
        Data::Symbolic(Symbolic::Runtime(_, path)) => {
            let why = Why::Property(path.clone()).to_string();
            return vec![unresolved(texts, value, Unresolved::Unknown(why.into()))];
        }
        _ => return vec![unresolved(texts, value, Unresolved::WrongType)],
    };
    vec![Found {
        permission: found.0,
        item: value.item,
        label: value.label,
        literal: found.1,
        conditional: value.conditional,
        of: None,
    }]
}

fn unresolved(texts: &dyn Texts, value: &Value, reason: Unresolved) -> Found {
    Found {
        permission: PermissionRef::Unresolved {
            text: texts.excerpt(value.span),
            span: value.span,
            reason,
        },
        item: value.item,
        label: value.label,
        literal: false,
        conditional: value.conditional,
        of: None,
    }
}

/// `${{…}}` of a pipeline, `<client-id>`, `{{…}}`, zeros.
fn is_placeholder(text: &str) -> bool {
    let nil = text.parse::<Uuid>().is_ok_and(|id| id.is_nil());
    nil || text.contains("${")
        || text.contains("{{")
        || (text.starts_with('<') && text.ends_with('>'))
}

/// Names of permissions and of own scopes.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() < 200
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-/:".contains(c))
}

/// The API that a value names by its application id, or by a resource of the file.
pub(super) fn resource(evaluator: &Evaluator<'_>, texts: &dyn Texts, value: &Value) -> ResourceRef {
    match &value.data {
        Data::Text(text) => match literal(text, value.span) {
            Some(Literal { text, span, .. }) => match text.trim().parse::<Uuid>() {
                Ok(uuid) if !uuid.is_nil() => ResourceRef::Id { uuid, span },
                _ if text.trim().is_empty() => ResourceRef::Unresolved {
                    text,
                    span,
                    reason: Unresolved::Empty,
                },
                _ if is_placeholder(&text) => ResourceRef::Unresolved {
                    text,
                    span,
                    reason: Unresolved::Placeholder,
                },
                _ => ResourceRef::Name { name: text, span },
            },
            None => unresolved_resource(
                texts,
                value,
                text.unknown().map_or(Unresolved::Expression, |u| reason(u)),
            ),
        },
        // An application of this deployment: by its symbolic name, which is no name of an API of Microsoft.
        Data::Symbolic(Symbolic::AppId(instance)) => ResourceRef::Name {
            name: symbol(evaluator, instance),
            span: value.span,
        },
        Data::Symbolic(Symbolic::Runtime(instance, path)) => ResourceRef::Name {
            name: format!("{}.{path}", symbol(evaluator, instance)),
            span: value.span,
        },
        Data::Unknown(unknown) => unresolved_resource(texts, value, reason(unknown)),
        Data::Either(options) => match options.first() {
            Some(first) if options.iter().all(|o| same_text(o, first)) => {
                resource(evaluator, texts, first)
            }
            _ => unresolved_resource(texts, value, Unresolved::Expression),
        },
        Data::Null => unresolved_resource(texts, value, Unresolved::Empty),
        _ => unresolved_resource(texts, value, Unresolved::WrongType),
    }
}

fn same_text(a: &Value, b: &Value) -> bool {
    a.as_text().is_some() && a.as_text() == b.as_text()
}

fn unresolved_resource(texts: &dyn Texts, value: &Value, reason: Unresolved) -> ResourceRef {
    ResourceRef::Unresolved {
        text: texts.excerpt(value.span),
        span: value.span,
        reason,
    }
}

/// The API whose service principal this is.
pub(super) fn resource_of_principal(
    evaluator: &Evaluator<'_>,
    texts: &dyn Texts,
    principal: &Instance,
    span: Span,
) -> ResourceRef {
    let app_id = evaluator.property(principal, "appId", span);
    match resource(evaluator, texts, &app_id) {
        // A service principal without a literal id is named by its own symbol.
        ResourceRef::Unresolved { .. } if app_id.as_unknown().is_none() => ResourceRef::Name {
            name: symbol(evaluator, principal),
            span,
        },
        known => known,
    }
}

/// How people of the format address a resource: its symbolic name behind those of the modules that lead to it.
pub(super) fn symbol(evaluator: &Evaluator<'_>, instance: &Instance) -> String {
    let scope = evaluator.scope(instance.scope);
    let mut out = scope.path.join(".");
    if !out.is_empty() {
        out.push('.');
    }
    out.push_str(&scope.program.resources[instance.resource].symbol);
    if let Some(nth) = instance.nth {
        out.push_str(&format!("[{nth}]"));
    }
    out
}

/// The type that a value names, `Scope` or `Role`.
pub(super) fn type_of(texts: &dyn Texts, value: Option<&Value>, element: Span) -> TypeRef {
    let Some(value) = value else {
        return TypeRef::Unresolved {
            text: None,
            span: element,
            reason: Unresolved::Missing,
        };
    };
    let known = match &value.data {
        Data::Text(text) => literal(text, value.span),
        _ => None,
    };
    if let Some(Literal { text, span, .. }) = &known {
        return match permission_type(text.trim()) {
            Some(permission_type) => TypeRef::Known {
                permission_type,
                span: Some(*span),
            },
            None => TypeRef::Unresolved {
                text: Some(text.clone()),
                span: *span,
                reason: Unresolved::NotAType,
            },
        };
    }
    TypeRef::Unresolved {
        text: Some(texts.excerpt(value.span)),
        span: value.span,
        reason: value
            .as_unknown()
            .map_or(Unresolved::WrongType, |u| reason(u)),
    }
}

/// The type of the permissions that stand in this list of a service principal.
pub(super) const fn type_among(among: Among) -> PermissionType {
    match among {
        Among::Roles => PermissionType::Application,
        Among::Scopes => PermissionType::Delegated,
    }
}
