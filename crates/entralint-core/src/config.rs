//! `entralint.toml`: which apps a repository has, which calls they make, and which permissions data to use.

mod merge;
mod policy;
mod raw;
#[cfg(test)]
mod tests;

use camino::{Utf8Path, Utf8PathBuf};
use globset::{Glob, GlobBuilder, GlobMatcher};
use source_text::{Source, Span, Spanned};

use crate::calls::{DeclaredCall, Origin};
use crate::finding::{Finding, locate};
use crate::policy::Policy;
use crate::rules::invalid_config;
use crate::text;

pub use policy::app_pattern;
pub use raw::schema;

/// The name that is looked for in the working folder and in the folders above it, up to the git root.
pub const NAME: &str = "entralint.toml";

/// The version of the file's format that this entralint reads.
pub const VERSION: i64 = 1;

/// What a configuration says, ready for use. Paths and globs know the folder of their file: what they are compared with
/// is relative to the run's root.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The file's folder, relative to the run's root; `None` where there is no file.
    pub folder: Option<Utf8PathBuf>,
    /// The file's name, for reports; `None` where there is no file.
    pub file: Option<Utf8PathBuf>,
    /// Calls of the top level, which no section claims.
    pub calls: Vec<DeclaredCall>,
    /// Files of calls of the top level.
    pub calls_from: Vec<Spanned<Utf8PathBuf>>,
    /// The calls concern other users than the one signed in; false where no file says so.
    pub other_users: Option<Spanned<bool>>,
    /// Source code is searched for calls; true where no file says otherwise.
    pub scan: Option<Spanned<bool>>,
    /// Tests, fixtures and samples count as source code; false where no file says so.
    pub include_tests: Option<Spanned<bool>>,
    /// Files that are not read at all.
    pub exclude: Vec<Pattern>,
    /// Microsoft's published data, kept in the repository.
    pub catalog: Option<CatalogConfig>,
    /// Severities, exceptions and the deny-list.
    pub policy: Policy,
    /// Configurations whose policy counts here too.
    pub extends: Vec<Spanned<Utf8PathBuf>>,
    /// The baseline's file.
    pub baseline: Option<Spanned<Utf8PathBuf>>,
    /// One for each `[[app]]`, those of the configurations in nearer folders included.
    pub apps: Vec<AppSection>,
    /// One for each `[[environment]]`, those of the configurations in nearer folders included.
    pub environments: Vec<EnvironmentSection>,
    /// The configurations of nearer folders, each after those above it. What these say is merged into them.
    pub nested: Vec<Config>,
}

/// One `[[environment]]`: values for a Terraform configuration.
#[derive(Clone, Debug)]
pub struct EnvironmentSection {
    /// The environment's name.
    pub name: String,
    /// The folder of the configuration, relative to the run's root.
    pub folder: Utf8PathBuf,
    /// The files of values, relative to the run's root; later ones win.
    pub files: Vec<Spanned<Utf8PathBuf>>,
}

/// One `[[app]]`.
#[derive(Clone, Debug)]
pub struct AppSection {
    /// The section.
    pub span: Span,
    /// The folder of its file, relative to the run's root.
    pub folder: Utf8PathBuf,
    /// The files that declare the app; empty where only `name` or `address` selects it.
    pub manifests: Vec<Pattern>,
    /// The app's display name or id, where one file declares several.
    pub name: Option<Spanned<String>>,
    /// How the format addresses the app: `azuread_application.worker`, `module.api.…`.
    pub address: Option<Spanned<String>>,
    /// The calls that the app makes.
    pub calls: Vec<DeclaredCall>,
    /// Files with calls, one a line.
    pub calls_from: Vec<Spanned<Utf8PathBuf>>,
    /// The app's source code.
    pub sources: Vec<Pattern>,
    /// Recordings of the app's requests.
    pub recordings: Vec<Spanned<Utf8PathBuf>>,
    /// Who signs in.
    pub account_types: AccountTypes,
}

/// The accounts with which people sign in to an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountTypes {
    /// Work and school accounts.
    pub work: bool,
    /// Personal Microsoft accounts.
    pub personal: bool,
}

impl Default for AccountTypes {
    fn default() -> Self {
        Self {
            work: true,
            personal: false,
        }
    }
}

/// A glob of the configuration.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// As written.
    pub text: String,
    /// Where.
    pub span: Span,
    /// The folder of its file, which it is relative to.
    folder: Utf8PathBuf,
    matcher: GlobMatcher,
}

impl Pattern {
    /// Whether it matches a path, which is relative to the run's root. A glob that names a folder matches all that lies
    /// in it.
    pub fn matches(&self, path: &Utf8Path) -> bool {
        path.strip_prefix(&self.folder).is_ok_and(|path| {
            self.matcher.is_match(path)
                || path.ancestors().skip(1).any(|p| self.matcher.is_match(p))
        })
    }
}

/// Which files of permissions data to load, relative to the run's root, and the hashes that pin them.
#[derive(Clone, Debug)]
pub struct CatalogConfig {
    /// The configuration that names them.
    pub file: Utf8PathBuf,
    /// permissions.json; the embedded catalog where none is named.
    pub permissions: Option<Spanned<Utf8PathBuf>>,
    /// provisioningInfo.json.
    pub provisioning: Option<Spanned<Utf8PathBuf>>,
    /// Of permissions.json, in hex.
    pub sha256: Option<Spanned<String>>,
    /// Of provisioningInfo.json, in hex.
    pub provisioning_sha256: Option<Spanned<String>>,
    /// The export of the tenant's service principal of Microsoft Graph.
    pub service_principal: Option<Spanned<Utf8PathBuf>>,
}

impl Config {
    /// Reads the text of a configuration file. The source's name is the file's path relative to the run's root.
    ///
    /// # Errors
    ///
    /// Every mistake, as a finding with its place.
    pub fn parse(source: &Source) -> Result<Self, Vec<Finding>> {
        let raw = raw::parse(source).map_err(|finding| vec![finding])?;
        let mut reader = Reader {
            source,
            findings: Vec::new(),
        };
        let config = reader.config(raw);
        if reader.findings.is_empty() {
            Ok(config)
        } else {
            Err(reader.findings)
        }
    }

    /// Whether a file is not to be read.
    pub fn excludes(&self, path: &Utf8Path) -> bool {
        self.exclude.iter().any(|pattern| pattern.matches(path))
    }

    /// Whether source code is searched for calls.
    pub fn scans(&self) -> bool {
        self.scan.as_ref().is_none_or(|scan| scan.value)
    }

    /// Whether tests, fixtures and samples count as source code.
    pub fn includes_tests(&self) -> bool {
        self.include_tests.as_ref().is_some_and(|tests| tests.value)
    }

    /// Whether calls concern other users than the one signed in.
    pub fn is_about_other_users(&self) -> bool {
        self.other_users.as_ref().is_some_and(|others| others.value)
    }
}

struct Reader<'a> {
    source: &'a Source,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    fn config(&mut self, raw: raw::Raw) -> Config {
        if let Some(version) = &raw.version
            && *version.get_ref() != VERSION
        {
            let span = self.span(version.span());
            self.wrong(
                span,
                format!(
                    "version {} of the configuration is not supported: this entralint reads version {VERSION}",
                    version.get_ref()
                ),
            );
        }
        if let Some(required) = &raw.required_version {
            self.required_version(required);
        }
        let policy = self.policy(policy::Parts {
            rules: raw.rules,
            locked: raw.locked,
            allow: raw.allow,
            forbid: raw.forbid,
        });
        let path = self.source.name();
        Config {
            folder: Some(path.parent().map(Utf8Path::to_owned).unwrap_or_default()),
            file: Some(path.to_owned()),
            calls: self.calls(raw.calls),
            calls_from: self.paths(raw.calls_from),
            other_users: raw.other_users.map(|value| self.flag(&value)),
            scan: raw.scan.map(|value| self.flag(&value)),
            include_tests: raw.include_tests.map(|value| self.flag(&value)),
            exclude: self.patterns(raw.exclude),
            catalog: raw.catalog.map(|catalog| self.catalog(catalog)),
            policy,
            extends: self.paths(raw.extends),
            baseline: raw
                .baseline
                .map(|path| self.spanned(path).map(|path| self.folder().join(path))),
            apps: raw.app.into_iter().map(|app| self.app(app)).collect(),
            environments: (raw.environment.into_iter())
                .map(|environment| EnvironmentSection {
                    name: environment.name,
                    folder: self.folder().join(environment.folder),
                    files: self.paths(environment.files),
                })
                .collect(),
            nested: Vec::new(),
        }
    }

    fn app(&mut self, app: toml::Spanned<raw::RawApp>) -> AppSection {
        let span = self.header(app.span());
        let app = app.into_inner();
        if app.manifests.is_empty() && app.name.is_none() && app.address.is_none() {
            self.wrong(
                span,
                "this section selects no app: add `manifests`, `name` or `address`".to_owned(),
            );
        }
        let account_types = self.account_types(app.account_types);
        AppSection {
            span,
            folder: self.folder().to_owned(),
            manifests: self.patterns(app.manifests),
            name: app.name.map(|name| self.spanned(name)),
            address: app.address.map(|address| self.spanned(address)),
            calls: self.calls(app.calls),
            calls_from: self.paths(app.calls_from),
            sources: self.patterns(app.sources),
            recordings: self.paths(app.recordings),
            account_types,
        }
    }

    /// The first line of a section: a section of many lines would be marked whole.
    fn header(&self, range: std::ops::Range<usize>) -> Span {
        let span = self.span(range);
        let line_end = self
            .source
            .slice(span)
            .find('\n')
            .map_or(span.end, |at| span.start + u32::try_from(at).unwrap_or(0));
        Span {
            end: line_end,
            ..span
        }
    }

    fn required_version(&mut self, required: &toml::Spanned<String>) {
        let parts = |text: &str| -> Option<Vec<u64>> {
            text.split('.').map(|part| part.parse().ok()).collect()
        };
        let own = env!("CARGO_PKG_VERSION");
        let message = match (parts(required.get_ref()), parts(own)) {
            (Some(wanted), Some(have)) if wanted > have => format!(
                "this repository wants entralint {} or newer; this is {own}",
                text::shown(required.get_ref())
            ),
            (None, _) => format!(
                "{} is no version: write it like \"{own}\"",
                text::quoted(required.get_ref())
            ),
            _ => return,
        };
        let span = self.span(required.span());
        self.wrong(span, message);
    }

    fn account_types(&mut self, types: Option<Vec<toml::Spanned<String>>>) -> AccountTypes {
        let Some(types) = types else {
            return AccountTypes::default();
        };
        let mut found = AccountTypes {
            work: false,
            personal: false,
        };
        for word in types {
            match word.get_ref().as_str() {
                "work" => found.work = true,
                "personal" => found.personal = true,
                other => {
                    let message = format!(
                        "{} is no account type: write \"work\" or \"personal\"",
                        text::quoted(other)
                    );
                    let span = self.span(word.span());
                    self.wrong(span, message);
                }
            }
        }
        if !found.work && !found.personal {
            return AccountTypes::default();
        }
        found
    }

    fn calls(&mut self, calls: Vec<toml::Spanned<String>>) -> Vec<DeclaredCall> {
        let mut read = Vec::new();
        for text in calls {
            let span = self.span(text.span());
            match text.get_ref().parse() {
                Ok(call) => read.push(DeclaredCall {
                    call,
                    origin: Origin::Named(locate(self.source, span)),
                }),
                Err(error) => self.wrong(span, format!("this is not a call: {error}")),
            }
        }
        read
    }

    fn paths(&self, paths: Vec<toml::Spanned<String>>) -> Vec<Spanned<Utf8PathBuf>> {
        paths
            .into_iter()
            .map(|path| self.spanned(path).map(|path| self.folder().join(path)))
            .collect()
    }

    fn catalog(&self, raw: raw::RawCatalog) -> CatalogConfig {
        let text = |value: Option<toml::Spanned<String>>| value.map(|value| self.spanned(value));
        let file = |value| text(value).map(|path| path.map(|path| self.folder().join(path)));
        CatalogConfig {
            file: self.source.name().to_owned(),
            permissions: file(raw.permissions),
            provisioning: file(raw.provisioning),
            sha256: text(raw.sha256),
            provisioning_sha256: text(raw.provisioning_sha256),
            service_principal: file(raw.service_principal),
        }
    }

    /// The folder of the file, which its paths are relative to.
    fn folder(&self) -> &Utf8Path {
        self.source.name().parent().unwrap_or(Utf8Path::new(""))
    }

    fn flag(&self, value: &toml::Spanned<bool>) -> Spanned<bool> {
        Spanned {
            span: self.span(value.span()),
            value: *value.get_ref(),
        }
    }

    fn patterns(&mut self, globs: Vec<toml::Spanned<String>>) -> Vec<Pattern> {
        let mut patterns = Vec::new();
        for glob in globs {
            let span = self.span(glob.span());
            let text = glob.into_inner();
            match pattern(&text) {
                Ok(pattern) => patterns.push(Pattern {
                    matcher: pattern.compile_matcher(),
                    text,
                    span,
                    folder: self.folder().to_owned(),
                }),
                Err(error) => {
                    self.wrong(
                        span,
                        format!(
                            "{} is not a glob: {}",
                            text::quoted(&text),
                            text::shown(&error.kind().to_string())
                        ),
                    );
                }
            }
        }
        patterns
    }

    fn spanned(&self, value: toml::Spanned<String>) -> Spanned<String> {
        let span = self.span(value.span());
        Spanned {
            span,
            value: value.into_inner(),
        }
    }

    fn span(&self, range: std::ops::Range<usize>) -> Span {
        self.source.span(range.start, range.end.max(range.start))
    }

    fn wrong(&mut self, span: Span, message: String) {
        self.findings
            .push(invalid_config::finding(self.source, span, message));
    }
}

/// `*` stays within a folder, as in `.gitignore`; a leading `./` and a trailing `/` mean nothing.
fn pattern(text: &str) -> Result<Glob, globset::Error> {
    let text = text.strip_prefix("./").unwrap_or(text);
    GlobBuilder::new(text.trim_end_matches('/'))
        .literal_separator(true)
        .build()
}
