//! What to do about a denied call, in sentences, and what may be the cause where the text names none.

use msgraph_permissions::{Method, PermissionType};

use super::causes::Cause;
use super::message::Message;
use super::model::{Least, PossibleCause, Verdict, word};
use crate::operations::OperationFacts;
use crate::text;

const AUTH_ERRORS: &str = "https://learn.microsoft.com/graph/resolve-auth-errors";
const ROLES: &str = "https://learn.microsoft.com/graph/permissions-overview";
const SENSITIVE: &str =
    "https://learn.microsoft.com/graph/api/resources/users#who-can-perform-sensitive-actions";

/// What other than a permission that is not requested may be the cause, the likeliest first.
pub(super) fn causes(
    message: &Message,
    verdict: Verdict,
    call: Option<(Method, &str)>,
) -> Vec<PossibleCause> {
    let mut causes: Vec<PossibleCause> = message
        .causes
        .iter()
        .filter(|known| applies(known.cause, message))
        .map(|known| PossibleCause {
            cause: known.cause,
            certain: known.is_certain,
            meaning: known.meaning,
            advice: known.advice.to_owned(),
            source: known.source,
        })
        .collect();
    if causes.iter().any(|cause| cause.certain) {
        // The table has the surer first: the next ones say less of the same.
        causes.retain(|cause| cause.certain);
        causes.truncate(1);
        return causes;
    }
    let mut add = |cause, meaning, advice: String, source| {
        causes.push(PossibleCause {
            cause,
            certain: false,
            meaning,
            advice,
            source,
        });
    };
    if verdict != Verdict::AnotherCause {
        add(
            Cause::Consent,
            "The app requests the permission already, and no consent was given, or the token is older than the consent.",
            "Consent, then get a new token.".to_owned(),
            AUTH_ERRORS,
        );
    }
    if verdict != Verdict::MissingPermission
        && message.permission_type != Some(PermissionType::Application)
    {
        add(
            Cause::Role,
            "A signed-in user also needs a role in the directory or the service that allows the operation; no permission of the app replaces it.",
            format!("Check the user's roles{}.", roles(call)),
            ROLES,
        );
    }
    if verdict != Verdict::MissingPermission && is_sensitive(call) {
        add(
            Cause::ProtectedTarget,
            "The target may be protected: changing an administrator's account, or a group that roles can be assigned to, needs a higher role.",
            "Look which roles the target has; an app without a user needs such a role too."
                .to_owned(),
            SENSITIVE,
        );
    }
    if verdict == Verdict::AnotherCause
        && message.permission_type != Some(PermissionType::Delegated)
    {
        add(
            Cause::ResourcePolicy,
            "The service may limit the app by itself: Exchange application access, SharePoint Sites.Selected, Intune roles, Teams policies.",
            "Ask the administrator of the service behind the call.".to_owned(),
            AUTH_ERRORS,
        );
    }
    causes
}

/// Roles of people do not matter without a signed-in user, and limits on apps do not with one.
fn applies(cause: Cause, message: &Message) -> bool {
    match (cause, message.permission_type) {
        (Cause::ResourcePolicy, Some(PermissionType::Delegated)) => {
            message.causes.iter().all(|known| !known.is_certain)
        }
        _ => true,
    }
}

/// Changes of users and groups, which Microsoft protects by the target's roles.
fn is_sensitive(call: Option<(Method, &str)>) -> bool {
    call.is_some_and(|(method, path)| {
        let root = path.trim_start_matches('/').split('/').next();
        method != Method::Get && matches!(root, Some("users" | "groups"))
    })
}

fn roles(call: Option<(Method, &str)>) -> String {
    call.and_then(|(method, path)| OperationFacts::of(&method.to_string(), None, path))
        .filter(|facts| !facts.least_roles.is_empty())
        .map(|facts| format!(": at least one of {}", text::or(facts.least_roles)))
        .unwrap_or_default()
}

/// What to request, or what is missing in the text.
pub(super) fn sentences(
    message: &Message,
    verdict: Verdict,
    least: &[Least],
    alternatives: &[(Method, Vec<Least>)],
    names_call: bool,
) -> Vec<String> {
    let mut advice = Vec::new();
    match verdict {
        Verdict::AnotherCause
            if message.had.is_some() && !message.causes.iter().any(|known| known.is_certain) =>
        {
            advice.push("The token has a permission that the call accepts, so adding permissions will not help.".to_owned());
        }
        Verdict::AnotherCause => {}
        Verdict::MissingPermission | Verdict::Unclear => {
            for least in least {
                advice.push(request(least));
            }
            for (method, least) in alternatives {
                for least in least {
                    advice.push(format!("If the method was {method}: {}", request(least)));
                }
            }
            if !alternatives.is_empty() {
                advice.push("The text names no method: give the request line too.".to_owned());
            } else if !names_call && message.listed.is_empty() {
                advice.push("The text names no call and no permission: give the request line too, such as `POST https://graph.microsoft.com/v1.0/users/{id}/revokeSignInSessions`.".to_owned());
            } else if least.is_empty() {
                advice.push(
                    "The catalog has no answer for this call: look at the page of the operation."
                        .to_owned(),
                );
            }
        }
    }
    advice
}

fn request(least: &Least) -> String {
    format!(
        "Request {} ({}){}.",
        text::and(&least.permissions),
        word(least.permission_type),
        if least.admin_consent {
            " and have an administrator consent"
        } else {
            ""
        }
    )
}
