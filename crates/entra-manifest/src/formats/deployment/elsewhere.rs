//! Modules that cannot be followed: those of a registry, files that are not there, circles.

use source_text::Span;

use super::env::Env;
use super::graph::{Building, Owner, Reader, spanned};
use super::program::{Module, Target};
use super::value::{Data, Value, Why};
use crate::model::{App, Problem, ProblemKind};

/// Values within values, as far as arguments are looked through for permissions.
const DEPTH: usize = 6;

/// What names the API of permissions, in the arguments of a module that has parameters of its own.
const MICROSOFT_GRAPH: &str = "00000003-0000-0000-c000-000000000000";

impl Reader<'_, '_> {
    /// Takes the permissions that a module's arguments spell out, and says what else may be lost with the module.
    pub(super) fn not_followed(&mut self, scope: usize, module: &Module, why: &Why) {
        if matches!(why, Why::Cycle(_) | Why::Limit) {
            // Modules can nest so for any purpose: without Graph in any of them there is nothing to lose.
            let about_graph = |text: &str| text.to_ascii_lowercase().contains("microsoft.graph/");
            if self.texts.any(&about_graph) {
                self.not_read(
                    module.name_span,
                    format!(
                        "module \"{}\" is not followed: it deploys itself, or too many modules nest",
                        module.symbol
                    ),
                );
            }
            return;
        }
        let is_file = matches!(module.target, Target::File { .. });
        if !is_file && self.spelled_out(scope, module) {
            return;
        }
        let about_permissions = module.params.as_ref().is_some_and(|params| {
            let text = self.texts.source(params.span.file);
            let text = text.map_or("", |source| source.slice(params.span));
            text.to_ascii_lowercase().contains("resourceaccess") || text.contains(MICROSOFT_GRAPH)
        });
        if about_permissions {
            let lost = if is_file {
                "its file was not read".to_owned()
            } else {
                format!("it {why}")
            };
            self.not_read(
                module.name_span,
                format!(
                    "the arguments of module \"{}\" are about permissions, and {lost}",
                    module.symbol
                ),
            );
        }
    }

    /// Says once that something was not read.
    fn not_read(&mut self, span: Span, message: String) {
        let problem = Problem::new(ProblemKind::NotRead, span, message);
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Reads lists of `{resourceAppId, resourceAccess}` among the arguments of a module: whatever the module is, such a
    /// list is what an application requests. Returns whether there are any.
    fn spelled_out(&mut self, scope: usize, module: &Module) -> bool {
        let Some(params) = &module.params else {
            return false;
        };
        let rounds = match &module.each {
            None => vec![(Env::default(), None)],
            Some(each) => self.evaluator.rounds(scope, each),
        };
        let looped = module.each.is_some();
        let mut any = false;
        for (nth, (env, depends)) in rounds.into_iter().enumerate() {
            let holds = self.evaluator.holds(scope, &env, module.condition.as_ref());
            let Some(condition) = holds else { continue };
            let arguments = self.evaluator.eval(scope, &env, params);
            let mut lists = Vec::new();
            entries(&arguments, DEPTH, &mut lists);
            if lists.is_empty() {
                continue;
            }
            any = true;
            let address = match looped {
                true => format!("{}[{nth}]", module.symbol),
                false => module.symbol.clone(),
            };
            let mut app = App::new(params.span);
            app.name = ["displayName", "name"]
                .iter()
                .find_map(|name| arguments.member(name).and_then(spanned));
            app.address = Some(address.clone());
            for list in lists {
                self.entries(&mut app, &list, condition.or(depends));
            }
            self.apps.push(Building {
                owner: Owner::Name(address),
                app,
            });
        }
        any
    }
}

/// The lists of entries in a value.
fn entries(value: &Value, depth: usize, out: &mut Vec<Value>) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    match &value.data {
        Data::List(items) => {
            if items
                .iter()
                .any(|item| item.member("resourceAppId").is_some())
            {
                out.push(value.clone());
            } else {
                items.iter().for_each(|item| entries(item, depth, out));
            }
        }
        Data::Object(members) => {
            for (_, member) in members.iter() {
                entries(member, depth, out);
            }
        }
        _ => {}
    }
}
