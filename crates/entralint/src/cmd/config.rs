//! `entralint config show`.

use std::fmt::Write as _;

use entralint_core::config::Config;
use entralint_core::finding::Location;
use entralint_core::policy::{Level, Policy};
use entralint_core::text;

use super::OK;
use crate::cli::CatalogArgs;
use crate::cmd;
use entralint_project::root::Root;
use entralint_project::{Files, config};

/// Runs the command and gives its exit code.
///
/// # Errors
///
/// What is wrong with the configuration.
pub(crate) fn run(args: &CatalogArgs) -> Result<u8, String> {
    let root = Root::of(&entralint_project::root::working_folder()?, &[]);
    let loaded = config::load(&Files::disk(), args.config.as_deref(), args.isolated, &root)
        .map_err(cmd::Failure::from)?;
    let mut out = String::new();
    match &loaded.config.file {
        Some(file) => {
            let _ = writeln!(out, "# {}", text::escaped(&root.shown(file)));
        }
        None => out.push_str("# no entralint.toml here or in a folder above\n"),
    }
    for further in &loaded.inherited {
        let how = if further.by_extends {
            "extended"
        } else {
            "in a folder above"
        };
        let _ = writeln!(
            out,
            "# {}: {how}; rules, allow and forbid count",
            text::escaped(&root.shown(further.source.name()))
        );
    }
    if loaded.config.file.is_some() {
        values(&mut out, &loaded.config);
        policy(&mut out, &loaded.config.policy);
    }
    cmd::print(&out)?;
    Ok(OK)
}

fn values(out: &mut String, config: &Config) {
    let _ = writeln!(out, "version = 1");
    let _ = writeln!(out, "scan = {}", config.scan.unwrap_or(true));
    let _ = writeln!(out, "include-tests = {}", config.include_tests);
    let _ = writeln!(out, "other-users = {}", config.other_users);
    list(
        out,
        "calls",
        config.calls.iter().map(|call| call.call.to_string()),
    );
    list(
        out,
        "calls-from",
        config.calls_from.iter().map(|path| path.value.to_string()),
    );
    list(
        out,
        "exclude",
        config.exclude.iter().map(|pattern| pattern.text.clone()),
    );
    if let Some(baseline) = &config.baseline {
        let _ = writeln!(out, "baseline = {}", text::quoted(baseline.value.as_str()));
    }
    if let Some(catalog) = &config.catalog {
        out.push_str("\n[catalog]\n");
        if let Some(permissions) = &catalog.permissions {
            let _ = writeln!(out, "permissions = {}", text::quoted(permissions.as_str()));
        }
        if let Some(provisioning) = &catalog.provisioning {
            let _ = writeln!(
                out,
                "provisioning = {}",
                text::quoted(provisioning.as_str())
            );
        }
    }
    for app in &config.apps {
        out.push_str("\n[[app]]\n");
        list(
            out,
            "manifests",
            app.manifests.iter().map(|pattern| pattern.text.clone()),
        );
        for (key, value) in [("name", &app.name), ("address", &app.address)] {
            if let Some(value) = value {
                let _ = writeln!(out, "{key} = {}", text::quoted(&value.value));
            }
        }
        list(
            out,
            "sources",
            app.sources.iter().map(|pattern| pattern.text.clone()),
        );
        list(
            out,
            "calls",
            app.calls.iter().map(|call| call.call.to_string()),
        );
        list(
            out,
            "calls-from",
            app.calls_from.iter().map(|path| path.value.to_string()),
        );
        list(
            out,
            "recordings",
            app.recordings.iter().map(|path| path.value.to_string()),
        );
    }
}

fn list(out: &mut String, key: &str, values: impl Iterator<Item = String>) {
    let values: Vec<String> = values.map(|value| text::quoted(&value)).collect();
    if !values.is_empty() {
        let _ = writeln!(out, "{key} = [{}]", values.join(", "));
    }
}

fn policy(out: &mut String, policy: &Policy) {
    if !policy.rules.is_empty() {
        out.push_str("\n[rules]\n");
        for (rule, setting) in &policy.rules {
            let level = match setting.level {
                Level::Off => "off",
                Level::At(severity) => severity.as_str(),
            };
            let locked = if setting.locked { " # locked" } else { "" };
            let _ = writeln!(out, "{rule} = \"{level}\"{locked}");
        }
    }
    for allow in &policy.allows {
        let _ = writeln!(out, "\n[[allow]] # {}", from(&allow.at));
        if let Some(rule) = allow.rule {
            let _ = writeln!(out, "rule = \"{rule}\"");
        }
        if let Some(app) = &allow.app {
            let _ = writeln!(out, "app = {}", text::quoted(&app.text));
        }
        if let Some(permission) = &allow.permission {
            let _ = writeln!(out, "permission = \"{permission}\"");
        }
        let _ = writeln!(out, "reason = {}", text::quoted(&allow.reason));
        if let Some(owner) = &allow.owner {
            let _ = writeln!(out, "owner = {}", text::quoted(owner));
        }
        if let Some(day) = allow.expires {
            let _ = writeln!(out, "expires = {day}");
        }
    }
    for forbid in &policy.forbids {
        let _ = writeln!(
            out,
            "\n[[forbid]] # {}\npermission = \"{}\"",
            from(&forbid.at),
            forbid.permission
        );
        if let Some(permission_type) = forbid.permission_type {
            let _ = writeln!(
                out,
                "types = [\"{}\"]",
                text::permission_type(permission_type)
            );
        }
        list(out, "apps", forbid.apps.iter().map(|app| app.text.clone()));
        let _ = writeln!(out, "reason = {}", text::quoted(&forbid.reason));
    }
}

fn from(at: &Location) -> String {
    at.shown()
}
