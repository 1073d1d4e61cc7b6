//! Rule `call-not-resolved`: code calls Microsoft Graph in a way that could not be read.

use msgraph_calls::Missing;
use msgraph_permissions::Catalog;

use super::{Findings, Rule, RuleInfo};
use crate::calls::CallSet;
use crate::finding::{Confidence, Finding};
use crate::text;

declare_rule! {
    /// # What it does
    ///
    /// Points at code that calls Microsoft Graph with a path or a method that could not be read from the source.
    ///
    /// # Why is this bad?
    ///
    /// It is not bad, but it limits what can be said: every permission that may be for such a call is left alone. Name the
    /// call in `entralint.toml`, or pass the path as a literal.
    ///
    /// # Example
    ///
    /// ```python
    /// import requests
    ///
    /// def call(token, path):
    ///     headers = {"Authorization": f"Bearer {token}"}
    ///     return requests.post("https://graph.microsoft.com/v1.0/users/" + path, headers=headers)
    /// ```
    ///
    /// # Use instead
    ///
    /// ```python
    /// import requests
    ///
    /// def revoke(token, user):
    ///     headers = {"Authorization": f"Bearer {token}"}
    ///     return requests.post(f"https://graph.microsoft.com/v1.0/users/{user}/revokeSignInSessions", headers=headers)
    /// ```
    CallNotResolved {
        id: "call-not-resolved",
        summary: "code calls Microsoft Graph in a way that could not be read",
        severity: Note,
        security_severity: "1.0",
    }
}

impl Rule for CallNotResolved {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check_calls(&self, calls: &CallSet, _catalog: &Catalog, findings: &mut Findings) {
        for unresolved in &calls.unresolved {
            if findings.is_full(&INFO) {
                findings.count(&INFO);
                continue;
            }
            let what = match unresolved.missing {
                Missing::Path => "the path of this call",
                Missing::Method => "the method of this call",
                Missing::Receiver => "what this calls",
            };
            let blocked = match &unresolved.root {
                Some(root) => format!(
                    "permissions that unlock something below /{} are not reported as too broad or unused because of it",
                    text::shown(root)
                ),
                None => "no permission is reported as too broad or unused because of it".to_owned(),
            };
            let mut finding = Finding::new(&INFO, format!("{what} could not be resolved"))
                .at_location(unresolved.at.clone(), text::shown(&unresolved.text))
                .confidence(Confidence::Low)
                .note(blocked)
                .note("name the call in entralint.toml, or write its path as a literal")
                .key(unresolved.text.clone());
            finding.fingerprint.app.file = text::path(&unresolved.at.path);
            findings.push(finding);
        }
    }
}
