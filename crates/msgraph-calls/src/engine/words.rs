//! Which names of functions and keys send, write for people, compare, or hold data.

use super::names::words;
use super::verbs;

/// Whether a name is a verb of an HTTP client: `get`, `PostAsJsonAsync`, `wp_remote_get`, `getForObject`.
pub(super) fn is_plain_verb(name: &str) -> bool {
    let parts = words(name);
    let ends = [parts.first(), parts.last()];
    name.ends_with("Async")
        || (parts.len() <= 3
            && ends
                .iter()
                .flatten()
                .any(|part| verbs::method(part).is_some()))
}

/// Names under which an HTTP method stands.
pub(super) fn is_method_key(name: &str) -> bool {
    matches!(
        name.trim_matches(['"', '\'']).to_ascii_lowercase().as_str(),
        "method"
            | "httpmethod"
            | "http_method"
            | "verb"
            | "requestmethod"
            | "request_method"
            | "httpverb"
            | "type"
    )
}

/// Keys under which an address is data: the target of a reference, where a notification goes, whom a token is for.
pub(super) fn is_other_key(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.contains("odata")
        || lower.contains("redirect")
        || lower.contains("notification")
        || lower.contains("audience")
        || lower.contains("scope")
        || lower.contains("authority")
        || lower.contains("baseurl")
        || lower.contains("base_url")
        || lower.contains("baseuri")
        || lower.contains("base_uri")
        || lower.contains("baseaddress")
        || matches!(
            lower.as_str(),
            "resource"
                | "documentation"
                | "docs"
                | "description"
                | "href"
                | "message"
                | "title"
                | "contenturl"
                | "example"
                | "help"
                | "namespace"
                | "to"
                | "route"
                | "pathname"
                | "link"
        )
}

/// Functions that write for people.
pub(super) fn is_message(callee: &str, name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let receiver = callee.to_ascii_lowercase();
    matches!(
        lower.as_str(),
        "print"
            | "println"
            | "printf"
            | "eprintln"
            | "fprintf"
            | "fprintln"
            | "errorf"
            | "debugf"
            | "infof"
            | "warnf"
            | "logf"
            | "info"
            | "debug"
            | "warn"
            | "warning"
            | "error"
            | "trace"
            | "log"
            | "writeline"
            | "write_host"
            | "loginformation"
            | "logerror"
            | "logwarning"
            | "logdebug"
            | "logtrace"
            | "var_dump"
            | "echo"
            | "fatal"
            | "fatalf"
            | "panic"
            | "die"
            | "throw"
            | "console"
            | "critical"
            | "exception"
            | "add_message"
            | "sprint"
            | "wrap"
            | "newerror"
    ) || lower.ends_with("error")
        || lower.ends_with("exception")
        || [
            "console.", "logger.", "log.", "logging.", "_logger.", "mlog.",
        ]
        .iter()
        .any(|prefix| receiver.starts_with(prefix))
        || receiver.contains(".logger.")
}

/// Functions that look at an address.
pub(super) fn is_comparison(name: &str) -> bool {
    // `subscription.setResource("me/messages")` fills in data.
    let setter = ["set", "with", "Set"].iter().any(|prefix| {
        name.strip_prefix(prefix)
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_uppercase() || c == '_'))
    }) && !["uri", "url", "path", "endpoint", "request"]
        .iter()
        .any(|word| name.to_ascii_lowercase().ends_with(word));
    setter
        || matches!(
            name.to_ascii_lowercase().as_str(),
            "startswith"
                | "endswith"
                | "contains"
                | "includes"
                | "indexof"
                | "equals"
                | "match"
                | "test"
                | "split"
                | "hasprefix"
                | "hassuffix"
                | "assertequal"
                | "expect"
                | "tobe"
                | "assert"
                | "is_match"
                | "ismatch"
                | "starts_with"
                | "str_starts_with"
                | "str_contains"
                | "strpos"
                | "stringcontaining"
                | "assert_called_with"
                | "tohavebeencalledwith"
                | "assertthat"
                | "compare"
                | "regexp"
                | "compile"
                | "replace"
                | "trimprefix"
                | "reply"
                | "getenv"
                | "isnullorempty"
                | "isnullorwhitespace"
                | "isempty"
                | "isblank"
                | "empty"
                | "isset"
                | "is_null"
                | "len"
                | "strlen"
                | "isnotblank"
                | "withurl"
                | "with_url"
                | "requirenonnull"
                | "trim_path_start"
                | "tryparse"
                | "trycreate"
                | "assertequals"
                | "strictequal"
                | "equal"
                | "getitem"
                | "setitem"
                | "removeitem"
                | "environ"
        )
}

/// Functions with a verb in their name that send nothing, or not the address.
pub(super) fn is_no_sender(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    [
        "token",
        "scope",
        "credential",
        "env",
        "item",
        "header",
        "cookie",
        "authority",
        "property",
        "attribute",
        "param",
        "service",
        "logger",
        "hash",
        "string_value",
        "resource",
        "hostname",
        "domain",
        "config",
        "secret",
    ]
    .iter()
    .any(|word| lower.contains(word))
}

/// Functions that send GET unless they are told otherwise.
pub(super) fn is_default_get(name: &str) -> bool {
    matches!(
        name,
        "fetch"
            | "axios"
            | "got"
            | "ky"
            | "urlopen"
            | "ajax"
            | "curl_init"
            | "openConnection"
            | "Request"
            | "useSWR"
            | "request"
            | "makeRequest"
            | "$fetch"
            | "ofetch"
            | "fetchJson"
            | "node_fetch"
            | "nodeFetch"
            | "file_get_contents"
            | "openStream"
            | "WebRequest"
            | "CreateHttp"
            | "urlretrieve"
            | "superagent"
            | "needle"
            | "fetchWithAuth"
            | "fetchWithRetry"
            | "HttpRequestMessage"
            | "authFetch"
            | "graphFetch"
            | "fetchGraph"
            | "callApi"
            | "callMSGraph"
            | "callGraph"
            | "callGraphApi"
            | "graph_call"
            | "query_graph"
            | "Http"
    )
}
