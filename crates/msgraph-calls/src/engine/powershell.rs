//! PowerShell: cmdlets of the SDK, `Invoke-RestMethod`, `Invoke-MgGraphRequest` and their like, and commands of the shell.

use msgraph_permissions::Method;
use rustc_hash::FxHashMap;
use source_lex::{Part, TokenKind, Value};

use super::commands::Command;
use super::commands::Parameter;
use super::names::contains;
use super::{Call, Scan, holed, verbs};
use crate::address::{self, Host, Target};
use crate::cmdlets::{self, Resolved, Used};
use crate::model::{Certainty, Kind, Missing, Version};

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

    pub(super) fn function_name(&self, at: usize) -> String {
        self.code.text(at).to_ascii_lowercase()
    }

    /// Whether a word is in the place of a command.
    pub(super) fn begins_powershell(&self, at: usize) -> bool {
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
            // `{ param($Path) Invoke-RestMethod … }`.
            TokenKind::Close => code
                .pair(before)
                .and_then(|open| open.checked_sub(1))
                .is_some_and(|word| code.text(word).eq_ignore_ascii_case("param")),
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

    pub(super) fn powershell_command(&mut self, at: usize, name: &str) {
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
            // `cmd /c "az rest …"`, `bash -c "curl …"`: the string is a script of its own.
            "cmd" | "cmd.exe" | "bash" | "sh" | "wsl" => {
                let words = self.powershell_words(at);
                let script = words.iter().skip(2).find(|word| {
                    matches!(
                        self.code.kind(word.start),
                        TokenKind::Str | TokenKind::StrOpen
                    )
                });
                if let Some(script) = script {
                    let values = self.code.fold_word(script.start..script.end);
                    if let Some(value) = values.first() {
                        let text = holed(value).replace(crate::api::HOLE, "$part");
                        self.inline_shell(&text, script);
                    }
                }
            }
            _ if name.contains('-') => self.cmdlet(at, name),
            _ => {}
        }
    }

    pub(super) fn cmdlet(&mut self, at: usize, name: &str) {
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
    pub(super) fn rest_command(&mut self, command: &Command, name: &str) {
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
        let mut verb = self.rest_method(command);
        let values = self.values(uri);
        // Which of the values is sent depends on the run.
        if values.len() > 1
            && let Some((_, certainty, _)) = &mut verb
        {
            *certainty = Certainty::Likely;
        }
        let texts: Vec<String> = values.iter().map(holed).collect();
        let method = verb.as_ref().map(|(method, ..)| *method);
        for (value, text) in values.iter().zip(&texts) {
            if method.is_some_and(|method| self.is_unfinished(text, &texts, method)) {
                continue;
            }
            self.rest_value(value, &verb, at, graph_only, name);
        }
    }

    pub(super) fn is_method_word(&self, parameter: &Parameter) -> bool {
        parameter.value.len() == 1 && verbs::method(self.code.name(parameter.value.start)).is_some()
    }

    /// The method, or `None` if it is not known.
    pub(super) fn rest_method(&self, command: &Command) -> Option<(Method, Certainty, String)> {
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

    pub(super) fn rest_value(
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
                // A function that sends whatever address it is given; its uses say whether that is Microsoft Graph's.
                if matches!(&address.target, Target::Unknown { root: None, .. })
                    && let Some(mut helper) = self.helper_around(at.0, value, method)
                {
                    helper.graph = false;
                    self.defined.push(helper);
                    return;
                }
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
}
