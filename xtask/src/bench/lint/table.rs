//! The table of figures: one row for each thing measured, with its target.

use std::fmt::Display;

/// The rows as they come, and how many miss their target.
pub(super) struct Table {
    missed: usize,
}

impl Table {
    /// Prints the heads of the columns.
    pub(super) fn begin() -> Self {
        println!(
            "{:<52} {:>12}   {:<30} {:>8}   target",
            "release build, whole processes", "entralint", "against", "ratio"
        );
        Self { missed: 0 }
    }

    /// A row that is compared with another program. `target` bounds `ours` over `other`: at most, or at least where
    /// `other` is the slower one.
    pub(super) fn ratio(&mut self, what: &str, ours: Quantity, other: Other, target: Target) {
        let Other { name, quantity } = other;
        let ratio = match target {
            Target::AtMost(_) => ours.value() / quantity.value(),
            Target::TimesLess(_) => quantity.value() / ours.value(),
        };
        let (met, target) = match target {
            Target::AtMost(bound) => (ratio <= bound, format!("at most {bound} ×")),
            Target::TimesLess(bound) => (ratio >= bound, format!("{bound} × less, or more")),
        };
        let against = format!("{name} {quantity}");
        println!(
            "{what:<52} {ours:>12}   {against:<30} {ratio:>6.2} ×   {target}{}",
            self.verdict(met)
        );
    }

    /// A row with a bound of its own.
    pub(super) fn bound(&mut self, what: &str, ours: Quantity, bound: Quantity) {
        self.bound_beside(what, ours, "", bound);
    }

    /// The same, with a remark in the column of the other program.
    pub(super) fn bound_beside(
        &mut self,
        what: &str,
        ours: Quantity,
        beside: &str,
        bound: Quantity,
    ) {
        let met = ours.value() <= bound.value();
        println!(
            "{what:<52} {ours:>12}   {beside:<30} {:>8}   at most {bound}{}",
            "",
            self.verdict(met)
        );
    }

    /// A row that cannot be measured here.
    pub(super) fn missing(&mut self, what: &str, why: &str) {
        println!("{what:<52} {:>12}   {why}", "");
    }

    /// Says how many rows miss their target.
    pub(super) fn end(&self) {
        match self.missed {
            0 => println!("every target is met"),
            1 => println!("1 target is missed"),
            missed => println!("{missed} targets are missed"),
        }
    }

    fn verdict(&mut self, met: bool) -> &'static str {
        if met {
            ""
        } else {
            self.missed += 1;
            "  MISSED"
        }
    }
}

/// How a row's figure has to compare with that of the other program.
#[derive(Clone, Copy)]
pub(super) enum Target {
    /// At most so many times the other's.
    AtMost(f64),
    /// The other's is at least so many times as much.
    TimesLess(f64),
}

/// Another program and its figure.
pub(super) struct Other<'a> {
    pub(super) name: &'a str,
    pub(super) quantity: Quantity,
}

/// A figure with its unit.
#[derive(Clone, Copy)]
pub(super) enum Quantity {
    Milliseconds(f64),
    Megabytes(f64),
    /// A number without a unit, such as a ratio of two others.
    Times(f64),
}

impl Quantity {
    fn value(self) -> f64 {
        match self {
            Quantity::Milliseconds(value) | Quantity::Megabytes(value) | Quantity::Times(value) => {
                value
            }
        }
    }
}

impl Display for Quantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = match self {
            Quantity::Milliseconds(value) if *value < 100.0 => format!("{value:.2} ms"),
            Quantity::Milliseconds(value) => format!("{value:.0} ms"),
            Quantity::Megabytes(value) => format!("{value:.1} MB"),
            Quantity::Times(value) => format!("{value:.2} ×"),
        };
        f.pad(&text)
    }
}
