//! The rules, and the one place where they are listed.
//!
//! A rule is one file: a unit struct whose doc comment is its page in the book, its facts in `declare_rule!`, and the
//! [`Rule`] methods that it needs. From the list below come `explain`, the book's pages, the identifiers that the
//! configuration accepts, and SARIF's table of rules.

#[cfg(test)]
mod tests;
mod words;

use entra_manifest::Manifest;
use msgraph_permissions::Catalog;

use crate::assess::{Assessment, Files};
use crate::calls::CallSet;
use crate::finding::{Finding, Severity};

pub use words::permission_text;

/// The facts of a rule.
#[derive(Debug)]
pub struct RuleInfo {
    /// Its name in output, configuration and docs, in kebab-case.
    pub id: &'static str,
    /// The same in PascalCase, as SARIF wants it.
    pub name: &'static str,
    /// One line, without a capital and a full stop.
    pub summary: &'static str,
    /// What its findings weigh where the rule does not say otherwise.
    pub severity: Severity,
    /// 0.1 to 10.0, as code scanning services rank security findings.
    pub security_severity: &'static str,
    /// It marks what nothing needs: editors show that faded.
    pub marks_unneeded: bool,
    /// The rule's page, in Markdown.
    pub page: &'static str,
}

impl PartialEq for RuleInfo {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for RuleInfo {}

impl RuleInfo {
    /// Whether its findings are about the run itself, its configuration and its data. Such a finding is never switched
    /// off or accepted: what it stops would pass in silence.
    pub fn is_about_the_run(&self) -> bool {
        ["invalid-config", "invalid-call", "invalid-catalog"].contains(&self.id)
    }

    /// The page as Markdown: without the blank that a doc comment has before each line, and with the title as its
    /// first heading.
    pub fn markdown(&self) -> String {
        let body: String = self
            .page
            .lines()
            .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line)))
            .collect();
        // Headings of the doc comment are one level too high below the title.
        let body = format!("\n{body}").replace("\n# ", "\n## ");
        format!(
            "# {}\n\n{}. Severity: {}. Security severity: {}.\n\n{}",
            self.id,
            crate::text::capital(self.summary),
            self.severity.as_str(),
            self.security_severity,
            body.trim_start(),
        )
    }
}

/// A check. Each method looks at one level of the input; a rule implements those that it needs.
pub trait Rule: Sync {
    /// What the rule is.
    fn info(&self) -> &'static RuleInfo;

    /// Looks at one app of a manifest.
    fn check_app(&self, _app: &Assessment<'_>, _findings: &mut Findings) {}

    /// Looks at a manifest: what is odd about its files.
    fn check_manifest(&self, _manifest: &Manifest, _files: Files<'_>, _findings: &mut Findings) {}

    /// Looks at the calls of a set, once for each set of a run.
    fn check_calls(&self, _calls: &CallSet, _catalog: &Catalog, _findings: &mut Findings) {}
}

/// Where rules put their findings.
///
/// Of one rule in one unit a bounded number is kept: the ten thousandth finding of a kind says nothing new, and a file
/// with 160,000 duplicates would take a gigabyte.
#[derive(Debug)]
pub struct Findings {
    kept: Vec<Finding>,
    most: usize,
    per_rule: Vec<(&'static RuleInfo, usize)>,
    /// How many were not kept, by severity: notes, warnings, errors.
    dropped: [usize; 3],
}

impl Findings {
    /// Keeps at most this many of each rule.
    pub fn at_most(most: usize) -> Self {
        Self {
            kept: Vec::new(),
            most,
            per_rule: Vec::new(),
            dropped: [0; 3],
        }
    }

    /// Adds a finding.
    pub fn push(&mut self, finding: Finding) {
        let count = match self
            .per_rule
            .iter_mut()
            .find(|(rule, _)| *rule == finding.rule)
        {
            Some((_, count)) => count,
            None => {
                self.per_rule.push((finding.rule, 0));
                &mut self.per_rule.last_mut().expect("one was added").1
            }
        };
        *count += 1;
        if *count <= self.most {
            self.kept.push(finding);
        } else {
            self.dropped[finding.severity as usize] += 1;
        }
    }

    /// Whether a rule has reported all that is kept of it: the rest is only counted, with [`Findings::count`].
    pub fn is_full(&self, rule: &RuleInfo) -> bool {
        self.per_rule
            .iter()
            .any(|(known, count)| *known == rule && *count >= self.most)
    }

    /// Counts a finding that is not kept.
    pub fn count(&mut self, rule: &'static RuleInfo) {
        self.dropped[rule.severity as usize] += 1;
        match self.per_rule.iter_mut().find(|(known, _)| *known == rule) {
            Some((_, count)) => *count += 1,
            None => self.per_rule.push((rule, 1)),
        }
    }

    /// The findings, and how many more there were of each rule.
    pub fn finish(self) -> (Vec<Finding>, Vec<(&'static RuleInfo, usize)>) {
        let most = self.most;
        let more = self
            .per_rule
            .into_iter()
            .filter(|(_, count)| *count > most)
            .map(|(rule, count)| (rule, count - most))
            .collect();
        (self.kept, more)
    }

    /// How many findings were not kept, by severity: notes, warnings, errors.
    pub fn dropped(&self) -> [usize; 3] {
        self.dropped
    }

    /// All findings so far.
    pub fn as_slice(&self) -> &[Finding] {
        &self.kept
    }

    /// The same, to change them.
    pub fn as_mut_slice(&mut self) -> &mut [Finding] {
        &mut self.kept
    }
}

/// Declares a rule: its struct, its facts, its page.
macro_rules! declare_rule {
    (
        $(#[doc = $page:literal])+
        $name:ident {
            id: $id:literal,
            summary: $summary:literal,
            severity: $severity:ident,
            security_severity: $security:literal
            $(, marks_unneeded: $unneeded:literal)? $(,)?
        }
    ) => {
        $(#[doc = $page])+
        pub struct $name;

        /// The facts of the rule.
        pub static INFO: $crate::rules::RuleInfo = $crate::rules::RuleInfo {
            id: $id,
            name: stringify!($name),
            summary: $summary,
            severity: $crate::finding::Severity::$severity,
            security_severity: $security,
            marks_unneeded: false $(|| $unneeded)?,
            page: concat!($($page, "\n"),+),
        };
    };
}

/// Lists the rules, in the order in which the book has them.
macro_rules! rules {
    ($($module:ident::$name:ident),+ $(,)?) => {
        $(pub mod $module;)+

        /// Every rule.
        pub static RULES: &[&dyn Rule] = &[$(&$module::$name),+];
    };
}

rules! {
    broader_permission::BroaderPermission,
    missing_permission::MissingPermission,
    unused_permission::UnusedPermission,
    redundant_permission::RedundantPermission,
    privileged_permission::PrivilegedPermission,
    documented_permission::DocumentedPermission,
    inherits_everything::InheritsEverything,
    wrong_permission_type::WrongPermissionType,
    unknown_permission::UnknownPermission,
    label_mismatch::LabelMismatch,
    duplicate_permission::DuplicatePermission,
    forbidden_permission::ForbiddenPermission,
    retired_api::RetiredApi,
    me_without_user::MeWithoutUser,
    superseded_call::SupersededCall,
    unknown_call::UnknownCall,
    call_not_resolved::CallNotResolved,
    unresolved_permission::UnresolvedPermission,
    nonstandard_syntax::NonstandardSyntax,
    invalid_manifest::InvalidManifest,
    unused_allow::UnusedAllow,
    invalid_config::InvalidConfig,
    invalid_call::InvalidCall,
    invalid_catalog::InvalidCatalog,
}

/// Finds a rule by its id.
pub fn find(id: &str) -> Option<&'static RuleInfo> {
    RULES
        .iter()
        .map(|rule| rule.info())
        .find(|info| info.id == id)
}

/// That no rule has this id, with the one that was probably meant.
pub fn unknown(id: &str) -> String {
    let near = RULES
        .iter()
        .map(|rule| rule.info().id)
        .map(|known| (strsim::damerau_levenshtein(known, id), known))
        .min()
        // A third of the letters wrong is a slip; more is another word.
        .filter(|(distance, known)| distance * 3 <= known.len());
    let id = crate::text::quoted(id);
    match near {
        Some((_, known)) => format!("no rule is called {id}: did you mean {known}?"),
        None => format!("no rule is called {id}: `entralint rules` lists the rules"),
    }
}

/// Where a rule's page is read by people who have only a report.
pub fn url(info: &RuleInfo) -> String {
    format!(
        "{}/blob/main/docs/rules/{}.md",
        env!("CARGO_PKG_REPOSITORY"),
        info.id
    )
}
