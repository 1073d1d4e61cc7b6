//! Rule `unknown-call`: the catalog does not know a call.

use msgraph_permissions::{Catalog, Verdict};

use super::{Findings, Rule, RuleInfo};
use crate::calls::{AnsweredCall, CallSet, Origin};
use crate::finding::{Finding, Severity};
use crate::text;

declare_rule! {
    /// # What it does
    ///
    /// Finds a call for which the catalog has no answer: its path is unknown, its method is
    /// unknown on that path, or it cannot be made with the named type of permission. A call that a
    /// person names is an error. One that was found in code is a note: the published data lacks
    /// operations that exist.
    ///
    /// # Why is this bad?
    ///
    /// Without an answer nothing proves that the app holds what the call needs, nor that a
    /// permission which no other call needs may go. While there is such a call, fixes that take
    /// a permission of the same type away are shown and not applied.
    ///
    /// It is an error where a person named the call, in `entralint.toml` or on the command line. What was found in code
    /// may be a call that works and that Microsoft's data lacks: it is no error.
    ///
    /// # Example
    ///
    /// Call: `POST /users/{id}/revokeSession`
    ///
    /// ```json
    /// {
    ///   "requiredResourceAccess": [
    ///     {
    ///       "resourceAppId": "00000003-0000-0000-c000-000000000000",
    ///       "resourceAccess": []
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// Correct the call. If Microsoft Graph has it since a short while, get the newest catalog: `entralint catalog fetch`.
    UnknownCall {
        id: "unknown-call",
        summary: "the catalog has no answer for a call",
        severity: Error,
        security_severity: "3.0",
    }
}

impl Rule for UnknownCall {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check_calls(&self, calls: &CallSet, catalog: &Catalog, findings: &mut Findings) {
        for call in calls
            .calls
            .iter()
            .filter(|call| !call.is_answered() && !call.is_me_without_user())
        {
            let finding = Finding::new(&INFO, reason(call))
                .notes(hints(call))
                .notes((!catalog.info().complete).then(|| {
                    format!(
                        "this catalog has {} only: run `entralint catalog fetch` for all of Microsoft Graph",
                        text::count(catalog.info().operations, "operation")
                    )
                }))
                .key(call.call.to_string());
            // A person who names a call means it; what is found in code may be of an API that the data lacks.
            let severity = if call.origins.iter().any(Origin::is_named) {
                Severity::Error
            } else {
                Severity::Note
            };
            findings.push(at_origin(call, finding.severity(severity)));
        }
    }
}

/// Shows a finding about a call where the call is.
pub(super) fn at_origin(call: &AnsweredCall, mut finding: Finding) -> Finding {
    let mut places = call.origins.iter().filter_map(Origin::location);
    match places.next() {
        Some(at) => {
            finding.fingerprint.app.file = text::path(&at.path);
            finding = finding.at_location(at.clone(), "this call");
            for at in places {
                finding = finding.related(at.clone(), "and here");
            }
            finding
        }
        None => finding.note("the call comes from the command line"),
    }
}

fn reason(call: &AnsweredCall) -> String {
    let operation = call.operation();
    let verdicts: Vec<Verdict> = call.answers.iter().map(|a| a.verdict).collect();
    if verdicts.contains(&Verdict::UnknownPath) {
        format!("{operation}: the catalog does not have this path")
    } else if verdicts.contains(&Verdict::UnknownMethod) {
        format!("{operation}: the catalog does not have this method on the path")
    } else {
        let types: Vec<String> = call.answers.iter().map(|a| a.scheme.to_string()).collect();
        format!(
            "{operation} cannot be made with {} permissions",
            text::or(&types)
        )
    }
}

fn hints(call: &AnsweredCall) -> Vec<String> {
    let mut hints: Vec<String> = Vec::new();
    for answer in &call.answers {
        let supported = &answer.supported;
        let hint = match answer.verdict {
            Verdict::UnknownPath if !supported.nearest.is_empty() => {
                format!("did you mean {}?", text::or(&supported.nearest))
            }
            Verdict::UnknownMethod if !supported.methods.is_empty() => {
                let methods: Vec<String> =
                    supported.methods.iter().map(ToString::to_string).collect();
                format!("the path has {}", text::or(&methods))
            }
            Verdict::UnsupportedScheme if !supported.schemes.is_empty() => {
                let schemes: Vec<String> =
                    supported.schemes.iter().map(ToString::to_string).collect();
                format!("it can be made with {} permissions", text::or(&schemes))
            }
            _ => continue,
        };
        if !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    hints
}
