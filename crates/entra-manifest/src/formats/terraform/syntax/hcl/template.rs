//! Templates: strings with interpolations and directives, and the blanks that their markers strip.

use hcl_edit::template::{Directive, Element, Template};
use source_text::{Source, Span};

use super::Lower;
use crate::formats::terraform::syntax::{Expr, Node, Part};

/// Reads the text of a JSON string as the template that Terraform takes it for. `content` is the place of the text if
/// it stands in the file unescaped. `whole` is that of the JSON string, and of all in it whose own place is not clear.
pub(in crate::formats::terraform) fn parse_template(
    source: &Source,
    text: &str,
    content: Option<Span>,
    whole: Span,
) -> Expr {
    if !text.contains("${") && !text.contains("%{") {
        return Expr {
            span: whole,
            node: Node::Text {
                text: text.into(),
                content,
            },
        };
    }
    let Ok(template) = hcl_edit::parser::parse_template(text) else {
        return Expr {
            span: whole,
            node: Node::Opaque("the template in this string cannot be parsed"),
        };
    };
    let escapes = match content {
        Some(_) => Some(Vec::new()),
        None => escapes(source.slice(whole), text),
    };
    let lower = Lower {
        source,
        base: content.map_or(whole.range().start + 1, |span| span.range().start),
        whole: escapes.is_none().then_some(whole),
        escapes: escapes.unwrap_or_default(),
    };
    lower.template(&template, whole)
}

/// The offsets in the text of a JSON string of the bytes that the file writes as two, a backslash and another; `None` if
/// there are longer escapes.
fn escapes(quoted: &str, text: &str) -> Option<Vec<usize>> {
    let raw = quoted.strip_prefix('"')?.strip_suffix('"')?.as_bytes();
    let mut escapes = Vec::new();
    let mut at = 0;
    for offset in 0..text.len() {
        if raw.get(at) == Some(&b'\\') {
            if raw.get(at + 1) == Some(&b'u') {
                return None;
            }
            escapes.push(offset);
            at += 1;
        }
        at += 1;
    }
    (at == raw.len()).then_some(escapes)
}

impl Lower<'_> {
    pub(super) fn template(&self, template: &Template, span: Span) -> Expr {
        let parts = self.parts(template);
        // "${x}" alone is x itself, whatever its type: the older syntax wrote every reference so.
        let node = match <[Part; 1]>::try_from(parts) {
            Ok([Part::Expr(inner)]) => return inner,
            Ok([Part::Text(text, content)]) => Node::Text { text, content },
            Ok(parts) => Node::Template(parts.into()),
            Err(parts) => Node::Template(parts),
        };
        Expr { span, node }
    }

    fn parts(&self, template: &Template) -> Vec<Part> {
        self.parts_within(template, false, false)
    }

    /// The parts of a template. `before` and `after`: whether the markers around it (`~`) strip the blanks at its ends.
    fn parts_within(&self, template: &Template, before: bool, after: bool) -> Vec<Part> {
        let elements: Vec<&Element> = template.iter().collect();
        let mut parts = Vec::new();
        for (at, element) in elements.iter().enumerate() {
            parts.push(match element {
                Element::Literal(literal) => {
                    let left = match at.checked_sub(1) {
                        Some(left) => strips_after(elements[left]),
                        None => before,
                    };
                    let right = elements
                        .get(at + 1)
                        .map_or(after, |right| strips_before(right));
                    self.literal(literal, left, right)
                }
                Element::Interpolation(interpolation) => Part::Expr(self.expr(&interpolation.expr)),
                Element::Directive(directive) => self.directive(directive),
            });
        }
        parts
    }

    fn literal(&self, literal: &hcl_edit::Spanned<String>, left: bool, right: bool) -> Part {
        use hcl_edit::Span as _;
        let span = self.span(literal.span());
        let text = literal.as_str();
        let unescaped = self.whole.is_none() && self.source.slice(span) == text;
        let mut kept = text;
        if left {
            kept = kept.trim_start();
        }
        let cut = text.len() - kept.len();
        if right {
            kept = kept.trim_end();
        }
        let place = unescaped.then(|| {
            let start = span.range().start + cut;
            self.source.span(start, start + kept.len())
        });
        Part::Text(kept.into(), place)
    }

    fn directive(&self, directive: &Directive) -> Part {
        match directive {
            Directive::If(directive) => {
                let (head, end) = (&directive.if_expr, &directive.endif_expr);
                let middle = directive
                    .else_expr
                    .as_ref()
                    .map_or(end.strip, |other| other.strip);
                Part::If {
                    condition: self.expr(&head.cond_expr),
                    then: self.parts_within(
                        &head.template,
                        head.strip.strip_end(),
                        middle.strip_start(),
                    ),
                    otherwise: directive
                        .else_expr
                        .as_ref()
                        .map(|other| {
                            self.parts_within(
                                &other.template,
                                other.strip.strip_end(),
                                end.strip.strip_start(),
                            )
                        })
                        .unwrap_or_default(),
                }
            }
            Directive::For(directive) => {
                let (head, end) = (&directive.for_expr, &directive.endfor_expr);
                Part::For {
                    key: head.key_var.as_ref().map(|k| k.as_str().into()),
                    value: head.value_var.as_str().into(),
                    source: self.expr(&head.collection_expr),
                    body: self.parts_within(
                        &head.template,
                        head.strip.strip_end(),
                        end.strip.strip_start(),
                    ),
                }
            }
        }
    }
}

/// Whether the blanks after an element are stripped: `~}` at its end.
fn strips_after(element: &Element) -> bool {
    match element {
        Element::Literal(_) => false,
        Element::Interpolation(interpolation) => interpolation.strip.strip_end(),
        Element::Directive(directive) => match &**directive {
            Directive::If(directive) => directive.endif_expr.strip.strip_end(),
            Directive::For(directive) => directive.endfor_expr.strip.strip_end(),
        },
    }
}

/// Whether the blanks before an element are stripped: `%{~` or `${~` at its start.
fn strips_before(element: &Element) -> bool {
    match element {
        Element::Literal(_) => false,
        Element::Interpolation(interpolation) => interpolation.strip.strip_start(),
        Element::Directive(directive) => match &**directive {
            Directive::If(directive) => directive.if_expr.strip.strip_start(),
            Directive::For(directive) => directive.for_expr.strip.strip_start(),
        },
    }
}
