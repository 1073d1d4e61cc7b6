//! What is known of the operations that revoke sign-in sessions, besides their permissions: clouds, roles,
//! delays, guests, versions, and what to use instead. Generated from the OpenAPI fragment in `spec/`.

#[rustfmt::skip]
#[path = "generated/operations.rs"]
mod table;

/// What is known of one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperationFacts {
    /// Its id in the OpenAPI fragment, such as `userRevokeSignInSessions`.
    pub id: &'static str,
    /// HTTP method, in capitals.
    pub method: &'static str,
    /// `v1.0` or `beta`.
    pub version: &'static str,
    /// Path after the version; a segment in braces stands for any one segment.
    pub template: &'static str,
    /// Whether Microsoft says to use another operation instead.
    pub deprecated: bool,
    /// The id of the operation to use instead; see [`OperationFacts::newer`].
    pub superseded_by: Option<&'static str>,
    /// Delegated permissions that older documentation named for the operation.
    pub former_delegated: &'static [&'static str],
    /// Application permissions that older documentation named for the operation.
    pub former_application: &'static [&'static str],
    /// The least privileged Microsoft Entra roles of which the signed-in user needs one when the
    /// permission is delegated; empty where the reference page names none.
    pub least_roles: &'static [&'static str],
    /// The same in words, where the role depends on the target user.
    pub role_note: Option<&'static str>,
    /// The clouds that have the operation: `global`, `us-gov`, `us-gov-dod`, `china`.
    pub clouds: &'static [&'static str],
    /// Whether Microsoft supports its use in production.
    pub production: bool,
    /// Whether it works for personal Microsoft accounts.
    pub personal_accounts: bool,
    /// The property of the user that it sets or reads.
    pub sets: Option<&'static str>,
    /// What a caller has to know.
    pub notes: &'static [OperationNote],
}

/// Something that a caller of an operation has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperationNote {
    /// Short, stable name, such as `delay`, `guests`, `beta`.
    pub name: &'static str,
    /// One or two sentences.
    pub text: &'static str,
}

impl OperationFacts {
    /// Every operation, v1.0 before beta.
    #[must_use]
    pub const fn all() -> &'static [Self] {
        table::ALL
    }

    /// What is known of a call. Without a version v1.0 counts where it has the operation. A segment of
    /// the path in braces, such as `{id}`, stands for any one segment; letters may be in any case.
    #[must_use]
    pub fn of(method: &str, version: Option<&str>, path: &str) -> Option<&'static Self> {
        Self::all().iter().find(|facts| {
            facts.method.eq_ignore_ascii_case(method)
                && version.is_none_or(|version| facts.version.eq_ignore_ascii_case(version))
                && same_path(facts.template, path)
        })
    }

    /// The operation to use instead.
    #[must_use]
    pub fn newer(&self) -> Option<&'static Self> {
        let id = self.superseded_by?;
        Self::all().iter().find(|facts| facts.id == id)
    }
}

fn same_path(template: &str, path: &str) -> bool {
    let split = |text: &str| -> Vec<String> {
        text.trim_matches('/')
            .split('/')
            .map(str::to_ascii_lowercase)
            .collect()
    };
    let (template, path) = (split(template), split(path));
    template.len() == path.len()
        && template
            .iter()
            .zip(&path)
            .all(|(known, given)| known == given || (known.starts_with('{') && !given.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_superseded_call_names_its_successor_and_the_roles_it_needs() {
        for path in [
            "/me/invalidateAllRefreshTokens",
            "/users/{id}/invalidateallrefreshtokens",
        ] {
            let old = OperationFacts::of("post", None, path).unwrap();
            assert_eq!(
                (old.version, old.production, old.deprecated),
                ("beta", false, true)
            );
            assert_eq!(old.least_roles.len(), 5, "{path}");
            assert!(old.least_roles.contains(&"Helpdesk Administrator"));
            assert!(old.personal_accounts);
            let newer = old.newer().unwrap();
            assert!(newer.template.ends_with("/revokeSignInSessions"));
            assert_eq!(newer.version, "v1.0");
        }
    }

    #[test]
    fn a_call_is_found_by_method_version_and_path() {
        let of = OperationFacts::of;
        let path = "/users/{id}/revokeSignInSessions";
        assert_eq!(of("POST", None, path).unwrap().version, "v1.0");
        assert_eq!(of("POST", Some("beta"), path).unwrap().version, "beta");
        assert_eq!(
            of(
                "POST",
                None,
                "/users/alice@contoso.com/revokeSignInSessions/"
            ),
            of("POST", None, path)
        );
        assert_eq!(of("GET", None, path), None);
        assert_eq!(
            of("POST", Some("v1.0"), "/me/invalidateAllRefreshTokens"),
            None
        );
        assert_eq!(of("POST", None, "/groups/{id}/revokeSignInSessions"), None);
    }

    #[test]
    fn every_operation_of_a_session_says_how_long_it_takes_and_whom_it_leaves_out() {
        for facts in OperationFacts::all() {
            assert_eq!(facts.clouds.len(), 4, "{}", facts.id);
            let note = |name: &str| facts.notes.iter().any(|note| note.name == name);
            assert_eq!(note("beta"), facts.version == "beta", "{}", facts.id);
            assert_eq!(
                note("signed-in-user"),
                facts.template.starts_with("/me/"),
                "{}",
                facts.id
            );
            if facts.method == "POST" && facts.sets.is_some() {
                assert!(note("delay") && note("guests"), "{}", facts.id);
            }
        }
    }
}
