//! The tree of a `.tf.json` file: the same blocks, written as JSON.
//!
//! Which members are blocks and which are attributes is the schema's knowledge
//! (<https://developer.hashicorp.com/terraform/language/syntax/json>); the few nested blocks that hold permissions are
//! named here.

use jsonc_parser::ast::{Object, ObjectProp, StringLit, Value};
use jsonc_parser::common::Ranged;
use source_text::{Source, Span};

use crate::read::ParseError;

use super::hcl::parse_template;
use super::{Attribute, Block, Body, Expr, JsonBlock, Key, Name, Node};
use crate::formats::terraform::data;

/// Top-level blocks and how many names stand before their body.
const TOP: &[(&str, usize)] = &[
    ("resource", 2),
    ("data", 2),
    ("module", 1),
    ("variable", 1),
    ("output", 1),
    ("locals", 0),
];

/// Nested blocks that permissions stand in.
const NESTED: &[&str] = &["required_resource_access", "resource_access", "content"];

/// Reads `.tf.json`.
pub(in super::super) fn parse(source: &Source) -> Result<Body, ParseError> {
    let lower = Lower { source };
    data::with_json(source, |value| {
        let mut body = Body::default();
        match value {
            Value::Object(object) => lower.file(object, &mut body),
            Value::Array(array) => {
                for object in array.elements.iter().filter_map(Value::as_object) {
                    lower.file(object, &mut body);
                }
            }
            _ => {}
        }
        body
    })
}

/// Reads `.tfvars.json`.
pub(in super::super) fn parse_values(source: &Source) -> Result<Body, ParseError> {
    let lower = Lower { source };
    data::with_json(source, |value| {
        let mut body = Body::default();
        if let Value::Object(object) = value {
            body.attributes
                .extend(object.properties.iter().map(|p| lower.attribute(p)));
        }
        body
    })
}

struct Lower<'s> {
    source: &'s Source,
}

impl Lower<'_> {
    fn span(&self, node: &impl Ranged) -> Span {
        self.source.span(node.start(), node.end())
    }

    fn name(&self, property: &ObjectProp<'_>) -> Name {
        let whole = self.span(&property.name);
        let text = property.name.as_str();
        let span = data::inner_span(self.source, whole, text).unwrap_or(whole);
        Name {
            text: text.into(),
            span,
        }
    }

    fn file(&self, object: &Object<'_>, body: &mut Body) {
        for property in &object.properties {
            if let Some((_, labels)) = TOP.iter().find(|(kind, _)| *kind == property.name.as_str())
            {
                self.labelled(property, *labels, body);
            }
        }
    }

    /// The blocks of a member, `labels` names deep.
    fn labelled(&self, property: &ObjectProp<'_>, labels: usize, out: &mut Body) {
        let kind = self.name(property);
        self.blocks(
            &kind,
            labels,
            &property.value,
            &property.value,
            &mut Vec::new(),
            out,
        );
    }

    /// Blocks under `value`, which is that of `holder` or an element of it. Where a body may stand, a list of bodies
    /// may too.
    fn blocks(
        &self,
        kind: &Name,
        labels: usize,
        holder: &Value<'_>,
        value: &Value<'_>,
        path: &mut Vec<Name>,
        out: &mut Body,
    ) {
        match value {
            Value::Array(array) => {
                for element in &array.elements {
                    self.blocks(kind, labels, holder, element, path, out);
                }
            }
            Value::Object(object) if labels == 0 => out.blocks.push(Block {
                kind: kind.clone(),
                labels: path.clone(),
                body: self.body(object),
                span: self.span(object),
                json: Some(Box::new(JsonBlock {
                    value: self.span(holder),
                    members: object.properties.iter().map(|p| self.span(p)).collect(),
                })),
            }),
            Value::Object(object) => {
                for property in &object.properties {
                    path.push(self.name(property));
                    self.blocks(
                        kind,
                        labels - 1,
                        &property.value,
                        &property.value,
                        path,
                        out,
                    );
                    path.pop();
                }
            }
            _ => {}
        }
    }

    fn body(&self, object: &Object<'_>) -> Body {
        let mut body = Body::default();
        for property in &object.properties {
            let name = property.name.as_str();
            match &property.value {
                // A member of this name is a comment.
                _ if name == "//" => {}
                _ if name == "dynamic" => self.labelled(property, 1, &mut body),
                Value::Object(_) | Value::Array(_) if NESTED.contains(&name) => {
                    self.labelled(property, 0, &mut body);
                }
                _ => body.attributes.push(self.attribute(property)),
            }
        }
        body
    }

    fn attribute(&self, property: &ObjectProp<'_>) -> Attribute {
        Attribute {
            name: self.name(property),
            value: self.expr(&property.value),
            span: self.span(property),
        }
    }

    fn expr(&self, value: &Value<'_>) -> Expr {
        let span = self.span(value);
        let node = match value {
            Value::StringLit(string) => return self.string(string, span),
            Value::NumberLit(number) => Node::Number(number.value.parse().unwrap_or(f64::NAN)),
            Value::BooleanLit(boolean) => Node::Bool(boolean.value),
            Value::NullKeyword(_) => Node::Null,
            Value::Array(array) => {
                Node::List(array.elements.iter().map(|e| self.expr(e)).collect())
            }
            Value::Object(object) => Node::Object(
                object
                    .properties
                    .iter()
                    .filter(|property| property.name.as_str() != "//")
                    .map(|property| {
                        let name = self.name(property);
                        let key = if name.text.contains("${") {
                            let content =
                                Some(name.span).filter(|s| self.source.slice(*s) == &*name.text);
                            Key::Expr(parse_template(self.source, &name.text, content, name.span))
                        } else {
                            Key::Word(name)
                        };
                        (key, self.expr(&property.value))
                    })
                    .collect(),
            ),
        };
        Expr { span, node }
    }

    fn string(&self, string: &StringLit<'_>, span: Span) -> Expr {
        let content = data::inner_span(self.source, span, &string.value);
        parse_template(self.source, &string.value, content, span)
    }
}
