//! Which words of code name an HTTP method.

use msgraph_permissions::Method;

use super::names::words;

/// A method that stands as a constant: `POST`, `Post`, `MethodPost` (Go's `http.MethodPost`).
pub(super) fn constant(word: &str) -> Option<Method> {
    let word = word
        .strip_prefix("Method")
        .filter(|rest| !rest.is_empty())
        .unwrap_or(word);
    method(word)
}

/// An HTTP method by its name, in any case.
pub(super) fn method(word: &str) -> Option<Method> {
    Some(match word.to_ascii_lowercase().as_str() {
        "get" => Method::Get,
        "post" => Method::Post,
        "put" => Method::Put,
        "patch" => Method::Patch,
        "delete" => Method::Delete,
        "head" => Method::Head,
        _ => return None,
    })
}

/// The method in the name of a function that sends: `PostAsJsonAsync`, `requests.get`, `do_patch`, `HttpGet`.
pub(super) fn in_name(name: &str) -> Option<Method> {
    let words = words(name);
    // `getOrPost` names none.
    let mut found = words.iter().filter_map(|word| match word.as_str() {
        "del" => Some(Method::Delete),
        word => method(word),
    });
    let first = found.next()?;
    found
        .next()
        .is_none_or(|second| second == first)
        .then_some(first)
}

/// The verb of the JavaScript client after `api(path)`.
/// <https://github.com/microsoftgraph/msgraph-sdk-javascript/blob/dev/docs/Actions.md>
pub(super) fn of_api(name: &str) -> Option<Method> {
    Some(match name {
        "get" | "getStream" | "stream" => Method::Get,
        "post" | "create" => Method::Post,
        "patch" | "update" => Method::Patch,
        "put" | "putStream" => Method::Put,
        "delete" | "del" => Method::Delete,
        _ => return None,
    })
}

/// The verb that ends a chain of a Kiota SDK.
pub(super) fn of_chain(name: &str) -> Option<Method> {
    let folded: String = name
        .chars()
        .filter(|c| *c != '_')
        .flat_map(char::to_lowercase)
        .collect();
    let name = folded.strip_suffix("async").unwrap_or(&folded);
    // `PostAsAddPostResponseAsync`, `GetAsDeltaGetResponse`, `PostCollectionResponseAsync`.
    let plain = |verb: &str| {
        name.strip_prefix(verb).is_some_and(|rest| {
            rest.is_empty()
                || (rest.starts_with("as") && rest.ends_with("response"))
                || rest == "response"
                || (verb == "get" && (rest == "asstream" || rest == "withresponse"))
        })
    };
    // `ToGetRequestInformation`, for a batch.
    let information = name
        .strip_prefix("to")
        .and_then(|rest| rest.strip_suffix("requestinformation"));
    ["get", "post", "patch", "put", "delete"]
        .into_iter()
        .find(|verb| plain(verb) || information == Some(verb))
        .and_then(method)
}

/// The verb after `Request()` or `buildRequest()` of .NET v4 and Java v5.
pub(super) fn of_request(name: &str) -> Option<Method> {
    let folded = name.to_ascii_lowercase();
    // `GetSync`: extensions that wait, as the SDK has none.
    let name = ["async", "sync"]
        .iter()
        .find_map(|suffix| folded.strip_suffix(suffix))
        .unwrap_or(&folded);
    Some(match name {
        // `GetN` is msgraph.go's: so many pages.
        "get" | "getresponse" | "getn" => Method::Get,
        "post" | "add" | "create" | "addresponse" | "postresponse" | "createresponse" => {
            Method::Post
        }
        "patch" | "update" | "updateresponse" => Method::Patch,
        "put" | "putresponse" => Method::Put,
        "delete" | "deleteresponse" => Method::Delete,
        _ => return None,
    })
}
