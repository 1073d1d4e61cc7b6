//! Operators.

use source_text::Span;

use super::{Env, Eval};
use crate::formats::terraform::syntax::{Expr, Operator};
use crate::formats::terraform::value::Value;

impl<'p> Eval<'p> {
    pub(super) fn not(&self, inner: &'p Expr, at: Span, env: Env<'_>) -> Value {
        let value = self.eval(inner, env);
        self.each_option(&[&value], at, |values| match values[0].to_bool() {
            Some(value) => Value::bool(!value),
            None => self.no_value(values[0], at),
        })
    }

    pub(super) fn negate(&self, inner: &'p Expr, at: Span, env: Env<'_>) -> Value {
        let value = self.eval(inner, env);
        self.each_option(&[&value], at, |values| match values[0].to_number() {
            Some(number) => Value::number(-number),
            None => self.no_value(values[0], at),
        })
    }

    pub(super) fn binary(
        &self,
        left: &'p Expr,
        operator: Operator,
        right: &'p Expr,
        at: Span,
        env: Env<'_>,
    ) -> Value {
        let left = self.eval(left, env);
        // Terraform evaluates both sides, but what one side decides need not wait for the other.
        match (operator, left.to_bool()) {
            (Operator::And, Some(false)) => return Value::bool(false),
            (Operator::Or, Some(true)) => return Value::bool(true),
            _ => {}
        }
        let right = self.eval(right, env);
        match (operator, right.to_bool()) {
            (Operator::And, Some(false)) => return Value::bool(false),
            (Operator::Or, Some(true)) => return Value::bool(true),
            _ => {}
        }
        self.each_option(&[&left, &right], at, |values| {
            let [left, right] = values else {
                return Value::invalid(at, "two sides are expected");
            };
            self.binary_values(left, operator, right, at)
        })
    }

    fn binary_values(&self, left: &Value, operator: Operator, right: &Value, at: Span) -> Value {
        let not_known = || {
            if left.as_unknown().is_some() || left.as_symbol().is_some() {
                self.no_value(left, at)
            } else {
                self.no_value(right, at)
            }
        };
        match operator {
            Operator::Equal => left.equals(right).map_or_else(not_known, Value::bool),
            Operator::NotEqual => left
                .equals(right)
                .map_or_else(not_known, |equal| Value::bool(!equal)),
            Operator::And | Operator::Or => match (left.to_bool(), right.to_bool()) {
                (Some(a), Some(b)) => Value::bool(if operator == Operator::And {
                    a && b
                } else {
                    a || b
                }),
                _ => not_known(),
            },
            _ => {
                let (Some(a), Some(b)) = (left.to_number(), right.to_number()) else {
                    return not_known();
                };
                match operator {
                    Operator::Less => Value::bool(a < b),
                    Operator::LessEqual => Value::bool(a <= b),
                    Operator::Greater => Value::bool(a > b),
                    Operator::GreaterEqual => Value::bool(a >= b),
                    Operator::Add => Value::number(a + b),
                    Operator::Subtract => Value::number(a - b),
                    Operator::Multiply => Value::number(a * b),
                    Operator::Divide | Operator::Modulo if b == 0.0 => {
                        Value::invalid(at, "a division by zero")
                    }
                    Operator::Divide => Value::number(a / b),
                    _ => Value::number(a % b),
                }
            }
        }
    }
}
