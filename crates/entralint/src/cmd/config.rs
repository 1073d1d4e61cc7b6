//! `entralint config show`: what counts for a file or a folder, and where each part of it is written.

use camino::Utf8Path;
use entralint_core::calls::{DeclaredCall, Origin};
use entralint_core::config::{AppSection, Config, Pattern};
use entralint_core::policy::{Level, Policy};
use entralint_core::text;
use entralint_project::root::{Root, working_folder};
use entralint_project::{Files, config, discover};
use source_text::{Span, Spanned};

use super::OK;
use crate::cli::ConfigShowArgs;
use crate::cmd;

/// Runs the command and gives its exit code.
///
/// # Errors
///
/// What is wrong with the configuration.
pub(crate) fn run(args: &ConfigShowArgs) -> Result<u8, String> {
    let paths = std::slice::from_ref(&args.path);
    let root = Root::of(&working_folder()?, paths);
    if !root.working.join(&args.path).exists() {
        return Err(cmd::no_such_path(&root, &args.path));
    }
    let listing = discover::list(paths, &root);
    let loaded = config::load(
        &Files::disk(),
        args.config.as_deref(),
        args.isolated,
        &root,
        Some(&listing),
    )
    .map_err(cmd::Failure::from)?;
    let page = Page {
        loaded: &loaded,
        root: &root,
        out: String::new(),
    };
    cmd::print(&page.write())?;
    Ok(OK)
}

struct Page<'s> {
    loaded: &'s config::Loaded,
    root: &'s Root,
    out: String,
}

impl Page<'_> {
    fn write(mut self) -> String {
        let loaded = self.loaded;
        let config = loaded.of_run();
        self.files();
        self.line("version = 1");
        self.flag("scan", config.scan.as_ref(), true);
        self.flag("include-tests", config.include_tests.as_ref(), false);
        self.flag("other-users", config.other_users.as_ref(), false);
        self.calls(&config.calls, &config.calls_from);
        let counts = |pattern: &&Pattern| self.is_at_or_above(pattern.span);
        let exclude: Vec<&Pattern> = loaded.config.exclude.iter().filter(counts).collect();
        self.patterns("exclude", exclude);
        if let Some(baseline) = &config.baseline {
            self.value("baseline", baseline.value.as_str(), baseline.span);
        }
        self.catalog(config);
        let counts = |app: &&AppSection| self.is_at_or_above(app.span);
        let apps: Vec<&AppSection> = loaded.config.apps.iter().filter(counts).collect();
        for app in apps {
            self.app(app);
        }
        self.policy(&config.policy);
        self.out
    }

    /// The files, and for what each counts.
    fn files(&mut self) {
        let loaded = self.loaded;
        let mut any = false;
        for source in loaded.sources() {
            let name = source.name();
            let folder = name.parent().unwrap_or(Utf8Path::new(""));
            let how = if loaded.is_extended(source.id()) {
                ": extended; its rules, locked, allow and forbid count"
            } else if loaded.config.file.as_deref() == Some(name)
                || loaded.base().starts_with(folder)
            {
                any = true;
                ""
            } else {
                ": counts for the files below it, and is not shown here"
            };
            self.line(&format!("# {}{how}", self.root.shown(name)));
        }
        if !any {
            self.line("# no entralint.toml here or in a folder above: these are the defaults");
        }
        for remark in &loaded.remarks {
            self.line(&format!("# {remark}"));
        }
        self.line("");
    }

    /// Whether what stands there counts for the folder that is shown.
    fn is_at_or_above(&self, span: Span) -> bool {
        self.loaded.source(span.file).is_some_and(|source| {
            let name = source.name();
            let folder = name.parent().unwrap_or(Utf8Path::new(""));
            self.loaded.config.file.as_deref() == Some(name)
                || self.loaded.base().starts_with(folder)
        })
    }

    fn line(&mut self, line: &str) {
        self.out.push_str(&text::escaped(line));
        self.out.push('\n');
    }

    /// Where something is written.
    fn origin(&self, span: Span) -> String {
        match self.loaded.source(span.file) {
            Some(source) => {
                let (line, _) = source.line_column(span.start);
                format!(" # {}:{line}", self.root.shown(source.name()))
            }
            None => String::new(),
        }
    }

    fn flag(&mut self, key: &str, value: Option<&Spanned<bool>>, default: bool) {
        let line = match value {
            Some(value) => format!("{key} = {}{}", value.value, self.origin(value.span)),
            None => format!("{key} = {default} # default"),
        };
        self.line(&line);
    }

    fn value(&mut self, key: &str, value: &str, span: Span) {
        let line = format!("{key} = {}{}", text::quoted(value), self.origin(span));
        self.line(&line);
    }

    /// One value a line, each with its place.
    fn list(&mut self, key: &str, values: Vec<(&str, Option<Span>)>) {
        if values.is_empty() {
            return;
        }
        self.line(&format!("{key} = ["));
        for (value, span) in values {
            let origin = span.map(|span| self.origin(span)).unwrap_or_default();
            let line = format!("  {},{origin}", text::quoted(value));
            self.line(&line);
        }
        self.line("]");
    }

    fn patterns<'p>(&mut self, key: &str, patterns: impl IntoIterator<Item = &'p Pattern>) {
        let values = patterns
            .into_iter()
            .map(|pattern| (pattern.text.as_str(), Some(pattern.span)))
            .collect();
        self.list(key, values);
    }

    fn calls(&mut self, calls: &[DeclaredCall], files: &[Spanned<camino::Utf8PathBuf>]) {
        let calls: Vec<(String, Option<Span>)> = calls
            .iter()
            .map(|call| {
                let span = match &call.origin {
                    Origin::Named(at) => Some(at.span),
                    Origin::CommandLine | Origin::Found(_) => None,
                };
                (call.call.to_string(), span)
            })
            .collect();
        self.list(
            "calls",
            calls
                .iter()
                .map(|(call, span)| (call.as_str(), *span))
                .collect(),
        );
        self.paths("calls-from", files);
    }

    fn paths(&mut self, key: &str, files: &[Spanned<camino::Utf8PathBuf>]) {
        self.list(
            key,
            files
                .iter()
                .map(|path| (path.value.as_str(), Some(path.span)))
                .collect(),
        );
    }

    fn catalog(&mut self, config: &Config) {
        let Some(catalog) = &config.catalog else {
            return;
        };
        self.line(&format!("\n[catalog] # {}", self.root.shown(&catalog.file)));
        let paths = [
            ("permissions", &catalog.permissions),
            ("provisioning", &catalog.provisioning),
            ("service-principal", &catalog.service_principal),
        ];
        for (key, path) in paths {
            if let Some(path) = path {
                self.line(&format!("{key} = {}", text::quoted(path.value.as_str())));
            }
        }
        let hashes = [
            ("sha256", &catalog.sha256),
            ("provisioning-sha256", &catalog.provisioning_sha256),
        ];
        for (key, hash) in hashes {
            if let Some(hash) = hash {
                self.line(&format!("{key} = {}", text::quoted(&hash.value)));
            }
        }
    }

    fn app(&mut self, app: &AppSection) {
        let origin = self.origin(app.span);
        self.line("");
        self.line(&format!("[[app]]{origin}"));
        self.patterns("manifests", &app.manifests);
        for (key, value) in [("name", &app.name), ("address", &app.address)] {
            if let Some(value) = value {
                self.value(key, &value.value, value.span);
            }
        }
        self.patterns("sources", &app.sources);
        self.calls(&app.calls, &app.calls_from);
        self.paths("recordings", &app.recordings);
        if app.account_types.personal {
            let work = if app.account_types.work {
                "\"work\", "
            } else {
                ""
            };
            self.line(&format!("account-types = [{work}\"personal\"]"));
        }
    }

    fn policy(&mut self, policy: &Policy) {
        if !policy.rules.is_empty() {
            self.line("");
            self.line("[rules]");
            for (rule, setting) in &policy.rules {
                let level = match setting.level {
                    Level::Off => "off",
                    Level::At(severity) => severity.as_str(),
                };
                let locked = if setting.locked { ", locked" } else { "" };
                let origin = self.origin(setting.span);
                self.line(&format!("{rule} = \"{level}\"{origin}{locked}"));
            }
        }
        for allow in &policy.allows {
            let origin = self.origin(allow.at.span);
            self.line("");
            self.line(&format!("[[allow]]{origin}"));
            let permission = allow.permission.as_ref().map(ToString::to_string);
            for (key, value) in [
                ("rule", allow.rule),
                ("app", allow.app.as_ref().map(|app| app.text.as_str())),
                ("permission", permission.as_deref()),
                ("reason", Some(allow.reason.as_str())),
                ("owner", allow.owner.as_deref()),
            ] {
                if let Some(value) = value {
                    self.line(&format!("{key} = {}", text::quoted(value)));
                }
            }
            if let Some(day) = allow.expires {
                self.line(&format!("expires = {day}"));
            }
        }
        for forbid in &policy.forbids {
            let origin = self.origin(forbid.at.span);
            self.line("");
            self.line(&format!("[[forbid]]{origin}"));
            self.line(&format!("permission = \"{}\"", forbid.permission));
            if let Some(permission_type) = forbid.permission_type {
                let word = text::permission_type(permission_type);
                self.line(&format!("types = [\"{word}\"]"));
            }
            let apps = forbid.apps.iter().map(|app| (app.text.as_str(), None));
            self.list("apps", apps.collect());
            self.line(&format!("reason = {}", text::quoted(&forbid.reason)));
        }
    }
}
