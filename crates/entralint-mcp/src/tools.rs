//! The tools: what each takes and gives, declared once.

mod knowledge;
mod project;

use std::sync::{Arc, OnceLock};

use entralint_project::catalog::{CatalogOptions, Loaded};
use msgraph_calls::Api;
use rmcp::handler::server::tool::{schema_for_input, schema_for_output};
use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::quote;
use crate::roots::Roots;

/// What the tools work with.
pub(crate) struct World {
    /// The permissions data of questions that are about no project.
    pub(crate) catalog: Loaded,
    /// What the command line says of the catalog.
    pub(crate) options: CatalogOptions,
    /// Files may be written.
    pub(crate) may_write: bool,
    api: OnceLock<Api>,
}

impl World {
    pub(crate) fn new(catalog: Loaded, options: CatalogOptions, may_write: bool) -> Self {
        Self {
            catalog,
            options,
            may_write,
            api: OnceLock::new(),
        }
    }

    fn api(&self) -> &Api {
        self.api.get_or_init(|| Api::of(self.catalog.get()))
    }
}

/// Why a call of a tool gives no result.
pub(crate) enum Wrong {
    /// The arguments are not those of the tool's schema.
    Arguments(String),
    /// It could not be done: a sentence that says what to do.
    Failed(String),
}

impl From<String> for Wrong {
    fn from(text: String) -> Self {
        Self::Failed(text)
    }
}

type Run = fn(&World, &Roots, Value) -> Result<Value, Wrong>;

/// A tool.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    title: &'static str,
    about: &'static str,
    input: fn() -> Arc<JsonObject>,
    output: fn() -> Arc<JsonObject>,
    /// Reads files of the project: such calls take turns.
    pub(crate) reads_project: bool,
    writes: bool,
    pub(crate) run: Run,
}

macro_rules! entry {
    ($name:literal, $title:literal, $run:path, $input:ty, $output:ty, $reads:literal, $writes:literal, $about:literal) => {
        Entry {
            name: $name,
            title: $title,
            about: $about,
            input: input::<$input>,
            output: output::<$output>,
            reads_project: $reads,
            writes: $writes,
            run: |world, roots, arguments| run(world, roots, arguments, $run),
        }
    };
}

/// Every tool, in the order in which they are listed.
pub(crate) const TOOLS: &[Entry] = &[
    entry!(
        "needs",
        "What calls need",
        knowledge::needs,
        knowledge::NeedsArgs,
        knowledge::NeedsResult,
        false,
        false,
        "Least privileged Microsoft Graph permissions for calls, with the proof: for each call the permission that covers it. Use it before a permission is written into a manifest."
    ),
    entry!(
        "check",
        "Check declared permissions",
        project::check,
        project::CheckArgs,
        project::CheckResult,
        true,
        false,
        "Compares the Microsoft Graph permissions that apps request with the calls they make: too broad, missing, unused, unknown. Give paths below a root, or a text with its file name."
    ),
    entry!(
        "calls",
        "Calls in code",
        project::calls,
        project::CallsArgs,
        project::CallsResult,
        true,
        false,
        "The Microsoft Graph calls that code makes, each with its place, and the places that could not be read. Give paths below a root, or a text with its file name."
    ),
    entry!(
        "list_permissions",
        "Declared permissions",
        project::list,
        project::ListArgs,
        project::ListResult,
        true,
        false,
        "What each app requests: every declared permission with its app, file and line."
    ),
    entry!(
        "fix",
        "Fix declared permissions",
        project::fix,
        project::FixArgs,
        project::FixResult,
        true,
        true,
        "The edits that fix findings, and their diff. A dry run unless `apply` is true and the server was started with --allow-write. Fixes that change what is granted only with `unsafe_fixes`: show them to a person first."
    ),
    entry!(
        "explain",
        "Explain",
        knowledge::explain,
        knowledge::ExplainArgs,
        knowledge::ExplainResult,
        false,
        false,
        "What is known of a rule (`broader-permission`), a permission by name or id, or a call (`GET /me`)."
    ),
    entry!(
        "denied",
        "Why a call was denied",
        knowledge::denied,
        knowledge::DeniedArgs,
        knowledge::DeniedResult,
        false,
        false,
        "Reads an error of Microsoft Graph, a HAR entry or a row of a log: which call it was, the least privileged permission, what the token had, and whether a role or consent may be the cause instead."
    ),
];

impl Entry {
    /// As clients list it.
    pub(crate) fn tool(&self) -> Tool {
        Tool::new(self.name, self.about, (self.input)())
            .with_title(self.title)
            .with_raw_output_schema((self.output)())
            .with_annotations(
                ToolAnnotations::with_title(self.title)
                    .read_only(!self.writes)
                    .destructive(self.writes)
                    .idempotent(true)
                    .open_world(false),
            )
    }
}

fn input<T: JsonSchema + 'static>() -> Arc<JsonObject> {
    plain(&schema_for_input::<T>().expect("the arguments of a tool are an object"))
}

fn output<T: JsonSchema + 'static>() -> Arc<JsonObject> {
    plain(&schema_for_output::<T>())
}

/// In the part of JSON Schema that every client knows: without the formats of Rust's numbers, and with one type at each
/// place. The inspector warns of the others.
fn plain(schema: &JsonObject) -> Arc<JsonObject> {
    fn walk(value: &mut Value) {
        match value {
            Value::Object(members) => {
                let of_rust =
                    |format: &Value| format.as_str().is_some_and(|f| f.starts_with("uint"));
                if members.get("format").is_some_and(of_rust) {
                    members.remove("format");
                }
                if let Some(Value::Array(types)) = members.get("type").cloned()
                    && !members.contains_key("anyOf")
                {
                    members.remove("type");
                    let branches: Vec<Value> = types
                        .into_iter()
                        .map(|one| serde_json::json!({ "type": one }))
                        .collect();
                    members.insert("anyOf".to_owned(), Value::Array(branches));
                }
                members.values_mut().for_each(walk);
            }
            Value::Array(items) => items.iter_mut().for_each(walk),
            _ => {}
        }
    }
    let mut schema = schema.clone();
    schema.values_mut().for_each(walk);
    Arc::new(schema)
}

fn run<A: DeserializeOwned, R: Serialize>(
    world: &World,
    roots: &Roots,
    arguments: Value,
    tool: fn(&World, &Roots, A) -> Result<R, String>,
) -> Result<Value, Wrong> {
    let arguments: A = serde_json::from_value(arguments)
        .map_err(|error| Wrong::Arguments(quote::string(&error.to_string(), false)))?;
    let result = tool(world, roots, arguments)?;
    let mut value = serde_json::to_value(&result)
        .map_err(|error| Wrong::Failed(format!("the result cannot be written: {error}")))?;
    quote::value(&mut value);
    Ok(value)
}
