//! Microsoft's permissions file, read into templates and grants.

use std::borrow::Cow;

use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::builder::Builder;
use super::json::{Input, Members, Text};
use super::{LoadError, LoadProblem, SchemeInfo};
use crate::{Method, Scheme};

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    permissions: Members<'a, Entry<'a>>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow, rename = "authorizationType")]
    authorization_type: Text<'a>,
    #[serde(borrow)]
    schemes: Members<'a, SchemeEntry>,
    #[serde(borrow, rename = "pathSets")]
    path_sets: Vec<PathSet<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SchemeEntry {
    #[serde(default)]
    requires_admin_consent: Option<bool>,
    #[serde(default)]
    privilege_level: Option<u8>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PathSet<'a> {
    #[serde(borrow)]
    scheme_keys: Vec<Text<'a>>,
    #[serde(borrow)]
    methods: Vec<Text<'a>>,
    #[serde(borrow)]
    paths: Members<'a, Text<'a>>,
}

/// The same shapes, each member still unread, for an entry in which something is wrong.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct LooseEntry<'a> {
    #[serde(borrow, default)]
    authorization_type: Option<&'a RawValue>,
    #[serde(borrow, default)]
    schemes: Option<&'a RawValue>,
    #[serde(borrow, default)]
    path_sets: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct LoosePathSet<'a> {
    #[serde(borrow)]
    scheme_keys: &'a RawValue,
    #[serde(borrow)]
    methods: &'a RawValue,
    #[serde(borrow)]
    paths: &'a RawValue,
}

/// Reads the permissions file into `builder`, and returns what had to be skipped.
pub(super) fn read_permissions(
    bytes: &[u8],
    builder: &mut Builder,
) -> Result<Vec<LoadProblem>, LoadError> {
    let mut reader = Reader {
        input: Input::new("permissions", bytes)?,
        builder,
        templates: FxHashMap::default(),
    };
    match reader.input.read_strictly::<File<'_>>() {
        Some(file) => {
            for (name, entry) in file.permissions.0 {
                reader.entry(name.as_str(), name.as_str(), entry);
            }
        }
        // Something is wrong somewhere: entry by entry then.
        None => {
            for (name, raw) in reader.input.top("permissions")? {
                match serde_json::from_str(raw.get()) {
                    Ok(entry) => reader.entry(name.as_str(), raw.get(), entry),
                    Err(_) => reader.loose_entry(name.as_str(), raw),
                }
            }
        }
    }
    Ok(reader.input.problems)
}

struct Reader<'a, 'b> {
    input: Input<'a>,
    builder: &'b mut Builder,
    /// Templates by the spellings met so far: most paths stand under many permissions.
    templates: FxHashMap<Cow<'a, str>, u32>,
}

impl<'a> Reader<'a, '_> {
    /// `at` is a piece of the file by which problems are placed, here and below.
    fn entry(&mut self, name: &str, at: &str, entry: Entry<'a>) {
        let Some(permission) = self.begin(name, at, entry.authorization_type.as_str()) else {
            return;
        };
        for (key, scheme) in entry.schemes.0 {
            self.scheme(permission, name, at, key.as_str(), scheme);
        }
        for (number, set) in entry.path_sets.into_iter().enumerate() {
            self.path_set(
                permission,
                &format_args!("{name}, pathSets[{number}]"),
                at,
                set,
            );
        }
    }

    /// Keeps what can be read of an entry in which something is wrong.
    fn loose_entry(&mut self, name: &str, raw: &'a RawValue) {
        let Some(entry) = self.input.read::<LooseEntry<'a>>(raw, name) else {
            return;
        };
        let kind = entry.authorization_type.and_then(|raw| {
            self.input
                .read::<Text<'a>>(raw, &format!("{name}, authorizationType"))
        });
        let kind = kind.as_ref().map_or("oAuth2", Text::as_str);
        let Some(permission) = self.begin(name, raw.get(), kind) else {
            return;
        };
        let schemes = entry.schemes.and_then(|raw| {
            self.input
                .read::<Members<'a, &'a RawValue>>(raw, &format!("{name}, schemes"))
        });
        for (key, raw) in schemes.unwrap_or_default().0 {
            let subject = format!("{name}, schemes.{}", key.as_str());
            if let Some(scheme) = self.input.read(raw, &subject) {
                self.scheme(permission, name, raw.get(), key.as_str(), scheme);
            }
        }
        let sets = entry.path_sets.and_then(|raw| {
            self.input
                .read::<Vec<&'a RawValue>>(raw, &format!("{name}, pathSets"))
        });
        for (number, raw) in sets.unwrap_or_default().into_iter().enumerate() {
            let subject = format!("{name}, pathSets[{number}]");
            if let Some(set) = self.loose_path_set(raw, &subject) {
                self.path_set(permission, &format_args!("{subject}"), raw.get(), set);
            }
        }
    }

    fn loose_path_set(&mut self, raw: &'a RawValue, subject: &str) -> Option<PathSet<'a>> {
        if let Ok(set) = serde_json::from_str(raw.get()) {
            return Some(set);
        }
        let set: LoosePathSet<'a> = self.input.read(raw, subject)?;
        let scheme_keys = self
            .input
            .read(set.scheme_keys, &format!("{subject}, schemeKeys"))?;
        let methods = self
            .input
            .read(set.methods, &format!("{subject}, methods"))?;
        let members: Members<'a, &'a RawValue> =
            self.input.read(set.paths, &format!("{subject}, paths"))?;
        let mut paths = Vec::with_capacity(members.0.len());
        for (path, raw) in members.0 {
            let subject = format!("{subject}, {}", path.as_str());
            paths.extend(self.input.read(raw, &subject).map(|value| (path, value)));
        }
        Some(PathSet {
            scheme_keys,
            methods,
            paths: Members(paths),
        })
    }

    /// The permission of this name; `None` if it is no name.
    fn begin(&mut self, name: &str, at: &str, kind: &str) -> Option<u32> {
        if name.is_empty() || name.chars().any(char::is_whitespace) {
            let message = format!("`{name}` is no name of a permission; skipped");
            self.input.problem(at, name, message);
            return None;
        }
        let is_rsc = kind.eq_ignore_ascii_case("RSC");
        if !is_rsc && !kind.eq_ignore_ascii_case("oAuth2") {
            let message = format!(
                "authorizationType `{kind}` is neither `oAuth2` nor `RSC`; read as `oAuth2`"
            );
            self.input.problem(at, name, message);
        }
        let (permission, is_new) = self.builder.list(name, is_rsc);
        if !is_new {
            let message = "stands in the file twice; both are read".to_owned();
            self.input.problem(at, name, message);
        }
        Some(permission)
    }

    fn scheme(&mut self, permission: u32, name: &str, at: &str, key: &str, entry: SchemeEntry) {
        let Some(scheme) = Scheme::from_microsoft(key) else {
            let message = format!("`{key}` is no scheme; skipped");
            return self.input.problem(at, name, message);
        };
        let info = SchemeInfo {
            privilege_level: entry
                .privilege_level
                .filter(|level| (1..=5).contains(level)),
            admin_consent: entry.requires_admin_consent.unwrap_or(true),
        };
        if let Some(level) = entry
            .privilege_level
            .filter(|_| info.privilege_level.is_none())
        {
            let message = format!("privilegeLevel {level} is not between 1 and 5; read as missing");
            self.input.problem(at, name, message);
        }
        self.builder.set_scheme(permission, scheme, info);
    }

    fn path_set(
        &mut self,
        permission: u32,
        subject: &dyn std::fmt::Display,
        at: &str,
        set: PathSet<'a>,
    ) {
        let mut schemes = 0;
        for key in &set.scheme_keys {
            match Scheme::from_microsoft(key.as_str()) {
                Some(scheme) => schemes |= scheme.bit(),
                None => {
                    let message = format!("`{}` is no scheme; skipped", key.as_str());
                    self.input.problem(at, &subject.to_string(), message);
                }
            }
        }
        let mut methods = 0;
        for method in &set.methods {
            match method.as_str().parse::<Method>() {
                Ok(method) => methods |= method.bit(),
                Err(error) => {
                    self.input
                        .problem(at, &subject.to_string(), format!("{error}; skipped"))
                }
            }
        }
        for (path, value) in set.paths.0 {
            let marks = match self.marks(value.as_str()) {
                Ok(marks) => marks,
                Err(message) => {
                    let subject = format!("{subject}, {}", path.as_str());
                    self.input
                        .problem(path.borrowed().unwrap_or(at), &subject, message);
                    continue;
                }
            };
            match self.template(&path) {
                Some(template) => {
                    let least = marks.least & schemes;
                    self.builder
                        .grant(template, permission, methods, schemes, least, marks.also);
                }
                None => {
                    let message = format!("`{}` is no path; skipped", path.as_str());
                    self.input.problem(
                        path.borrowed().unwrap_or(at),
                        &subject.to_string(),
                        message,
                    );
                }
            }
        }
    }

    fn template(&mut self, path: &Text<'a>) -> Option<u32> {
        if let Some(&template) = self.templates.get(&path.0) {
            return Some(template);
        }
        let template = self.builder.template(path.as_str())?;
        self.templates.insert(path.0.clone(), template);
        Some(template)
    }

    /// `least=Scheme,Scheme;AlsoRequires=Name,Name`, each part optional.
    ///
    /// A part that is not understood could narrow what the path accepts, so the path is skipped.
    fn marks(&mut self, value: &str) -> Result<Marks, String> {
        let mut marks = Marks {
            least: 0,
            also: None,
        };
        for part in value
            .split(';')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            let (key, list) = part
                .split_once('=')
                .ok_or_else(|| format!("`{part}` is not `key=value`; skipped"))?;
            let items = list
                .split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty());
            match key.trim() {
                "least" => {
                    for item in items {
                        marks.least |= Scheme::from_microsoft(item)
                            .ok_or_else(|| format!("`{item}` is no scheme; skipped"))?
                            .bit();
                    }
                }
                "AlsoRequires" => {
                    let names: Vec<u32> = items.map(|name| self.builder.intern(name)).collect();
                    marks.also = self.builder.also(names);
                }
                other => {
                    return Err(format!(
                        "`{other}` is neither `least` nor `AlsoRequires`; skipped"
                    ));
                }
            }
        }
        Ok(marks)
    }
}

struct Marks {
    least: u8,
    also: Option<u32>,
}
