//! Commands of shells: `az rest`, `curl`, `wget`, `m365 request`, `http`.

use msgraph_permissions::Method;
use source_lex::{Code, Language, Part, TokenKind, Value};

use super::Scan;
use crate::helpers::{Helper, HelperPart, HelperVerb};

/// A word of a command: its tokens, and its text if all of it is known.
pub(super) struct Word {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Scan<'_, '_> {
    pub(super) fn shell(&mut self) {
        let mut at = 0;
        while at < self.code.len() {
            let starts = at == 0 || self.begins_command(at);
            if starts && self.code.kind(at) == TokenKind::Word {
                self.shell_command(at);
            }
            at += 1;
        }
    }

    pub(super) fn begins_command(&self, at: usize) -> bool {
        let code = self.code;
        let Some(before) = at.checked_sub(1) else {
            return true;
        };
        code.token(at).newline
            || match code.kind(before) {
                TokenKind::Open | TokenKind::HoleOpen => true,
                TokenKind::Punct => matches!(
                    code.text(before),
                    ";" | "|" | "||" | "&&" | "&" | "`" | "!" | "="
                ),
                TokenKind::Word => matches!(
                    code.text(before),
                    "then"
                        | "do"
                        | "else"
                        | "if"
                        | "while"
                        | "until"
                        | "time"
                        | "sudo"
                        | "exec"
                        | "eval"
                        | "!"
                        | "env"
                        | "call"
                        | "retry"
                ),
                _ => false,
            }
    }

    /// The words of the command that begins at `start`.
    pub(super) fn command_words(&self, start: usize) -> Vec<Word> {
        let code = self.code;
        let mut words = Vec::new();
        let mut at = start;
        while at < code.len() && words.len() < 200 {
            let token = code.token(at);
            if at > start && token.newline {
                break;
            }
            match token.kind {
                TokenKind::Close
                | TokenKind::HoleClose
                | TokenKind::StrClose
                | TokenKind::Outside => break,
                TokenKind::Punct if matches!(code.text(at), ";" | "|" | "||" | "&&" | "`") => break,
                TokenKind::Punct
                    if code.text(at) == "&"
                        && code.token(at.saturating_sub(1)).end != token.start =>
                {
                    break;
                }
                TokenKind::Punct
                    if matches!(code.text(at), ">" | "<" | "<<" | "<<-" | "&" | ">=" | "<=") =>
                {
                    at += 1;
                    continue;
                }
                _ => {}
            }
            let end = code.word_end(at).max(at + 1);
            words.push(Word { start: at, end });
            at = end;
        }
        words
    }

    pub(super) fn literal(&self, word: &Word) -> String {
        let known = self
            .code
            .fold_word(word.start..word.end)
            .first()
            .and_then(Value::known);
        // `--header="A: $token"` is a switch, whatever its value.
        known.unwrap_or_else(|| self.slice(word.start..word.end).to_owned())
    }

    pub(super) fn shell_command(&mut self, start: usize) {
        let name = self.code.text(start);
        let program = name.rsplit('/').next().unwrap_or(name);
        match program {
            "curl" | "az" | "wget" | "m365" | "http" | "https" | "xh" | "azd" | "bash" | "sh" => {}
            _ => {
                self.shell_helper(start);
                return;
            }
        }
        let words = self.command_words(start);
        let texts: Vec<String> = words.iter().map(|word| self.literal(word)).collect();
        self.web_command(program, &words, &texts);
    }

    /// Remembers a function that sends a path which is its argument: `graph() { curl "https://…/v1.0$1"; }`.
    pub(super) fn shell_parameter(&mut self, value: &Value, method: Method, at: usize) -> bool {
        let Some(function) = self.code.function_of(at) else {
            return false;
        };
        let mut address = Vec::new();
        for part in &value.parts {
            address.push(match part {
                Part::Literal { text, .. } => HelperPart::Text(text.clone()),
                Part::Hole { name, .. } => match name.parse::<usize>() {
                    Ok(number @ 1..=9) => HelperPart::Parameter(number - 1),
                    _ => HelperPart::Unknown,
                },
            });
        }
        if !address
            .iter()
            .any(|part| matches!(part, HelperPart::Parameter(_)))
        {
            return false;
        }
        self.defined.push(Helper {
            name: self.code.text(function.name as usize).to_owned(),
            parameters: Vec::new(),
            address,
            verb: HelperVerb::Known(method),
            graph: true,
            class: None,
            at,
        });
        true
    }

    /// A command that is such a function.
    pub(super) fn shell_helper(&mut self, start: usize) {
        let name = self.code.text(start);
        // A function of the script, or of one that it sources.
        let Some(helper) = self
            .defined
            .iter()
            .find(|helper| helper.name == name)
            .or_else(|| self.helpers.get(name).filter(|helper| helper.graph))
            .cloned()
        else {
            return;
        };
        if self.code.is(start + 1, "(") {
            return;
        }
        let words = self.command_words(start);
        let HelperVerb::Known(method) = helper.verb else {
            return;
        };
        let at = (start, words.last().map_or(start + 1, |word| word.end));
        let values = self.completed(&helper, |number| {
            words
                .get(number + 1)
                .map(|word| self.code.fold_word(word.start..word.end))
        });
        for value in &values {
            self.helper_call(name, value, Some(method), at, start);
        }
    }

    /// A script that is the argument of another command: `bash -c "az rest …"`.
    pub(super) fn inline_shell(&mut self, script: &str, word: &Word) {
        let code = Code::new(script, Language::Shell);
        let span = self.tokens(word.start, word.end);
        let found = super::scan(
            &code,
            super::Place::Within(span),
            "",
            self.api,
            self.helpers,
        );
        self.evidence.merge(found);
    }
}
