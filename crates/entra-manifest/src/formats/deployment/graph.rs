//! Microsoft Graph resources of a deployment as apps of the model: `applications` and what they request.

use camino::Utf8Path;
use rustc_hash::FxHashMap;
use source_text::{FileId, Source, Span, Spanned};

use super::eval::Evaluator;
use super::program::Resource as Declared;
use super::requests::{self, Texts};
use super::settle::{depends_on_other_files, keep_foreign_items, label_lines, names_file, settle};
use super::symbolic::{Instance, Symbolic};
use super::value::{Data, InList, Value};
use crate::model::layout::{Body, ListForm, ListLayout, Separator};
use crate::model::{App, PermissionRef, Problem, Requested, Resource, ResourceRef};

/// Dialect of a list of `{id, type}` objects.
pub(crate) const OBJECTS: u8 = 0;
/// Dialect of a list of names or ids, which a loop or a lookup makes permissions of.
pub(crate) const WORDS: u8 = 3;

/// What a deployment declares.
#[derive(Debug, Default)]
pub(crate) struct Declarations {
    pub(crate) apps: Vec<App>,
    pub(crate) problems: Vec<Problem>,
}

/// How the language writes its lists.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Language {
    pub(crate) separator: Separator,
}

/// Which apps of an evaluator are reported.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Report {
    /// Those that this file declares, and of the modules in other files those that what it hands them changes: each
    /// module is read by itself too.
    Declared(FileId),
    /// Those that the values of this parameters file change: its template is read by itself too.
    Given(FileId),
}

/// Reads what the programs of an evaluator declare.
pub(crate) fn declarations(
    evaluator: &Evaluator<'_>,
    texts: &dyn Texts,
    comments: &[Span],
    language: Language,
    report: Report,
) -> Declarations {
    let mut reader = Reader {
        evaluator,
        texts,
        comments,
        language,
        apps: Vec::new(),
        problems: Vec::new(),
        sizes: FxHashMap::default(),
    };
    reader.visit(0, 0);
    let mut out = Declarations {
        apps: Vec::new(),
        problems: reader.problems,
    };
    for building in reader.apps {
        let mut app = building.app;
        settle(&mut app);
        keep_foreign_items(&mut app, &reader.sizes);
        label_lines(&mut app, texts, comments);
        let kept = match report {
            Report::Declared(home) => app.span.file == home || depends_on_other_files(&app),
            Report::Given(home) => names_file(&app, |file| file == home),
        };
        if kept {
            out.apps.push(app);
        }
    }
    if let Report::Given(home) = report {
        out.problems.retain(|problem| problem.span.file == home);
    }
    out
}

/// Whose permissions these are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Owner {
    /// An application of this deployment.
    App(Instance),
    /// A service principal with this application id.
    Id(String),
    /// A principal by what the file calls it.
    Name(String),
}

pub(super) struct Building {
    pub(super) owner: Owner,
    pub(super) app: App,
}

pub(super) struct Reader<'e, 'a> {
    pub(super) evaluator: &'e Evaluator<'a>,
    pub(super) texts: &'e dyn Texts,
    pub(super) comments: &'e [Span],
    pub(super) language: Language,
    pub(super) apps: Vec<Building>,
    pub(super) problems: Vec<Problem>,
    /// How many items each list literal has.
    pub(super) sizes: FxHashMap<Span, usize>,
}

impl Reader<'_, '_> {
    fn visit(&mut self, scope: usize, depth: usize) {
        if depth > 16 {
            return;
        }
        let program = self.evaluator.scope(scope).program;
        // Applications first, so that grants find them whatever the order of the file.
        for (index, resource) in program.resources.iter().enumerate() {
            if resource.ty == "microsoft.graph/applications" {
                self.applications(scope, index, resource);
            }
        }
        for (index, resource) in program.resources.iter().enumerate() {
            match resource.ty.as_str() {
                "microsoft.graph/approleassignedto" => self.role_grants(scope, index, resource),
                "microsoft.graph/oauth2permissiongrants" => {
                    self.scope_grants(scope, index, resource);
                }
                "microsoft.resources/deploymentscripts" => self.scripts(scope, index, resource),
                _ => {}
            }
        }
        for (index, module) in program.modules.iter().enumerate() {
            match self.evaluator.module_scopes(scope, index) {
                Ok(scopes) => {
                    for inner in scopes {
                        self.visit(inner, depth + 1);
                    }
                }
                Err(unknown) => self.not_followed(scope, module, &unknown.why),
            }
        }
    }

    fn applications(&mut self, scope: usize, index: usize, resource: &Declared) {
        if resource.existing {
            return;
        }
        for (instance, condition) in self.evaluator.instances(scope, index, resource) {
            let body = self.evaluator.body(&instance);
            let mut app = App::new(resource.span);
            app.address = Some(requests::symbol(self.evaluator, &instance));
            app.name = (body.member("displayName").and_then(spanned))
                .or_else(|| body.member("uniqueName").and_then(spanned));
            app.app_id = body.member("appId").and_then(spanned);
            app.layout.body = self.body_layout(resource);
            if let Some(access) = body.member("requiredResourceAccess") {
                self.entries(&mut app, access, condition);
            }
            self.apps.push(Building {
                owner: Owner::App(instance),
                app,
            });
        }
    }

    /// The object that a first `requiredResourceAccess` can be added to.
    fn body_layout(&self, resource: &Declared) -> Option<Body> {
        let super::expr::ExprKind::Object(members) = &resource.body.kind else {
            return None;
        };
        let members = (members.iter())
            .filter_map(|member| Some(member.key.as_ref()?.span.to(member.value.span)))
            .collect();
        Some(Body {
            span: resource.body.span,
            members,
            capitals: false,
            dialect: 0,
        })
    }

    /// `requiredResourceAccess`.
    pub(super) fn entries(&mut self, app: &mut App, value: &Value, condition: Option<Span>) {
        match &value.data {
            Data::Null => {}
            Data::List(items) => {
                for item in items.iter() {
                    let entry = item.clone().under(value.conditional).under(condition);
                    self.entry(app, &entry);
                }
                // A list with no items, where it stands as a literal, is where new ones go.
                if items.is_empty() {
                    self.list_of_entries(app, value.span);
                }
            }
            _ => self.entry(app, &value.clone().under(condition)),
        }
    }

    fn list_of_entries(&self, app: &mut App, list: Span) -> Option<usize> {
        // Only a literal of the same file is edited: a list that is worked out has no brackets.
        if !self.is_bracketed(list) {
            return None;
        }
        let lists = &mut app.layout.lists;
        if let Some(at) = lists.iter().position(|known| known.span == list) {
            return Some(at);
        }
        lists.push(ListLayout {
            span: list,
            form: self.brackets(list),
            permission_type: None,
            by_name: false,
            dialect: OBJECTS,
        });
        Some(lists.len() - 1)
    }

    pub(super) fn is_bracketed(&self, list: Span) -> bool {
        let text = self
            .texts
            .source(list.file)
            .map_or("", |source| source.slice(list));
        // A loop, `[for …]`, is no list of items.
        let loops = text
            .strip_prefix('[')
            .is_some_and(|rest| rest.trim_start().starts_with("for "));
        text.starts_with('[') && text.ends_with(']') && !loops
    }

    pub(super) fn brackets(&self, list: Span) -> ListForm {
        // A list of a data file is written as that file is.
        let name = self.texts.source(list.file).map(Source::name);
        let json = name
            .and_then(Utf8Path::extension)
            .is_some_and(|e| e.eq_ignore_ascii_case("json"));
        ListForm::Items {
            open: 1,
            close: 1,
            separator: if json {
                Separator::Comma
            } else {
                self.language.separator
            },
        }
    }

    /// One resource of `requiredResourceAccess`.
    fn entry(&mut self, app: &mut App, entry: &Value) {
        if let Data::Either(options) = &entry.data {
            for option in options.iter() {
                self.entry(app, &option.clone().under(entry.conditional));
            }
            return;
        }
        if !matches!(entry.data, Data::Object(_)) {
            // The whole entry is not known.
            let found = requests::permissions(self.texts, entry);
            let id = requests::resource(self.evaluator, self.texts, entry);
            let id = match (id, found.first()) {
                (id @ ResourceRef::Unresolved { .. }, _) => id,
                (_, Some(found)) => ResourceRef::Unresolved {
                    text: self.texts.excerpt(entry.span),
                    span: found.permission.span(),
                    reason: crate::model::Unresolved::WrongType,
                },
                (id, None) => id,
            };
            let mut resource = Resource::new(entry.span, id);
            if let Some(InList { list, of, .. }) = entry.item {
                self.sizes.insert(list, of);
                resource.layout.list = self.list_of_entries(app, list);
            }
            let resource = app.push_resource(resource);
            for one in found {
                let PermissionRef::Unresolved { .. } = &one.permission else {
                    continue;
                };
                let permission_type = requests::type_of(self.texts, Some(entry), entry.span);
                app.requested.push(Requested::new(
                    resource,
                    one.permission,
                    permission_type,
                    entry.span,
                ));
            }
            return;
        }
        let api = entry.member("resourceAppId");
        let id = match api {
            Some(api) => requests::resource(self.evaluator, self.texts, api),
            None => ResourceRef::Unresolved {
                text: String::new(),
                span: entry.span,
                reason: crate::model::Unresolved::Missing,
            },
        };
        let mut resource = Resource::new(entry.span, id);
        resource.label = entry
            .member("resourceDisplayName")
            .or_else(|| entry.member("resourceName"))
            .and_then(spanned);
        if let Some(InList { list, item, of }) = entry.item
            && entry.span == item
        {
            self.sizes.insert(list, of);
            resource.layout.list = self.list_of_entries(app, list);
        }
        let index = app.push_resource(resource);
        if let Some(access) = entry.member("resourceAccess") {
            self.elements(app, index, access, entry.conditional);
        }
    }
}

/// A text and its place.
pub(super) fn spanned(value: &Value) -> Option<Spanned<String>> {
    match &value.data {
        Data::Text(_) => {
            let text = value.as_text()?;
            (!text.is_empty()).then(|| Spanned::new(text, value.span))
        }
        Data::Either(options) => options.iter().find_map(spanned),
        _ => None,
    }
}

/// The service principal that a value is the object id of.
pub(super) fn principal_of(value: &Value) -> Option<&Instance> {
    match &value.data {
        Data::Symbolic(Symbolic::ObjectId(instance) | Symbolic::Resource(instance)) => {
            Some(instance)
        }
        Data::Either(options) => options.iter().find_map(principal_of),
        _ => None,
    }
}
