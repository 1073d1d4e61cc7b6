//! `templatefile`: a file as a template, with the values that the call hands over.

use std::cell::OnceCell;

use source_text::{FileId, Span};

use super::{Env, Eval};
use crate::formats::terraform::symbol::Each;
use crate::formats::terraform::syntax::{Expr, Node, hcl};
use crate::formats::terraform::value::{Entry, Kind, Reason, Value};

/// Different files that one configuration uses as templates.
const MAX_TEMPLATES: usize = 64;

/// Names that one call hands over.
const MAX_NAMES: usize = 100;

/// The trees of the template files, which live as long as those of the configuration.
#[derive(Debug)]
pub(in crate::formats::terraform) struct Templates(Vec<OnceCell<(FileId, Expr)>>);

impl Default for Templates {
    fn default() -> Self {
        Self((0..MAX_TEMPLATES).map(|_| OnceCell::new()).collect())
    }
}

impl<'p> Eval<'p> {
    /// The text that a template gives. Parts of it that are written out in the file have lost their places by then: what
    /// is found in it stands at the call.
    pub(super) fn rendered(&self, file: &Value, values: Option<&Value>, at: Span) -> Value {
        let text = self.file_text(file, at);
        let Some(plain) = text.as_text() else {
            return text;
        };
        if !plain.text.contains("${") && !plain.text.contains("%{") {
            return text;
        }
        let Some(Some(names)) = values.map(|values| values.settled().entries().cloned()) else {
            return match values {
                Some(values) => self.no_value(values, at),
                None => Value::invalid(at, "the values of the template are missing"),
            };
        };
        if names.len() > MAX_NAMES {
            return Value::unknown(at, Reason::TooLarge);
        }
        let Some(template) = self.template_of(plain.origin.span()) else {
            return Value::unknown(at, Reason::TooLarge);
        };
        if let Node::Opaque(_) = template.node {
            return Value::unknown(at, Reason::BrokenFile(self.name_of(template.span)));
        }
        let root = Each::One;
        // No file of a configuration has this number: `local` and `var` mean nothing in a template.
        let env = Env::new(0, usize::MAX, &root);
        let value = self.with_names(&names, env, template);
        match value.to_text(at) {
            Some(text) => Value::text(
                text.text,
                crate::formats::terraform::value::Origin::Made(at),
            ),
            None => self.no_value(&value, at),
        }
    }

    fn name_of(&self, span: Span) -> String {
        self.project
            .source(span)
            .map(|source| source.name().to_string())
            .unwrap_or_default()
    }

    fn with_names(&self, names: &[Entry], env: Env<'_>, template: &'p Expr) -> Value {
        match names.split_first() {
            None => self.eval(template, env),
            Some((first, rest)) => {
                let bound = env.bind(&first.key.text, first.value.clone());
                self.with_names(rest, env.with(&bound), template)
            }
        }
    }

    fn template_of(&self, whole: Span) -> Option<&'p Expr> {
        let source = self.project.source(whole)?;
        for slot in &self.project.templates.0 {
            let (file, expr) = slot.get_or_init(|| {
                let expr = hcl::parse_template(source, source.text(), Some(whole), whole);
                (source.id(), expr)
            });
            if *file == source.id() {
                return Some(expr);
            }
        }
        None
    }
}

/// What `jsondecode(templatefile(…))` decodes: see [`Eval::rendered`]. A template whose blanks are all within strings is
/// decoded as it stands, so that everything else keeps its place.
impl Eval<'_> {
    /// Fills the blanks of a string that came out of an undecoded template: `${name}`.
    pub(super) fn filled(&self, value: &Value, names: &Value, at: Span) -> Value {
        match &value.kind {
            Kind::Text(text) if text.text.contains("${") || text.text.contains("%{") => {
                let mut out = String::new();
                let mut rest: &str = &text.text;
                while let Some((before, from)) = rest.split_once("${") {
                    let Some((name, after)) = from.split_once('}') else {
                        return Value::unknown(at, Reason::Function("templatefile".to_owned()));
                    };
                    let value = names.settled().member(name.trim());
                    let Some(value) = value.and_then(|value| value.to_text(at)) else {
                        return match value {
                            Some(value) => self.no_value(value, at),
                            None => Value::unknown(at, Reason::Function("templatefile".to_owned())),
                        };
                    };
                    if before.is_empty() && after.is_empty() && out.is_empty() {
                        // The string is the value, which has a place of its own.
                        return Kind::Text(value).into();
                    }
                    out.push_str(before);
                    out.push_str(&value.text);
                    rest = after;
                    if out.len() > super::MAX_TEXT {
                        return Value::unknown(at, Reason::TooLarge);
                    }
                }
                out.push_str(rest);
                Value::text(out, crate::formats::terraform::value::Origin::Made(at))
            }
            Kind::List(items) => {
                Value::list(items.iter().map(|i| self.filled(i, names, at)).collect())
            }
            Kind::Map(entries) => Value::map(
                entries
                    .iter()
                    .map(|e| Entry {
                        key: e.key.clone(),
                        value: self.filled(&e.value, names, at),
                    })
                    .collect(),
            ),
            _ => value.clone(),
        }
    }
}
