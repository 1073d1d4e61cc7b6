//! Where reports go: standard output, files, and the summaries of pipelines.

mod files;
mod terminal;

use std::cell::LazyCell;
use std::fs::OpenOptions;
use std::io::Write as _;

use annotate_snippets::Renderer;
use camino::{Utf8Path, Utf8PathBuf};
use entralint_core::report::view::View;
use entralint_core::report::{
    AzurePipeline, Report, azure, concise, full, github, gitlab, html, json, jsonl, junit,
    markdown, sarif,
};
use entralint_core::text;

use crate::cli::{CheckArgs, Format};
use crate::cmd;

pub(crate) use files::files;

/// Whether a format shows what each app requests and needs.
pub(crate) fn wants_apps(args: &CheckArgs) -> bool {
    let wants = |format: Format| {
        !matches!(
            format,
            Format::Full | Format::Json | Format::Sarif | Format::Concise | Format::Gitlab
        )
    };
    args.statistics || wants(args.format) || args.output.iter().any(|(format, _)| wants(*format))
}

/// Writes a report everywhere it is wanted. Files come first: where one cannot be written, that is said, and standard
/// output still gets the report.
///
/// # Errors
///
/// What could not be written.
pub(crate) fn write(report: &Report, args: &CheckArgs) -> Result<(), String> {
    // `full`, `json` and `sarif` are written from the report itself.
    let view = LazyCell::new(|| View::from(report));
    let mut failed = Vec::new();
    for (format, path) in &args.output {
        let rendered = render(report, &|| &*view, *format, &Renderer::plain())?;
        if let Err(error) = std::fs::write(path, rendered) {
            failed.push(format!(
                "{}: cannot be written: {error}",
                text::escaped(path.as_str())
            ));
        }
    }
    let renderer = terminal::renderer(args.color, args.hyperlinks);
    if args.statistics {
        cmd::print(&statistics(&view))?;
    } else if !args.files {
        cmd::print(&render(report, &|| &*view, args.format, &renderer)?)?;
        if let Err(error) = summary(&|| &*view, args.format) {
            failed.push(error);
        }
    }
    if args.format != Format::Full || args.statistics {
        cmd::say(&view.headline());
    }
    match failed.first() {
        None => Ok(()),
        Some(first) => Err(first.clone()),
    }
}

fn render<'v>(
    report: &Report,
    view: &dyn Fn() -> &'v View,
    format: Format,
    renderer: &Renderer,
) -> Result<String, String> {
    let json_error = |error: serde_json::Error| error.to_string();
    Ok(match format {
        Format::Full => full::render(report, renderer),
        Format::Json => json::render(report).map_err(json_error)?,
        Format::Sarif => sarif::render(report).map_err(json_error)?,
        Format::Concise => concise::render(view()),
        Format::Jsonl => jsonl::render(view()).map_err(json_error)?,
        Format::Github => github::render(view()),
        Format::Azure => azure::render(view()),
        Format::Gitlab => gitlab::render(view()).map_err(json_error)?,
        Format::Junit => junit::render(view()).map_err(|error| error.to_string())?,
        Format::Markdown => markdown::render(view()),
        Format::Html => html::render(view()),
    })
}

/// The run of Azure Pipelines that this is, by the variables that its agent sets.
pub(crate) fn azure_pipeline() -> Option<AzurePipeline> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    Some(AzurePipeline {
        definition_id: variable("SYSTEM_DEFINITIONID")?,
        definition_name: variable("BUILD_DEFINITIONNAME")?,
        phase_id: variable("SYSTEM_PHASEID")?,
        phase_name: variable("SYSTEM_PHASENAME")?,
    })
}

/// The summary that a pipeline shows with the run.
fn summary<'v>(view: &dyn Fn() -> &'v View, format: Format) -> Result<(), String> {
    match format {
        Format::Github => {
            let Some(path) =
                std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty())
            else {
                return Ok(());
            };
            OpenOptions::new()
                .append(true)
                .create(true)
                .open(path)
                .and_then(|mut file| {
                    // Other commands of the step write to it as well.
                    let written = file.metadata()?.len();
                    file.write_all(markdown::step_summary(view(), written).as_bytes())
                })
                .map_err(|error| format!("the step's summary cannot be written: {error}"))
        }
        Format::Azure => {
            // Outside of a pipeline there is no run to attach a summary to.
            let Some(folder) = std::env::var("AGENT_TEMPDIRECTORY")
                .ok()
                .filter(|folder| !folder.is_empty())
            else {
                return Ok(());
            };
            let path = Utf8PathBuf::from(folder).join("entralint-summary.md");
            std::fs::write(&path, markdown::render(view()))
                .map_err(|error| format!("the run's summary cannot be written: {error}"))?;
            cmd::print(&azure::upload_summary(path.as_str()))
        }
        _ => Ok(()),
    }
}

/// How many findings each rule and each app has.
fn statistics(view: &View) -> String {
    let mut out = String::new();
    let mut count =
        |title: &str,
         key: &dyn Fn(&entralint_core::report::view::FindingView) -> Option<String>| {
            let mut counts: std::collections::BTreeMap<String, usize> =
                std::collections::BTreeMap::new();
            for finding in view.open() {
                if let Some(key) = key(finding) {
                    *counts.entry(key).or_default() += 1;
                }
            }
            let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
            counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            if !counts.is_empty() {
                out.push_str(title);
                out.push('\n');
            }
            for (key, n) in counts {
                out.push_str(&format!("{n:6}  {}\n", text::escaped(&key)));
            }
        };
    count("findings by rule", &|finding| {
        Some(format!("{}[{}]", finding.severity.as_str(), finding.rule))
    });
    count("findings by app", &|finding| {
        finding
            .app
            .clone()
            .or_else(|| finding.place.as_ref().map(|place| place.file.clone()))
    });
    out
}

/// Writes a small file of the repository, whole or not at all.
///
/// # Errors
///
/// Why it could not be written.
pub(crate) fn write_file(path: &Utf8Path, text: &str) -> Result<(), String> {
    let said = |error: std::io::Error| {
        format!(
            "{}: cannot be written: {error}",
            text::escaped(path.as_str())
        )
    };
    let folder = match path.parent() {
        Some(folder) if !folder.as_str().is_empty() => folder,
        _ => Utf8Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".entralint-");
    // As any new file, within the umask: by default temporary files are their owner's alone.
    #[cfg(unix)]
    let shared = {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::Permissions::from_mode(0o666)
    };
    #[cfg(unix)]
    builder.permissions(shared);
    let mut file = builder.tempfile_in(folder).map_err(said)?;
    file.write_all(text.as_bytes()).map_err(said)?;
    file.as_file().sync_all().map_err(said)?;
    file.persist(path).map_err(|error| said(error.error))?;
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_new_file_has_the_mode_of_any_new_file() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = Utf8PathBuf::from_path_buf(folder.path().join("a")).expect("it is UTF-8");
        write_file(&path, "x").expect("it is written");
        let other = folder.path().join("b");
        std::fs::write(&other, "x").expect("it is written");
        let mode = |path: &std::path::Path| {
            std::fs::metadata(path)
                .expect("it is there")
                .permissions()
                .mode()
                & 0o777
        };
        assert_eq!(mode(path.as_std_path()), mode(&other));
    }
}
