//! Calls that a text shows in other ways than as a request: a command, an error record of PowerShell, a frame of an SDK's
//! stack trace.

use msgraph_calls::{Api, Helpers, scan_text};
use msgraph_permissions::{Call, Method};
use source_lex::Language;
use source_text::{FileId, Span};

/// Lines and frames of one text that are looked at.
const MOST: usize = 200;

/// A command in the text that makes a call: `az rest …`, `Invoke-MgGraphRequest …`, a cmdlet of the SDK.
pub(super) fn command(text: &str, api: &Api) -> Option<Call> {
    let at = Span {
        file: FileId::default(),
        start: 0,
        end: 0,
    };
    let scan = |line: &str, language| {
        let found = scan_text(line, at, language, api, &Helpers::default());
        let found = found.calls.first()?;
        format!("{} {}", found.method, found.path).parse().ok()
    };
    for line in text.lines().take(MOST * 10) {
        // What stands before a command in a terminal, or before the quoted line of a script in an error record.
        let line = line.trim_start_matches(|c: char| {
            c.is_whitespace()
                || c.is_ascii_digit()
                || matches!(c, '+' | '|' | '$' | '>' | '~' | '…')
        });
        let line = match line.split_once("> ") {
            Some((prompt, rest)) if prompt.starts_with("PS ") || prompt == "PS" => rest,
            _ => line,
        };
        let lower = line.to_ascii_lowercase();
        if lower.contains("az rest") || lower.contains("m365 request") {
            if let Some(call) = scan(line, Language::Shell) {
                return Some(call);
            }
        } else if (lower.contains("-mg") || lower.contains("-entra") || lower.contains("-azuread"))
            // `Get-MgUser_List: Insufficient privileges` is a message, no command.
            && !is_record(line)
            && let Some(call) = scan(line, Language::PowerShell)
        {
            return Some(call);
        }
    }
    record(text).and_then(|command| scan(&command, Language::PowerShell))
}

/// `Get-MgUser_List : …` and `Get-MgUser: …` begin an error record.
fn is_record(line: &str) -> bool {
    let name = line
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))
        .map_or(line, |end| &line[..end]);
    line[name.len()..].trim_start().starts_with(':')
}

/// The cmdlet of an error record, as a command: from `FullyQualifiedErrorId : Code,…Cmdlets.GetMgUser_List`, or from
/// `Get-MgUser_Get : message`. A name that ends in `_Get` takes an id.
fn record(text: &str) -> Option<String> {
    let from_id = text.split("PowerShell.Cmdlets.").nth(1).and_then(|rest| {
        let name = word(rest);
        let verb = name.get(1..)?.find(|c: char| c.is_ascii_uppercase())? + 1;
        Some(format!("{}-{}", &name[..verb], &name[verb..]))
    });
    let from_line = || {
        text.lines().find_map(|line| {
            let line = line.trim_start();
            let name = line
                .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))
                .map_or(line, |end| &line[..end]);
            let is_cmdlet = name.contains("-Mg") || name.contains("-Entra");
            (is_cmdlet && is_record(line)).then(|| name.to_owned())
        })
    };
    let name = from_id.or_else(from_line)?;
    let (cmdlet, variant) = name.split_once('_').unwrap_or((&name, ""));
    let noun = cmdlet.split_once("-Mg").map(|(_, noun)| noun)?;
    let noun = noun.strip_prefix("Beta").unwrap_or(noun);
    let takes_id = !variant.starts_with("List")
        && (variant.starts_with("Get")
            || !cmdlet.starts_with("Get-") && !cmdlet.starts_with("New-"));
    Some(if takes_id {
        format!("{cmdlet} -{noun}Id x")
    } else {
        cmdlet.to_owned()
    })
}

/// Letters, digits and underscores at the beginning of a text.
fn word(text: &str) -> &str {
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    &text[..end]
}

/// A frame of a stack trace in a request builder of a generated SDK: its name space is the path.
///
/// C#: `Microsoft.Graph.Users.Item.UserItemRequestBuilder.GetAsync(`; Java:
/// `com.microsoft.graph.users.item.UserItemRequestBuilder.get(`; Python: `…/msgraph/generated/users/item/
/// user_item_request_builder.py", line 60, in get`; PHP: `Microsoft\Graph\Generated\Users\Item\UserItemRequestBuilder->get(`.
pub(super) fn frame(text: &str, api: &Api) -> Option<Call> {
    let lower = text.to_ascii_lowercase();
    let csharp = lower.match_indices("requestbuilder");
    let python = lower.match_indices("request_builder.py");
    csharp.chain(python).take(MOST).find_map(|(at, sign)| {
        let start = text[..at]
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | '\\')))
            .map_or(0, |before| before + 1);
        let name = text.get(start..at)?;
        let behind = lower.get(at + sign.len()..)?;
        let behind = behind.lines().next().unwrap_or_default();
        let method = match behind.split_once(", in ") {
            Some((_, function)) => word(function),
            None => word(behind.trim_start_matches(['.', '-', '>', ':'])),
        };
        let method = verb(method)?;
        let parts: Vec<&str> = name
            .split(['.', '/', '\\'])
            .filter(|part| !part.is_empty())
            .collect();
        let root = parts.iter().rposition(|part| {
            matches!(
                part.to_ascii_lowercase().as_str(),
                "graph" | "msgraph" | "msgraph_beta" | "generated" | "beta"
            )
        })?;
        // The last part is the builder itself.
        let path: String = parts
            .get(root + 1..parts.len().saturating_sub(1))?
            .iter()
            .map(|part| match part.eq_ignore_ascii_case("item") {
                true => "/{id}".to_owned(),
                false => format!("/{part}"),
            })
            .collect();
        super::request::call(method, api.template(method, &path)?)
    })
}

/// The method of a builder's function: `get`, `GetAsync`, `PostAsAssignLicensePostResponseAsync`.
fn verb(function: &str) -> Option<Method> {
    ["get", "post", "patch", "put", "delete"]
        .into_iter()
        .find(|verb| {
            function
                .strip_prefix(verb)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with("as"))
        })?
        .parse()
        .ok()
}
