//! Bicep's expressions.

use source_text::Span;

use super::lex::{Kind, Part as Lexed};
use super::parse::{Parser, Result, error};
use crate::formats::deployment::{Binary, Expr, ExprKind, Part, Unary};

/// How deep expressions may nest: deeper than any author writes, and safe for the stack of any thread.
const DEPTH: usize = 64;

/// Binary operators by how tightly they bind, weakest first.
const OPERATORS: &[&[(&str, Binary)]] = &[
    &[("??", Binary::Coalesce)],
    &[("||", Binary::Or)],
    &[("&&", Binary::And)],
    &[
        ("==", Binary::Equals),
        ("!=", Binary::NotEquals),
        ("=~", Binary::Like),
        ("!~", Binary::NotLike),
    ],
    &[
        ("<", Binary::Less),
        ("<=", Binary::LessOrEqual),
        (">", Binary::Greater),
        (">=", Binary::GreaterOrEqual),
    ],
    &[("+", Binary::Add), ("-", Binary::Subtract)],
    &[
        ("*", Binary::Multiply),
        ("/", Binary::Divide),
        ("%", Binary::Modulo),
    ],
];

impl Parser<'_> {
    pub(super) fn expression(&mut self) -> Result<Expr> {
        if self.depth >= DEPTH {
            return Err(self.wrong("the expression is nested too deep"));
        }
        self.depth += 1;
        let read = self.conditional();
        self.depth -= 1;
        read
    }

    fn conditional(&mut self) -> Result<Expr> {
        let condition = self.binary(0)?;
        // The branches may stand on lines of their own.
        let back = self.mark();
        self.skip_lines();
        if !self.is("?") {
            self.reset(back);
            return Ok(condition);
        }
        self.advance();
        self.skip_lines();
        let yes = self.expression()?;
        self.skip_lines();
        self.expect(":")?;
        self.skip_lines();
        let no = self.expression()?;
        let span = condition.span.to(no.span);
        let kind = ExprKind::If(Box::new(condition), Box::new(yes), Box::new(no));
        Ok(Expr::new(kind, span))
    }

    fn binary(&mut self, level: usize) -> Result<Expr> {
        let Some(operators) = OPERATORS.get(level) else {
            return self.unary();
        };
        let mut left = self.binary(level + 1)?;
        // A long chain of operators nests to the left; each link is a level for all that walk it.
        let mut links = 0;
        loop {
            let back = self.mark();
            if level <= 2 {
                self.skip_lines();
            }
            let Some((_, op)) = operators.iter().find(|(symbol, _)| self.is(symbol)) else {
                self.reset(back);
                return Ok(left);
            };
            links += 1;
            if links > DEPTH {
                return Err(self.wrong("the expression is too long"));
            }
            self.advance();
            self.skip_lines();
            let right = self.binary(level + 1)?;
            let span = left.span.to(right.span);
            left = Expr::new(ExprKind::Binary(*op, Box::new(left), Box::new(right)), span);
        }
    }

    fn unary(&mut self) -> Result<Expr> {
        let op = match self.token().kind {
            Kind::Symbol("!") => Unary::Not,
            Kind::Symbol("-") => Unary::Minus,
            Kind::Symbol("+") => Unary::Plus,
            _ => return self.access(),
        };
        if self.depth >= DEPTH {
            return Err(self.wrong("the expression is nested too deep"));
        }
        self.depth += 1;
        let start = self.advance();
        let of = self.unary();
        self.depth -= 1;
        let of = of?;
        let span = start.to(of.span);
        Ok(Expr::new(ExprKind::Unary(op, Box::new(of)), span))
    }

    fn access(&mut self) -> Result<Expr> {
        let mut of = self.primary()?;
        let mut links = 0;
        loop {
            let safe = self.is(".?") || self.is("[?");
            match self.token().kind {
                Kind::Symbol("." | ".?") => {
                    self.advance();
                    // `[?^1]` and `.?[0]` do not exist, but `.` may be followed by a line break.
                    self.skip_lines();
                    let name = self.word("a name")?;
                    if self.is("(") {
                        let args = self.arguments()?;
                        let span = of.span.to(self.last_end());
                        let kind = ExprKind::Call {
                            on: Some(Box::new(of)),
                            name: name.value,
                            args,
                        };
                        of = Expr::new(kind, span);
                    } else {
                        let span = of.span.to(name.span);
                        let kind = ExprKind::Member {
                            of: Box::new(of),
                            name: name.value,
                            safe,
                        };
                        of = Expr::new(kind, span);
                    }
                }
                Kind::Symbol("[" | "[?" | "[^") => {
                    let mut from_end = self.is("[^");
                    self.advance();
                    from_end |= self.take("^");
                    self.skip_lines();
                    let index = self.expression()?;
                    self.skip_lines();
                    self.expect("]")?;
                    let span = of.span.to(self.last_end());
                    let kind = ExprKind::At {
                        of: Box::new(of),
                        index: Box::new(index),
                        safe,
                        from_end,
                    };
                    of = Expr::new(kind, span);
                }
                Kind::Symbol("::") => {
                    self.advance();
                    let name = self.word("a name")?;
                    let span = of.span.to(name.span);
                    of = Expr::new(ExprKind::Nested(name.value), span);
                }
                Kind::Symbol("!") => {
                    let span = of.span.to(self.advance());
                    of = Expr::new(ExprKind::Unary(Unary::NotNull, Box::new(of)), span);
                }
                _ => return Ok(of),
            }
            links += 1;
            if links > DEPTH {
                return Err(self.wrong("the chain of members is too long"));
            }
        }
    }

    fn arguments(&mut self) -> Result<Vec<Expr>> {
        self.expect("(")?;
        let mut args = Vec::new();
        loop {
            self.skip_lines();
            if self.take(")") {
                return Ok(args);
            }
            args.push(self.expression()?);
            self.skip_lines();
            if !self.take(",") && !self.is(")") {
                return Err(self.wrong("\",\" or \")\" is missing"));
            }
        }
    }

    pub(super) fn primary(&mut self) -> Result<Expr> {
        let token = self.token().clone();
        let span = token.span;
        match token.kind {
            Kind::Number => {
                self.advance();
                let kind = match self.slice(span).parse() {
                    Ok(int) => ExprKind::Int(int),
                    Err(_) => ExprKind::Error("the number is too large".to_owned()),
                };
                Ok(Expr::new(kind, span))
            }
            Kind::String(parts) => {
                self.advance();
                let parts = parts.into_iter().map(|part| self.part(part)).collect();
                Ok(Expr::new(ExprKind::Text(parts), span))
            }
            Kind::Word => self.named(span),
            Kind::Symbol("(") => self.parenthesis(),
            Kind::Symbol("[") => self.list(),
            Kind::Symbol("{") => self.object(),
            _ => Err(self.wrong("a value is missing")),
        }
    }

    fn part(&self, part: Lexed) -> Part {
        match part {
            Lexed::Literal { span, text } => Part::Literal {
                exact: self.slice(span) == text,
                text,
                span,
            },
            Lexed::Hole { tokens, span } => {
                let mut inner = self.within(tokens);
                inner.skip_lines();
                let read = inner.expression().and_then(|expr| {
                    inner.skip_lines();
                    if inner.at_end() {
                        Ok(expr)
                    } else {
                        Err(inner.wrong("\"}\" is missing"))
                    }
                });
                Part::Hole(read.unwrap_or_else(|wrong| {
                    error(&(if wrong.0.is_empty() { span } else { wrong.0 }, wrong.1))
                }))
            }
        }
    }

    fn named(&mut self, span: Span) -> Result<Expr> {
        let word = self.slice(span);
        self.advance();
        let kind = match word {
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "null" => ExprKind::Null,
            _ if self.is("(") => {
                let args = self.arguments()?;
                let span = span.to(self.last_end());
                let kind = ExprKind::Call {
                    on: None,
                    name: word.to_owned(),
                    args,
                };
                return Ok(Expr::new(kind, span));
            }
            _ if self.is("=>") => return self.lambda(vec![word.to_owned()], span),
            _ => ExprKind::Name(word.to_owned()),
        };
        Ok(Expr::new(kind, span))
    }

    /// Behind the parameters.
    fn lambda(&mut self, params: Vec<String>, start: Span) -> Result<Expr> {
        self.expect("=>")?;
        self.skip_lines();
        let body = self.expression()?;
        let span = start.to(body.span);
        let kind = ExprKind::Lambda {
            params,
            body: Box::new(body),
        };
        Ok(Expr::new(kind, span))
    }

    /// `(expression)`, or the parameters of a lambda.
    fn parenthesis(&mut self) -> Result<Expr> {
        let back = self.mark();
        let start = self.advance();
        if let Some(params) = self.lambda_parameters() {
            return self.lambda(params, start);
        }
        self.reset(back);
        self.advance();
        self.skip_lines();
        let inner = self.expression()?;
        self.skip_lines();
        self.expect(")")?;
        Ok(Expr::new(inner.kind, start.to(self.last_end())))
    }

    fn lambda_parameters(&mut self) -> Option<Vec<String>> {
        let mut params = Vec::new();
        loop {
            self.skip_lines();
            if self.take(")") {
                return self.is("=>").then_some(params);
            }
            if self.token().kind != Kind::Word {
                return None;
            }
            let span = self.advance();
            params.push(self.slice(span).to_owned());
            self.skip_lines();
            if !self.take(",") && !self.is(")") {
                return None;
            }
        }
    }
}
