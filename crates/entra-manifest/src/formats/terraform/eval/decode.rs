//! Functions over files, JSON and YAML. Files are those that the unit has; others are wanted.

use camino::{Utf8Path, Utf8PathBuf};
use source_text::{Source, Span};

use super::Eval;
use crate::formats::terraform::data;
use crate::formats::terraform::project::join;
use crate::formats::terraform::value::{Entry, Origin, Reason, Text, Value};
use crate::read::Want;

impl Eval<'_> {
    pub(super) fn decode(&self, name: &str, args: &[Value], at: Span) -> Value {
        let Some(first) = args.first() else {
            return Value::invalid(at, "an argument is missing");
        };
        match name {
            "file" => self.each_option(&[first], at, |v| self.file_text(v[0], at)),
            "templatefile" => {
                self.each_option(&[first], at, |v| self.rendered(v[0], args.get(1), at))
            }
            "csvdecode" => self.each_option(&[first], at, |v| self.table(v[0], at)),
            "fileexists" => match self.path(first, at) {
                Ok(path) => match self.fetch(&Want::File(path)) {
                    Some(files) => Value::bool(!files.is_empty()),
                    None => Value::unknown(at, Reason::File(self.project.slice(at).to_owned())),
                },
                Err(unknown) => unknown,
            },
            "fileset" => match args {
                [folder, pattern] => self.file_set(folder, pattern, at),
                _ => Value::invalid(at, "fileset takes a folder and a pattern"),
            },
            "jsondecode" | "yamldecode" => {
                self.each_option(&[first], at, |v| self.decoded(name, v[0], at))
            }
            "jsonencode" => self.encoded(first, at),
            _ => Value::unknown(at, Reason::Function(name.to_owned())),
        }
    }

    /// The rows of a text in CSV, as maps by the words of the first row.
    fn table(&self, value: &Value, at: Span) -> Value {
        let Some(text) = value.to_text(at) else {
            return self.no_value(value, at);
        };
        let mut reader = csv::ReaderBuilder::new().from_reader(text.text.as_bytes());
        let Ok(names) = reader.headers().cloned() else {
            return Value::invalid(at, "the text is no table");
        };
        let mut rows = Vec::new();
        for row in reader.records() {
            let Ok(row) = row else {
                return Value::invalid(at, "the text is no table");
            };
            if rows.len() >= super::MAX_ITEMS || !self.charge(row.len()) {
                return Value::unknown(at, Reason::TooLarge);
            }
            let start = row.position().map_or(0, csv::Position::byte);
            let mut from = usize::try_from(start).unwrap_or_default();
            let cells = names.iter().zip(row.iter()).map(|(name, cell)| {
                // Cells stand one after the other; one that is quoted with quotes in it is not found as it is.
                let place = text.text.get(from..).and_then(|rest| rest.find(cell));
                let value = match place {
                    Some(place) => {
                        from += place + cell.len();
                        super::strings::part(&text, from - cell.len(), from, at)
                    }
                    None => Value::text(cell, Origin::Made(at)),
                };
                Entry {
                    key: Text::new(name, Origin::Made(at)),
                    value,
                }
            });
            rows.push(Value::map(cells.collect()));
        }
        Value::list(rows)
    }

    fn path(&self, name: &Value, at: Span) -> Result<Utf8PathBuf, Value> {
        let Some(text) = name.to_text(at) else {
            return Err(self.no_value(name, at));
        };
        // path.module is already relative to the root of the names; a bare path is relative to where Terraform runs,
        // which is the folder of the root module.
        let root = self.project.modules[0].path;
        let under = |base: &Utf8Path| {
            Utf8Path::new(&*text.text).starts_with(base) && !base.as_str().is_empty()
        };
        let relative = text.text.starts_with('/')
            || self.project.modules.iter().any(|module| under(module.path));
        let base = if relative { Utf8Path::new("") } else { root };
        join(base, text.text.trim_start_matches('/'))
            .ok_or_else(|| Value::unknown(at, Reason::File(text.text.to_string())))
    }

    fn fetch(&self, want: &Want) -> Option<&[Source]> {
        let found = self.project.unit.got(want);
        if found.is_none() {
            let mut wants = self.wants.borrow_mut();
            // A loop over names that do not exist cannot make the caller read without end.
            if wants.len() < 500 && !wants.contains(want) {
                wants.push(want.clone());
            }
        }
        found
    }

    fn source_of(&self, name: &Value, at: Span) -> Result<&Source, Value> {
        let path = self.path(name, at)?;
        let own = self
            .project
            .unit
            .sources
            .iter()
            .find(|source| source.name() == path);
        let found = own.or_else(|| self.fetch(&Want::File(path.clone()))?.first());
        found.ok_or_else(|| Value::unknown(at, Reason::File(path.into_string())))
    }

    /// The text of a file, as a literal that is the whole file.
    pub(super) fn file_text(&self, name: &Value, at: Span) -> Value {
        match self.source_of(name, at) {
            Ok(source) => {
                let whole = source.span(0, source.text().len());
                Value::text(source.text(), Origin::Literal(whole))
            }
            Err(unknown) => unknown,
        }
    }

    fn file_set(&self, folder: &Value, pattern: &Value, at: Span) -> Value {
        let (path, pattern) = match (self.path(folder, at), pattern.to_text(at)) {
            (Ok(path), Some(pattern)) => (path, pattern),
            (Err(unknown), _) => return unknown,
            (_, None) => return self.no_value(pattern, at),
        };
        // Folders that the pattern names stand for themselves: `apps/*.yaml` wants `*.yaml` of `apps`.
        let fixed = pattern
            .text
            .split('/')
            .take_while(|part| !part.contains(['*', '?', '[', '{']));
        let sub: Vec<&str> = fixed.collect();
        let names = pattern
            .text
            .split('/')
            .skip(sub.len())
            .collect::<Vec<_>>()
            .join("/");
        let Some(folder) = join(&path, &sub.join("/")).filter(|_| !names.is_empty()) else {
            return Value::unknown(
                at,
                Reason::Function(format!("fileset with the pattern {}", pattern.text)),
            );
        };
        let Some(files) = self.fetch(&Want::Folder {
            path: folder,
            pattern: names,
        }) else {
            return Value::unknown(at, Reason::File(pattern.text.to_string()));
        };
        let names = files.iter().filter_map(|file| {
            let name = file.name().strip_prefix(&path).ok()?;
            Some(Value::text(name.as_str(), Origin::Made(at)))
        });
        Value::set(names.collect())
    }

    fn decoded(&self, name: &str, value: &Value, at: Span) -> Value {
        let Some(text) = value.to_text(at) else {
            return self.no_value(value, at);
        };
        let Text { origin, .. } = &text;
        let source = match origin {
            Origin::Literal(span) => self
                .project
                .source(*span)
                .filter(|s| s.slice(*span) == &*text.text),
            Origin::Made(_) => None,
        };
        let key = match (source, origin) {
            // A whole file is decoded once, however often a loop comes by.
            (Some(source), Origin::Literal(span)) if span.len() == source.text().len() => {
                let key = Utf8PathBuf::from(format!("{name}:{}", source.name()));
                if let Some(known) = self.files.borrow().get(&key) {
                    return known.clone();
                }
                Some(key)
            }
            _ => None,
        };
        let decoded = match name {
            "jsondecode" => data::json(&text, source, at),
            _ => data::yaml(&text, source, at),
        };
        let value = decoded.unwrap_or_else(|| {
            let name = source.map_or_else(|| self.project.slice(at), |s| s.name().as_str());
            Value::unknown(at, Reason::BrokenFile(name.to_owned()))
        });
        if let Some(key) = key {
            self.files.borrow_mut().insert(key, value.clone());
        }
        value
    }
}
