//! A denied call: what an error of Microsoft Graph, a HAR entry or a row of a log says about the permission that is
//! missing, and whether a permission is the cause at all.
//!
//! Everything is read as data: no token, header or id of the text is part of the result.

mod message;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use msgraph_calls::records::{self, Select};
use msgraph_calls::{Api, Outcome};
use msgraph_permissions::{Answer, Catalog, LookupOptions, PermissionName, PermissionType, Scheme};
use schemars::JsonSchema;
use serde::Serialize;
use source_text::Source;

use crate::operations::OperationFacts;
use crate::text;
use message::Message;

/// The version of the document.
pub const VERSION: u32 = 1;

/// Calls of one recording that are explained.
const MOST: usize = 20;

/// What a text says of the denied calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Denied {
    /// The version of this document: 1.
    pub version: u32,
    /// What kind of text it was: `message`, or a recording's format such as `har`.
    pub read_as: &'static str,
    /// One for each denied call; one without a call where the text names none.
    pub denials: Vec<Denial>,
    /// Denied calls of the recording beyond those in `denials`.
    pub more: usize,
}

/// One denied call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Denial {
    /// Method and path, ids as `{id}`; null where the text does not say.
    pub call: Option<String>,
    /// Microsoft Graph's error code, such as `Authorization_RequestDenied`.
    pub code: Option<String>,
    /// Delegated or application, where the text says it.
    #[serde(serialize_with = "serialize_type")]
    #[schemars(with = "Option<String>")]
    pub permission_type: Option<PermissionType>,
    /// The permissions that the message itself lists; one of them is enough.
    pub listed: Vec<String>,
    /// The permissions that the token had, where the message says it.
    pub token_had: Vec<String>,
    /// The least privileged answers: for the call, or among what the message lists.
    pub least: Vec<Least>,
    /// What the cause is, as far as the text tells.
    pub cause: Cause,
    /// What to do, one sentence each, the likeliest first.
    pub advice: Vec<String>,
}

/// The least privileged permissions in one type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Least {
    /// `delegated` or `application`.
    #[serde(rename = "type", serialize_with = "serialize_one_type")]
    #[schemars(with = "String")]
    pub permission_type: PermissionType,
    /// The permissions, all of them together.
    pub permissions: Vec<String>,
    /// Whether an administrator must consent.
    pub admin_consent: bool,
}

/// Why a call was denied, as far as a text tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The token had no permission that the call accepts.
    MissingPermission,
    /// The token had one: something else denies the call.
    NotThePermission,
    /// The token itself was refused, whatever it holds.
    Token,
    /// The text does not say what the token had.
    Unclear,
}

#[expect(
    clippy::ref_option,
    reason = "serde calls it with a reference to the field"
)]
fn serialize_type<S: serde::Serializer>(
    value: &Option<PermissionType>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    value.map(word).serialize(serializer)
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference to the field"
)]
fn serialize_one_type<S: serde::Serializer>(
    value: &PermissionType,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    word(*value).serialize(serializer)
}

const fn word(permission_type: PermissionType) -> &'static str {
    match permission_type {
        PermissionType::Delegated => "delegated",
        PermissionType::Application => "application",
    }
}

/// Reads a text: a recording with denied calls, or else an error as a program printed it.
pub fn read(source: &Source, catalog: &Catalog, api: &Api) -> Denied {
    if let Ok(recording) = records::read(source, api, &Select::default()) {
        let denied: Vec<_> = recording
            .evidence
            .calls
            .iter()
            .filter(|call| call.outcome == Some(Outcome::Forbidden))
            .collect();
        if !denied.is_empty() {
            return Denied {
                version: VERSION,
                read_as: recording.format,
                denials: denied
                    .iter()
                    .take(MOST)
                    .map(|found| {
                        let message = Message {
                            call: format!("{} {}", found.method, found.path).parse().ok(),
                            permission_type: found.scheme,
                            ..Message::default()
                        };
                        explain(&message, catalog, api)
                    })
                    .collect(),
                more: denied.len().saturating_sub(MOST),
            };
        }
    }
    Denied {
        version: VERSION,
        read_as: "message",
        denials: vec![explain(&message::read(source.text()), catalog, api)],
        more: 0,
    }
}

fn explain(message: &Message, catalog: &Catalog, api: &Api) -> Denial {
    let path = message
        .call
        .as_ref()
        .and_then(|call| api.masked(call.method, call.path.as_str()));
    let types = match message.permission_type {
        Some(permission_type) => vec![permission_type],
        None => vec![PermissionType::Delegated, PermissionType::Application],
    };
    let answers: Vec<Answer> = message
        .call
        .iter()
        .flat_map(|call| {
            types.iter().map(|permission_type| {
                let scheme = match permission_type {
                    PermissionType::Delegated => Scheme::DelegatedWork,
                    PermissionType::Application => Scheme::Application,
                };
                catalog.lookup(call, scheme, LookupOptions::default())
            })
        })
        .collect();
    let mut least: Vec<Least> = answers
        .iter()
        .filter_map(|answer| of_answer(answer, catalog))
        .collect();
    if least.is_empty() {
        least = types
            .iter()
            .filter_map(|permission_type| among_listed(message, *permission_type, catalog))
            .collect();
    }
    let cause = cause(message, &answers);
    Denial {
        call: message.call.as_ref().map(|call| match &path {
            Some(path) => format!("{} {path}", call.method),
            None => format!("{} on a path that is not in the catalog", call.method),
        }),
        code: message.code.clone(),
        permission_type: message.permission_type,
        advice: advice(message, path.as_deref(), cause, &least),
        listed: message.listed.clone(),
        token_had: message.had.clone().unwrap_or_default(),
        least,
        cause,
    }
}

fn of_answer(answer: &Answer, catalog: &Catalog) -> Option<Least> {
    let permission_type = answer.scheme.permission_type();
    let solution = catalog.solve_refs(&[answer]);
    (!solution.minimal.is_empty()).then(|| of_names(&solution.minimal, permission_type, catalog))
}

fn of_names(names: &[PermissionName], permission_type: PermissionType, catalog: &Catalog) -> Least {
    Least {
        permission_type,
        permissions: names.iter().map(ToString::to_string).collect(),
        admin_consent: permission_type == PermissionType::Application
            || names.iter().any(|name| {
                catalog
                    .permission(name.as_str())
                    .and_then(|known| {
                        known
                            .scheme(Scheme::DelegatedWork)
                            .map(|info| info.admin_consent)
                    })
                    .unwrap_or(true)
            }),
    }
}

/// The narrowest of the permissions that the message lists: of those in the service, the one that unlocks the fewest
/// operations that write, then the fewest operations.
fn among_listed(
    message: &Message,
    permission_type: PermissionType,
    catalog: &Catalog,
) -> Option<Least> {
    let scheme = match permission_type {
        PermissionType::Delegated => Scheme::DelegatedWork,
        PermissionType::Application => Scheme::Application,
    };
    let narrowest = message
        .listed
        .iter()
        .map(|name| PermissionName::new(name))
        .filter(|name| {
            catalog.in_service(name, permission_type)
                && catalog
                    .permission(name.as_str())
                    .is_some_and(|known| known.scheme(scheme).is_some())
        })
        .min_by_key(|name| {
            (
                catalog.writing(name, scheme),
                catalog.breadth(name, scheme),
                name.to_string(),
            )
        })?;
    Some(of_names(&[narrowest], permission_type, catalog))
}

fn cause(message: &Message, answers: &[Answer]) -> Cause {
    if message.token {
        return Cause::Token;
    }
    let Some(had) = &message.had else {
        return Cause::Unclear;
    };
    let has = |name: &PermissionName| {
        had.iter()
            .any(|had| had.eq_ignore_ascii_case(name.as_str()))
    };
    let accepted = answers
        .iter()
        .filter(|answer| answer.is_answered())
        .any(|answer| answer.covered_by(&has).is_some());
    let listed = message
        .listed
        .iter()
        .any(|name| had.iter().any(|had| had.eq_ignore_ascii_case(name)));
    if listed || (accepted && message.listed.is_empty()) {
        Cause::NotThePermission
    } else if !message.listed.is_empty() || answers.iter().any(Answer::is_answered) {
        Cause::MissingPermission
    } else {
        Cause::Unclear
    }
}

fn advice(message: &Message, path: Option<&str>, cause: Cause, least: &[Least]) -> Vec<String> {
    let mut advice = Vec::new();
    let roles = || {
        let facts = message
            .call
            .as_ref()
            .zip(path)
            .and_then(|(call, path)| OperationFacts::of(&call.method.to_string(), None, path));
        let named = facts
            .filter(|facts| !facts.least_roles.is_empty())
            .map(|facts| format!(" (at least one of {})", text::or(facts.least_roles)))
            .unwrap_or_default();
        format!(
            "If a person is signed in: that person also needs a directory role that allows the operation on this target{named}; no permission of the app replaces it."
        )
    };
    match cause {
        Cause::Token => {
            advice.push("The token was refused before any permission was looked at: get a new one for the resource https://graph.microsoft.com of the right cloud and tenant.".to_owned());
        }
        Cause::MissingPermission | Cause::Unclear => {
            for least in least {
                advice.push(format!(
                    "Request {} ({}){}.",
                    text::and(&least.permissions),
                    word(least.permission_type),
                    if least.admin_consent {
                        " and have an administrator consent"
                    } else {
                        ""
                    }
                ));
            }
            if !least.is_empty() {
                advice.push("If the app requests it already: consent was not given yet, or the token is older than the consent. Consent, then get a new token.".to_owned());
            }
            if cause == Cause::Unclear
                && message.permission_type != Some(PermissionType::Application)
            {
                advice.push(roles());
            }
            if least.is_empty() && message.call.is_none() && message.listed.is_empty() {
                advice.push("The text names no call and no permission: give the request line too, such as `POST https://graph.microsoft.com/v1.0/users/{id}/revokeSignInSessions`.".to_owned());
            }
        }
        Cause::NotThePermission => {
            advice.push("The token has a permission that the call accepts, so adding permissions will not help.".to_owned());
            if message.permission_type != Some(PermissionType::Application) {
                advice.push(roles());
            }
            if message.permission_type != Some(PermissionType::Delegated) {
                advice.push("If no person is signed in: the service may limit the app by itself, for example by Exchange application access, SharePoint Sites.Selected, Intune roles, Teams policies, or a protected target such as an administrator's account.".to_owned());
            }
        }
    }
    advice
}

/// The result for people.
pub fn render(denied: &Denied) -> String {
    let mut out = String::new();
    for denial in &denied.denials {
        let _ = writeln!(
            out,
            "{}",
            denial.call.as_deref().map_or_else(
                || "a call that the text does not name".to_owned(),
                text::escaped
            )
        );
        if let Some(code) = &denial.code {
            let _ = writeln!(out, "  error code: {}", text::shown(code));
        }
        if !denial.token_had.is_empty() {
            let _ = writeln!(out, "  token had: {}", shown_names(&denial.token_had));
        }
        if !denial.listed.is_empty() {
            let _ = writeln!(out, "  message lists: {}", shown_names(&denial.listed));
        }
        for least in &denial.least {
            let _ = writeln!(
                out,
                "  least privileged, {}: {}",
                word(least.permission_type),
                text::and(&least.permissions)
            );
        }
        let _ = writeln!(
            out,
            "  cause: {}",
            match denial.cause {
                Cause::MissingPermission => "the token has no permission that the call accepts",
                Cause::NotThePermission => "not a missing permission",
                Cause::Token => "the token itself",
                Cause::Unclear => "the text does not say what the token had",
            }
        );
        for advice in &denial.advice {
            let _ = writeln!(out, "  - {advice}");
        }
        out.push('\n');
    }
    if denied.more > 0 {
        let _ = writeln!(out, "{} more denied calls are not shown.", denied.more);
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn shown_names(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| text::shown(name)).collect();
    names.join(", ")
}
