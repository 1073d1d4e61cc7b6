//! A template as a [`Program`]: its parameters, variables, resources and the deployments nested in it.

use camino::Utf8PathBuf;
use jsonc_parser::ast::{Object, Value as Json};
use source_text::{Source, Span};

use super::expression;
use crate::formats::deployment::{
    Expr, ExprKind, Function, Item, Loop, Member, Module, Parameter, Part, Program, Resource,
    Target, Variable,
};
use crate::json::{tree, with_document};

/// The program of a file that is a template.
pub(super) fn program_of(source: &Source) -> Option<Program> {
    with_document(source, |document| {
        let template = document.root.as_object()?;
        is_template(template).then(|| {
            Reader {
                source,
                function: false,
            }
            .program(template)
        })
    })
    .ok()
    .flatten()
}

/// Whether an object is a template: by its schema, or by members that only templates have together.
pub(super) fn is_template(object: &Object<'_>) -> bool {
    let resources = tree::value(object, "resources");
    let lists = matches!(resources, Some(Json::Array(_) | Json::Object(_)));
    let schema = tree::string(object, "$schema");
    let named = schema.is_some_and(|schema| {
        schema
            .value
            .to_ascii_lowercase()
            .contains("deploymenttemplate.json")
    });
    lists && (named || tree::has(object, "contentVersion"))
}

/// Reads the values of one template file.
pub(super) struct Reader<'s> {
    pub(super) source: &'s Source,
    /// Whether the expressions are those of a function of the template.
    pub(super) function: bool,
}

impl Reader<'_> {
    fn span(&self, node: &impl jsonc_parser::common::Ranged) -> Span {
        tree::span(self.source, node)
    }

    pub(super) fn program(&self, template: &Object<'_>) -> Program {
        let mut out = Program::default();
        for member in members(tree::object(template, "parameters")) {
            let Some(declared) = member.value.as_object() else {
                continue;
            };
            let nullable =
                matches!(tree::value(declared, "nullable"), Some(Json::BooleanLit(b)) if b.value);
            out.parameters.insert(
                member.name.as_str().to_owned(),
                Parameter {
                    default: tree::value(declared, "defaultValue").map(|v| self.value(v)),
                    nullable,
                    span: self.span(member),
                },
            );
        }
        if let Some(variables) = tree::object(template, "variables") {
            let value = self.object(variables);
            if let ExprKind::Object(members) = value.kind {
                for member in members {
                    if let Some(name) = member.key.as_ref().and_then(Expr::as_text) {
                        let variable = Variable {
                            value: member.value,
                        };
                        out.variables.insert(name.to_owned(), variable);
                    }
                }
            }
        }
        for member in members(tree::object(template, "outputs")) {
            if let Some(value) = member
                .value
                .as_object()
                .and_then(|o| tree::value(o, "value"))
            {
                let name = member.name.as_str().to_owned();
                out.outputs.insert(name, self.value(value));
            }
        }
        self.functions(template, &mut out);
        match tree::value(template, "resources") {
            Some(Json::Array(array)) => {
                for resource in array.elements.iter().filter_map(Json::as_object) {
                    self.resource(None, resource, &mut out);
                }
            }
            Some(Json::Object(object)) => {
                for member in &object.properties {
                    if let Some(resource) = member.value.as_object() {
                        self.resource(Some(member.name.as_str()), resource, &mut out);
                    }
                }
            }
            _ => {}
        }
        out
    }

    fn functions(&self, template: &Object<'_>, out: &mut Program) {
        let reader = Reader {
            source: self.source,
            function: true,
        };
        let namespaces = tree::array(template, "functions").map_or(&[][..], |a| &a.elements);
        for namespace in namespaces.iter().filter_map(Json::as_object) {
            let Some(prefix) = tree::string(namespace, "namespace") else {
                continue;
            };
            for member in members(tree::object(namespace, "members")) {
                let Some(function) = member.value.as_object() else {
                    continue;
                };
                let parameters =
                    tree::array(function, "parameters").map_or(&[][..], |a| &a.elements);
                let params = (parameters.iter())
                    .filter_map(|p| Some(tree::string(p.as_object()?, "name")?.value.to_string()))
                    .collect();
                let output = tree::object(function, "output").and_then(|o| tree::value(o, "value"));
                let Some(output) = output else { continue };
                let name = format!("{}.{}", prefix.value, member.name.as_str());
                let function = Function {
                    params,
                    body: reader.value(output),
                };
                out.functions.insert(name, function);
            }
        }
    }

    fn resource(&self, symbol: Option<&str>, object: &Object<'_>, out: &mut Program) {
        let Some(ty) = tree::string(object, "type") else {
            return;
        };
        let bare = ty
            .value
            .split('@')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let name = tree::value(object, "name");
        let symbol = match (symbol, name.map(|name| self.value(name))) {
            (Some(symbol), _) => symbol.to_owned(),
            (None, Some(name)) => match name.as_text() {
                Some(name) => name.to_owned(),
                None => self
                    .source
                    .slice(name.span)
                    .trim_matches(['"', '[', ']'])
                    .to_owned(),
            },
            (None, None) => ty.value.to_string(),
        };
        let condition = tree::value(object, "condition").map(|value| self.value(value));
        let each = tree::object(object, "copy").and_then(|copy| {
            Some(Loop::Count {
                name: tree::string(copy, "name")?.value.to_string(),
                count: self.value(tree::value(copy, "count")?),
            })
        });
        let existing =
            matches!(tree::value(object, "existing"), Some(Json::BooleanLit(b)) if b.value);
        let span = self.span(object);
        let name_span = self.span(ty);
        if bare == "microsoft.resources/deployments" {
            if let Some(module) = self.deployment(symbol, object, condition, each) {
                out.modules.push(module);
            }
            return;
        }
        let body = match tree::object(object, "properties") {
            Some(properties) => self.object(properties),
            None => self.object(object),
        };
        out.resources.push(Resource {
            symbol,
            ty: bare,
            existing,
            body,
            condition,
            each,
            span,
            name_span,
        });
        // Resources nested in one of Azure: none of Microsoft Graph's is, but a script can be.
        if let Some(nested) = tree::array(object, "resources") {
            for resource in nested.elements.iter().filter_map(Json::as_object) {
                self.resource(None, resource, out);
            }
        }
    }

    /// A nested or a linked template.
    fn deployment(
        &self,
        symbol: String,
        object: &Object<'_>,
        condition: Option<Expr>,
        each: Option<Loop>,
    ) -> Option<Module> {
        let properties = tree::object(object, "properties")?;
        let scope = tree::object(properties, "expressionEvaluationOptions")
            .and_then(|options| tree::string(options, "scope"));
        // Without the option, expressions are the outer template's.
        let outer = scope.is_none_or(|scope| !scope.value.eq_ignore_ascii_case("inner"));
        let target = match tree::object(properties, "template") {
            Some(template) => Target::Inline {
                program: Box::new(self.program(template)),
                outer,
            },
            None => {
                let link = tree::object(properties, "templateLink")?;
                let path = tree::string(link, "relativePath");
                let other = tree::value(link, "uri").or_else(|| tree::value(link, "id"));
                match (path, other) {
                    (Some(path), _) => Target::File {
                        path: Utf8PathBuf::from(path.value.to_string()),
                        span: self.span(path),
                    },
                    (None, Some(other)) => Target::Elsewhere {
                        what: self
                            .source
                            .slice(self.span(other))
                            .trim_matches('"')
                            .to_owned(),
                        span: self.span(other),
                    },
                    (None, None) => return None,
                }
            }
        };
        Some(Module {
            symbol,
            target,
            params: tree::value(properties, "parameters").map(|value| self.value(value)),
            wrapped: true,
            condition,
            each,
            name_span: tree::value(object, "name")
                .map_or_else(|| self.span(object), |n| self.span(n)),
        })
    }

    /// A value of the template: strings in brackets are expressions, `copy` is a loop.
    pub(super) fn value(&self, value: &Json<'_>) -> Expr {
        let span = self.span(value);
        let kind = match value {
            Json::NullKeyword(_) => ExprKind::Null,
            Json::BooleanLit(literal) => ExprKind::Bool(literal.value),
            Json::NumberLit(literal) => match literal.value.parse() {
                Ok(int) => ExprKind::Int(int),
                Err(_) => return Expr::text(literal.value, span),
            },
            Json::StringLit(literal) => return self.string(&literal.value, span),
            Json::Array(array) => ExprKind::List(
                (array.elements.iter())
                    .map(|element| Item {
                        value: self.value(element),
                        spread: false,
                    })
                    .collect(),
            ),
            Json::Object(object) => return self.object(object),
        };
        Expr::new(kind, span)
    }

    fn object(&self, object: &Object<'_>) -> Expr {
        let mut out = Vec::new();
        for member in &object.properties {
            let name = member.name.as_str();
            if name.eq_ignore_ascii_case("copy")
                && let Some(loops) = self.copies(&member.value)
            {
                out.extend(loops);
                continue;
            }
            out.push(Member {
                key: Some(self.string(name, self.span(&member.name))),
                value: self.value(&member.value),
            });
        }
        Expr::new(ExprKind::Object(out), self.span(object))
    }

    /// `copy: [{name, count, input}]`: members that are lists made by a loop.
    fn copies(&self, value: &Json<'_>) -> Option<Vec<Member>> {
        let loops = value.as_array()?;
        (loops.elements.iter())
            .map(|one| {
                let one = one.as_object()?;
                let name = tree::string(one, "name")?;
                let count = tree::value(one, "count")?;
                let input = tree::value(one, "input")?;
                let span = self.span(one);
                let kind = ExprKind::Repeat {
                    name: name.value.to_string(),
                    count: Box::new(self.value(count)),
                    input: Box::new(self.value(input)),
                };
                Some(Member {
                    key: Some(Expr::text(name.value.to_string(), self.span(name))),
                    value: Expr::new(kind, span),
                })
            })
            .collect()
    }

    /// A string: an expression where it stands in brackets, else a literal, in which `[[` stands for `[`.
    fn string(&self, text: &str, span: Span) -> Expr {
        let raw = self.source.slice(span);
        let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
        let exact = inner == text;
        let start = span.start as usize + 1;
        let place = |from: usize, to: usize| {
            if exact {
                self.source.span(start + from, start + to)
            } else {
                span
            }
        };
        if text.starts_with('[') && text.ends_with(']') && !text.starts_with("[[") && text.len() > 1
        {
            let expr = &text[1..text.len() - 1];
            let place = |from: usize, to: usize| place(from + 1, to + 1);
            let mut read = expression::parse(expr, &place, exact, self.function);
            if matches!(read.kind, ExprKind::Error(_)) {
                read.span = span;
            }
            return read;
        }
        let (text, exact) = match text.strip_prefix("[[") {
            Some(rest) => (format!("[{rest}"), false),
            None => (text.to_owned(), exact),
        };
        Expr::new(
            ExprKind::Text(vec![Part::Literal {
                span: if exact { place(0, text.len()) } else { span },
                text,
                exact,
            }]),
            span,
        )
    }
}

fn members<'o, 'a>(
    object: Option<&'o Object<'a>>,
) -> impl Iterator<Item = &'o jsonc_parser::ast::ObjectProp<'a>> {
    object.into_iter().flat_map(|object| &object.properties)
}
