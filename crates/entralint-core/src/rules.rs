//! The rules, and the one place where they are listed.
//!
//! A rule is one file: a unit struct whose doc comment is its page in the book, its facts in
//! [`declare_rule!`], and the [`Rule`] methods that it needs.

use crate::assess::Assessment;
use crate::calls::Calls;
use crate::check::FileOutcome;
use crate::finding::{Finding, Severity};

/// The facts of a rule, as `explain`, the book, SARIF and JSON show them.
#[derive(Debug)]
pub struct RuleInfo {
    /// The name by which everyone calls it, in kebab-case.
    pub id: &'static str,
    /// One line.
    pub summary: &'static str,
    /// What its findings weigh where the rule does not say otherwise.
    pub severity: Severity,
    /// 0.1 to 10.0, as code scanning services rank security findings.
    pub security_severity: &'static str,
    /// The rule's page, in Markdown.
    pub page: &'static str,
}

impl PartialEq for RuleInfo {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// A check. Each method looks at one level of the input; a rule implements those that it needs.
pub trait Rule: Sync {
    fn info(&self) -> &'static RuleInfo;

    /// Looks at one app of a manifest.
    fn check_app(&self, _app: &Assessment<'_>, _findings: &mut Vec<Finding>) {}

    /// Looks at a file: what could be read of it, and what could not.
    fn check_file(&self, _file: &FileOutcome, _findings: &mut Vec<Finding>) {}

    /// Looks at the calls, once a run.
    fn check_calls(&self, _calls: &Calls<'_>, _findings: &mut Vec<Finding>) {}
}

/// Declares a rule: its struct, its facts, its page.
macro_rules! declare_rule {
    (
        $(#[doc = $page:literal])+
        $name:ident {
            id: $id:literal,
            summary: $summary:literal,
            severity: $severity:ident,
            security_severity: $security:literal $(,)?
        }
    ) => {
        $(#[doc = $page])+
        pub struct $name;

        pub static INFO: $crate::rules::RuleInfo = $crate::rules::RuleInfo {
            id: $id,
            summary: $summary,
            severity: $crate::finding::Severity::$severity,
            security_severity: $security,
            page: concat!($($page, "\n"),+),
        };
    };
}

/// Lists the rules, in the order in which the book has them.
macro_rules! rules {
    ($($module:ident::$name:ident),+ $(,)?) => {
        $(mod $module;)+

        /// Every rule.
        pub static RULES: &[&dyn Rule] = &[$(&$module::$name),+];
    };
}

rules! {
    broader_permission::BroaderPermission,
    missing_permission::MissingPermission,
    unneeded_permission::UnneededPermission,
    redundant_permission::RedundantPermission,
    wrong_permission_type::WrongPermissionType,
    unknown_permission::UnknownPermission,
    duplicate_permission::DuplicatePermission,
    retired_api::RetiredApi,
    app_only_me::AppOnlyMe,
    unanswered_call::UnansweredCall,
    unresolved_permission::UnresolvedPermission,
    invalid_manifest::InvalidManifest,
    manifest_syntax::ManifestSyntax,
}

/// Finds a rule by its id.
pub fn find(id: &str) -> Option<&'static RuleInfo> {
    RULES
        .iter()
        .map(|rule| rule.info())
        .find(|info| info.id == id)
}

/// What the rules that judge permissions share.
mod words {
    use entra_manifest::Change;
    use msgraph_permissions::{PermissionName, is_oidc_scope};

    use crate::assess::{Assessment, Held, Judged, KindView};
    use crate::finding::{Applicability, Fix, Subject};
    use crate::text;

    /// `User.RevokeSessions.All (application), privilege level 3, 4 operations`.
    pub fn measured(subject: &Subject) -> String {
        let level = match subject.privilege_level {
            Some(level) => format!("privilege level {level} of 5"),
            None => "no published privilege level".to_owned(),
        };
        format!(
            "{} ({}): {level}, unlocks {} of the catalogue",
            text::shown(subject.permission.as_str()),
            text::kind(subject.kind),
            text::count(subject.operations, "operation"),
        )
    }

    /// What the portal and OpenID Connect add to every registration says nothing of its calls.
    pub fn is_for_sign_in(name: &PermissionName) -> bool {
        name.as_str() == "User.Read" || is_oidc_scope(name.as_str())
    }

    /// The operations of some judged calls, each once.
    pub fn operations(calls: &[Judged<'_>]) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for judged in calls {
            let operation = judged.call.operation();
            if !all.contains(&operation) {
                all.push(operation);
            }
        }
        all
    }

    /// The doubts about the answers that a verdict rests on, a sentence each.
    pub fn doubts(calls: &[Judged<'_>]) -> Vec<String> {
        let mut notes: Vec<String> = Vec::new();
        for judged in calls {
            let Some(least) = &judged.answer.least else {
                continue;
            };
            for doubt in &judged.answer.doubts {
                let note = format!("{}: {} {doubt}", judged.call.operation(), least.permission);
                if !notes.contains(&note) {
                    notes.push(note);
                }
            }
            if let Some(fallback) = &judged.answer.fallback {
                let note = format!("{}: {fallback}", judged.call.operation());
                if !notes.contains(&note) {
                    notes.push(note);
                }
            }
        }
        notes
    }

    /// A fix that takes a grant away. While a call of this kind has no answer it is only shown:
    /// the permission may be what that call needs.
    pub fn narrowing(
        view: &KindView<'_>,
        title: String,
        changes: Vec<Change>,
    ) -> (Option<Fix>, Option<String>) {
        if view.gaps.is_empty() {
            let applicability = if changes.is_empty() {
                Applicability::DisplayOnly
            } else {
                Applicability::Unsafe
            };
            let fix = Fix {
                title,
                applicability,
                changes,
            };
            return (Some(fix), None);
        }
        let gaps: Vec<String> = view.gaps.iter().map(|call| call.operation()).collect();
        let fix = Fix {
            title,
            applicability: Applicability::DisplayOnly,
            changes: Vec::new(),
        };
        let note = format!(
            "not fixed for you while {} {} no answer: the permission may be for that",
            text::some(&gaps, 3),
            if gaps.len() == 1 { "has" } else { "have" },
        );
        (Some(fix), Some(note))
    }

    pub fn remove(app: &Assessment<'_>, held: &Held<'_>) -> Change {
        Change::Remove {
            app: app.index,
            requested: held.index,
        }
    }
}

#[cfg(test)]
mod tests {
    use msgraph_permissions::{Catalog, LookupOptions};

    use super::*;
    use crate::calls::{DeclaredCall, Origin};
    use crate::check;

    /// The code blocks below a heading of a page: the calls named before each, and its text.
    fn examples(page: &str, heading: &str) -> Vec<(Vec<String>, String)> {
        let mut blocks: Vec<(Vec<String>, String)> = Vec::new();
        let mut calls: Vec<String> = Vec::new();
        let mut below = false;
        let mut inside = false;
        for line in page.lines().map(|l| l.strip_prefix(' ').unwrap_or(l)) {
            if let Some(title) = line.strip_prefix("# ") {
                below = title == heading;
                calls.clear();
            } else if line.starts_with("Call: ") || line.starts_with("Calls: ") {
                calls = line
                    .split('`')
                    .skip(1)
                    .step_by(2)
                    .map(str::to_owned)
                    .collect();
            } else if line.starts_with("```") {
                inside = below && !inside;
                if inside {
                    blocks.push((calls.clone(), String::new()));
                }
            } else if inside && let Some((_, text)) = blocks.last_mut() {
                text.push_str(line);
                text.push('\n');
            }
        }
        blocks
    }

    /// The rules that speak of a manifest.
    fn spoken(calls: &[String], manifest: &str) -> Vec<&'static str> {
        let declared = calls
            .iter()
            .map(|text| DeclaredCall {
                call: text.parse().unwrap(),
                origin: Origin::CommandLine,
            })
            .collect();
        let calls = Calls::answer(Catalog::embedded(), declared, LookupOptions::default());
        let candidate = check::Candidate {
            name: "app.json".to_owned(),
            uri: "app.json".to_owned(),
            named: true,
        };
        let file = check::outcome(&candidate, manifest.as_bytes().to_vec());
        check::check(file, &calls)
            .findings
            .iter()
            .chain(&check::check_calls(&calls))
            .map(|finding| finding.rule.id)
            .collect()
    }

    #[test]
    fn the_example_of_each_page_makes_the_rule_speak_and_the_other_silences_it() {
        for rule in RULES {
            let info = rule.info();
            let bad = examples(info.page, "Example");
            assert!(!bad.is_empty(), "{} has no example", info.id);
            for (calls, manifest) in bad {
                let spoken = spoken(&calls, &manifest);
                assert!(spoken.contains(&info.id), "{}: {spoken:?}", info.id);
            }
            for (calls, manifest) in examples(info.page, "Use instead") {
                let spoken = spoken(&calls, &manifest);
                assert!(spoken.is_empty(), "{}: {spoken:?}", info.id);
            }
        }
    }

    #[test]
    fn every_rule_has_the_sections_of_a_page_and_a_severity_that_services_read() {
        for rule in RULES {
            let info = rule.info();
            for section in ["# What it does", "# Why is this bad?", "# Example"] {
                assert!(info.page.contains(section), "{}: {section}", info.id);
            }
            let severity: f32 = info.security_severity.parse().unwrap();
            assert!((0.1..=10.0).contains(&severity), "{}", info.id);
        }
    }
}
