//! Where a literal stands: the list, map or block that it is an element of.

use source_text::{Span, Spanned};

use super::syntax::{Block, Body, Expr, Key, Node, Part};

/// An element that a permission can be removed with, and what it is an element of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Element {
    /// The element.
    pub(super) span: Span,
    /// The list, map or block, delimiters included.
    pub(super) list: Span,
    pub(super) form: Form,
    /// Whether the element is the literal and nothing else, or holds but an id and a type as literals.
    pub(super) plain: bool,
    /// Other strings of the element, which can name the permission for people.
    pub(super) siblings: Vec<Spanned<String>>,
}

/// What an element is an element of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `["a", "b"]`
    List,
    /// `[{id = "a", type = "Role"}]`
    Objects,
    /// `{a = "b"}`
    Map,
    /// Nested blocks.
    Blocks,
}

/// Members of an object that stands for one permission.
const MEMBERS: &[&str] = &[
    "id",
    "type",
    "name",
    "value",
    "kind",
    "permission",
    "permission_type",
    "description",
    "role",
    "scope",
    "role_id",
    "scope_id",
];

/// One step from the file to the literal.
#[derive(Clone, Copy)]
enum Step<'p> {
    Expr(&'p Expr),
    /// A member of the object before it: from its key to its value.
    Member(&'p Expr, Span),
    Block(&'p Block),
}

/// The element that the literal at `at` belongs to; `None` if it is part of something larger.
pub(super) fn element(body: &Body, at: Span) -> Option<Element> {
    let mut path = Vec::new();
    in_body(body, at, &mut path);
    let mut steps = path.into_iter().rev().peekable();
    let mut inner = at;
    let mut plain = true;
    let mut objects = false;
    let mut siblings = Vec::new();
    while let Some(step) = steps.next() {
        match step {
            Step::Expr(expr) => match &expr.node {
                Node::List(_) => {
                    let form = if objects { Form::Objects } else { Form::List };
                    return Some(Element {
                        span: inner,
                        list: expr.span,
                        form,
                        plain,
                        siblings,
                    });
                }
                // A literal, a reference by a literal key, and what stands around an element of a map.
                Node::Text { .. } => inner = expr.span,
                Node::Index(..) | Node::Attr(..) => inner = expr.span,
                Node::Object(_) => {}
                _ => return None,
            },
            Step::Member(object, member) => {
                let Node::Object(members) = &object.node else {
                    return None;
                };
                siblings.extend(names(members, at));
                if is_permission(members) {
                    plain &=
                        members.len() == 2 && members.iter().all(|(_, value)| is_literal(value));
                    objects = true;
                    inner = object.span;
                } else if members.iter().all(|(_, value)| is_element(value)) {
                    return Some(Element {
                        span: member,
                        list: object.span,
                        form: Form::Map,
                        plain: false,
                        siblings,
                    });
                } else {
                    return None;
                }
            }
            Step::Block(block) if &*block.kind.text == "resource_access" => {
                let parent = steps.find_map(|step| match step {
                    Step::Block(parent) => Some(parent),
                    _ => None,
                })?;
                let simple = block.body.blocks.is_empty()
                    && block.body.attributes.len() == 2
                    && block.body.attributes.iter().all(|a| is_literal(&a.value));
                return Some(Element {
                    span: block.span,
                    list: parent.span,
                    form: Form::Blocks,
                    plain: simple,
                    siblings,
                });
            }
            Step::Block(_) => return None,
        }
    }
    None
}

/// A string, or what is looked up by one: `sp.app_role_ids["User.Read.All"]`.
fn is_literal(expr: &Expr) -> bool {
    match &expr.node {
        Node::Text { content, .. } => content.is_some(),
        Node::Index(_, key) => matches!(
            key.node,
            Node::Text {
                content: Some(_),
                ..
            }
        ),
        _ => false,
    }
}

/// The strings of an object's members, keys included, that are not the literal itself nor an id or a type.
fn names(members: &[(Key, Expr)], at: Span) -> Vec<Spanned<String>> {
    let mut all = Vec::new();
    for (key, value) in members {
        let (name, span) = match key {
            Key::Word(name) => (Some(&*name.text), name.span),
            Key::Expr(Expr {
                node: Node::Text { text, .. },
                span,
            }) => (Some(&**text), *span),
            Key::Expr(expr) => (None, expr.span),
        };
        if let Some(name) = name
            && !span.contains(at)
            && value.span.contains(at)
        {
            all.push(Spanned::new(name.to_owned(), span));
        }
        if let Node::Text { text, .. } = &value.node
            && !value.span.contains(at)
            && name.is_none_or(|name| !matches!(name, "id" | "type"))
        {
            all.push(Spanned::new(text.to_string(), value.span));
        }
    }
    all
}

/// Whether an object stands for one permission: its members say its id or name, its type, and nothing else.
fn is_permission(members: &[(Key, Expr)]) -> bool {
    let names: Option<Vec<&str>> = members
        .iter()
        .map(|(key, _)| match key {
            Key::Word(name) => Some(&*name.text),
            Key::Expr(Expr {
                node: Node::Text { text, .. },
                ..
            }) => Some(&**text),
            Key::Expr(_) => None,
        })
        .collect();
    names.is_some_and(|names| {
        names.iter().all(|name| MEMBERS.contains(name))
            && names.iter().any(|name| {
                [
                    "id",
                    "role_id",
                    "scope_id",
                    "name",
                    "value",
                    "permission",
                    "role",
                    "scope",
                ]
                .contains(name)
            })
    })
}

/// Whether a value of a map can be one permission.
fn is_element(value: &Expr) -> bool {
    match &value.node {
        Node::Text { .. } | Node::Index(..) | Node::Attr(..) => true,
        Node::Object(members) => is_permission(members),
        _ => false,
    }
}

/// The one of several parts of a file, in the file's order, that a place is in.
pub(super) fn around<T>(parts: &[T], at: Span, span: impl Fn(&T) -> Span) -> Option<&T> {
    let behind = |part: &T| (span(part).file, span(part).end) < (at.file, at.end);
    let part = parts.get(parts.partition_point(behind))?;
    span(part).contains(at).then_some(part)
}

fn in_body<'p>(body: &'p Body, at: Span, path: &mut Vec<Step<'p>>) {
    if let Some(attribute) = around(&body.attributes, at, |a| a.span) {
        in_expr(&attribute.value, at, path);
    } else if let Some(block) = around(&body.blocks, at, |b| b.span) {
        path.push(Step::Block(block));
        in_body(&block.body, at, path);
    }
}

fn in_expr<'p>(expr: &'p Expr, at: Span, path: &mut Vec<Step<'p>>) {
    if !expr.span.contains(at) {
        return;
    }
    path.push(Step::Expr(expr));
    let before = path.len();
    let mut down = |inner: &'p Expr| {
        if path.len() == before && inner.span.contains(at) {
            in_expr(inner, at, path);
        }
    };
    match &expr.node {
        Node::Attr(inner, _) | Node::Not(inner) | Node::Negate(inner) => down(inner),
        Node::Index(a, b) | Node::Binary(a, _, b) => {
            down(b);
            down(a);
        }
        Node::Splat(a, _) => down(a),
        Node::Call { args, .. } | Node::List(args) => {
            if let Some(arg) = around(args, at, |arg| arg.span) {
                down(arg);
            }
        }
        Node::Condition(a, b, c) => {
            down(a);
            down(b);
            down(c);
        }
        Node::For(looped) => {
            down(&looped.source);
            down(&looped.result);
            for other in looped.condition.iter().chain(&looped.key_result) {
                down(other);
            }
        }
        Node::Template(parts) => {
            for part in parts {
                if let Part::Expr(inner) = part {
                    down(inner);
                }
            }
        }
        Node::Object(members) => {
            if let Some((key, value)) =
                around(members, at, |(key, value)| key_span(key).to(value.span))
            {
                let span = Span {
                    end: value.span.end,
                    start: quoted_start(key),
                    ..value.span
                };
                path.push(Step::Member(expr, span));
                if value.span.contains(at) {
                    in_expr(value, at, path);
                }
            }
        }
        Node::Null
        | Node::Bool(_)
        | Node::Number(_)
        | Node::Text { .. }
        | Node::Root(_)
        | Node::Element
        | Node::Opaque(_) => {}
    }
}

const fn key_span(key: &Key) -> Span {
    match key {
        Key::Word(name) => name.span,
        Key::Expr(expr) => expr.span,
    }
}

const fn quoted_start(key: &Key) -> u32 {
    key_span(key).start
}
