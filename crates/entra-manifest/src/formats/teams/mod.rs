//! Format: Teams app manifests, and the manifests of the Microsoft 365 Agents Toolkit with their environments.

mod app;
mod project;

use camino::Utf8Path;
use source_text::Source;

use super::Format;
use crate::about::{About, Types};
use crate::amend::notation::Notation;
use crate::json;
use crate::model::{App, Manifest, Problem, ProblemKind};
use crate::read::{ParseError, Read, Unit, WhyNot};

/// Teams app manifests, and manifests with the toolkit's placeholders.
pub(crate) struct Teams;

static TEAMS_APP: About = About {
    id: "teams-app",
    name: "Teams app manifest",
    files: &["manifest.json"],
    generated: false,
    types: Types::Both,
    docs: "https://learn.microsoft.com/microsoftteams/platform/graph-api/rsc/resource-specific-consent",
};

/// Words of which every file that this format reads holds one: the lists of resource-specific permissions, and the
/// placeholders of the toolkit. Teams takes no other spelling.
const WORDS: [&str; 3] = ["resourceSpecific", "webApplicationInfo", "${{"];

impl Format for Teams {
    fn about(&self) -> &'static About {
        &TEAMS_APP
    }

    fn names(&self, name: &Utf8Path) -> bool {
        let file = name.file_name().unwrap_or_default().to_ascii_lowercase();
        file.ends_with(".json") || file.ends_with(".json.tpl")
    }

    fn claims(&self, name: &Utf8Path, text: &str) -> bool {
        self.names(name) && json::holds(text, &WORDS)
    }

    fn read(&self, unit: Unit<'_>) -> Read {
        let [source] = unit.sources else {
            return Read::Nothing(WhyNot::NoDeclaration);
        };
        let read = json::with_document(source, |document| app::read(source, document));
        let (about, app, problems, comments) = match read {
            Ok(Some(found)) => {
                let (others, more) = beyond(unit, &found.app);
                let mut problems = found.problems;
                problems.extend(more);
                let apps = std::iter::once(found.app).chain(others).collect();
                (&TEAMS_APP, apps, problems, found.comments)
            }
            Ok(None) if source.text().contains("${{") => {
                let Read::Manifest(manifest) = super::json::Json.read(unit) else {
                    return Read::Nothing(WhyNot::NoDeclaration);
                };
                let Manifest {
                    about,
                    apps,
                    problems,
                    comments,
                    ..
                } = manifest;
                (about, apps, problems, comments)
            }
            // A text that is no JSON is for the JSON reader to judge.
            _ => return Read::Nothing(WhyNot::NoDeclaration),
        };
        let project = match project::Project::find(source, unit) {
            Ok(project) => project,
            Err(wants) => return Read::Wants(wants),
        };
        Read::Manifest(
            Manifest::new(&Teams, about, project.apps(app))
                .with_problems(problems)
                .with_comments(comments),
        )
    }

    fn notation(&self) -> Option<&'static dyn Notation> {
        Some(&app::TeamsNotation)
    }

    fn syntax_error(&self, source: &Source) -> Option<ParseError> {
        json::error(source)
    }
}

/// What the same document declares beyond the Teams app: an application, grants. The JSON reader lists the Teams app's
/// own lists as not read, which they are.
fn beyond(unit: Unit<'_>, teams: &App) -> (Vec<App>, Vec<Problem>) {
    let Read::Manifest(manifest) = super::json::Json.read(unit) else {
        return (Vec::new(), Vec::new());
    };
    if manifest.apps.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let is_read = |problem: &Problem| {
        let mut lists = teams.resources.iter().map(|resource| resource.span);
        lists.any(|list| problem.span.contains(list) || list.contains(problem.span))
    };
    let problems = manifest
        .problems
        .into_iter()
        .filter(|problem| problem.kind == ProblemKind::NotRead && !is_read(problem));
    (manifest.apps, problems.collect())
}
