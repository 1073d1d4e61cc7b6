//! Rule `duplicate-permission`: the app requests the same permission twice.

use std::collections::HashMap;

use super::{Findings, Rule, RuleInfo, words};
use entra_manifest::Means;
use source_text::Span;

use crate::assess::{Assessment, Request, Resolution};
use crate::finding::{Applicability, Fix};
use crate::text;

declare_rule! {
    /// # What it does
    ///
    /// Finds a permission that one app requests more than once in the same type.
    ///
    /// # Why is this bad?
    ///
    /// Some tools refuse such a manifest, and a person who removes one of the two believes that the
    /// grant is gone.
    ///
    /// # Example
    ///
    /// ```json
    /// {
    ///   "requiredResourceAccess": [
    ///     {
    ///       "resourceAppId": "00000003-0000-0000-c000-000000000000",
    ///       "resourceAccess": [
    ///         { "id": "77f3a031-c388-4f99-b373-dc68676a979e", "type": "Role" },
    ///         { "id": "77f3a031-c388-4f99-b373-dc68676a979e", "type": "Role" }
    ///       ]
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```json
    /// {
    ///   "requiredResourceAccess": [
    ///     {
    ///       "resourceAppId": "00000003-0000-0000-c000-000000000000",
    ///       "resourceAccess": [
    ///         { "id": "77f3a031-c388-4f99-b373-dc68676a979e", "type": "Role" }
    ///       ]
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// # Fix
    ///
    /// Safe: the first request stays, and with it the grant.
    DuplicatePermission {
        id: "duplicate-permission",
        summary: "the app requests the same permission twice",
        severity: Warning,
        security_severity: "1.0",
        marks_unneeded: true,
    }
}

impl Rule for DuplicatePermission {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check_app(&self, app: &Assessment<'_>, findings: &mut Findings) {
        // Prose may say a thing as often as it likes.
        if app.is_documented() {
            return;
        }
        let mut first: HashMap<_, usize> = HashMap::new();
        for (position, request) in app.requests.iter().enumerate() {
            // A grant next to the request that it grants is no duplicate, nor is prose.
            let known = match &request.resolution {
                Resolution::Known {
                    name,
                    permission_type,
                } => (name.as_str().to_ascii_lowercase(), Some(*permission_type)),
                Resolution::WrongType { name, declared, .. } => {
                    (name.as_str().to_ascii_lowercase(), Some(*declared))
                }
                Resolution::Unknown { text } => (
                    text.to_ascii_lowercase(),
                    request.requested.permission_type.known(),
                ),
                Resolution::Unresolved { .. } => continue,
            };
            let conditional = request.requested.condition.as_ref().map(|c| c.text.clone());
            let key = (known, request.requested.means, conditional);
            let before = match first.entry(key) {
                std::collections::hash_map::Entry::Vacant(entry) => {
                    entry.insert(position);
                    continue;
                }
                std::collections::hash_map::Entry::Occupied(entry) => *entry.get(),
            };
            // A literal that serves several places is one literal, not two requests.
            let earlier = &app.requests[before];
            if earlier.span() == request.span() || !is_one_list(app, earlier, request) {
                continue;
            }
            if findings.is_full(&INFO) {
                findings.count(&INFO);
                continue;
            }
            let name = match &request.resolution {
                Resolution::Known { name, .. } | Resolution::WrongType { name, .. } => {
                    name.to_string()
                }
                Resolution::Unknown { text } | Resolution::Unresolved { text, .. } => {
                    text::shown(text)
                }
            };
            let mut finding = app
                .finding(
                    &INFO,
                    format!("{name} is requested twice"),
                    request.span(),
                    format!("{name} again"),
                )
                .key(name);
            finding.fingerprint.permission_type = request.requested.permission_type.known();
            if let Some(at) = app.files.locate(earlier.span()) {
                finding = finding.related(at, "requested here first");
            }
            findings.push(finding.fix(Fix::new(
                "remove the second request",
                Applicability::Safe,
                vec![words::remove(app, request)],
            )));
        }
    }
}

/// Whether two requests of sign-ins stand in one list. Two sign-ins ask for the same again as a rule: they are the two
/// branches of an `if`, or two requests for tokens. A loop that grants what lists elsewhere name grants each list to an
/// identity of its own.
fn is_one_list(app: &Assessment<'_>, earlier: &Request, later: &Request) -> bool {
    let looped = later.requested.means == Means::Granted && later.requested.used_at.is_some();
    if later.requested.means != Means::AskedAtSignIn && !looped {
        return true;
    }
    let (from, to) = (earlier.span(), later.span());
    if from.file != to.file || from.end > to.start {
        return false;
    }
    let between = app.files.slice(Span { start: from.end, end: to.start, ..from });
    !between.contains(['(', ')', '{', '}', '[', ']', ';', '='])
        && !between.to_ascii_lowercase().contains("connect")
}

#[cfg(test)]
mod tests {
    use msgraph_permissions::Catalog;

    use crate::config::Config;
    use crate::testing;
    use crate::unit::Judge;

    fn duplicates(text: &str) -> usize {
        let config = Config::default();
        let plan = testing::plan(Catalog::embedded(), &config, &["GET /users"]);
        testing::findings(&Judge::new(&plan), "sign-in.ps1", text)
            .iter()
            .filter(|finding| finding.rule.id == "duplicate-permission")
            .count()
    }

    #[test]
    fn the_branches_of_a_condition_are_two_sign_ins() {
        let text = "if ($t) { Connect-MgGraph -TenantId $t -Scopes 'User.Read.All' }\nelse { Connect-MgGraph -Scopes 'User.Read.All' }\nGet-MgUser\n";
        assert_eq!(duplicates(text), 0);
    }

    #[test]
    fn a_list_that_names_a_scope_twice_has_a_duplicate() {
        let text = "Connect-MgGraph -Scopes 'User.Read.All', 'Mail.Read', 'User.Read.All'\nGet-MgUser\n";
        assert_eq!(duplicates(text), 1);
    }
}
