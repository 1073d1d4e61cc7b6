//! Names of cmdlets and of path segments, in the form in which they are compared.

/// A noun in the form in which cmdlet and path agree: lower case, without `s` and `e`, `y` as `i`, letters and digits
/// alone.
///
/// The SDK makes each word singular, by a word list that is not published (`policies` Policy, `statuses` Status,
/// `branches` Branch); all its changes are changes of these letters. No two paths of the catalog that differ otherwise
/// become equal by it.
pub(super) fn fold_into(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte.to_ascii_lowercase() {
            b's' | b'e' => {}
            b'y' => out.push('i'),
            byte if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            _ => {}
        }
    }
}

/// [`fold_into`] for one text.
pub(super) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(text, &mut out);
    out
}

/// The words of a name in camel case: `revokeSignInSessions` is revoke, Sign, In, Sessions.
pub(super) fn words(name: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let bytes = name.as_bytes();
    for at in 1..bytes.len() {
        if bytes[at].is_ascii_uppercase() && !bytes[at - 1].is_ascii_uppercase() {
            words.push(&name[start..at]);
            start = at;
        }
    }
    if start < name.len() {
        words.push(&name[start..]);
    }
    words
}

/// The text after `prefix`, which is ASCII and compared without case.
pub(super) fn strip_prefix_fold<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// Whether a parameter names an id that stands in the path: `userid`, `authenticationmethodid`, `userid1`.
pub(super) fn is_id(parameter: &str) -> bool {
    let stem = parameter.trim_end_matches(|c: char| c.is_ascii_digit());
    stem.len() > 2
        && stem.ends_with("id")
        && !matches!(stem, "tenantid" | "correlationid" | "requestid")
        || matches!(stem, "userprincipalname" | "appprincipalid")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn singular_and_plural_fold_alike() {
        for (plural, singular) in [
            ("policies", "Policy"),
            ("addresses", "Address"),
            ("branches", "Branch"),
            ("alerts_v2", "AlertV2"),
            ("deviceStatuses", "DeviceStatus"),
        ] {
            assert_eq!(fold(plural), fold(singular));
        }
    }

    #[test]
    fn words_begin_at_capitals() {
        assert_eq!(
            words("revokeSignInSessions"),
            ["revoke", "Sign", "In", "Sessions"]
        );
        assert_eq!(
            words("getOffice365UserDetail"),
            ["get", "Office365", "User", "Detail"]
        );
        assert_eq!(words(""), Vec::<&str>::new());
    }

    #[test]
    fn ids_are_told_from_other_parameters() {
        assert!(
            is_id("userid") && is_id("authenticationmethodid") && is_id("conversationmemberid1")
        );
        assert!(!is_id("id") && !is_id("filter") && !is_id("tenantid"));
    }
}
