//! The policy of a configuration: severities, exceptions, the deny-list.

use globset::GlobBuilder;
use jiff::civil::Date;
use msgraph_permissions::{PermissionName, PermissionType};
use source_text::Span;
use toml::Spanned;

use super::Reader;
use super::raw::{RawAllow, RawDate, RawForbid};
use crate::finding::{Severity, locate};
use crate::policy::{Allow, AppPattern, Forbid, Level, Policy, Setting, Used};
use crate::{rules, text};

/// The parts of a configuration that make a policy.
pub(super) struct Parts {
    pub(super) rules: std::collections::BTreeMap<Spanned<String>, Spanned<String>>,
    pub(super) locked: Vec<Spanned<String>>,
    pub(super) allow: Vec<Spanned<RawAllow>>,
    pub(super) forbid: Vec<Spanned<RawForbid>>,
}

impl Reader<'_> {
    pub(super) fn policy(&mut self, parts: Parts) -> Policy {
        let mut policy = Policy::default();
        for (id, level) in parts.rules {
            if let (Some(rule), Some(level)) = (self.rule(&id), self.level(&level)) {
                policy.rules.insert(
                    rule,
                    Setting {
                        level,
                        locked: false,
                        span: self.span(id.span()),
                    },
                );
            }
        }
        for id in parts.locked {
            let Some(rule) = self.rule(&id) else { continue };
            let span = self.span(id.span());
            let own = rules::find(rule).map_or(Severity::Warning, |info| info.severity);
            policy
                .rules
                .entry(rule)
                .or_insert(Setting {
                    level: Level::At(own),
                    locked: true,
                    span,
                })
                .locked = true;
        }
        for allow in parts.allow {
            policy.allows.extend(self.allow(allow));
        }
        let mut seen: Vec<(String, Span)> = Vec::new();
        for allow in &policy.allows {
            let shown = allow.shown();
            match seen.iter().find(|(known, _)| *known == shown) {
                Some((_, first)) => {
                    let first = locate(self.source, *first);
                    self.wrong(
                        allow.at.span,
                        format!(
                            "this exception stands here twice: the first is on line {}",
                            first.start.line
                        ),
                    );
                }
                None => seen.push((shown, allow.at.span)),
            }
        }
        for forbid in parts.forbid {
            policy.forbids.extend(self.forbid(forbid));
        }
        policy
    }

    fn rule(&mut self, id: &Spanned<String>) -> Option<&'static str> {
        let found = rules::find(id.get_ref());
        match found {
            Some(rule) if rule.is_about_the_run() => {
                let span = self.span(id.span());
                self.wrong(
                    span,
                    format!("{} cannot be set: what it reports stops the run", rule.id),
                );
                None
            }
            Some(rule) => Some(rule.id),
            None => {
                let span = self.span(id.span());
                self.wrong(span, rules::unknown(id.get_ref()));
                None
            }
        }
    }

    fn level(&mut self, level: &Spanned<String>) -> Option<Level> {
        Some(match level.get_ref().as_str() {
            "off" => Level::Off,
            "note" => Level::At(Severity::Note),
            "warning" => Level::At(Severity::Warning),
            "error" => Level::At(Severity::Error),
            other => {
                let message = format!(
                    "{} is no severity: write \"off\", \"note\", \"warning\" or \"error\"",
                    text::quoted(other)
                );
                let span = self.span(level.span());
                self.wrong(span, message);
                return None;
            }
        })
    }

    fn allow(&mut self, allow: Spanned<RawAllow>) -> Option<Allow> {
        let header = self.header(allow.span());
        let allow = allow.into_inner();
        if allow.rule.is_none() && allow.app.is_none() && allow.permission.is_none() {
            self.wrong(
                header,
                "this exception would accept every finding: add `rule`, `app` or `permission`"
                    .to_owned(),
            );
            return None;
        }
        let rule = match &allow.rule {
            Some(id) => Some(self.rule(id)?),
            None => None,
        };
        let app = match &allow.app {
            Some(app) => Some(self.app_pattern(app)?),
            None => None,
        };
        let permission = match &allow.permission {
            Some(name) => Some(self.permission(name)?),
            None => None,
        };
        let reason = self.reason(allow.reason.as_ref(), header)?;
        let expires = match &allow.expires {
            Some(day) => Some(self.date(day)?),
            None => None,
        };
        Some(Allow {
            rule,
            app,
            permission,
            permission_at: allow
                .permission
                .as_ref()
                .map(|name| locate(self.source, self.span(name.span()))),
            reason,
            owner: allow.owner,
            expires,
            at: locate(self.source, header),
            inherited: false,
            locked_out: std::collections::BTreeSet::new(),
            used: Used::default(),
        })
    }

    fn forbid(&mut self, forbid: Spanned<RawForbid>) -> Option<Forbid> {
        let header = self.header(forbid.span());
        let forbid = forbid.into_inner();
        let permission = self.permission(&forbid.permission)?;
        let reason = self.reason(forbid.reason.as_ref(), header)?;
        let mut types = Vec::new();
        for word in &forbid.types {
            match word.get_ref().as_str() {
                "delegated" => types.push(PermissionType::Delegated),
                "application" => types.push(PermissionType::Application),
                other => {
                    let message = format!(
                        "{} is no permission type: write \"delegated\" or \"application\"",
                        text::quoted(other)
                    );
                    let span = self.span(word.span());
                    self.wrong(span, message);
                }
            }
        }
        types.dedup();
        Some(Forbid {
            permission,
            permission_at: locate(self.source, self.span(forbid.permission.span())),
            permission_type: match types[..] {
                [one] => Some(one),
                _ => None,
            },
            apps: forbid
                .apps
                .iter()
                .filter_map(|app| self.app_pattern(app))
                .collect(),
            reason,
            at: locate(self.source, header),
        })
    }

    /// A name of the catalog's form. Whether the catalog knows it is not asked here: a deny-list may name permissions
    /// that are not published yet.
    fn permission(&mut self, name: &Spanned<String>) -> Option<PermissionName> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if name.get_ref().is_empty() || !name.get_ref().chars().all(is_name) {
            let message = format!(
                "{} is no permission: write a name such as \"User.Read.All\"",
                text::quoted(name.get_ref())
            );
            let span = self.span(name.span());
            self.wrong(span, message);
            return None;
        }
        Some(PermissionName::new(name.get_ref()))
    }

    fn reason(&mut self, reason: Option<&Spanned<String>>, header: Span) -> Option<String> {
        match reason {
            Some(reason) if !reason.get_ref().trim().is_empty() => {
                Some(reason.get_ref().trim().to_owned())
            }
            Some(reason) => {
                let span = self.span(reason.span());
                self.wrong(span, "the reason is empty: say why".to_owned());
                None
            }
            None => {
                self.wrong(header, "the reason is missing: add `reason`".to_owned());
                None
            }
        }
    }

    fn date(&mut self, day: &Spanned<RawDate>) -> Option<Date> {
        let written = match day.get_ref() {
            RawDate::Date(date) => date.to_string(),
            RawDate::Text(text) => text.clone(),
        };
        match written.parse() {
            Ok(date) => Some(date),
            Err(_) => {
                let span = self.span(day.span());
                self.wrong(
                    span,
                    format!(
                        "{} is no date: write it like 2027-03-31",
                        text::quoted(&written)
                    ),
                );
                None
            }
        }
    }

    fn app_pattern(&mut self, app: &Spanned<String>) -> Option<AppPattern> {
        match app_pattern(app.get_ref()) {
            Ok(pattern) => Some(pattern),
            Err(message) => {
                let span = self.span(app.span());
                self.wrong(span, message);
                None
            }
        }
    }
}

/// An app by name, address or file, with `*` and `?`.
///
/// # Errors
///
/// That the text is not a pattern.
pub fn app_pattern(text: &str) -> Result<AppPattern, String> {
    let glob = GlobBuilder::new(text)
        .case_insensitive(true)
        .literal_separator(false)
        .build()
        .map_err(|error| {
            format!(
                "{} is not a pattern: {}",
                text::quoted(text),
                text::shown(&error.kind().to_string())
            )
        })?;
    Ok(AppPattern {
        text: text.to_owned(),
        matcher: glob.compile_matcher(),
    })
}
