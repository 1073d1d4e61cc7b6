//! Scripts that stand in other files: steps of GitHub Actions and Azure Pipelines, `RUN` of a Dockerfile, recipes of a
//! Makefile.
//!
//! A script is a range of the file's own text, so that what is found in it has its place in the file.

use source_text::{Source, Span};

use crate::Language;
use crate::yaml::{self, Node, Scalar};

/// A script within a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Script {
    /// Its text, without quotes around it.
    pub span: Span,
    /// What it is written in.
    pub language: Language,
}

/// The scripts of a file, by its name and its content. None where the file is none of the kinds that are known.
pub fn scripts(source: &Source) -> Vec<Script> {
    let name = source.name().file_name().unwrap_or_default();
    let lower = name.to_ascii_lowercase();
    if lower.ends_with(".yml") || lower.ends_with(".yaml") {
        of_pipeline(source)
    } else if lower == "dockerfile"
        || lower.starts_with("dockerfile.")
        || lower.ends_with(".dockerfile")
    {
        of_dockerfile(source)
    } else if matches!(lower.as_str(), "makefile" | "gnumakefile") || lower.ends_with(".mk") {
        of_makefile(source)
    } else {
        Vec::new()
    }
}

/// Keys of steps that hold a script, with the language where the key alone tells it.
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax>,
/// <https://learn.microsoft.com/en-us/azure/devops/pipelines/yaml-schema/>
const KEYS: [(&str, Option<Language>); 7] = [
    ("run", None),
    ("script", None),
    ("bash", Some(Language::Shell)),
    ("pwsh", Some(Language::PowerShell)),
    ("powershell", Some(Language::PowerShell)),
    ("inlineScript", None),
    ("inline", None),
];

fn of_pipeline(source: &Source) -> Vec<Script> {
    let text = source.text();
    if !KEYS.iter().any(|(key, _)| text.contains(key)) {
        return Vec::new();
    }
    let Ok(document) = yaml::parse(source) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let default = shell_of(
        document
            .get("defaults")
            .and_then(|defaults| defaults.get("run")),
    );
    walk(source, &document, default, None, &mut found);
    found
}

/// `shell` is the nearest default, `task` what the step around uses: `AzureCLI@2`, `actions/github-script@v7`.
fn walk(
    source: &Source,
    node: &Node,
    shell: Option<Language>,
    task: Option<&str>,
    out: &mut Vec<Script>,
) {
    for item in node.items() {
        walk(source, item, shell, task, out);
    }
    let defaults = node
        .get("defaults")
        .and_then(|defaults| defaults.get("run"));
    let shell = shell_of(Some(node))
        .or_else(|| shell_of(defaults))
        .or(shell);
    let task = node
        .get("uses")
        .or_else(|| node.get("task"))
        .and_then(Node::text)
        .or(task);
    for (key, value) in node.pairs() {
        if let Some((_, language)) = KEYS
            .iter()
            .find(|(known, _)| key.text.eq_ignore_ascii_case(known))
        {
            let language = language.or_else(|| language_of(node, &key.text, task, shell));
            if let (Some(scalar), Some(language)) = (value.scalar(), language) {
                out.extend(script(source, scalar, language));
                continue;
            }
        }
        walk(source, value, shell, task, out);
    }
}

/// `shell: pwsh`
fn shell_of(node: Option<&Node>) -> Option<Language> {
    let shell = node?.get("shell")?.text()?;
    match shell.split_whitespace().next()? {
        "pwsh" | "powershell" => Some(Language::PowerShell),
        "bash" | "sh" | "zsh" => Some(Language::Shell),
        "python" | "python3" => Some(Language::Python),
        "node" => Some(Language::JavaScript),
        _ => None,
    }
}

/// The language of a script by what its step says.
fn language_of(
    step: &Node,
    key: &str,
    task: Option<&str>,
    shell: Option<Language>,
) -> Option<Language> {
    let task = task.unwrap_or_default().to_ascii_lowercase();
    let script_type = step
        .pairs()
        .iter()
        .find(|(name, _)| name.text.eq_ignore_ascii_case("scriptType"))
        .and_then(|(_, value)| value.text())
        .unwrap_or_default();
    if task.starts_with("actions/github-script") {
        return Some(Language::JavaScript);
    }
    if task.starts_with("azurepowershell")
        || task.starts_with("powershell")
        || task.starts_with("azure/powershell")
    {
        return Some(Language::PowerShell);
    }
    if task.starts_with("azurecli") || task.starts_with("azure/cli") {
        // `bash`, `pscore`, `ps`, `batch`
        return Some(if script_type.to_ascii_lowercase().starts_with("ps") {
            Language::PowerShell
        } else {
            Language::Shell
        });
    }
    if task.starts_with("pythonscript") {
        return Some(Language::Python);
    }
    match (key, shell) {
        (_, Some(shell)) => Some(shell),
        ("inline", None) => None,
        _ => Some(Language::Shell),
    }
}

/// The range of a scalar's text; none where it is quoted with escapes, whose text differs from what is written.
fn script(source: &Source, scalar: &Scalar, language: Language) -> Option<Script> {
    let mut span = scalar.span;
    let written = source.slice(span);
    let quoted = !scalar.is_block && written.len() >= 2 && written.starts_with(['"', '\'']);
    if quoted {
        span.start += 1;
        span.end -= 1;
        if source.slice(span) != scalar.text {
            return None;
        }
    }
    (!span.is_empty()).then_some(Script { span, language })
}

/// `RUN …`, with the lines that a backslash joins to it.
fn of_dockerfile(source: &Source) -> Vec<Script> {
    lines(source, |line| {
        let trimmed = line.trim_start();
        let rest = trimmed
            .get(..4)?
            .eq_ignore_ascii_case("RUN ")
            .then(|| &trimmed[4..])?;
        // `RUN ["executable", "argument"]` is no script.
        (!rest.trim_start().starts_with('[')).then(|| line.len() - rest.len())
    })
}

/// Lines that begin with a tab.
fn of_makefile(source: &Source) -> Vec<Script> {
    lines(source, |line| line.starts_with('\t').then_some(1))
}

/// The logical lines for which `starts` gives the offset of the script.
fn lines(source: &Source, starts: impl Fn(&str) -> Option<usize>) -> Vec<Script> {
    let mut found: Vec<Script> = Vec::new();
    let mut at = 0;
    let mut open: Option<usize> = None;
    for line in source.text().split_inclusive('\n') {
        let joined = line.trim_end().ends_with('\\');
        let start = open.or_else(|| starts(line).map(|offset| at + offset));
        at += line.len();
        match start {
            Some(start) if !joined => {
                found.push(Script {
                    span: source.span(start, at),
                    language: Language::Shell,
                });
                open = None;
            }
            start => open = start,
        }
    }
    if let Some(start) = open {
        found.push(Script {
            span: source.span(start, source.text().len()),
            language: Language::Shell,
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use source_text::{Encoding, FileId};

    use super::*;

    fn of(name: &str, text: &str) -> Vec<(Language, String)> {
        let source = Source::new(FileId::default(), name, text.to_owned(), Encoding::Utf8);
        scripts(&source)
            .into_iter()
            .map(|script| {
                (
                    script.language,
                    source.slice(script.span).trim_end().to_owned(),
                )
            })
            .collect()
    }

    #[test]
    fn steps_of_github_actions() {
        let text = r"
on: push
defaults: {run: {shell: pwsh}}
jobs:
  a:
    steps:
      - run: Get-MgUser
      - run: |
          az login
          az rest
        shell: bash
      - uses: actions/github-script@v7
        with:
          script: fetch('x')
      - uses: azure/CLI@v2
        with: {inlineScript: 'az ad app list'}
      - uses: azure/powershell@v2
        with:
          inlineScript: |
            Get-MgGroup
  b:
    defaults: {run: {shell: python}}
    steps:
      - run: print(1)
";
        assert_eq!(
            of("ci.yml", text),
            [
                (Language::PowerShell, "Get-MgUser".to_owned()),
                (Language::Shell, "az login\n          az rest".to_owned()),
                (Language::JavaScript, "fetch('x')".to_owned()),
                (Language::Shell, "az ad app list".to_owned()),
                (Language::PowerShell, "Get-MgGroup".to_owned()),
                (Language::Python, "print(1)".to_owned()),
            ]
        );
    }

    #[test]
    fn steps_of_azure_pipelines() {
        let text = r#"
steps:
  - script: echo 1
  - bash: echo 2
  - pwsh: Write-Host 3
  - powershell: Write-Host 4
  - task: AzureCLI@2
    inputs:
      scriptType: pscore
      inlineScript: |
        az account show
  - task: AzureCLI@2
    inputs: {scriptType: bash, inlineScript: "az group list"}
  - task: AzurePowerShell@5
    inputs:
      Inline: Connect-MgGraph
  - task: PowerShell@2
    inputs:
      targetType: inline
      script: Get-MgDevice
  - task: Other@1
    inputs: {inline: "a: \"b\""}
"#;
        let found: Vec<_> = of("azure-pipelines.yml", text);
        let languages: Vec<_> = found.iter().map(|(language, _)| *language).collect();
        assert_eq!(
            languages,
            [
                Language::Shell,
                Language::Shell,
                Language::PowerShell,
                Language::PowerShell,
                Language::PowerShell,
                Language::Shell,
                Language::PowerShell,
                Language::PowerShell,
            ]
        );
        assert_eq!(found[5].1, "az group list");
    }

    #[test]
    fn dockerfiles_and_makefiles() {
        assert_eq!(
            of(
                "Dockerfile",
                "FROM x\nRUN az login && \\\n  az rest\nRUN [\"a\"]\nrun b"
            ),
            [
                (Language::Shell, "az login && \\\n  az rest".to_owned()),
                (Language::Shell, "b".to_owned()),
            ]
        );
        assert_eq!(
            of("Makefile", "a: b\n\taz rest\nx = y\n"),
            [(Language::Shell, "az rest".to_owned())]
        );
        assert_eq!(of("values.yaml", "a: 1\n"), []);
        assert_eq!(of("broken.yml", "run: [\n"), []);
    }
}
