//! The language within the brackets of a template's strings: `[concat(parameters('a'), 'b')]`.

use source_text::Span;

use crate::formats::deployment::{Binary, Expr, ExprKind, Part};

/// How deep calls may nest. Azure Resource Manager takes expressions of at most 24,576 characters.
const DEPTH: usize = 64;

/// Reads an expression without its brackets. `place` gives the span of a range of its bytes. Within a function of the
/// template, `parameters` are the function's own.
pub(super) fn parse(
    text: &str,
    place: &dyn Fn(usize, usize) -> Span,
    exact: bool,
    function: bool,
) -> Expr {
    let mut parser = Parser {
        text,
        at: 0,
        place,
        exact,
        function,
        depth: 0,
    };
    let read = parser.expression().and_then(|expr| {
        parser.blanks();
        if parser.at == text.len() {
            Ok(expr)
        } else {
            Err("the expression should end here".to_owned())
        }
    });
    read.unwrap_or_else(|what| Expr::new(ExprKind::Error(what), place(0, text.len())))
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    place: &'t dyn Fn(usize, usize) -> Span,
    exact: bool,
    function: bool,
    depth: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn take(&mut self, c: char) -> bool {
        self.blanks();
        let found = self.rest().starts_with(c);
        if found {
            self.at += c.len_utf8();
        }
        found
    }

    fn expect(&mut self, c: char) -> Result<(), String> {
        if self.take(c) {
            Ok(())
        } else {
            Err(format!("\"{c}\" is missing"))
        }
    }

    fn word(&mut self) -> &str {
        self.blanks();
        let rest = &self.text[self.at..];
        let end = rest
            .find(|c: char| !(c.is_alphanumeric() || "_$#".contains(c)))
            .unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn expression(&mut self) -> Result<Expr, String> {
        if self.depth >= DEPTH {
            return Err("the expression is nested too deep".to_owned());
        }
        self.depth += 1;
        let read = self.access();
        self.depth -= 1;
        read
    }

    fn access(&mut self) -> Result<Expr, String> {
        self.blanks();
        let start = self.at;
        let mut of = self.primary()?;
        let mut links = 0;
        loop {
            links += 1;
            if links > DEPTH {
                return Err("the chain of members is too long".to_owned());
            }
            if self.take('.') {
                let name = self.word().to_owned();
                if name.is_empty() {
                    return Err("a name is missing".to_owned());
                }
                let span = (self.place)(start, self.at);
                // An output is wrapped: `reference('m').outputs.x.value`.
                if name == "value" && is_output(&of) {
                    of.span = span;
                    continue;
                }
                of = Expr::new(
                    ExprKind::Member {
                        of: Box::new(of),
                        name,
                        safe: false,
                    },
                    span,
                );
            } else if self.take('[') {
                let index = self.expression()?;
                self.expect(']')?;
                let span = (self.place)(start, self.at);
                of = Expr::new(
                    ExprKind::At {
                        of: Box::new(of),
                        index: Box::new(index),
                        safe: false,
                        from_end: false,
                    },
                    span,
                );
            } else {
                return Ok(of);
            }
        }
    }

    fn primary(&mut self) -> Result<Expr, String> {
        self.blanks();
        let start = self.at;
        match self.rest().chars().next() {
            Some('\'') => self.string(),
            Some('(') => {
                self.at += 1;
                let inner = self.expression()?;
                self.expect(')')?;
                Ok(inner)
            }
            Some(c) if c.is_ascii_digit() || c == '-' => {
                self.at += 1;
                let rest = self.rest();
                let digits = rest
                    .find(|c: char| !c.is_ascii_digit())
                    .unwrap_or(rest.len());
                self.at += digits;
                let int = self.text[start..self.at].parse();
                let int = int.map_err(|_| "this is no number".to_owned())?;
                Ok(Expr::new(ExprKind::Int(int), (self.place)(start, self.at)))
            }
            Some(c) if c.is_alphabetic() || c == '_' => self.call(start),
            _ => Err("a value is missing".to_owned()),
        }
    }

    /// `'it''s'`
    fn string(&mut self) -> Result<Expr, String> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let Some(end) = self.rest().find('\'') else {
                return Err("the string has no end".to_owned());
            };
            text.push_str(&self.text[self.at..self.at + end]);
            self.at += end + 1;
            if self.rest().starts_with('\'') {
                text.push('\'');
                self.at += 1;
            } else {
                break;
            }
        }
        let inner = (self.place)(start + 1, self.at - 1);
        let exact = self.exact && self.text[start + 1..self.at - 1] == text;
        Ok(Expr::new(
            ExprKind::Text(vec![Part::Literal {
                text,
                span: inner,
                exact,
            }]),
            (self.place)(start, self.at),
        ))
    }

    fn call(&mut self, start: usize) -> Result<Expr, String> {
        let mut name = self.word().to_owned();
        // A function of the template's own: `contoso.name(…)`.
        let back = self.at;
        if self.rest().starts_with('.') {
            self.at += 1;
            let member = self.word().to_owned();
            if !member.is_empty() && self.rest().starts_with('(') {
                name = format!("{name}.{member}");
            } else {
                self.at = back;
            }
        }
        if !self.take('(') {
            let kind = match name.to_ascii_lowercase().as_str() {
                "true" => ExprKind::Bool(true),
                "false" => ExprKind::Bool(false),
                "null" => ExprKind::Null,
                _ => return Err(format!("\"{name}\" is no function")),
            };
            return Ok(Expr::new(kind, (self.place)(start, self.at)));
        }
        let mut args = Vec::new();
        while !self.take(')') {
            if !args.is_empty() {
                self.expect(',')?;
            }
            args.push(self.expression()?);
        }
        let span = (self.place)(start, self.at);
        Ok(Expr::new(self.meaning(name, args), span))
    }

    /// What a call means: a name of the template, an operator, or a function.
    fn meaning(&self, name: String, mut args: Vec<Expr>) -> ExprKind {
        let lower = name.to_ascii_lowercase();
        let text = args.first().and_then(Expr::as_text).map(str::to_owned);
        match (lower.as_str(), text) {
            ("parameters", Some(text)) if self.function => ExprKind::Local(text),
            ("parameters", Some(text)) => ExprKind::Parameter(text),
            ("variables", Some(text)) => ExprKind::Variable(text),
            ("lambdavariables", Some(text)) => ExprKind::Local(text),
            ("reference" | "references", Some(text)) => ExprKind::Resource(text),
            // `reference(resourceId('Microsoft.Resources/deployments', 'name'))`
            ("reference", None) => match args.first().and_then(last_text) {
                Some(name) => ExprKind::Resource(name),
                None => ExprKind::Call {
                    on: None,
                    name,
                    args,
                },
            },
            ("copyindex", text) => {
                let index = Expr::new(ExprKind::Index(text), (self.place)(0, self.text.len()));
                // `copyIndex('x', 1)` and `copyIndex(1)` begin to count elsewhere.
                let offset = args
                    .pop()
                    .filter(|arg| matches!(arg.kind, ExprKind::Int(_)));
                match offset {
                    Some(offset) => {
                        ExprKind::Binary(Binary::Add, Box::new(index), Box::new(offset))
                    }
                    None => index.kind,
                }
            }
            ("lambda", _) => match args.pop() {
                Some(body) => ExprKind::Lambda {
                    params: (args.iter().filter_map(Expr::as_text))
                        .map(str::to_owned)
                        .collect(),
                    body: Box::new(body),
                },
                None => ExprKind::Error("the lambda is empty".to_owned()),
            },
            ("and" | "or", _) if args.len() >= 2 => {
                let op = if lower == "and" {
                    Binary::And
                } else {
                    Binary::Or
                };
                let mut rest = args.into_iter();
                let first = rest.next();
                let chained = first.map(|first| {
                    rest.fold(first, |a, b| {
                        let span = a.span.to(b.span);
                        Expr::new(ExprKind::Binary(op, Box::new(a), Box::new(b)), span)
                    })
                });
                chained.map_or(ExprKind::Null, |expr| expr.kind)
            }
            _ => ExprKind::Call {
                on: None,
                name,
                args,
            },
        }
    }
}

/// The last argument of `resourceId(…)` and its like, which is the name of the resource.
fn last_text(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Call { name, args, .. } if name.to_ascii_lowercase().ends_with("resourceid") => {
            args.last()?.as_text().map(str::to_owned)
        }
        _ => None,
    }
}

fn is_output(expr: &Expr) -> bool {
    let ExprKind::Member { of, .. } = &expr.kind else {
        return false;
    };
    matches!(&of.kind, ExprKind::Member { name, .. } if name == "outputs")
}
