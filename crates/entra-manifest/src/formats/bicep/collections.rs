//! Bicep's lists, loops and objects.

use source_text::Span;

use super::lex::Kind;
use super::parse::{Parser, Result, Wrong, error};
use crate::formats::deployment::{ELEMENTS, Expr, ExprKind, Item, Member};

impl Parser<'_> {
    pub(super) fn list(&mut self) -> Result<Expr> {
        let start = self.advance();
        self.skip_lines();
        if self.is_word("for") && self.peek(1).kind != Kind::NewLine {
            return self.for_loop(start);
        }
        let mut items = Vec::new();
        loop {
            while self.token().kind == Kind::NewLine || self.is(",") {
                self.advance();
            }
            if self.take("]") {
                break;
            }
            // A bracket of another sort closes what the list stands in.
            if self.at_end() || self.is("}") || self.is(")") {
                return Err((start, "the list has no end".to_owned()));
            }
            let spread = self.take("...");
            match self.expression() {
                // The evaluator does not look at a list that has more than this.
                Ok(_) if items.len() > ELEMENTS => {}
                Ok(value) => items.push(Item { value, spread }),
                // One element that is not understood leaves the others as they are.
                Err(wrong) => {
                    items.push(Item {
                        value: error(&wrong),
                        spread: false,
                    });
                    self.recover(wrong);
                }
            }
        }
        Ok(Expr::new(ExprKind::List(items), start.to(self.last_end())))
    }

    /// Notes what is wrong, and goes on at the end of the line or of the enclosing bracket.
    fn recover(&mut self, wrong: Wrong) {
        self.out.errors.push(wrong);
        let mut open = 0_usize;
        loop {
            match self.token().kind {
                Kind::End => return,
                Kind::NewLine if open == 0 => return,
                Kind::Symbol("{" | "[" | "(" | "[?" | "[^") => open += 1,
                Kind::Symbol("}" | "]" | ")") => {
                    if open == 0 {
                        return;
                    }
                    open -= 1;
                }
                _ => {}
            }
            self.advance();
        }
    }

    /// `for item in list:` or `for (item, index) in list:`.
    pub(super) fn for_head(&mut self) -> Result<(String, Option<String>, Expr)> {
        self.advance();
        let (item, index) = if self.take("(") {
            let item = self.word("the loop's name")?.value;
            self.expect(",")?;
            let index = self.word("the loop's index")?.value;
            self.expect(")")?;
            (item, Some(index))
        } else {
            (self.word("the loop's name")?.value, None)
        };
        if !self.take_word("in") {
            return Err(self.wrong("\"in\" is missing"));
        }
        let list = self.expression()?;
        self.expect(":")?;
        self.skip_lines();
        Ok((item, index, list))
    }

    fn for_loop(&mut self, start: Span) -> Result<Expr> {
        let (item, index, list) = self.for_head()?;
        let condition = if self.is_word("if") {
            self.advance();
            self.expect("(")?;
            let condition = self.expression()?;
            self.expect(")")?;
            self.skip_lines();
            Some(Box::new(condition))
        } else {
            None
        };
        let body = self.expression()?;
        self.skip_lines();
        self.expect("]")?;
        let kind = ExprKind::For {
            item,
            index,
            list: Box::new(list),
            condition,
            body: Box::new(body),
        };
        Ok(Expr::new(kind, start.to(self.last_end())))
    }

    pub(super) fn object(&mut self) -> Result<Expr> {
        let start = self.advance();
        let mut members = Vec::new();
        loop {
            while self.token().kind == Kind::NewLine || self.is(",") {
                self.advance();
            }
            if self.take("}") {
                break;
            }
            if self.at_end() || self.is("]") || self.is(")") {
                return Err((start, "the object has no end".to_owned()));
            }
            if self.is_nested_resource() {
                if let Err(wrong) = self.nested_resource() {
                    self.recover(wrong);
                }
                continue;
            }
            // Decorators of a nested resource.
            if self.take("@") {
                if let Err(wrong) = self.expression() {
                    self.recover(wrong);
                }
                continue;
            }
            match self.object_member() {
                Ok(member) => members.push(member),
                Err(wrong) => self.recover(wrong),
            }
        }
        Ok(Expr::new(
            ExprKind::Object(members),
            start.to(self.last_end()),
        ))
    }

    fn object_member(&mut self) -> Result<Member> {
        if self.take("...") {
            let value = self.expression()?;
            return Ok(Member { key: None, value });
        }
        let key = match self.token().kind {
            Kind::Word => {
                let span = self.advance();
                Expr::text(self.slice(span), span)
            }
            Kind::String(_) => self.primary()?,
            _ => return Err(self.wrong("the name of a member is missing")),
        };
        self.expect(":")?;
        self.skip_lines();
        // The value of a member that is not understood is not known; the member is there.
        let value = match self.expression() {
            Ok(value) => value,
            Err(wrong) => {
                let value = error(&wrong);
                self.recover(wrong);
                value
            }
        };
        Ok(Member {
            key: Some(key),
            value,
        })
    }
}
