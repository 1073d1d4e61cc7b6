//! PowerShell: cmdlets of the SDK, `Invoke-RestMethod`, `Invoke-MgGraphRequest` and their like, and commands of the shell.

use msgraph_permissions::Method;
use rustc_hash::FxHashMap;
use source_lex::{Operator, Part, TokenKind, Value};

use super::names::contains;
use super::shell::Word;
use super::{Call, Scan, holed, verbs};
use crate::address::{self, Host, Target};
use crate::cmdlets::{self, Resolved, Used};
use crate::helpers::{Helper, HelperVerb};
use crate::model::{Certainty, Kind, Missing, Version};

/// How many assignments before a use are looked at.
const NEAREST: usize = 32;

/// A parameter or argument of a command.
struct Parameter {
    /// In lower case, without the dash; empty for a positional argument.
    name: String,
    /// The tokens of the value; empty for a switch.
    value: std::ops::Range<usize>,
    /// The tokens are an expression of a hashtable, not a word of a command.
    expression: bool,
}

/// A command with what is given to it.
struct Command {
    name: usize,
    end: usize,
    parameters: Vec<Parameter>,
    /// A splat whose table is not in the text.
    open: bool,
    piped: bool,
}

impl Command {
    fn get(&self, names: &[&str]) -> Option<&Parameter> {
        self.parameters
            .iter()
            .find(|parameter| names.contains(&parameter.name.as_str()))
    }
}

impl Scan<'_, '_> {
    pub(super) fn powershell(&mut self) {
        let own: FxHashMap<String, ()> = self
            .code
            .functions()
            .iter()
            .map(|function| (self.function_name(function.name as usize), ()))
            .collect();
        let mut pending = Vec::new();
        for at in 0..self.code.len() {
            if self.code.kind(at) != TokenKind::Word || !self.begins_powershell(at) {
                continue;
            }
            let name = self.code.text(at).to_ascii_lowercase();
            if name == "function" || name == "filter" {
                continue;
            }
            if own.contains_key(&name) {
                pending.push(at);
                continue;
            }
            self.powershell_command(at, &name);
        }
        self.powershell_helpers(&pending);
        self.powershell_typed();
    }

    fn function_name(&self, at: usize) -> String {
        self.code.text(at).to_ascii_lowercase()
    }

    /// Whether a word is in the place of a command.
    fn begins_powershell(&self, at: usize) -> bool {
        let code = self.code;
        if code.text(at).starts_with('-') {
            return false;
        }
        let Some(before) = at.checked_sub(1) else {
            return true;
        };
        // A key of a hashtable: `Method = 'GET'`.
        if code.is(at + 1, "=") {
            return false;
        }
        let opens = match code.kind(before) {
            TokenKind::Open => code.text(before) != "[",
            TokenKind::HoleOpen => true,
            TokenKind::Punct => {
                matches!(
                    code.text(before),
                    ";" | "|" | "=" | "&&" | "||" | "+=" | "&" | "."
                ) && (code.text(before) != "." || code.token(before).end != code.token(at).start)
            }
            TokenKind::Word => {
                matches!(
                    code.text(before).to_ascii_lowercase().as_str(),
                    "return"
                        | "in"
                        | "else"
                        | "try"
                        | "finally"
                        | "do"
                        | "-and"
                        | "-or"
                        | "-not"
                        | "throw"
                ) && !code.token(at).newline
                    || code.text(before).eq_ignore_ascii_case("return")
            }
            _ => false,
        };
        opens || code.token(at).newline
    }

    fn command(&self, name: usize) -> Command {
        let code = self.code;
        let mut command = Command {
            name,
            end: name + 1,
            parameters: Vec::new(),
            open: false,
            piped: name
                .checked_sub(1)
                .is_some_and(|before| code.is(before, "|")),
        };
        let mut at = name + 1;
        while at < code.len() && command.parameters.len() < 200 {
            let token = code.token(at);
            if token.newline && !code.is(at - 1, ",") && !code.is(at - 1, "|") {
                break;
            }
            match token.kind {
                TokenKind::Close | TokenKind::HoleClose | TokenKind::StrClose => break,
                TokenKind::Punct if matches!(code.text(at), ";" | "|" | "&&" | "||") => break,
                TokenKind::Punct if code.text(at) == "," || code.text(at) == ">" => {
                    at += 1;
                    continue;
                }
                TokenKind::Word if code.text(at).starts_with('-') && code.text(at).len() > 1 => {
                    let parameter = code.text(at)[1..].to_ascii_lowercase();
                    let mut value = at + 1;
                    if code.is(value, ":") {
                        value += 1;
                    }
                    let has_value = value < code.len()
                        && !code.token(value).newline
                        && !matches!(
                            code.kind(value),
                            TokenKind::Close | TokenKind::HoleClose | TokenKind::StrClose
                        )
                        && !matches!(code.text(value), ";" | "|" | "&&" | "||")
                        && !(code.kind(value) == TokenKind::Word
                            && code.text(value).starts_with('-')
                            && code.text(value).len() > 1
                            && !code.text(value)[1..].starts_with(|c: char| c.is_ascii_digit()));
                    let end = if has_value {
                        self.argument_end(value)
                    } else {
                        value.min(at + 1)
                    };
                    let start = if has_value { value } else { end };
                    command.parameters.push(Parameter {
                        name: parameter,
                        value: start..end,
                        expression: false,
                    });
                    at = end.max(at + 1);
                    command.end = at;
                    continue;
                }
                TokenKind::Var if code.text(at).starts_with('@') => {
                    self.splat(at, &mut command);
                    at += 1;
                    command.end = at;
                    continue;
                }
                _ => {}
            }
            let end = self.argument_end(at).max(at + 1);
            command.parameters.push(Parameter {
                name: String::new(),
                value: at..end,
                expression: false,
            });
            at = end;
            command.end = at;
        }
        command
    }

    /// The end of an argument: what stands together, a list with its commas.
    fn argument_end(&self, start: usize) -> usize {
        let code = self.code;
        let mut end = code.word_end(start).max(start + 1);
        // `@{ … }` and `@( … )`.
        if code.is(start, "@") && code.kind(start + 1) == TokenKind::Open {
            end = code.skip(start + 1);
        }
        while code.is(end, ",") && end + 1 < code.len() {
            end = code.word_end(end + 1).max(end + 2);
        }
        end
    }

    /// The entries of a splatted hashtable.
    fn splat(&self, at: usize, command: &mut Command) {
        let code = self.code;
        let name = code.name(at);
        let mut found = false;
        for assignment in code.reaching(name, at, false) {
            let value = assignment.value as usize;
            let open = (value..value + 4).find(|at| code.is(*at, "{"));
            let Some(open) = open else {
                continue;
            };
            found = true;
            self.table(open, &mut command.parameters);
            // `$params.Body = …`, `$params['Uri'] = …` between.
            for key in ["Uri", "Method", "Url"] {
                let all = code.assignments(key);
                let before = all.partition_point(|member| (member.name as usize) < at);
                for member in all[..before].iter().rev().take(NEAREST) {
                    code.spend(1);
                    let place = member.name as usize;
                    if place <= open {
                        break;
                    }
                    let owner = place >= 2
                        && code.name(place - 2).eq_ignore_ascii_case(name)
                        && (code.is(place - 1, ".") || code.is(place - 1, "["));
                    if owner && place > open && place < at {
                        let start = member.value as usize;
                        command.parameters.insert(
                            0,
                            Parameter {
                                name: key.to_ascii_lowercase(),
                                value: start..code.expression_end(start),
                                expression: true,
                            },
                        );
                    }
                }
            }
            break;
        }
        command.open |= !found;
    }

    /// The entries of a hashtable: `key = value` by lines or semicolons.
    fn table(&self, open: usize, parameters: &mut Vec<Parameter>) {
        let code = self.code;
        let Some(close) = code.pair(open) else {
            return;
        };
        let mut at = open + 1;
        while at < close {
            if code.is(at + 1, "=") && matches!(code.kind(at), TokenKind::Word | TokenKind::Str) {
                let start = at + 2;
                let end = code.expression_end(start).min(close).max(start);
                parameters.push(Parameter {
                    name: code.name(at).to_ascii_lowercase(),
                    value: start..end,
                    expression: true,
                });
                at = end.max(at + 1);
            } else {
                at = code.skip(at);
            }
        }
    }

    fn values(&self, parameter: &Parameter) -> Vec<Value> {
        if parameter.value.is_empty() {
            return vec![Value::default()];
        }
        let first = parameter.value.start;
        // `-Uri ("…" -f $id)`, `-Uri $(…)`: an expression.
        if parameter.expression
            || (self.code.is(first, "(") && self.code.skip(first) == parameter.value.end)
        {
            self.code.fold(parameter.value.clone())
        } else {
            self.code.fold_word(parameter.value.clone())
        }
    }

    fn powershell_command(&mut self, at: usize, name: &str) {
        match name {
            "invoke-restmethod"
            | "irm"
            | "invoke-webrequest"
            | "iwr"
            | "invoke-mggraphrequest"
            | "invoke-graphrequest"
            | "invoke-mgrestmethod"
            | "invoke-mgbetagraphrequest"
            | "invoke-pnpgraphmethod"
            | "invoke-azrestmethod"
            | "invoke-azrest" => {
                let command = self.command(at);
                self.rest_command(&command, name);
            }
            "az" | "curl" | "curl.exe" | "m365" => {
                let words = self.powershell_words(at);
                let texts: Vec<String> = words.iter().map(|word| self.literal(word)).collect();
                self.web_command(name.trim_end_matches(".exe"), &words, &texts);
            }
            _ if name.contains('-') => self.cmdlet(at, name),
            _ => {}
        }
    }

    fn powershell_words(&self, start: usize) -> Vec<Word> {
        let code = self.code;
        let mut words = Vec::new();
        let mut at = start;
        while at < code.len() && words.len() < 200 {
            let token = code.token(at);
            if at > start && token.newline {
                break;
            }
            if matches!(
                token.kind,
                TokenKind::Close | TokenKind::HoleClose | TokenKind::StrClose
            ) || matches!(code.text(at), ";" | "|" | "&&" | "||")
            {
                break;
            }
            // `--method` is two signs and a word here.
            let mut end = code.word_end(at).max(at + 1);
            if matches!(code.text(at), "-" | "--")
                && end < code.len()
                && code.token(end).start == code.token(end - 1).end
                && !code.token(end).newline
            {
                end = code.word_end(end).max(end);
            }
            words.push(Word { start: at, end });
            at = end;
        }
        words
    }

    fn cmdlet(&mut self, at: usize, name: &str) {
        let command = self.command(at);
        let names: Vec<&str> = command
            .parameters
            .iter()
            .map(|parameter| parameter.name.as_str())
            .filter(|name| !name.is_empty())
            .collect();
        let used = Used {
            name: self.code.text(at),
            parameters: &names,
            piped: command.piped,
            open: command.open,
        };
        match cmdlets::resolve(&used, self.api.cmdlets()) {
            Resolved::Call(sent) => {
                let template = self.api.template(sent.method, &sent.path);
                self.found(Call {
                    method: sent.method,
                    template,
                    path: sent.path,
                    version: sent.beta.then_some(Version::Beta),
                    at: (at, command.end),
                    value: None,
                    kind: Kind::Cmdlet,
                    certainty: if sent.unsure {
                        Certainty::Likely
                    } else {
                        Certainty::Certain
                    },
                    steps: vec![(format!("cmdlet `{}`", self.code.text(at)), at)],
                });
            }
            Resolved::NoEquivalent { root } => {
                let text = self.code.text(at).to_owned();
                self.unresolved((at, command.end), root, Missing::Path, text);
            }
            Resolved::NotACall => {}
            Resolved::Unknown => self.own_wrapper(&command, name),
        }
    }

    /// `Invoke-RestMethod` and its like.
    fn rest_command(&mut self, command: &Command, name: &str) {
        let graph_only = name.contains("graph") || name.contains("mg");
        let uri = command.get(&["uri", "url", "u", "path"]).or_else(|| {
            command
                .parameters
                .iter()
                .find(|parameter| parameter.name.is_empty() && !self.is_method_word(parameter))
        });
        let Some(uri) = uri else {
            if graph_only && command.open {
                self.unresolved(
                    (command.name, command.end),
                    None,
                    Missing::Path,
                    self.code.text(command.name).to_owned(),
                );
            }
            return;
        };
        let at = (command.name, command.end);
        let verb = self.rest_method(command);
        for value in &self.values(uri) {
            self.rest_value(value, &verb, at, graph_only, name);
        }
    }

    fn is_method_word(&self, parameter: &Parameter) -> bool {
        parameter.value.len() == 1 && verbs::method(self.code.name(parameter.value.start)).is_some()
    }

    /// The method, or `None` if it is not known.
    fn rest_method(&self, command: &Command) -> Option<(Method, Certainty, String)> {
        if let Some(parameter) = command
            .get(&["method", "custommethod", "httpmethod", "type"])
            .filter(|parameter| !parameter.value.is_empty())
        {
            let last = parameter.value.end - 1;
            let method = verbs::method(self.code.name(last))
                .filter(|_| self.code.kind(last) != TokenKind::Var)
                .or_else(|| {
                    let values = self.values(parameter);
                    values
                        .first()
                        .filter(|_| values.len() == 1)
                        .and_then(Value::known)
                        .and_then(|text| verbs::method(text.trim()))
                });
            return method.map(|method| {
                (
                    method,
                    Certainty::Certain,
                    format!("method from `-Method {}`", self.code.name(last)),
                )
            });
        }
        if let Some(parameter) = command
            .parameters
            .iter()
            .find(|parameter| parameter.name.is_empty() && self.is_method_word(parameter))
        {
            let word = self.code.name(parameter.value.start);
            return verbs::method(word)
                .map(|method| (method, Certainty::Certain, format!("method from `{word}`")));
        }
        if command.open {
            return None;
        }
        Some((
            Method::Get,
            Certainty::Likely,
            format!(
                "`{}` without a method sends GET",
                self.code.text(command.name)
            ),
        ))
    }

    fn rest_value(
        &mut self,
        value: &Value,
        verb: &Option<(Method, Certainty, String)>,
        at: (usize, usize),
        graph_only: bool,
        name: &str,
    ) {
        let text = holed(value);
        let method = verb.as_ref().map(|(method, ..)| *method);
        let Some(address) = address::read(self.api, method, &text) else {
            return;
        };
        let graph_base = value
            .parts
            .iter()
            .any(|part| matches!(part, Part::Hole { name, .. } if contains(name, "graph")));
        let mut certainty = verb
            .as_ref()
            .map_or(Certainty::Likely, |(_, certainty, _)| *certainty);
        match address.host {
            Host::Graph => {}
            Host::Unknown if graph_only || graph_base => {
                certainty = certainty.min(Certainty::Likely)
            }
            Host::Unknown => {
                let known = matches!(
                    &address.target,
                    Target::Path {
                        template: Some(_),
                        ..
                    }
                );
                if !known || !self.facts.graph || name.contains("az") {
                    return;
                }
                certainty = certainty.min(Certainty::Likely);
            }
            // `Invoke-MgGraphRequest -Uri "/v1.0/users"`.
            Host::None if graph_only => {}
            Host::None => return,
        }
        match (address.target, verb) {
            (
                Target::Path {
                    path,
                    template,
                    open_end,
                },
                Some((method, _, step)),
            ) => {
                let first = path.split('/').nth(1).unwrap_or_default();
                if template.is_none()
                    && !self.api.is_root(first)
                    && !first.bytes().all(|byte| byte.is_ascii_alphabetic())
                {
                    return;
                }
                if open_end {
                    certainty = certainty.min(Certainty::Likely);
                }
                self.found(Call {
                    method: *method,
                    path,
                    template,
                    version: address.version,
                    at,
                    value: Some(value),
                    kind: Kind::Url,
                    certainty,
                    steps: vec![(step.clone(), at.0)],
                });
            }
            (Target::Path { path, .. }, None) => {
                let root = path.split('/').nth(1).map(str::to_ascii_lowercase);
                self.unresolved(at, root, Missing::Method, path);
            }
            // The requests of a literal list are found one by one.
            (Target::Batch, _) if !self.code.assignments("url").is_empty() => {}
            (Target::Batch, _) => self.unresolved(
                at,
                Some("$batch".to_owned()),
                Missing::Path,
                "$batch".to_owned(),
            ),
            (Target::Unknown { root, text }, _) => {
                if root.is_none() {
                    if let Some(helper) = self.helper_around(at.0, value, method) {
                        self.defined.push(helper);
                        return;
                    }
                    let page = value.parts.iter().any(|part| matches!(part, Part::Hole { name, .. } if contains(name, "next") || contains(name, "link")));
                    let known = value.parts.len() > 1 || graph_only;
                    if page || !known || (address.host != Host::Graph && !graph_only && !graph_base)
                    {
                        return;
                    }
                }
                self.unresolved(at, root, Missing::Path, text);
            }
        }
    }

    /// Uses of the wrappers that the text defines.
    fn powershell_helpers(&mut self, pending: &[usize]) {
        let defined = self.defined.clone();
        let mut used = Vec::new();
        for at in pending {
            let name = self.code.text(*at);
            let Some(helper) = defined
                .iter()
                .find(|helper| helper.name.eq_ignore_ascii_case(name))
            else {
                continue;
            };
            let command = self.command(*at);
            if self.wrapper_call(&command, helper) {
                used.push(helper.name.to_ascii_lowercase());
            }
        }
        for helper in &defined {
            if !used.contains(&helper.name.to_ascii_lowercase()) {
                self.unresolved(
                    (helper.at, helper.at + 1),
                    None,
                    Missing::Path,
                    format!("parameter of `{}`", helper.name),
                );
            }
        }
    }

    /// A use of a wrapper. `false`: it gives no address of Microsoft Graph.
    fn wrapper_call(&mut self, command: &Command, helper: &Helper) -> bool {
        let pick = |number: usize| {
            let name = helper.parameters.get(number)?.to_ascii_lowercase();
            command.get(&[name.as_str()]).or_else(|| {
                command
                    .parameters
                    .iter()
                    .filter(|parameter| parameter.name.is_empty())
                    .nth(number)
            })
        };
        let method = match helper.verb {
            HelperVerb::Known(method) => Some(method),
            HelperVerb::Parameter(number) => match pick(number) {
                Some(parameter) if !parameter.value.is_empty() => {
                    verbs::method(self.code.name(parameter.value.end - 1))
                }
                _ => Some(Method::Get),
            },
            HelperVerb::Unknown => None,
        };
        let values = self.completed(helper, |number| {
            pick(number).map(|parameter| self.values(parameter))
        });
        let mut any = false;
        for value in &values {
            any |= self.helper_call(
                &helper.name,
                value,
                method,
                (command.name, command.end),
                command.name,
            );
        }
        any
    }

    /// A command of neither the SDK nor the text: a wrapper of a module, known from the repository or by its arguments.
    fn own_wrapper(&mut self, command: &Command, name: &str) {
        let helper = self
            .helpers
            .get(self.code.text(command.name))
            .filter(|helper| helper.graph)
            .cloned();
        if let Some(helper) = &helper
            && self.wrapper_call(command, helper)
        {
            return;
        }
        let uri = command.get(&[
            "uri",
            "url",
            "graphuri",
            "requesturi",
            "resourceuri",
            "endpoint",
            "apiuri",
            "graphurl",
            "resource",
        ]);
        // In its own case, which parts the words: `New-GraphPostRequest`.
        let written = self.code.text(command.name);
        let from_name = verbs::in_name(written.rsplit('-').next().unwrap_or(written));
        if uri.is_none() && !name.contains("graph") {
            return;
        }
        let verb = match self.rest_method(command) {
            Some((method, Certainty::Certain, step)) => Some((method, Certainty::Likely, step)),
            _ => from_name
                .map(|method| (method, Certainty::Likely, format!("method from `{name}`")))
                .or_else(|| {
                    assumed_verb(name).map(|method| {
                        (
                            method,
                            Certainty::Possible,
                            format!("method assumed from `{name}`"),
                        )
                    })
                }),
        };
        let at = (command.name, command.end);
        let parameters: Vec<&Parameter> = match uri {
            Some(uri) => vec![uri],
            None => command
                .parameters
                .iter()
                .filter(|parameter| parameter.name.is_empty())
                .collect(),
        };
        for parameter in parameters {
            for value in &self.values(parameter) {
                let text = holed(value);
                let certain = address::read(self.api, None, &text).is_some_and(|address| {
                    address.host == Host::Graph
                        || matches!(
                            address.target,
                            Target::Path {
                                template: Some(_),
                                ..
                            }
                        ) && text.contains('/')
                });
                if certain {
                    self.rest_value(value, &verb, at, true, name);
                }
            }
        }
    }

    /// Requests that .NET types send: `[System.Net.WebRequest]::Create($url)`, and batch lists.
    fn powershell_typed(&mut self) {
        let code = self.code;
        let mut found = Vec::new();
        for assignment in code.assignments("url") {
            if assignment.operator != Operator::Assign {
                continue;
            }
            // A request of a batch: `@{ id = 1; method = 'GET'; url = '/users' }`.
            let Some(open) = code
                .up(assignment.name as usize)
                .filter(|open| code.text(*open) == "{")
            else {
                continue;
            };
            if !open
                .checked_sub(1)
                .is_some_and(|before| code.is(before, "@"))
            {
                continue;
            }
            let mut entries = Vec::new();
            self.table(open, &mut entries);
            let has_id = entries.iter().any(|entry| entry.name == "id");
            let method = entries
                .iter()
                .find(|entry| entry.name == "method")
                .and_then(|entry| verbs::method(code.name(entry.value.end.saturating_sub(1))));
            if let (true, Some(method)) = (has_id, method) {
                found.push((assignment.value as usize, open, method));
            }
        }
        for (value, open, method) in found {
            let end = code.expression_end(value);
            for value in &code.fold(value..end) {
                let text = holed(value);
                if let Some(address) = address::read(self.api, Some(method), &text)
                    && let Target::Path {
                        path,
                        template: Some(template),
                        ..
                    } = address.target
                {
                    self.found(Call {
                        method,
                        path,
                        template: Some(template),
                        version: address.version,
                        at: (open, code.skip(open)),
                        value: Some(value),
                        kind: Kind::Batch,
                        certainty: Certainty::Likely,
                        steps: vec![("request of a batch".to_owned(), open)],
                    });
                }
            }
        }
    }
}

/// The verb that a command's approved verb suggests.
fn assumed_verb(name: &str) -> Option<Method> {
    Some(match name.split('-').next().unwrap_or_default() {
        "get" | "find" | "search" | "read" | "export" => Method::Get,
        "new" | "add" | "invoke" | "send" if !name.starts_with("invoke") => Method::Post,
        "set" | "update" => Method::Patch,
        "remove" => Method::Delete,
        "invoke" => Method::Get,
        _ => return None,
    })
}
