//! Silence about a call would read as "needs nothing".

use msgraph_permissions::Verdict;

use super::{Rule, RuleInfo};
use crate::calls::{AnsweredCall, Calls};
use crate::finding::Finding;
use crate::text;

declare_rule! {
    /// # What it does
    ///
    /// Finds a call for which the catalogue has no answer: its path is unknown, its method is
    /// unknown on that path, or it cannot be made with the named type of permission.
    ///
    /// # Why is this bad?
    ///
    /// Without an answer nothing proves that the app holds what the call needs, nor that a
    /// permission which no other call needs may go. While there is such a call, fixes that take
    /// a permission of the same type away are shown and not applied.
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
    /// Correct the call, or bring the catalogue that knows it: `--catalog` and `--provisioning`
    /// take Microsoft's published files.
    UnansweredCall {
        id: "unanswered-call",
        summary: "the catalogue has no answer for a call",
        severity: Error,
        security_severity: "3.0",
    }
}

impl Rule for UnansweredCall {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check_calls(&self, calls: &Calls<'_>, findings: &mut Vec<Finding>) {
        let unanswered = calls.list.iter().filter(|call| {
            call.answers.iter().all(|a| !a.is_answered()) && !call.is_app_only_me()
        });
        for call in unanswered {
            findings.push(
                Finding::new(&INFO, reason(call))
                    .note(format!("the call comes from: {}", call.declared.origin))
                    .notes(hints(call))
                    .notes((!calls.catalog.info().complete).then(|| {
                        format!(
                            "the embedded catalogue holds {} only; bring Microsoft's full one with --catalog and --provisioning",
                            text::count(calls.catalog.info().operations, "operation")
                        )
                    }))
                    .key(call.declared.call.to_string()),
            );
        }
    }
}

fn reason(call: &AnsweredCall) -> String {
    let operation = call.operation();
    let verdicts: Vec<Verdict> = call.answers.iter().map(|a| a.verdict).collect();
    if verdicts.contains(&Verdict::UnknownPath) {
        format!("{operation}: the catalogue does not know this path")
    } else if verdicts.contains(&Verdict::UnknownMethod) {
        format!("{operation}: the catalogue does not know this method on the path")
    } else {
        let types: Vec<String> = call.answers.iter().map(|a| a.scheme.to_string()).collect();
        format!(
            "{operation} is not supported with {} permissions",
            text::or(&types)
        )
    }
}

/// What the catalogue does know nearby, each thing once.
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
                format!("it knows the path with {}", text::or(&methods))
            }
            Verdict::UnsupportedScheme if !supported.schemes.is_empty() => {
                let schemes: Vec<String> =
                    supported.schemes.iter().map(ToString::to_string).collect();
                format!("it is supported with {} permissions", text::or(&schemes))
            }
            _ => continue,
        };
        if !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    hints
}
