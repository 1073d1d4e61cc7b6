//! Numbers and times in words, and what revocation does not do.

use std::time::Duration;

use jiff::{Timestamp, Unit};

/// What an operator has to know after a success, one point a line.
pub(crate) const LIMITS: [&str; 4] = [
    "It can take a few minutes until every refresh token and browser session is refused.",
    "Access tokens already issued stay good until they expire, about an hour as a rule.",
    "Guests are not affected: they sign in through their home tenant, which has to revoke there.",
    "Accounts stay enabled and passwords unchanged: anyone who knows a password can sign in again.",
];

/// The time, to the millisecond.
pub(crate) fn now() -> Timestamp {
    rounded(Timestamp::now())
}

/// A time, to the millisecond.
pub(crate) fn rounded(time: Timestamp) -> Timestamp {
    // Rounding fails only at the end of time.
    time.round(Unit::Millisecond).unwrap_or(time)
}

/// `1234567` as `1,234,567`.
pub(crate) fn number(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1,234 users`, `1 user`.
pub(crate) fn counted(n: usize, one: &str, many: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        n => format!("{} {many}", number(n)),
    }
}

/// `39 min 10 s`, without false precision for long times.
pub(crate) fn time(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0..10) => format!("{:.1} s", time.as_secs_f64()),
        (0, 0, s) => format!("{s} s"),
        (0, min, s) => format!("{min} min {s} s"),
        (h, min, _) => format!("{h} h {min} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_are_readable() {
        let numbers: Vec<_> = [0, 999, 1000, 50_000, 1_234_567].map(number).into();
        assert_eq!(numbers, ["0", "999", "1,000", "50,000", "1,234,567"]);
        assert_eq!(counted(1, "user", "users"), "1 user");
        assert_eq!(counted(2000, "user", "users"), "2,000 users");
        let times: Vec<_> = [0.04, 9.96, 10.0, 59.0, 2350.0, 7325.0]
            .map(|s| time(Duration::from_secs_f64(s)))
            .into();
        assert_eq!(
            times,
            [
                "0.0 s",
                "10.0 s",
                "10 s",
                "59 s",
                "39 min 10 s",
                "2 h 2 min"
            ]
        );
    }
}
