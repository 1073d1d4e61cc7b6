//! Exceptions of the configuration: `[[allow]]` with a reason, and for how long.

use std::collections::BTreeSet;

use globset::GlobMatcher;
use jiff::civil::Date;
use msgraph_permissions::PermissionName;

use super::{Suppression, Used};
use crate::finding::{Finding, Location};
use crate::text;

/// One `[[allow]]`. It accepts a finding that fits every part it names.
#[derive(Clone, Debug)]
pub struct Allow {
    /// The rule; any where it is `None`.
    pub rule: Option<&'static str>,
    /// The app; any where it is `None`.
    pub app: Option<AppPattern>,
    /// The permission; any where it is `None`.
    pub permission: Option<PermissionName>,
    /// Where the permission is named.
    pub permission_at: Option<Location>,
    /// Why it is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day on which it counts.
    pub expires: Option<Date>,
    /// Where it stands.
    pub at: Location,
    /// Whether it came by `extends`.
    pub inherited: bool,
    /// Rules for which it does not count, as a configuration further away locks them.
    pub locked_out: BTreeSet<&'static str>,
    /// Whether it accepted a finding of this run.
    pub used: Used,
}

/// An app by its name, its address or the file that declares it, with `*` and `?`.
#[derive(Clone, Debug)]
pub struct AppPattern {
    /// As written.
    pub text: String,
    /// What it matches.
    pub matcher: GlobMatcher,
}

impl AppPattern {
    /// Whether the finding is about such an app.
    pub fn matches(&self, finding: &Finding) -> bool {
        let app = finding.app.as_ref();
        app.and_then(|app| app.name.as_deref())
            .into_iter()
            .chain(app.and_then(|app| app.address.as_deref()))
            .chain([finding.fingerprint.app.file.as_str()])
            .any(|name| self.matcher.is_match(name))
    }
}

impl Allow {
    pub(super) fn accepts(&self, finding: &Finding) -> bool {
        // That an exception is unused is no finding that it could have been meant for.
        let is_meant = match self.rule {
            Some(rule) => rule == finding.rule.id,
            None => finding.rule.id != "unused-allow",
        };
        is_meant
            && self.app.as_ref().is_none_or(|app| app.matches(finding))
            && self.permission.as_ref().is_none_or(|permission| {
                finding
                    .fingerprint
                    .permission
                    .as_deref()
                    .is_some_and(|name| name.eq_ignore_ascii_case(permission.as_str()))
            })
    }

    /// Whether its last day is over.
    pub fn has_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| today > last)
    }

    pub(super) fn suppression(&self) -> Suppression {
        Suppression {
            reason: self.reason.clone(),
            owner: self.owner.clone(),
            expires: self.expires,
            at: self.at.clone(),
            in_source: false,
        }
    }

    pub(super) fn expired_note(&self) -> String {
        let day = self.expires.map(|day| day.to_string()).unwrap_or_default();
        let owner = self
            .owner
            .as_deref()
            .map(|owner| format!("; ask {}", text::shown(owner)))
            .unwrap_or_default();
        format!(
            "the exception at {} expired on {day}: {}{owner}",
            text::escaped(&self.at.shown()),
            text::shown(&self.reason)
        )
    }

    /// What it accepts, in words.
    pub fn shown(&self) -> String {
        [
            self.rule.map(str::to_owned),
            self.app.as_ref().map(|app| app.text.clone()),
            self.permission.as_ref().map(ToString::to_string),
        ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ")
    }

    /// Whether it accepted no finding of the run.
    pub fn is_unused(&self) -> bool {
        !self.used.is_marked()
    }
}
