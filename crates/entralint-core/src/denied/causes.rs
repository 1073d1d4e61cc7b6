//! What else than a missing permission denies a call: the words in which Microsoft Graph, the services behind it and the
//! sign-in say so, each with the page or the report that taught it.
//!
//! The words are matched in a text in lower case, with its white space and quotes made plain. What is not in the table is
//! not guessed.

use schemars::JsonSchema;
use serde::Serialize;

const ERROR_CODES: &str =
    "https://learn.microsoft.com/entra/identity-platform/reference-error-codes";
const GRAPH_ERRORS: &str = "https://learn.microsoft.com/graph/errors";
const AUTH_ERRORS: &str = "https://learn.microsoft.com/graph/resolve-auth-errors";
const CAE: &str = "https://learn.microsoft.com/entra/identity/conditional-access/concept-continuous-access-evaluation";
const CLAIMS: &str = "https://learn.microsoft.com/entra/identity-platform/claims-challenge";
const MAILBOXES: &str = "https://learn.microsoft.com/graph/auth-limit-mailbox-access";
const MEETINGS: &str = "https://learn.microsoft.com/graph/cloud-communication-online-meeting-application-access-policy";
const SITES: &str = "https://learn.microsoft.com/graph/permissions-selected-overview";
const RSC: &str =
    "https://learn.microsoft.com/microsoftteams/platform/graph-api/rsc/resource-specific-consent";
const AUTH_CONCEPTS: &str = "https://learn.microsoft.com/graph/auth/auth-concepts";
const INTUNE_ROLES: &str =
    "https://learn.microsoft.com/mem/intune/fundamentals/role-based-access-control";
const AUDIT_LOGS: &str = "https://learn.microsoft.com/graph/api/signin-list";

/// Something that may deny a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Cause {
    /// The token had no permission that the call accepts.
    MissingPermission,
    /// The permission was requested, and no consent was given.
    Consent,
    /// The signed-in user lacks a role in the directory or in the service, or is not assigned to the app.
    Role,
    /// The call needs a signed-in user and there was none, or the other way round.
    PermissionType,
    /// A policy of the service limits which mailboxes, meetings or sites the app may use.
    ResourcePolicy,
    /// A policy of Conditional Access.
    ConditionalAccess,
    /// Continuous access evaluation refused a token that had not expired.
    AccessEvaluation,
    /// The tenant or the user has no licence for the feature.
    Licence,
    /// The token is expired, malformed, or for another resource, cloud or tenant.
    Token,
    /// The app, its secret or its certificate, the tenant or the user is wrong: no token was issued.
    SignIn,
    /// The target is protected: an administrator's account, for example.
    ProtectedTarget,
}

/// A row of the table.
pub(super) struct Known {
    pub(super) cause: Cause,
    /// Any of these words is the sign.
    signs: &'static [&'static str],
    /// What the words mean.
    pub(super) meaning: &'static str,
    /// What to do.
    pub(super) advice: &'static str,
    /// The page that says so.
    pub(super) source: &'static str,
    /// The words leave no other cause: a permission does not help.
    pub(super) is_certain: bool,
}

impl Known {
    /// Whether a word is one of the signs.
    pub(super) fn is_sign(&self, word: &str) -> bool {
        self.signs
            .iter()
            .any(|sign| sign.eq_ignore_ascii_case(word))
    }

    /// Whether a plain text has one of the signs.
    pub(super) fn is_in(&self, plain: &str) -> bool {
        self.signs
            .iter()
            .any(|sign| match sign.strip_prefix("aadsts") {
                // `AADSTS50105` is not `AADSTS501051`.
                Some(_) => plain.match_indices(sign).any(|(at, _)| {
                    !plain[at + sign.len()..].starts_with(|next: char| next.is_ascii_digit())
                }),
                None => plain.contains(sign),
            })
    }
}

/// The rows, the surer first.
pub(super) const KNOWN: &[Known] = &[
    Known {
        cause: Cause::AccessEvaluation,
        signs: &[
            "tokencreatedwithoutdatedpolicies",
            "locationconditionevaluationsatisfied",
            "continuous access evaluation resulted in",
            "tokenissuedbeforerevocationtimestamp",
        ],
        meaning: "Continuous access evaluation refused the token before it expired: a policy changed, the place of the caller is not allowed, or the sessions were revoked.",
        advice: "Send the claims of the answer's WWW-Authenticate header with the next token request, or get a new token; an app without a user that cannot answer the challenge must not announce the capability cp1.",
        source: CAE,
        is_certain: true,
    },
    Known {
        cause: Cause::ConditionalAccess,
        signs: &[
            "insufficient_claims",
            "additional claims required",
            "interactionrequired",
            "error=\"interaction_required",
            "error: interaction_required",
        ],
        meaning: "The resource wants more claims than the token has, such as multifactor authentication or an authentication context.",
        advice: "Repeat the sign-in with the claims of the answer's WWW-Authenticate header.",
        source: CLAIMS,
        is_certain: true,
    },
    Known {
        cause: Cause::ConditionalAccess,
        signs: &[
            "aadsts50005",
            "aadsts50074",
            "aadsts50076",
            "aadsts50079",
            "aadsts50097",
            "aadsts50158",
            "aadsts53000",
            "aadsts53001",
            "aadsts53002",
            "aadsts53003",
            "aadsts53004",
            "aadsts53009",
            "aadsts53011",
            "aadsts530003",
            "aadsts530035",
            "aadsts530084",
            "blocked by conditional access",
        ],
        meaning: "A policy of Conditional Access stopped the sign-in: the device, the place, the app or a missing second factor.",
        advice: "Look the sign-in up in the sign-in logs: the policy is named there. Meet it, or have the administrator except the app.",
        source: ERROR_CODES,
        is_certain: true,
    },
    Known {
        cause: Cause::Consent,
        signs: &[
            "aadsts65001",
            "aadsts65004",
            "aadsts65005",
            "aadsts90094",
            "aadsts90095",
            "aadsts650052",
            "consent_required",
            "has not consented to use the application",
        ],
        meaning: "No consent was given to the permissions that the app requests.",
        advice: "Have a user or, where the permission needs it, an administrator consent; then get a new token.",
        source: ERROR_CODES,
        is_certain: true,
    },
    Known {
        cause: Cause::Role,
        signs: &["aadsts50105"],
        meaning: "The app requires assignment, and the user is not assigned to it.",
        advice: "Assign the user, or a group of the user, to the enterprise application, or switch off its requirement of assignment.",
        source: ERROR_CODES,
        is_certain: true,
    },
    Known {
        cause: Cause::SignIn,
        signs: &[
            "aadsts500011",
            "aadsts650053",
            "aadsts650057",
            "aadsts650056",
            "aadsts70011",
            "aadsts650051",
            "aadsts90009",
        ],
        meaning: "The resource or the scope of the token request does not exist in this tenant, or the app does not list it.",
        advice: "Request the scope by its full name at https://graph.microsoft.com (or the root of your cloud), and check its spelling with `entralint explain NAME`.",
        source: ERROR_CODES,
        is_certain: true,
    },
    Known {
        cause: Cause::SignIn,
        signs: &[
            "aadsts700016",
            "aadsts7000112",
            "aadsts7000215",
            "aadsts7000222",
            "aadsts700027",
            "aadsts700024",
            "aadsts700021",
            "aadsts70021",
            "aadsts700213",
            "aadsts7000218",
            "aadsts90002",
            "aadsts900023",
        ],
        meaning: "The app could not sign in: its id, its tenant, its secret, its certificate or its federated credential is wrong, expired or disabled.",
        advice: "Check the client id and the tenant, and renew the credential; permissions play no part yet.",
        source: ERROR_CODES,
        is_certain: true,
    },
    Known {
        cause: Cause::SignIn,
        signs: &[
            "aadsts50020",
            "aadsts50034",
            "aadsts50055",
            "aadsts50057",
            "aadsts50126",
            "aadsts50133",
            "aadsts50173",
            "aadsts70043",
            "aadsts700082",
            "aadsts50078",
            "aadsts16000",
            "aadsts50058",
        ],
        meaning: "The user's sign-in is not valid: the account is unknown in this tenant or disabled, or the session expired or was revoked.",
        advice: "Sign in again, in the tenant that owns the data.",
        source: ERROR_CODES,
        is_certain: true,
    },
    Known {
        cause: Cause::Token,
        signs: &[
            "authentication_expiredtoken",
            "token is expired",
            "lifetime validation failed",
            "token has expired",
            "idx10223",
            "error=\"expired_token",
        ],
        meaning: "The access token has expired.",
        advice: "Get a new token, and let the client library renew it.",
        source: GRAPH_ERRORS,
        is_certain: true,
    },
    Known {
        cause: Cause::Token,
        signs: &[
            "invalid audience",
            "audience validation failed",
            "idx10214",
            "invalid_audience",
        ],
        meaning: "The token was issued for another resource.",
        advice: "Request the token for https://graph.microsoft.com/.default, or the root of your cloud, not for your own API or Azure.",
        source: AUTH_ERRORS,
        is_certain: true,
    },
    Known {
        cause: Cause::Token,
        signs: &["either scp or roles claim need to be present in the token"],
        meaning: "The token has no permission at all: none was granted when it was issued.",
        advice: "Grant the permission, consent, and get a new token.",
        source: AUTH_ERRORS,
        is_certain: true,
    },
    Known {
        cause: Cause::Token,
        signs: &[
            "invalidauthenticationtoken",
            "compacttoken parsing failed",
            "access token validation failure",
            "access token is empty",
            "missingcredentials",
            "idx12741",
            "jwt is not well formed",
            "signature validation failed",
        ],
        meaning: "The token was refused before any permission was looked at.",
        advice: "Get a new token for the resource https://graph.microsoft.com of the right cloud and tenant, and send it as `Authorization: Bearer`.",
        source: GRAPH_ERRORS,
        is_certain: true,
    },
    Known {
        cause: Cause::Licence,
        signs: &[
            "authentication_requestfromnonpremiumtenantorb2ctenant",
            "doesn't have premium license",
            "does not have premium license",
            "aadpremiumlicenserequired",
            "needs an aad premium",
            "needs to have microsoft entra id p2",
        ],
        meaning: "The feature needs a licence for Microsoft Entra ID P1 or P2 in the tenant. Microsoft Graph also says so where the app may not read the tenant's licences.",
        advice: "Check the licence. Where the tenant has one, look at the permissions on the operation's page: some need one more to read the tenant.",
        source: AUDIT_LOGS,
        is_certain: true,
    },
    Known {
        cause: Cause::Licence,
        signs: &[
            "mailboxnotenabledforrestapi",
            "tenant does not have a spo license",
            "request not applicable to target tenant",
            "the mailbox is either inactive, soft-deleted, or is hosted on-premise",
            "usernotlicensed",
            "user is not licensed",
            "does not have a valid license",
            "license not found",
            "licenserequired",
        ],
        meaning: "The tenant or the user has no licence for the service behind the call, such as a mailbox, SharePoint or Intune.",
        advice: "Assign the licence; permissions play no part.",
        source: GRAPH_ERRORS,
        is_certain: true,
    },
    Known {
        cause: Cause::ResourcePolicy,
        signs: &[
            "[raop]",
            "blocked by tenant configured apponly accesspolicy",
            "access to odata is disabled",
        ],
        meaning: "Exchange limits the app: an application access policy or role-based access control keeps it from this mailbox, or the mailbox refuses all apps.",
        advice: "Have the Exchange administrator add the mailbox to what the app may use; a broader permission of Microsoft Graph does not lift the limit.",
        source: MAILBOXES,
        is_certain: true,
    },
    Known {
        cause: Cause::ResourcePolicy,
        signs: &[
            "no application access policy found",
            "is not authorized to create meeting on behalf of user",
        ],
        meaning: "Teams has no application access policy that lets the app act for this user.",
        advice: "Have a Teams administrator create and grant an application access policy for the app (New-CsApplicationAccessPolicy, Grant-CsApplicationAccessPolicy).",
        source: MEETINGS,
        is_certain: true,
    },
    Known {
        cause: Cause::PermissionType,
        signs: &[
            "only valid with delegated authentication",
            "applications without a signed-in user are not allowed",
            "not supported in application-only context",
            "not supported in app-only context",
            "delegated access is required",
            "resource not found for the segment 'me'",
            "current authenticated context is not valid for this request",
        ],
        meaning: "The app called without a signed-in user, and the call needs one, or an application permission that the app lacks.",
        advice: "Sign a user in and use a delegated permission, or name the user in the path (`/users/{id}` instead of `/me`) and use an application permission.",
        source: AUTH_CONCEPTS,
        is_certain: true,
    },
    Known {
        cause: Cause::PermissionType,
        signs: &["called in app only context but does not have application permissions"],
        meaning: "The app called without a signed-in user and has delegated permissions only.",
        advice: "Request the permission as an application permission too, or sign a user in.",
        source: AUTH_CONCEPTS,
        is_certain: false,
    },
    Known {
        cause: Cause::PermissionType,
        signs: &[
            "not supported in delegated context",
            "requested api is not supported in delegated",
            "only supported in application-only context",
        ],
        meaning: "The call is for apps without a signed-in user.",
        advice: "Use an application permission and the client credentials flow.",
        source: AUTH_CONCEPTS,
        is_certain: true,
    },
    Known {
        cause: Cause::Role,
        signs: &[
            "user is not in the allowed roles",
            "this operation can only be performed by an administrator",
            "user is not authorized to perform this operation",
            "user does not have permissions to manage this data",
            "request authorization failed",
            "caller does not have permission",
            "user does not have required role",
            "insufficient directory role",
        ],
        meaning: "The signed-in user, or the app itself, lacks a role in the directory or in the service.",
        advice: "Give the user the least privileged role that the operation's page names; Intune has roles of its own.",
        source: INTUNE_ROLES,
        is_certain: false,
    },
    Known {
        cause: Cause::ResourcePolicy,
        signs: &[
            ".group'",
            ".group,",
            ".chat'",
            ".chat,",
            "resourcespecificpermission",
        ],
        meaning: "Permissions that end in .Group or .Chat are consented to for one team or chat (resource-specific consent).",
        advice: "They are narrower than those for all teams: install the app in the team or chat with such a permission in its Teams manifest.",
        source: RSC,
        is_certain: false,
    },
    Known {
        cause: Cause::ResourcePolicy,
        signs: &[
            "\"code\":\"accessdenied\",\"message\":\"access denied\"",
            "accessdenied access denied",
            "code: accessdenied",
        ],
        meaning: "SharePoint and OneDrive answer so: the permission may be there, and the site, list or file not be shared with the app (Sites.Selected) or with the signed-in user.",
        advice: "Check who may use the site: with Sites.Selected the app needs a permission on the site itself.",
        source: SITES,
        is_certain: false,
    },
    Known {
        cause: Cause::ResourcePolicy,
        signs: &[
            "erroraccessdenied",
            "access is denied. check credentials and try again",
        ],
        meaning: "Exchange answers so: the permission is missing, or the mailbox is not the signed-in user's own, or an Exchange policy limits the app.",
        advice: "For another user's mailbox a delegated permission that ends in .Shared is needed, and the mailbox must be shared with the signed-in user.",
        source: MAILBOXES,
        is_certain: false,
    },
];
