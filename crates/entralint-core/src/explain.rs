//! `entralint explain`: a rule, a permission, or a call.

use std::fmt::Write as _;

use msgraph_permissions::{
    Call, Catalog, LookupOptions, Permission, PermissionId, PermissionType, Scheme, Verdict,
    is_oidc_scope,
};

use crate::rules::{self, RULES};
use crate::text;

/// What is known of a rule, a permission or a call.
///
/// # Errors
///
/// That there is no such thing, with what comes nearest.
pub fn explain(catalog: &Catalog, subject: &str) -> Result<String, String> {
    let named = catalog.permission(subject).or_else(|| {
        let id: PermissionId = subject.parse().ok()?;
        let known = catalog.by_id(id);
        let (name, _) = known.first()?;
        catalog.permission(name.as_str())
    });
    if let Some(permission) = named {
        return Ok(permission_page(catalog, permission));
    }
    // A call has a blank between its method and its path; no rule and no permission has one.
    if subject.trim().contains(char::is_whitespace) {
        let call: Call = subject
            .parse()
            .map_err(|error| format!("{:?}: {error}", text::shown(subject)))?;
        return Ok(call_page(catalog, &call));
    }
    Err(unknown(catalog, subject))
}

const SCHEMES: [(Scheme, &str); 3] = [
    (Scheme::DelegatedWork, "delegated, work or school account"),
    (Scheme::DelegatedPersonal, "delegated, personal account"),
    (Scheme::Application, "application"),
];

/// The table that the reference page of a call has.
fn call_page(catalog: &Catalog, call: &Call) -> String {
    let mut out = format!("{}\n", text::shown(&call.to_string()));
    let mut notes: Vec<String> = Vec::new();
    for (scheme, kind) in SCHEMES {
        if call.scheme.is_some_and(|named| named != scheme) {
            continue;
        }
        let answer = catalog.lookup(call, scheme, LookupOptions::default());
        let least = answer.least.as_ref().map_or_else(
            || match answer.verdict {
                Verdict::UnsupportedScheme => "not supported".to_owned(),
                verdict => format!("no answer: {verdict}"),
            },
            ToString::to_string,
        );
        let mut higher: Vec<String> = Vec::new();
        for bundle in &answer.accepted {
            let name = bundle.to_string();
            if Some(bundle) != answer.least.as_ref() && !higher.contains(&name) {
                higher.push(name);
            }
        }
        // Writing to a String does not fail.
        let _ = write!(
            out,
            "\n{kind}\n  least privileged:   {least}\n  higher privileged:  {}\n",
            if higher.is_empty() {
                "none".to_owned()
            } else {
                higher.join(", ")
            }
        );
        let told =
            answer
                .doubts
                .iter()
                .map(|doubt| format!("{kind}: {least} {doubt}"))
                .chain(answer.fallback.iter().map(|f| format!("found by {f}")))
                .chain(answer.overrides.iter().map(|id| {
                    format!("{kind}: corrected, see {id} in `entralint catalog overrides`")
                }))
                .chain(
                    (!answer.supported.nearest.is_empty())
                        .then(|| format!("near it: {}", answer.supported.nearest.join(", "))),
                );
        for note in told {
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    for note in notes {
        let _ = write!(out, "\n{note}\n");
    }
    let _ = writeln!(out, "\n{}", catalogue_line(catalog));
    out
}

fn catalogue_line(catalog: &Catalog) -> String {
    let info = catalog.info();
    format!(
        "catalogue: {} ({})",
        text::escaped(&info.source),
        text::count(info.operations, "operation")
    )
}

/// A rule's page, as `explain` prints it and as the book has it.
pub fn rule_page(rule: &rules::RuleInfo) -> String {
    let body: String = rule
        .page
        .lines()
        .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line)))
        .collect();
    format!(
        "# {}\n\n{}. Severity: {}. Security severity: {}.\n\n{}",
        rule.id,
        sentence(rule.summary),
        rule.severity.as_str(),
        rule.security_severity,
        body.replace("\n# ", "\n## ")
            .trim_start()
            .replacen("# ", "## ", 1),
    )
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

fn permission_page(catalog: &Catalog, permission: Permission) -> String {
    let name = &permission.name();
    let mut out = format!("{name}\n");
    if is_oidc_scope(name.as_str()) {
        let id = catalog.id_of(name, PermissionType::Delegated);
        let id = id.map_or_else(String::new, |id| format!("\n  id:               {id}"));
        // Writing to a String does not fail.
        let _ = write!(
            out,
            "\nOpenID Connect scope, delegated{id}\n  for signing in: unlocks nothing of Microsoft Graph, and is never a finding\n"
        );
    }
    for (scheme, kind) in SCHEMES {
        let Some(info) = permission.scheme(scheme) else {
            continue;
        };
        let id = catalog
            .id_of(name, scheme.permission_type())
            .map_or_else(|| "not published".to_owned(), |id| id.to_string());
        let level = info.privilege_level.map_or_else(
            || "not published".to_owned(),
            |level| format!("{level} of 5"),
        );
        // Writing to a String does not fail.
        let _ = write!(
            out,
            "\n{kind}\n  id:               {id}\n  privilege level:  {level}\n  admin consent:    {}\n  unlocks:          {} of this catalogue\n",
            if info.admin_consent {
                "required"
            } else {
                "not required"
            },
            text::count(catalog.breadth(name, scheme), "operation"),
        );
        let narrower = catalog.narrower(name, scheme);
        if !narrower.is_empty() {
            let named: Vec<String> = narrower
                .iter()
                .map(|(other, shared)| format!("{other} ({shared})"))
                .collect();
            let _ = writeln!(
                out,
                "  narrower, for some of them: {}",
                text::some(&named, 8)
            );
        }
    }
    let _ = writeln!(out, "\n{}", catalogue_line(catalog));
    out
}

fn unknown(catalog: &Catalog, subject: &str) -> String {
    let rules: Vec<&str> = RULES.iter().map(|rule| rule.info().id).collect();
    let near_rule = rules
        .iter()
        .map(|id| (strsim::damerau_levenshtein(id, subject), *id))
        .min()
        .filter(|(distance, _)| *distance <= 4)
        .map(|(_, id)| id.to_owned());
    let near = near_rule.or_else(|| nearest_permission(catalog, subject));
    let mut message = format!(
        "no rule and no permission of this catalogue is called {}",
        text::shown(subject)
    );
    match near {
        Some(near) => {
            let _ = write!(message, "; did you mean {near}?");
        }
        None => {
            let _ = write!(message, "; the rules are {}", text::and(&rules));
        }
    }
    if !catalog.info().complete {
        message.push_str(" (the embedded catalogue is small: --catalog brings Microsoft's)");
    }
    message
}

/// Every rule's page for the book, and their table of contents: file name and contents.
pub fn pages() -> Vec<(String, String)> {
    let mut contents = "# Rules\n\n| rule | severity | what it finds |\n|---|---|---|\n".to_owned();
    let mut pages = Vec::new();
    for rule in RULES {
        let info = rule.info();
        contents.push_str(&format!(
            "| [{id}]({id}.md) | {} | {} |\n",
            info.severity.as_str(),
            info.summary,
            id = info.id,
        ));
        pages.push((format!("{}.md", info.id), rule_page(info)));
    }
    pages.push(("README.md".to_owned(), contents));
    pages
}

/// The permission whose name differs from this one by a slip of the finger.
pub fn nearest_permission(catalog: &Catalog, name: &str) -> Option<String> {
    /// More slips than these make another word.
    const MOST: usize = 3;
    /// No permission's name comes near this length, and comparing takes its square.
    const LONGEST: usize = 120;
    if name.len() > LONGEST {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    catalog
        .permissions()
        .map(|permission| {
            let other = permission.name();
            let distance =
                strsim::damerau_levenshtein(&other.as_str().to_ascii_lowercase(), &lower);
            (distance, other)
        })
        .min()
        .filter(|(distance, _)| *distance <= MOST)
        .map(|(_, name)| name.to_string())
}
