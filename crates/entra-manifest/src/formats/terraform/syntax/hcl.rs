//! The tree of a file in Terraform's native syntax. hcl-edit parses; it bounds nesting at 64 levels.

mod template;

pub(in super::super) use template::parse_template;

use std::ops::Range;

use hcl_edit::expr::{BinaryOperator, Expression, ObjectKey, TraversalOperator, UnaryOperator};
use hcl_edit::structure::{BlockLabel, Structure};
use source_text::{Source, Span};

use crate::read::ParseError;

use super::{Attribute, Block, Body, Expr, For, Key, Name, Node, Operator};

/// Reads `.tf`, `.tofu` and `.tfvars`.
pub(in super::super) fn parse(source: &Source) -> Result<Body, ParseError> {
    let mut unlike: Option<String> = None;
    let mut turn = 0;
    loop {
        let error = match hcl_edit::parser::parse_body(unlike.as_deref().unwrap_or(source.text())) {
            Ok(body) => {
                return Ok(Lower {
                    source,
                    base: 0,
                    escapes: Vec::new(),
                    whole: None,
                }
                .body(&body));
            }
            Err(error) => error,
        };
        let at = error.location().offset().min(source.text().len());
        let renamed = (turn < MAX_REPEATED_KEYS && error.message().contains(REPEATED_KEY))
            .then(|| rename_key(unlike.as_deref().unwrap_or(source.text()), at, turn))
            .flatten();
        match renamed {
            Some(text) => {
                unlike = Some(text);
                turn += 1;
            }
            None => {
                return Err(ParseError {
                    span: source.span(at, at),
                    message: error.message().to_owned(),
                });
            }
        }
    }
}

/// How often a file may write a key of an object again. Terraform takes the last one (`{a = 1, a = 2}` is `{a = 2}` in
/// `terraform console` 1.11.4); hcl-edit refuses them, and real files have them.
const MAX_REPEATED_KEYS: usize = 64;

/// What hcl-edit says of a key that an object already has.
const REPEATED_KEY: &str = "redefined object key";

/// The text with another word, just as long, for the key at a place. Places stay what they are, and [`Lower::key`] takes
/// the words of keys from the file itself.
fn rename_key(text: &str, at: usize, turn: usize) -> Option<String> {
    let rest = text.get(at..)?;
    let start = at + usize::from(rest.starts_with('"'));
    let word = text[start..]
        .bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
        .count();
    if word == 0 {
        return None;
    }
    let mut number = turn;
    let mut letters: Vec<u8> = (0..word)
        .map(|_| {
            let letter = b"abcdefghijklmnopqrstuvwxyz"[number % 26];
            number /= 26;
            letter
        })
        .collect();
    letters.reverse();
    let letters = String::from_utf8(letters).ok()?;
    Some(format!(
        "{}{letters}{}",
        &text[..start],
        &text[start + word..]
    ))
}

struct Lower<'s> {
    source: &'s Source,
    /// Offset in the file of the text that hcl-edit saw.
    base: usize,
    /// Where that text has a byte which takes two in the file, as `\"` in a JSON string does: offsets in the text, in
    /// order.
    escapes: Vec<usize>,
    /// The place of everything when the text does not stand in the file as it is.
    whole: Option<Span>,
}

impl Lower<'_> {
    fn span(&self, range: Option<Range<usize>>) -> Span {
        match (self.whole, range) {
            (Some(whole), _) => whole,
            (None, Some(range)) => self.source.span(self.at(range.start), self.at(range.end)),
            (None, None) => self.source.span(self.base, self.base),
        }
    }

    /// The offset in the file of an offset in the text that hcl-edit saw.
    fn at(&self, offset: usize) -> usize {
        self.base + offset + self.escapes.partition_point(|escape| *escape < offset)
    }

    /// Span of a string's text between its quotes, where the file shows it unescaped.
    fn content(&self, span: Span, text: &str) -> Option<Span> {
        if self.whole.is_some() {
            return None;
        }
        let slice = self.source.slice(span);
        let quote = if self.escapes.is_empty() {
            "\""
        } else {
            "\\\""
        };
        let inner = slice.strip_prefix(quote)?.strip_suffix(quote)?;
        (inner == text).then(|| {
            let Range { start, end } = span.range();
            self.source.span(start + quote.len(), end - quote.len())
        })
    }

    fn name(&self, text: &str, span: Span) -> Name {
        let span = self.content(span, text).unwrap_or(span);
        Name {
            text: text.into(),
            span,
        }
    }

    fn body(&self, body: &hcl_edit::structure::Body) -> Body {
        let mut out = Body::default();
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => out.attributes.push(self.attribute(attribute)),
                Structure::Block(block) => out.blocks.push(self.block(block)),
            }
        }
        out
    }

    fn attribute(&self, attribute: &hcl_edit::structure::Attribute) -> Attribute {
        use hcl_edit::Span as _;
        let name_span = self.span(attribute.key.span());
        let value = self.expr(&attribute.value);
        Attribute {
            name: self.name(attribute.key.as_str(), name_span),
            span: Span {
                end: value.span.end,
                ..name_span
            },
            value,
        }
    }

    fn block(&self, block: &hcl_edit::structure::Block) -> Block {
        use hcl_edit::Span as _;
        let labels = block.labels.iter().map(|label| match label {
            BlockLabel::Ident(ident) => self.name(ident.as_str(), self.span(ident.span())),
            BlockLabel::String(string) => self.name(string.as_str(), self.span(string.span())),
        });
        Block {
            kind: self.name(block.ident.as_str(), self.span(block.ident.span())),
            labels: labels.collect(),
            body: self.body(&block.body),
            span: self.span(block.span()),
            json: None,
        }
    }

    fn boxed(&self, expr: &Expression) -> Box<Expr> {
        Box::new(self.expr(expr))
    }

    fn expr(&self, expr: &Expression) -> Expr {
        use hcl_edit::Span as _;
        let span = self.span(expr.span());
        let node = match expr {
            Expression::Null(_) => Node::Null,
            Expression::Bool(value) => Node::Bool(*value.value()),
            Expression::Number(value) => Node::Number(value.value().as_f64().unwrap_or(f64::NAN)),
            Expression::String(value) => Node::Text {
                text: value.as_str().into(),
                content: self.content(span, value.as_str()),
            },
            Expression::Array(array) => Node::List(array.iter().map(|e| self.expr(e)).collect()),
            Expression::Object(object) => Node::Object(
                object
                    .iter()
                    .map(|(key, value)| (self.key(key), self.expr(value.expr())))
                    .collect(),
            ),
            Expression::StringTemplate(template) => return self.template(template, span),
            Expression::HeredocTemplate(heredoc) => {
                return self.template(&heredoc.template, span);
            }
            Expression::Parenthesis(inner) => return self.expr(inner.inner()),
            Expression::Variable(ident) => Node::Root(ident.as_str().into()),
            Expression::Conditional(conditional) => Node::Condition(
                self.boxed(&conditional.cond_expr),
                self.boxed(&conditional.true_expr),
                self.boxed(&conditional.false_expr),
            ),
            Expression::FuncCall(call) => Node::Call {
                name: if call.name.is_namespaced() {
                    "provider function".into()
                } else {
                    call.name.name.as_str().into()
                },
                args: call.args.iter().map(|e| self.expr(e)).collect(),
                expand: call.args.expand_final(),
            },
            Expression::Traversal(traversal) => {
                let base = self.expr(&traversal.expr);
                return self.steps(base, &traversal.operators, span);
            }
            Expression::UnaryOp(unary) => {
                let inner = self.boxed(&unary.expr);
                match unary.operator.value() {
                    UnaryOperator::Neg => Node::Negate(inner),
                    UnaryOperator::Not => Node::Not(inner),
                }
            }
            Expression::BinaryOp(binary) => Node::Binary(
                self.boxed(&binary.lhs_expr),
                operator(*binary.operator.value()),
                self.boxed(&binary.rhs_expr),
            ),
            Expression::ForExpr(for_expr) => Node::For(Box::new(For {
                key: for_expr.intro.key_var.as_ref().map(|k| k.as_str().into()),
                value: for_expr.intro.value_var.as_str().into(),
                source: self.expr(&for_expr.intro.collection_expr),
                key_result: for_expr.key_expr.as_ref().map(|e| self.expr(e)),
                result: self.expr(&for_expr.value_expr),
                grouping: for_expr.grouping,
                condition: for_expr.cond.as_ref().map(|c| self.expr(&c.expr)),
            })),
        };
        Expr { span, node }
    }

    fn key(&self, key: &ObjectKey) -> Key {
        use hcl_edit::Span as _;
        match key {
            ObjectKey::Ident(ident) => {
                let span = self.span(ident.span());
                self.word(ident.as_str(), span)
            }
            ObjectKey::Expression(Expression::Variable(ident)) => {
                let span = self.span(ident.span());
                self.word(ident.as_str(), span)
            }
            ObjectKey::Expression(Expression::String(text))
                if self.whole.is_none()
                    && self
                        .source
                        .slice(self.span(text.span()))
                        .bytes()
                        .all(|byte| byte != b'\\') =>
            {
                let span = self.span(text.span());
                let inner = self.source.slice(span).trim_matches('"');
                Key::Expr(Expr {
                    span,
                    node: Node::Text {
                        text: inner.into(),
                        content: self.content(span, inner),
                    },
                })
            }
            ObjectKey::Expression(expr) => Key::Expr(self.expr(expr)),
        }
    }

    /// A key as the file writes it: what was parsed may hold another word for a repeated key.
    fn word(&self, parsed: &str, span: Span) -> Key {
        let text = match self.whole {
            Some(_) => parsed,
            None => self.source.slice(span),
        };
        Key::Word(Name {
            text: text.into(),
            span,
        })
    }

    /// Folds `.a`, `[i]` and splats into a tree. An attribute splat (`.*`) takes the attributes after it, a full splat
    /// (`[*]`) indexes too: <https://developer.hashicorp.com/terraform/language/expressions/splat>.
    fn steps<O>(&self, base: Expr, operators: &[O], whole: Span) -> Expr
    where
        O: std::ops::Deref<Target = TraversalOperator> + hcl_edit::Span,
    {
        let mut expr = base;
        for (at, step) in operators.iter().enumerate() {
            let span = self.span(step.span());
            let joined = Span {
                end: span.end.max(expr.span.end),
                ..expr.span
            };
            let node = match &**step {
                TraversalOperator::GetAttr(ident) => {
                    let span = self.span(hcl_edit::Span::span(ident));
                    Node::Attr(
                        Box::new(expr),
                        Name {
                            text: ident.as_str().into(),
                            span,
                        },
                    )
                }
                TraversalOperator::Index(index) => Node::Index(Box::new(expr), self.boxed(index)),
                TraversalOperator::LegacyIndex(index) => {
                    let number = **index;
                    #[expect(
                        clippy::cast_precision_loss,
                        reason = "an index beyond 2^52 has no element"
                    )]
                    let index = Expr {
                        span,
                        node: Node::Number(number as f64),
                    };
                    Node::Index(Box::new(expr), Box::new(index))
                }
                splat @ (TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_)) => {
                    let full = matches!(splat, TraversalOperator::FullSplat(_));
                    let rest = &operators[at + 1..];
                    let taken = if full {
                        rest.len()
                    } else {
                        rest.iter()
                            .position(|o| !matches!(**o, TraversalOperator::GetAttr(_)))
                            .unwrap_or(rest.len())
                    };
                    let element = Expr {
                        span,
                        node: Node::Element,
                    };
                    let each = self.steps(element, &rest[..taken], whole);
                    let node = Node::Splat(Box::new(expr), Box::new(each));
                    return self.steps(Expr { span: whole, node }, &rest[taken..], whole);
                }
            };
            expr = Expr { span: joined, node };
        }
        expr
    }
}

const fn operator(operator: BinaryOperator) -> Operator {
    match operator {
        BinaryOperator::Eq => Operator::Equal,
        BinaryOperator::NotEq => Operator::NotEqual,
        BinaryOperator::LessEq => Operator::LessEqual,
        BinaryOperator::GreaterEq => Operator::GreaterEqual,
        BinaryOperator::Less => Operator::Less,
        BinaryOperator::Greater => Operator::Greater,
        BinaryOperator::Plus => Operator::Add,
        BinaryOperator::Minus => Operator::Subtract,
        BinaryOperator::Mul => Operator::Multiply,
        BinaryOperator::Div => Operator::Divide,
        BinaryOperator::Mod => Operator::Modulo,
        BinaryOperator::And => Operator::And,
        BinaryOperator::Or => Operator::Or,
    }
}
