//! Commands of PowerShell: their parameters, splatted tables, values.

use source_lex::{TokenKind, Value};

use super::Scan;
use super::shell::Word;

/// How many assignments before a use are looked at.
pub(super) const NEAREST: usize = 32;

/// A parameter or argument of a command.
pub(super) struct Parameter {
    /// In lower case, without the dash; empty for a positional argument.
    pub(super) name: String,
    /// The tokens of the value; empty for a switch.
    pub(super) value: std::ops::Range<usize>,
    /// The tokens are an expression of a hashtable, not a word of a command.
    pub(super) expression: bool,
}

/// A command with what is given to it.
pub(super) struct Command {
    pub(super) name: usize,
    pub(super) end: usize,
    pub(super) parameters: Vec<Parameter>,
    /// A splat whose table is not in the text.
    pub(super) open: bool,
    pub(super) piped: bool,
}
impl Command {
    pub(super) fn get(&self, names: &[&str]) -> Option<&Parameter> {
        self.parameters
            .iter()
            .find(|parameter| names.contains(&parameter.name.as_str()))
    }
}

impl Scan<'_, '_> {
    pub(super) fn command(&self, name: usize) -> Command {
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
    pub(super) fn argument_end(&self, start: usize) -> usize {
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
    pub(super) fn splat(&self, at: usize, command: &mut Command) {
        let code = self.code;
        let name = code.name(at);
        let mut found = false;
        for assignment in code.reaching(name, at, false) {
            let value = assignment.value as usize;
            let open = (value..value + 4).find(|at| code.is(*at, "{"));
            // A table of the same name within another's value is not the one that is splatted behind it.
            let within = |open: usize| {
                code.assignments(name).iter().any(|other| {
                    let outer = other.value as usize;
                    let brace = (outer..outer + 4).find(|at| code.is(*at, "{"));
                    brace.is_some_and(|brace| {
                        brace < open
                            && code
                                .pair(brace)
                                .is_some_and(|close| open < close && close < at)
                    })
                })
            };
            let Some(open) = open.filter(|open| !within(*open)) else {
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
    pub(super) fn table(&self, open: usize, parameters: &mut Vec<Parameter>) {
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

    pub(super) fn values(&self, parameter: &Parameter) -> Vec<Value> {
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

    pub(super) fn powershell_words(&self, start: usize) -> Vec<Word> {
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
}
