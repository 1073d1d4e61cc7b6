//! Microsoft Graph resources of a deployment as apps of the model: `applications` and what they request.

use camino::Utf8Path;
use rustc_hash::{FxHashMap, FxHashSet};
use source_text::{FileId, Source, Span, Spanned};

use super::eval::{Evaluator, elements};
use super::program::{Resource as Declared, Target};
use super::requests::{self, Texts};
use super::script;
use super::symbolic::{Instance, Symbolic};
use super::value::{Data, InList, Value};
use crate::PermissionType;
use crate::label;
use crate::model::layout::{
    Body, ElementLayout, EntryLayout, ListForm, ListLayout, Place, Separator,
};
use crate::model::{
    App, Condition, PermissionRef, Problem, ProblemKind, Requested, Resource, ResourceRef, TypeRef,
};

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

/// Whether an app of a module is another one than reading the module alone gives.
fn depends_on_other_files(app: &App) -> bool {
    let own = app.span.file;
    names_file(app, |file| file != own)
}

/// Whether a literal of an app stands in such a file.
fn names_file(app: &App, is: impl Fn(FileId) -> bool) -> bool {
    app.requested.iter().any(|requested| {
        let resource = &app.resources[requested.resource];
        is(requested.permission.span().file) || is(resource.id.span().file)
    })
}

/// Takes the comment at the end of a line for the label of the only permission on it: behind `['…']`, a comment is not
/// next to its element.
fn label_lines(app: &mut App, texts: &dyn Texts, comments: &[Span]) {
    let lines: Vec<Option<(FileId, usize)>> = (app.requested.iter())
        .map(|requested| {
            let span = requested.permission.span();
            let source = texts.source(span.file)?;
            Some((span.file, source.line_column(span.start).0))
        })
        .collect();
    let mut on_line: FxHashMap<(FileId, usize), usize> = FxHashMap::default();
    for line in lines.iter().flatten() {
        *on_line.entry(*line).or_default() += 1;
    }
    for (at, line) in lines.iter().enumerate() {
        let alone = line.is_some_and(|line| on_line.get(&line) == Some(&1));
        let requested = &mut app.requested[at];
        if !alone || requested.label.is_some() {
            continue;
        }
        let span = requested.permission.span();
        let Some(source) = texts.source(span.file) else {
            continue;
        };
        let next = comments
            .iter()
            .find(|c| c.file == span.file && c.start >= span.end);
        let Some(comment) = next else { continue };
        let gap = &source.text()[span.range().end..comment.range().start];
        if gap.chars().all(|c| " \t,]})".contains(c)) {
            let bounds = source.span(span.range().start, comment.range().start);
            requested.label = label::label(source, &[*comment], bounds, &[]);
        }
    }
}

/// Leaves lists alone that hold more than the app's permissions: the editor knows only those items, and would take the
/// others out with the last one.
fn keep_foreign_items(app: &mut App, sizes: &FxHashMap<Span, usize>) {
    let complete = |list: Span, items: &mut Vec<Span>| {
        items.sort_unstable();
        items.dedup();
        sizes.get(&list).is_none_or(|size| *size <= items.len())
    };
    for (index, resource) in app.resources.iter().enumerate() {
        for (access, list) in resource.layout.accesses.iter().enumerate() {
            let of_list = |requested: &Requested| {
                requested.resource == index && requested.layout.place == Some(Place::Access(access))
            };
            let of = app.requested.iter().filter(|requested| of_list(requested));
            let mut items: Vec<Span> = of.map(|requested| requested.span).collect();
            if !complete(list.span, &mut items) {
                for requested in app.requested.iter_mut().filter(|r| of_list(r)) {
                    requested.layout.place = None;
                }
            }
        }
    }
    for (index, list) in app.layout.lists.iter().enumerate() {
        let of = app
            .resources
            .iter()
            .filter(|r| r.layout.list == Some(index));
        let mut items: Vec<Span> = of.map(|resource| resource.span).collect();
        if !complete(list.span, &mut items) {
            for resource in app
                .resources
                .iter_mut()
                .filter(|r| r.layout.list == Some(index))
            {
                resource.layout.list = None;
            }
        }
    }
}

/// Says once what is not known for one reason.
fn settle(app: &mut App) {
    let mut seen: FxHashSet<(Span, String)> = FxHashSet::default();
    app.requested
        .retain(|requested| match &requested.permission {
            PermissionRef::Unresolved { span, reason, .. } => {
                seen.insert((*span, reason.to_string()))
            }
            _ => true,
        });
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
                Err(unknown) => {
                    let names_permissions = module.params.as_ref().is_some_and(|params| {
                        let text = self.texts.source(params.span.file);
                        let text = text.map_or("", |source| source.slice(params.span));
                        text.to_ascii_lowercase().contains("resourceaccess")
                            || text.contains("00000003-0000-0000-c000-000000000000")
                    });
                    let file = matches!(module.target, Target::File { .. });
                    if names_permissions {
                        let what = if file { "its file" } else { "it" };
                        self.problems.push(Problem::new(
                            ProblemKind::NotRead,
                            module.name_span,
                            format!(
                                "the arguments of module \"{}\" are about permissions, and {what} {}",
                                module.symbol,
                                match file {
                                    true => "was not read".to_owned(),
                                    false => unknown.why.to_string(),
                                }
                            ),
                        ));
                    }
                }
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
        })
    }

    /// `requiredResourceAccess`.
    fn entries(&mut self, app: &mut App, value: &Value, condition: Option<Span>) {
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

    fn is_bracketed(&self, list: Span) -> bool {
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

    fn brackets(&self, list: Span) -> ListForm {
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

    /// `resourceAccess`.
    fn elements(&mut self, app: &mut App, resource: usize, value: &Value, condition: Option<Span>) {
        let direct = matches!(value.data, Data::List(_)) && self.is_bracketed(value.span);
        if direct {
            self.list_of_elements(app, resource, value.span, OBJECTS, None);
        }
        for element in elements(value) {
            self.element(app, resource, &element.under(condition));
        }
    }

    pub(super) fn list_of_elements(
        &self,
        app: &mut App,
        resource: usize,
        list: Span,
        dialect: u8,
        permission_type: Option<PermissionType>,
    ) -> usize {
        let layout: &mut EntryLayout = &mut app.resources[resource].layout;
        if let Some(at) = layout.accesses.iter().position(|known| known.span == list) {
            return at;
        }
        layout.accesses.push(ListLayout {
            span: list,
            form: self.brackets(list),
            permission_type,
            by_name: dialect == WORDS,
            dialect,
        });
        layout.accesses.len() - 1
    }

    /// One `{id, type}`.
    fn element(&mut self, app: &mut App, resource: usize, element: &Value) {
        if let Data::Either(options) = &element.data {
            for option in options.iter().filter(|option| !option.is_null()) {
                self.element(app, resource, &option.clone().under(element.conditional));
            }
            return;
        }
        let (id, ty) = match &element.data {
            Data::Object(_) => (element.member("id"), element.member("type")),
            _ => (Some(element), None),
        };
        let missing;
        let id = match id {
            Some(id) => id,
            None => {
                missing = Value::new(Data::Null, element.span);
                &missing
            }
        };
        let siblings: Vec<Spanned<String>> = match &element.data {
            Data::Object(members) => (members.iter())
                .filter(|(key, _)| !["id", "type"].contains(&key.to_ascii_lowercase().as_str()))
                .filter_map(|(_, value)| spanned(value))
                .collect(),
            _ => Vec::new(),
        };
        let own = element.item.filter(|item| item.item == element.span);
        for found in requests::permissions(self.texts, id) {
            let permission_type = match (ty, &found.of) {
                (None, Some((_, among))) => TypeRef::implied(requests::type_among(*among)),
                _ => requests::type_of(self.texts, ty, element.span),
            };
            let condition = found.conditional.or(element.conditional);
            // An unresolved API is the one whose permissions are looked up.
            if let (ResourceRef::Unresolved { span, .. }, Some((principal, _))) =
                (&app.resources[resource].id, &found.of)
            {
                let span = *span;
                app.resources[resource].id =
                    requests::resource_of_principal(self.evaluator, self.texts, principal, span);
            }
            let item = own.or(found.item);
            let place = Placed {
                resource,
                element: element.span,
                item,
                objects: own.is_some() && matches!(element.data, Data::Object(_)),
                siblings: &siblings,
                condition,
            };
            self.request(
                app,
                found.permission,
                permission_type,
                found.literal,
                &place,
            );
        }
    }

    /// Adds a request, with the list that its element can be taken out of.
    pub(super) fn request(
        &mut self,
        app: &mut App,
        permission: PermissionRef,
        permission_type: TypeRef,
        literal: bool,
        placed: &Placed<'_>,
    ) -> usize {
        let at = permission.span();
        let (span, layout) = match placed.item {
            Some(InList { list, item, of }) if self.is_bracketed(list) => {
                self.sizes.insert(list, of);
                let dialect = if placed.objects { OBJECTS } else { WORDS };
                let implied = match dialect {
                    WORDS => permission_type.known(),
                    _ => None,
                };
                let index = self.list_of_elements(app, placed.resource, list, dialect, implied);
                let layout = ElementLayout {
                    place: Some(Place::Access(index)),
                    plain: literal && placed.siblings.is_empty(),
                    fixed: None,
                };
                (item, layout)
            }
            _ => (placed.element, ElementLayout::default()),
        };
        let fixed = if literal || matches!(permission, PermissionRef::Unresolved { .. }) {
            None
        } else {
            Some("the text is put together from several parts")
        };
        let labelled = if span.file == at.file && span.contains(at) {
            span
        } else {
            at
        };
        let siblings: Vec<Spanned<&str>> = (placed.siblings.iter())
            .map(|s| Spanned::new(s.value.as_str(), s.span))
            .collect();
        let label = self
            .texts
            .source(labelled.file)
            .and_then(|source: &Source| label::label(source, self.comments, labelled, &siblings));
        let used_at = (!placed.element.contains(at)).then_some(placed.element);
        let mut requested = Requested::new(placed.resource, permission, permission_type, span);
        requested.label = label;
        requested.used_at = used_at;
        requested.condition = placed.condition.map(|span| Condition {
            text: self.texts.excerpt(span),
            span,
        });
        requested.layout = ElementLayout { fixed, ..layout };
        app.requested.push(requested);
        app.requested.len() - 1
    }

    fn scripts(&mut self, scope: usize, index: usize, resource: &Declared) {
        for (instance, condition) in self.evaluator.instances(scope, index, resource) {
            let body = self.evaluator.body(&instance);
            let of = |name: &str| {
                body.member(name)
                    .or_else(|| body.member("properties")?.member(name))
                    .cloned()
            };
            let Some(content) = of("scriptContent") else {
                continue;
            };
            let Some(text) = content.as_text() else {
                continue;
            };
            script::read(self, &instance, resource, &content, &text, condition);
        }
    }
}

/// Where a request stands.
pub(super) struct Placed<'p> {
    pub(super) resource: usize,
    pub(super) element: Span,
    /// The list literal that it is an item of.
    pub(super) item: Option<InList>,
    /// Whether its items are objects.
    pub(super) objects: bool,
    pub(super) siblings: &'p [Spanned<String>],
    pub(super) condition: Option<Span>,
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

/// The folder of a file.
pub(crate) fn folder_of(path: &Utf8Path) -> &Utf8Path {
    path.parent().unwrap_or_else(|| Utf8Path::new(""))
}
