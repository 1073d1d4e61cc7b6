//! Format: scripts that request or grant permissions: PowerShell and shell.
//!
//! Nothing is executed. What reaches a parameter such as `-Scopes` is followed through variables, arrays, loops, splatted
//! tables, functions, and scripts that this one runs in its own scope, back to the literals ([`follow`]); a value from elsewhere is unresolved. Only
//! places that request or grant count: a comment, a look-up table, a help text or a list that nothing uses is silent.

mod api;
mod collect;
mod embedded;
mod follow;
mod oauth;
mod powershell;
mod scopes;
mod settings;
mod shell;
mod source;

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use camino::Utf8Path;
use source_lex::{Code, Language};
use source_text::{Source, Span};

use self::collect::Collected;
pub(crate) use self::settings::Settings;
use super::{Format, prose};
use crate::PermissionType;
use crate::about::{About, Types};
use crate::amend::notation::{At, NewPermission, Notation};
use crate::model::{App, Manifest};
use crate::read::{Read, Unit, WhyNot};

/// PowerShell scripts.
pub(crate) struct PowerShell;

/// Shell scripts.
pub(crate) struct Shell;

/// Pipelines, Dockerfiles and Makefiles with such scripts in them.
pub(crate) struct Pipeline;

/// Source code that signs in with scopes, and settings files that list them.
pub(crate) struct SourceCode;

static POWERSHELL: About = About {
    id: "powershell",
    name: "PowerShell script",
    files: &["*.ps1", "*.psm1"],
    generated: false,
    types: Types::Both,
    docs: "https://learn.microsoft.com/powershell/microsoftgraph/authentication-commands",
};

static SHELL: About = About {
    id: "shell",
    name: "shell script",
    files: &["*.sh", "*.bash", "*.zsh", "*.azcli"],
    generated: false,
    types: Types::Both,
    docs: "https://learn.microsoft.com/cli/azure/ad/app/permission",
};

static PIPELINE: About = About {
    id: "pipeline",
    name: "pipeline with scripts",
    files: &["*.yml", "*.yaml", "Dockerfile", "Makefile"],
    generated: false,
    types: Types::Both,
    docs: "https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/",
};

static SOURCE: About = About {
    id: "source",
    name: "source code",
    files: &[
        "*.cs",
        "*.ts",
        "*.tsx",
        "*.js",
        "*.mjs",
        "*.py",
        "*.go",
        "*.java",
        "*.kt",
        "*.php",
        "*.rs",
        "appsettings*.json",
        "*config*.json",
    ],
    generated: false,
    types: Types::Both,
    docs: "https://learn.microsoft.com/entra/identity-platform/scopes-oidc",
};

/// Words of which every script that requests or grants holds one.
static MARKER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build([
            "connect-mggraph",
            "connect-entra",
            "approle",
            "oauth2permission",
            "requiredresourceaccess",
            "required-resource-access",
            "resourceaccess",
            "app permission",
            "permissionscopes",
            "graphapplicationpermissions",
            "graphdelegatepermissions",
            "apisapplication",
            "apisdelegated",
            "acquiretoken",
            "scope",
            "find-mggraphpermission",
            "serviceprincipalpermission",
            "azadapppermission",
            "sourceapi",
            "graph.microsoft",
        ])
        .ok()
});

fn claims(name: &Utf8Path, text: &str) -> bool {
    // A test's permissions are those of its mocks.
    let is_test = name
        .file_name()
        .is_some_and(|name| name.to_ascii_lowercase().ends_with(".tests.ps1"));
    !is_test && MARKER.as_ref().is_none_or(|marker| marker.is_match(text))
}

fn has_extension(name: &Utf8Path, extensions: &[&str]) -> bool {
    name.extension().is_some_and(|own| {
        extensions
            .iter()
            .any(|known| own.eq_ignore_ascii_case(known))
    })
}

impl Format for PowerShell {
    fn about(&self) -> &'static About {
        &POWERSHELL
    }

    fn names(&self, name: &Utf8Path) -> bool {
        has_extension(name, &["ps1", "psm1"])
    }

    fn claims(&self, name: &Utf8Path, text: &str) -> bool {
        self.names(name)
            && (claims(name, text) || (text.contains(".SYNOPSIS") && prose::speaks_of_graph(text)))
    }

    fn read(&self, unit: Unit<'_>) -> Read {
        read(&PowerShell, unit, Language::PowerShell)
    }

    fn notation(&self) -> Option<&'static dyn Notation> {
        Some(&Literals)
    }
}

impl Format for Shell {
    fn about(&self) -> &'static About {
        &SHELL
    }

    fn names(&self, name: &Utf8Path) -> bool {
        has_extension(name, &["sh", "bash", "zsh", "azcli"])
    }

    fn claims(&self, name: &Utf8Path, text: &str) -> bool {
        self.names(name) && claims(name, text)
    }

    fn read(&self, unit: Unit<'_>) -> Read {
        read(&Shell, unit, Language::Shell)
    }

    fn notation(&self) -> Option<&'static dyn Notation> {
        Some(&Literals)
    }
}

impl Format for Pipeline {
    fn about(&self) -> &'static About {
        &PIPELINE
    }

    fn names(&self, name: &Utf8Path) -> bool {
        let file = name.file_name().unwrap_or_default().to_ascii_lowercase();
        has_extension(name, &["yml", "yaml", "dockerfile", "mk"])
            || file == "makefile"
            || file == "dockerfile"
            || file.starts_with("dockerfile.")
    }

    fn claims(&self, name: &Utf8Path, text: &str) -> bool {
        self.names(name) && claims(name, text)
    }

    fn read(&self, unit: Unit<'_>) -> Read {
        let Some(source) = unit.sources.first() else {
            return Read::Nothing(WhyNot::NoDeclaration);
        };
        let parts = source_lex::scripts::scripts(source)
            .into_iter()
            .map(|script| declarations(source, script.span, script.language))
            .collect();
        manifest(&Pipeline, parts, None)
    }

    fn notation(&self) -> Option<&'static dyn Notation> {
        Some(&Literals)
    }
}

impl Format for SourceCode {
    fn about(&self) -> &'static About {
        &SOURCE
    }

    fn names(&self, name: &Utf8Path) -> bool {
        source_language(name).is_some()
    }

    fn claims(&self, name: &Utf8Path, text: &str) -> bool {
        self.names(name) && !source::is_test(name) && source::worth(text)
    }

    fn read(&self, unit: Unit<'_>) -> Read {
        let Some(file) = unit.sources.first() else {
            return Read::Nothing(WhyNot::NoDeclaration);
        };
        let Some(language) = source_language(file.name()) else {
            return Read::Nothing(WhyNot::NoDeclaration);
        };
        read(&SourceCode, unit, language)
    }

    fn notation(&self) -> Option<&'static dyn Notation> {
        Some(&Literals)
    }
}

/// The language of a source file. Settings are lexed as JavaScript, of which JSON with comments is a part.
fn source_language(name: &Utf8Path) -> Option<Language> {
    let file = name.file_name()?.to_ascii_lowercase();
    // Settings are called so: appsettings.Development.json, authConfig.json, local.settings.json.
    let settings = ["settings", "config", "auth", "msal"];
    if file.ends_with(".json") && settings.iter().any(|word| file.contains(word)) {
        return Some(Language::JavaScript);
    }
    Language::of_name(name.as_str()).filter(|language| {
        !matches!(
            language,
            Language::PowerShell | Language::Shell | Language::Bicep
        )
    })
}

fn read(format: &'static dyn Format, unit: Unit<'_>, language: Language) -> Read {
    let Some(source) = unit.sources.first() else {
        return Read::Nothing(WhyNot::NoDeclaration);
    };
    let whole = source.span(0, source.text().len());
    let help = (language == Language::PowerShell).then_some(source);
    let mut collected = declarations(source, whole, language);
    // Other scripts are read only where they can say what this one does not.
    if collected.has_unknown() && matches!(language, Language::PowerShell | Language::Shell) {
        let code = Code::new(source.text(), language);
        let links = follow::Reader::new(&code, source.text(), &[]).links(source.name());
        if links.iter().any(|want| unit.got(want).is_none()) {
            return Read::Wants(links);
        }
        let others: Vec<&Source> = links
            .iter()
            .filter_map(|want| unit.got(want))
            .flatten()
            .filter(|other| other.id() != source.id())
            .collect();
        if !others.is_empty() {
            collected = with_links(source, whole, language, &others);
        }
    }
    manifest(format, vec![collected], help)
}

/// What a script declares together with those that it runs in its own scope.
fn with_links<'s>(
    source: &'s Source,
    part: Span,
    language: Language,
    others: &[&'s Source],
) -> Collected<'s> {
    let codes: Vec<Code<'s>> = others
        .iter()
        .map(|other| Code::new(other.text(), language))
        .collect();
    let linked: Vec<follow::Linked<'_, 's>> = codes
        .iter()
        .zip(others)
        .map(|(code, other)| follow::Linked {
            reader: follow::Reader::new(code, other.text(), &[]),
            file: other.id(),
        })
        .collect();
    collect(source, part, language, &linked)
}

/// The comments of a script that are help: `<# .SYNOPSIS … #>`.
/// <https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.core/about/about_comment_based_help>
fn help_texts(source: &Source, comments: &[Span]) -> Vec<Span> {
    let is_help = |comment: &&Span| {
        let text = source.slice(**comment);
        text.starts_with("<#")
            && [".SYNOPSIS", ".DESCRIPTION", ".NOTES"]
                .iter()
                .any(|word| text.to_ascii_uppercase().contains(word))
    };
    comments.iter().filter(is_help).copied().collect()
}

/// The apps of the scripts of a file.
fn manifest(
    format: &'static dyn Format,
    scripts: Vec<Collected<'_>>,
    help: Option<&Source>,
) -> Read {
    let mut comments = Vec::new();
    let mut apps = Vec::new();
    for collected in scripts {
        comments.extend_from_slice(&collected.comments);
        apps.extend(collected.into_apps());
    }
    if apps.is_empty() {
        // Only the help of a script that declares nothing itself: another says the same twice.
        apps.extend(
            help.and_then(|source| prose::documented(source, &help_texts(source, &comments))),
        );
    }
    if apps.is_empty() {
        return Read::Nothing(WhyNot::NoDeclaration);
    }
    Read::Manifest(Manifest::new(format, format.about(), apps).with_comments(comments))
}

/// The apps of a script that is a part of a file in another language.
pub(crate) fn apps_of(source: &Source, part: Span, language: Language) -> Vec<App> {
    declarations(source, part, language).into_apps()
}

/// What a script declares, which is the whole text or a part of it.
fn declarations(source: &Source, part: Span, language: Language) -> Collected<'_> {
    collect(source, part, language, &[])
}

fn collect<'s>(
    source: &'s Source,
    part: Span,
    language: Language,
    linked: &[follow::Linked<'_, 's>],
) -> Collected<'s> {
    let text = source.slice(part);
    let code = Code::new(text, language);
    let mut collected = Collected::new(source, part);
    collected.note_comments(&code);
    let reader = follow::Reader::new(&code, text, linked);
    match language {
        Language::Shell => shell::read(&reader, &mut collected),
        Language::PowerShell => powershell::read(&reader, &mut collected),
        _ => source::read(&code, text, &mut collected),
    }
    collected
}

/// A literal is swapped for another; nothing is added to a script and nothing removed from it, since what a list of a
/// script is used for is for its author to know.
struct Literals;

impl Notation for Literals {
    fn element(
        &self,
        _: &At<'_>,
        _: &NewPermission<'_>,
        _: PermissionType,
        _: bool,
    ) -> Option<String> {
        None
    }

    fn elements(&self, _: &At<'_>, _: Option<PermissionType>, _: &[String]) -> Option<String> {
        None
    }

    fn entries(
        &self,
        _: &At<'_>,
        _: &str,
        _: &[(NewPermission<'_>, PermissionType)],
    ) -> Option<Vec<String>> {
        None
    }

    fn list(&self, _: &At<'_>, _: &[String]) -> Option<String> {
        None
    }

    fn first_list(&self, _: &At<'_>, _: &[String]) -> Option<String> {
        None
    }
}
