//! Programs that send a request: `az rest`, `curl`, `m365 request`, from whichever shell.

use msgraph_permissions::Method;
use source_lex::{Part, Value};

use super::shell::Word;
use super::{Call, Scan, holed, verbs};
use crate::address::{self, Host, Target};
use crate::model::{Certainty, Kind, Missing};

impl Scan<'_, '_> {
    /// Reads the words of a command that sends a request.
    pub(super) fn web_command(&mut self, program: &str, words: &[Word], texts: &[String]) {
        let second = texts.get(1).map_or("", String::as_str);
        let skip = match program {
            "az" if second == "rest" => 2,
            "m365" if second == "request" => 2,
            "curl" | "wget" | "http" | "https" | "xh" | "curl.exe" => 1,
            "bash" | "sh" if second == "-c" => {
                if let Some(script) = texts.get(2).filter(|script| !script.is_empty()).cloned() {
                    self.inline_shell(&script, &words[2]);
                }
                return;
            }
            _ => return,
        };
        let mut method: Option<(Method, usize)> = None;
        let mut unknown_method = false;
        let mut data = false;
        let mut url: Option<usize> = None;
        let mut at = skip;
        while at < words.len() {
            let text = texts[at].as_str();
            let (flag, inline) = match text.split_once('=') {
                Some((flag, _)) if flag.starts_with("--") => (flag, true),
                _ => (text, false),
            };
            match flag {
                "-X" | "--request" | "--method" | "-m" if !(program == "curl" && flag == "-m") => {
                    let value = if inline {
                        text.split_once('=').map(|(_, value)| value.to_owned())
                    } else {
                        texts.get(at + 1).cloned()
                    };
                    match value.as_deref().and_then(verbs::method) {
                        Some(found) => method = Some((found, at)),
                        None => unknown_method = true,
                    }
                    at += usize::from(!inline);
                }
                "--url" | "--uri" | "-u" if program != "curl" || flag == "--url" => {
                    if inline {
                        url = Some(at);
                    } else {
                        url = Some(at + 1);
                        at += 1;
                    }
                }
                "-d" | "--data" | "--data-raw" | "--data-binary" | "--data-urlencode"
                | "--json" | "--post-data" | "--body" | "-F" | "--form" => {
                    data = program != "az" && program != "m365";
                    at += usize::from(!inline);
                }
                "-T" | "--upload-file" if program == "curl" => {
                    method.get_or_insert((Method::Put, at));
                    at += 1;
                }
                "-I" | "--head" if program == "curl" => {
                    method.get_or_insert((Method::Head, at));
                }
                "-G" | "--get" if program == "curl" => {
                    method.get_or_insert((Method::Get, at));
                }
                "-H"
                | "--header"
                | "--headers"
                | "-o"
                | "--output"
                | "-w"
                | "--write-out"
                | "--resource"
                | "--query"
                | "-b"
                | "-A"
                | "--user"
                | "--cacert"
                | "-m"
                | "--max-time"
                | "--retry"
                | "--connect-timeout"
                | "-O"
                | "--skip-authorization-header"
                    // The next word is its value, unless it is a switch of this program.
                    if !inline && !matches!((program, flag), ("curl", "-O")) => {
                        at += 1;
                    }
                _ if flag.starts_with("-X") && flag.len() > 2 && program == "curl" => {
                    match verbs::method(&flag[2..]) {
                        Some(found) => method = Some((found, at)),
                        None => unknown_method = true,
                    }
                }
                _ if matches!(program, "http" | "https" | "xh")
                    && method.is_none()
                    && verbs::method(flag).is_some() =>
                {
                    method = verbs::method(flag).map(|method| (method, at));
                }
                _ if !flag.starts_with('-')
                    && url.is_none()
                    && program != "az"
                    && program != "m365" =>
                {
                    url = Some(at)
                }
                _ => {}
            }
            at += 1;
        }
        let Some(url) = url.and_then(|url| words.get(url)) else {
            return;
        };
        let mut start = url.start;
        // `--url=https://…`.
        while start + 1 < url.end
            && (self.code.text(start).starts_with("--") || self.code.is(start, "="))
        {
            start += 1;
        }
        let certainty = if method.is_some() {
            Certainty::Certain
        } else {
            Certainty::Likely
        };
        let (verb, verb_at) = method.unwrap_or(if data {
            (Method::Post, 0)
        } else {
            (Method::Get, 0)
        });
        let values = self.code.fold_word(start..url.end);
        let last = words.last().map_or(url.end, |word| word.end);
        let place = (words[0].start, last);
        let step = if method.is_some() {
            format!("method from `{}`", texts[verb_at])
        } else {
            format!("`{program}` without a method sends {verb}")
        };
        let step_at = words[verb_at.min(words.len() - 1)].start;
        for value in &values {
            self.sent_word(
                value,
                verb,
                unknown_method && method.is_none(),
                place,
                program == "m365",
                certainty,
                (step.clone(), step_at),
            );
        }
    }

    /// Reports a request whose address is a word of a command.
    #[expect(clippy::too_many_arguments, reason = "each is a fact of one command")]
    pub(super) fn sent_word(
        &mut self,
        value: &Value,
        method: Method,
        unknown: bool,
        at: (usize, usize),
        m365: bool,
        certainty: Certainty,
        step: (String, usize),
    ) {
        let mut text = holed(value);
        let mut version = None;
        if m365 {
            // `@graph/me`, `@graphbeta/me`.
            if let Some(rest) = text.strip_prefix("@graphbeta") {
                version = Some(crate::model::Version::Beta);
                text = format!("https://graph.microsoft.com/beta{rest}");
            } else if let Some(rest) = text.strip_prefix("@graph") {
                text = format!("https://graph.microsoft.com/v1.0{rest}");
            }
        }
        let Some(address) = address::read(self.api, Some(method), &text) else {
            return;
        };
        let graph_base = value.parts.iter().any(
            |part| matches!(part, Part::Hole { name, .. } if super::names::contains(name, "graph")),
        );
        let mut certainty = certainty;
        match address.host {
            Host::Graph => {}
            Host::Unknown => {
                let known = matches!(
                    &address.target,
                    Target::Path {
                        template: Some(_),
                        ..
                    }
                );
                if !(graph_base || (known && self.facts.graph)) {
                    return;
                }
                certainty = certainty.min(Certainty::Likely);
            }
            Host::None => return,
        }
        if unknown {
            if let Target::Path { path, .. } = address.target {
                let root = path.split('/').nth(1).map(str::to_ascii_lowercase);
                self.unresolved(at, root, Missing::Method, path);
            }
            return;
        }
        match address.target {
            Target::Path {
                path,
                template,
                open_end,
            } => {
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
                    method,
                    path,
                    template,
                    version: address.version.or(version),
                    at,
                    value: Some(value),
                    kind: Kind::Url,
                    certainty,
                    steps: vec![step],
                });
            }
            Target::Batch => self.unresolved(
                at,
                Some("$batch".to_owned()),
                Missing::Path,
                "$batch".to_owned(),
            ),
            Target::Unknown { root: None, .. } if self.shell_parameter(value, method, at.0) => {}
            Target::Unknown { root, text } => self.unresolved(at, root, Missing::Path, text),
        }
    }
}
