//! What is known of a rule, a permission or a call, for people.

use std::fmt::Write as _;

use msgraph_permissions::{
    Answer, Call, Catalog, LookupOptions, Permission, PermissionId, PermissionType, Scheme,
    Verdict, Version, is_oidc_scope,
};

use crate::operations::OperationFacts;
use crate::rules::RULES;
use crate::text;

/// What is known of a rule, a permission or a call.
///
/// # Errors
///
/// That there is no such thing, with what comes nearest.
pub fn explain(catalog: &Catalog, subject: &str) -> Result<String, String> {
    let named = catalog.permission(subject).or_else(|| {
        let id: PermissionId = subject.parse().ok()?;
        let (name, _) = catalog.by_id(id).first()?.clone();
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
        let least = least_in_words(&answer);
        let mut higher: Vec<String> = Vec::new();
        for bundle in &answer.accepted {
            let name = bundle.to_string();
            if Some(bundle) != answer.least.as_ref() && !higher.contains(&name) {
                higher.push(name);
            }
        }
        // Writing to a String does not fail.
        let _ = write!(out, "\n{kind}\n");
        item(&mut out, "least privileged", 18, &least);
        if !higher.is_empty() {
            item(&mut out, "higher privileged", 18, &higher.join(", "));
        }
        let noted =
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
                        .then(|| format!("did you mean {}?", text::or(&answer.supported.nearest))),
                );
        for note in noted {
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    for note in notes {
        let _ = write!(out, "\n{note}\n");
    }
    if let Some(facts) =
        OperationFacts::of(&call.method.to_string(), version(call), call.path.as_str())
    {
        operation_facts(&mut out, facts);
    }
    let _ = writeln!(out, "\n{}", catalog_line(catalog));
    out
}

/// What is least privileged for a call, or why nothing is named.
pub fn least_in_words(answer: &Answer) -> String {
    if let Some(least) = &answer.least {
        return least.to_string();
    }
    match answer.verdict {
        Verdict::UnsupportedScheme => "not supported".to_owned(),
        Verdict::UnknownPath => "not in this catalog".to_owned(),
        Verdict::UnknownMethod => {
            let methods: Vec<String> = answer
                .supported
                .methods
                .iter()
                .map(ToString::to_string)
                .collect();
            format!(
                "not in this catalog with {}; it has {}",
                answer.call.method,
                text::or(&methods)
            )
        }
        Verdict::Known | Verdict::Ambiguous | Verdict::Unmarked => "none is published".to_owned(),
    }
}

fn version(call: &Call) -> Option<&'static str> {
    call.path.version().map(|version| match version {
        Version::V1 => "v1.0",
        Version::Beta => "beta",
    })
}

/// What is known of an operation besides its permissions.
fn operation_facts(out: &mut String, facts: &OperationFacts) {
    // Writing to a String does not fail.
    let _ = writeln!(out, "\noperation {} ({})", facts.id, facts.version);
    let mut line = |what: &str, value: &str| item(out, what, 24, value);
    line("clouds", &facts.clouds.join(", "));
    line(
        "in production",
        if facts.production {
            "supported"
        } else {
            "not supported by Microsoft"
        },
    );
    line(
        "personal accounts",
        if facts.personal_accounts { "yes" } else { "no" },
    );
    if !facts.least_roles.is_empty() {
        line(
            "delegated use needs",
            &format!(
                "the signed-in user is one of {}",
                text::or(facts.least_roles)
            ),
        );
    }
    if let Some(note) = facts.role_note {
        line("roles", note);
    }
    if let Some(sets) = facts.sets {
        line("property", sets);
    }
    if let Some(newer) = facts.newer() {
        line(
            "superseded by",
            &format!("{} {}", newer.method, newer.template),
        );
    }
    for note in facts.notes {
        line(&note.name.replace('-', " "), note.text);
    }
}

/// A label and its text, wrapped at the width that a terminal has at least.
fn item(out: &mut String, label: &str, width: usize, text: &str) {
    const COLUMNS: usize = 100;
    let first = format!("  {:<width$}  ", format!("{label}:"));
    let next = " ".repeat(first.len());
    let options = textwrap::Options::new(COLUMNS)
        .initial_indent(&first)
        .subsequent_indent(&next)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    // Writing to a String does not fail.
    let _ = writeln!(out, "{}", textwrap::fill(text, options));
}

fn catalog_line(catalog: &Catalog) -> String {
    let info = catalog.info();
    format!(
        "catalog: {} ({})",
        text::escaped(&info.source),
        text::count(info.operations, "operation")
    )
}

fn permission_page(catalog: &Catalog, permission: Permission<'_>) -> String {
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
            "\n{kind}\n  id:               {id}\n  privilege level:  {level}\n  admin consent:    {}\n  unlocks:          {} of this catalog\n",
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
    let _ = writeln!(out, "\n{}", catalog_line(catalog));
    out
}

fn unknown(catalog: &Catalog, subject: &str) -> String {
    let near_rule = RULES
        .iter()
        .map(|rule| rule.info().id)
        .map(|id| (strsim::damerau_levenshtein(id, subject), id))
        .min()
        .filter(|(distance, _)| *distance <= 4)
        .map(|(_, id)| id.to_owned());
    let near = near_rule.or_else(|| nearest_permission(catalog, subject));
    let mut message = format!(
        "there is no rule and no permission named {}",
        text::shown(subject)
    );
    match near {
        Some(near) => {
            let _ = write!(message, "; did you mean {near}?");
        }
        None => {
            message.push_str(" (`entralint rules` lists the rules)");
        }
    }
    if !catalog.info().complete {
        message.push_str(" (this catalog is a part of Microsoft Graph only: `entralint catalog fetch` downloads all of it)");
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
        pages.push((format!("{}.md", info.id), info.markdown()));
    }
    pages.push(("README.md".to_owned(), contents));
    pages
}

/// The permission whose name differs from this one by a slip of the finger.
pub fn nearest_permission(catalog: &Catalog, name: &str) -> Option<String> {
    /// More slips than these make another word.
    const MOST: usize = 3;
    /// No permission has a name near this length, and comparing takes its square.
    const LONGEST: usize = 120;
    // An id that is not published is not a slip in another one.
    if name.len() > LONGEST || name.parse::<PermissionId>().is_ok() {
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

/// Whether a name has the form of a permission that Teams grants per team, chat, meeting or user. The published data
/// lacks the delegated ones (`MeetingStage.Write.Chat`), so an unknown name of this form may exist.
pub fn is_resource_specific(name: &str) -> bool {
    let mut parts = name.rsplit('.');
    let last = parts.next().unwrap_or_default();
    ["Chat", "Group", "User"]
        .iter()
        .any(|scope| last.eq_ignore_ascii_case(scope))
        && parts.count() >= 2
}
