//! "Allow with a reason": an `[[allow]]` entry in `entralint.toml`, or a comment at the place. The reason is left empty, and
//! an exception without one accepts nothing: a person has to say why.

#[cfg(test)]
mod tests;

use camino::Utf8Path;
use entra_manifest::{Manifest, PermissionType, Read, Unit, Wanted};
use entralint_core::finding::{Finding, Location, locate};
use entralint_core::policy::inline_allows;
use source_text::{Edit, Source};

use crate::config_text::{pattern, string};
use crate::view::View;

/// Text that is inserted into one file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Action {
    /// What it does.
    pub(crate) title: String,
    /// The place, without length.
    pub(crate) at: Location,
    /// The text.
    pub(crate) text: String,
}

/// The ways to accept a finding. `config` is the configuration that counts where it is shown; empty where there is none.
pub(crate) fn actions(view: &View<'_>, finding: &Finding, config: &Source) -> Vec<Action> {
    if finding.rule.is_about_the_run() || finding.locked {
        return Vec::new();
    }
    [in_configuration(finding, config), in_comment(view, finding)]
        .into_iter()
        .flatten()
        .collect()
}

/// An entry at the end of the configuration. It names the rule and all else that tells the finding from others.
fn in_configuration(finding: &Finding, config: &Source) -> Option<Action> {
    let app = finding
        .app
        .as_ref()
        .and_then(|app| app.shown())
        .unwrap_or(&finding.fingerprint.app.file);
    let is_name = |name: &&str| {
        !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
    };
    let permission = finding.fingerprint.permission.as_deref().filter(is_name);
    // A rule alone would accept far more than this finding.
    if app.is_empty() && permission.is_none() {
        return None;
    }
    let end = if config.text().contains("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    let mut lines = Vec::new();
    if !config.text().is_empty() {
        if !config.text().ends_with('\n') {
            lines.push(String::new());
        }
        lines.push(String::new());
    }
    lines.push("[[allow]]".to_owned());
    lines.push(format!("rule = \"{}\"", finding.rule.id));
    if !app.is_empty() {
        lines.push(format!("app = \"{}\"", string(&pattern(app))));
    }
    if let Some(permission) = permission {
        lines.push(format!("permission = \"{permission}\""));
    }
    lines.push("reason = \"\"".to_owned());
    let length = config.text().len();
    Some(Action {
        title: format!(
            "Allow {} in {} (write the reason)",
            finding.rule.id,
            entralint_core::text::shown(config.name().as_str())
        ),
        at: locate(config, config.span(length, length)),
        text: lines.iter().map(|line| format!("{line}{end}")).collect(),
    })
}

/// A comment above the line of the place, if the file is still read as before with it.
fn in_comment(view: &View<'_>, finding: &Finding) -> Option<Action> {
    let place = &finding.place.as_ref()?.at;
    let (unit, manifest) = view.unit?;
    let source = view.source;
    if place.path != source.name() {
        return None;
    }
    let opener = comment(source.name())?;
    let text = source.text();
    let at = crate::subject::floor(text, place.span.start as usize);
    let line_start = text[..at].rfind('\n').map_or(0, |at| at + 1);
    let line = &text[line_start..];
    let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
    // A command that goes on in the next line is cut by a comment.
    let before = text[..line_start].trim_end_matches(['\n', '\r']);
    if before.ends_with(['\\', '`']) {
        return None;
    }
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let comment = |reason: &str| {
        format!(
            "{indent}{opener} entralint: allow({}) {reason}{end}",
            finding.rule.id
        )
    };
    let edited = source_text::apply(
        text,
        &[Edit {
            span: source.span(line_start, line_start),
            new: comment("x"),
        }],
    )
    .ok()?;
    let edited = source.with_text(edited);
    let number = inline_allows(&edited).0.len();
    if number != inline_allows(source).0.len() + 1 || !is_read_as_before(unit, manifest, &edited) {
        return None;
    }
    Some(Action {
        title: format!("Allow {} in a comment (write the reason)", finding.rule.id),
        at: locate(source, source.span(line_start, line_start)),
        text: comment(""),
    })
}

/// What opens a comment of a line; `None` where the format has none, or where it is not known that it has.
fn comment(name: &Utf8Path) -> Option<&'static str> {
    let extension = name.extension()?.to_ascii_lowercase();
    match extension.as_str() {
        "tf" | "tfvars" | "hcl" | "yaml" | "yml" | "ps1" | "psm1" | "psd1" | "sh" | "bash"
        | "py" => Some("#"),
        "bicep" | "bicepparam" | "jsonc" | "json5" | "ts" | "tsx" | "js" | "mjs" | "cjs" | "cs"
        | "go" | "java" => Some("//"),
        _ => None,
    }
}

/// Whether the unit declares the same with an edited file: a comment within a string would be part of it.
fn is_read_as_before(unit: Unit<'_>, manifest: &Manifest, edited: &Source) -> bool {
    let new = |old: &Source| {
        if old.id() == edited.id() {
            edited.clone()
        } else {
            old.clone()
        }
    };
    let sources: Vec<Source> = unit.sources.iter().map(new).collect();
    let wanted: Vec<Wanted> = unit
        .wanted
        .iter()
        .map(|wanted| Wanted {
            want: wanted.want.clone(),
            files: wanted.files.iter().map(new).collect(),
        })
        .collect();
    let after = Unit {
        sources: &sources,
        wanted: &wanted,
        environments: unit.environments,
    };
    match entra_manifest::read(after) {
        Read::Manifest(read) => {
            read.problems.len() == manifest.problems.len()
                && declared(after, &read) == declared(unit, manifest)
        }
        _ => false,
    }
}

/// What an app requests, as it is written.
type Requests<'a> = Vec<(&'a str, Option<PermissionType>)>;

/// The apps of a manifest with what they request.
fn declared<'a>(unit: Unit<'a>, manifest: &'a Manifest) -> Vec<(Option<&'a str>, Requests<'a>)> {
    manifest
        .apps
        .iter()
        .map(|app| {
            let requests = app
                .requested
                .iter()
                .map(|requested| {
                    let span = requested.permission.span();
                    let source = unit.files().find(|source| source.id() == span.file);
                    (
                        source.map_or("", |source| source.slice(span)),
                        requested.permission_type.known(),
                    )
                })
                .collect();
            (app.name.as_ref().map(|name| name.value.as_str()), requests)
        })
        .collect()
}
