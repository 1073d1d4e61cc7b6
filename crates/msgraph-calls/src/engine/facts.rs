//! What a whole file says: whether it speaks of Microsoft Graph, which names are its clients, how it signs in.

use msgraph_permissions::PermissionType;
use rustc_hash::FxHashSet;
use source_lex::{Code, Language, Operator, TokenKind};

use super::names::contains;
use super::sign_in;

/// The facts of one text.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// A host of Microsoft Graph, one of its SDKs, or a name that says so stands in the text or is the file's name.
    pub(crate) graph: bool,
    /// A host of Microsoft Graph stands in the text.
    pub(crate) host: bool,
    /// The file or its package is named after Microsoft Graph.
    pub(crate) named: bool,
    /// One of Microsoft's or the community's SDKs is used.
    pub(crate) sdk: bool,
    /// Names that hold a client of an SDK.
    pub(crate) clients: FxHashSet<String>,
    /// Names that hold an HTTP client whose base address is Microsoft Graph.
    pub(crate) based: FxHashSet<String>,
    /// How the text signs in, if it does so in one way only.
    pub(crate) scheme: Option<PermissionType>,
}

/// Types and constructors of clients.
const CLIENT_TYPES: [&str; 14] = [
    "GraphServiceClient",
    "GraphClient",
    "GraphRestClient",
    "GraphBetaServiceClient",
    "MSGraphClient",
    "MSGraphClientV3",
    "BaseGraphServiceClient",
    "NewGraphServiceClientWithCredentials",
    "NewGraphServiceClient",
    "GraphServiceBetaClient",
    "createGraphServiceClient",
    "initWithMiddleware",
    "MicrosoftGraph",
    "graphfi",
];

/// Signs of an SDK in imports.
const SDKS: [&str; 16] = [
    "using Microsoft.Graph",
    "Microsoft.Graph;",
    "microsoft-graph-client",
    "msgraph-sdk",
    "msgraph_sdk",
    "msgraph_beta",
    "from msgraph",
    "import msgraph",
    "com.microsoft.graph",
    "Microsoft\\Graph",
    "graph_rs_sdk",
    "graph-rs-sdk",
    "@pnp/graph",
    "MSGraphClient",
    "GraphServiceClient",
    "msgraph-sdk-go",
];

/// Words that mean: as the app itself.
const APPLICATION: [&str; 12] = [
    "ClientSecretCredential",
    "ClientCertificateCredential",
    "ManagedIdentityCredential",
    "client_credentials",
    "acquireTokenByClientCredential",
    "acquire_token_for_client",
    "AcquireTokenForClient",
    "ClientCredentialParameters",
    "WithClientSecret",
    "EnvironmentCredential",
    "CertificateCredential",
    "ClientCredentialFactory",
];

/// Words that mean: on behalf of a signed-in user.
const DELEGATED: [&str; 17] = [
    "acquireTokenPopup",
    "acquireTokenSilent",
    "acquireTokenRedirect",
    "acquireTokenByCode",
    "acquireTokenOnBehalfOf",
    "AcquireTokenInteractive",
    "AcquireTokenByUsernamePassword",
    "AcquireTokenWithDeviceCode",
    "DeviceCodeCredential",
    "InteractiveBrowserCredential",
    "OnBehalfOfCredential",
    "UsernamePasswordCredential",
    "AuthorizationCodeCredential",
    "authorization_code",
    "acquire_token_interactive",
    "acquire_token_on_behalf_of",
    "on_behalf_of",
];

/// Whether the file or its folder is named after Microsoft Graph.
fn is_named(name: &str) -> bool {
    name.rsplit(['/', '\\']).take(2).any(|part| {
        contains(part, "graph") && !contains(part, "graphql") && !contains(part, "paragraph")
    })
}

impl Facts {
    pub(crate) fn read(code: &Code<'_>, name: &str) -> Self {
        let text = code.source();
        let has = |words: &[&str]| {
            words
                .iter()
                .any(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some())
        };
        let sdk = has(&SDKS);
        let sign_in = sign_in::of(code);
        let mut facts = Self {
            graph: sdk || is_named(name) || crate::worth::has_sign(text.as_bytes()),
            sdk,
            host: has(&["graph.microsoft.", "microsoftgraph.chinacloudapi"]),
            named: contains(name, "graph")
                || has(&[
                    "package msgraph",
                    "package graph",
                    "namespace Graph",
                    "namespace MsGraph",
                ]),
            scheme: match (
                sign_in.application || has(&APPLICATION),
                sign_in.delegated || has(&DELEGATED),
            ) {
                (true, false) => Some(PermissionType::Application),
                (false, true) => Some(PermissionType::Delegated),
                _ => None,
            },
            ..Self::default()
        };
        if facts.graph {
            facts.find_clients(code);
        }
        facts
    }

    fn find_clients(&mut self, code: &Code<'_>) {
        for at in 0..code.len() {
            if code.kind(at) == TokenKind::Word && CLIENT_TYPES.contains(&code.text(at)) {
                self.client_at(code, at);
            }
        }
        // A client that another name was assigned: `const client = getGraphClient()`, `let c = this.graph;`.
        let mut found = Vec::new();
        for assignment in code.all_assignments() {
            if matches!(assignment.operator, Operator::Each { .. }) {
                continue;
            }
            let start = assignment.value as usize;
            let end = code.expression_end(start).min(start + 24);
            let mut graph = false;
            let mut base = false;
            let mut at = start;
            while at < end {
                match code.kind(at) {
                    TokenKind::Word | TokenKind::Var => {
                        let word = code.text(at);
                        graph |= (contains(word, "graphclient")
                            || contains(word, "graph_client")
                            || contains(word, "graphserviceclient"))
                            && !contains(word, "options");
                    }
                    TokenKind::Str => {
                        base |= code
                            .string(at)
                            .is_some_and(|text| contains(&text, "graph.microsoft"));
                    }
                    _ => {}
                }
                at += 1;
            }
            let name = code.name(assignment.name as usize);
            if graph {
                found.push(name.to_owned());
            }
            let called = (start..end).any(|at| code.is(at, "(") || code.is(at, "{"));
            if base && called {
                self.based.insert(name.to_owned());
            }
        }
        self.clients.extend(found);
    }

    /// The name that is declared with, or assigned from, the client type at `at`.
    fn client_at(&mut self, code: &Code<'_>, at: usize) {
        // `GraphServiceClient azure`, `GraphServiceClient? client`, `GraphServiceClient<Request> client`.
        let mut next = at + 1;
        if code.is(next, "<") {
            while next < at + 8 && !code.is(next, ">") {
                next += 1;
            }
            next += 1;
        }
        if code.is(next, "?") || code.is(next, "&") {
            next += 1;
        }
        if matches!(code.kind(next), TokenKind::Word | TokenKind::Var) && !code.token(next).newline
        {
            self.clients.insert(code.name(next).to_owned());
        }
        // Backwards: `client: GraphServiceClient`, `client = new GraphServiceClient(`, `client *sdk.GraphServiceClient`.
        let mut before = at;
        for _ in 0..10 {
            let Some(previous) = before.checked_sub(1) else {
                return;
            };
            let joint = matches!(
                code.text(previous),
                "." | "::"
                    | "="
                    | ":"
                    | ":="
                    | "new"
                    | "await"
                    | "*"
                    | "&"
                    | "?"
                    | "\\"
                    | "mut"
                    | "|"
                    | "<"
                    | "Option"
                    | "("
            ) || (code.is(previous, ",")
                && matches!(code.language(), Language::Go | Language::Python))
                || code.text(previous) == "err";
            if !joint && code.kind(previous) == TokenKind::Word && code.is_dot(before) {
                // A qualifier: `msgraphsdk.GraphServiceClient`.
                before = previous;
                continue;
            }
            if !joint {
                let declared = matches!(code.kind(previous), TokenKind::Word | TokenKind::Var)
                    && before != at
                    && !matches!(
                        code.text(previous),
                        "return"
                            | "import"
                            | "using"
                            | "use"
                            | "class"
                            | "type"
                            | "func"
                            | "from"
                            | "typeof"
                    );
                let go_field = code.language() == Language::Go && code.is(before, "*");
                if declared || go_field {
                    self.clients.insert(code.name(previous).to_owned());
                }
                return;
            }
            before = previous;
        }
    }

    /// Whether a name is a client, by what the text says or by the name itself.
    pub(crate) fn is_client(&self, name: &str) -> bool {
        self.clients.contains(name) || contains(name, "graph") || name == "MgGraph"
    }
}
