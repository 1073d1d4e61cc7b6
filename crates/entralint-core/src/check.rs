//! One file, from its bytes to its findings. Files know nothing of each other.

use entra_manifest::{
    Change, DecodeErrorKind, Encoding, FileId, Manifest, PermissionType, Read, Source, Span, Unit,
    WhyNot,
};

use crate::assess::Assessment;
use crate::calls::Calls;
use crate::finding::{Applicability, Finding};
use crate::rules::RULES;

/// What a file turned out to be.
#[derive(Clone, Debug)]
pub enum Outcome {
    Manifest(Manifest),
    /// Nothing in it declares permissions.
    NotAManifest(String),
    /// A declaration in a shape that is not read yet.
    NotReadYet(&'static str),
    /// It should be a manifest and is not well-formed.
    Invalid {
        message: String,
        span: Span,
    },
}

/// A file that was read.
#[derive(Clone, Debug)]
pub struct FileOutcome {
    /// As it is shown: relative as given, without a leading `./`.
    pub name: String,
    /// Where reports that name files by URI say it is.
    pub uri: String,
    /// Somebody named it; a walk found the others.
    pub named: bool,
    /// With replacement characters where the bytes are not text.
    pub source: Source,
    pub outcome: Outcome,
}

/// A file with its findings, in the order of the file.
#[derive(Clone, Debug)]
pub struct CheckedFile {
    pub file: FileOutcome,
    pub findings: Vec<Finding>,
}

/// A file to look at.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// As it is shown.
    pub name: String,
    /// Where reports that name files by URI say it is.
    pub uri: String,
    /// Somebody named it; a walk found the others.
    pub named: bool,
}

/// Makes out a file from its bytes.
pub fn outcome(candidate: &Candidate, bytes: Vec<u8>) -> FileOutcome {
    let file = |source: Source, outcome: Outcome| FileOutcome {
        name: candidate.name.clone(),
        uri: candidate.uri.clone(),
        named: candidate.named,
        source,
        outcome,
    };
    let of_text = |text: String| {
        let name = candidate.name.as_str();
        Source::new(FileId::default(), name, text, Encoding::Utf8)
    };
    let source = match Source::decode(FileId::default(), candidate.name.as_str(), bytes.clone()) {
        Ok(source) => source,
        Err(error) => {
            // A walk passes by files that were never text; what names the list was meant to be.
            if !candidate.named && !names_the_list(&bytes) {
                let nothing = of_text(String::new());
                return file(nothing, Outcome::NotAManifest("not text".to_owned()));
            }
            // Up to the first byte that is not UTF-8 the text is what it is, so that its place is
            // right. Of another encoding nothing is shown: its message names the byte.
            let text = match error.kind {
                DecodeErrorKind::NotUtf8 => String::from_utf8_lossy(&bytes).into_owned(),
                _ => String::new(),
            };
            let start = error.offset.min(text.len());
            let replaced = text.get(start..).and_then(|rest| rest.chars().next());
            let end = start + replaced.map_or(0, char::len_utf8);
            let outcome = Outcome::Invalid {
                message: error.to_string(),
                span: Span::new(FileId::default(), start, end),
            };
            return file(of_text(text), outcome);
        }
    };
    let outcome = match entra_manifest::read(Unit::file(&source)) {
        Read::Manifest(manifest) => Outcome::Manifest(manifest),
        Read::Unsupported(what) => Outcome::NotReadYet(what),
        Read::Broken(errors) => match errors.into_iter().next() {
            Some(error) => invalid(error),
            None => Outcome::NotAManifest(WhyNot::NoDeclaration.to_string()),
        },
        // What a walk comes across may be anything; what is named was meant to be read.
        Read::Nothing(reason) if candidate.named => match entra_manifest::syntax_error(&source) {
            Some(error) => invalid(error),
            None => Outcome::NotAManifest(reason.to_string()),
        },
        Read::Nothing(reason) => Outcome::NotAManifest(reason.to_string()),
        // Units of several files are not made here yet.
        _ => Outcome::NotReadYet("declaration over several files"),
    };
    file(source, outcome)
}

fn invalid(error: entra_manifest::ParseError) -> Outcome {
    Outcome::Invalid {
        message: error.message,
        span: error.span,
    }
}

/// The bytes hold the name of the list in which manifests declare permissions.
fn names_the_list(bytes: &[u8]) -> bool {
    const NAME: &[u8] = b"requiredresourceaccess";
    bytes
        .windows(NAME.len())
        .any(|window| window.eq_ignore_ascii_case(NAME))
}

/// All that the rules say of a file.
pub fn check(file: FileOutcome, calls: &Calls<'_>) -> CheckedFile {
    let mut findings = Vec::new();
    for rule in RULES {
        rule.check_file(&file, &mut findings);
    }
    if let Outcome::Manifest(manifest) = &file.outcome {
        findings.extend(check_apps(manifest, calls));
    }
    in_order(&mut findings);
    CheckedFile { file, findings }
}

/// What the rules say of the apps of a manifest, in the order of the rules.
pub fn check_apps(manifest: &Manifest, calls: &Calls<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, app) in manifest.apps.iter().enumerate() {
        let assessment = Assessment::new(calls, app, index);
        let label = assessment.app_label();
        let first = findings.len();
        for rule in RULES {
            rule.check_app(&assessment, &mut findings);
        }
        for finding in findings.iter_mut().skip(first) {
            finding.app.clone_from(&label);
            if let Some(reason) = not_writable(finding, manifest) {
                hold_back(finding, reason);
            }
        }
    }
    findings
}

/// Every call that the apps of the first manifest cover is covered, in the same type of permission,
/// by the same apps of the second.
pub fn keeps_cover(before: &Manifest, after: &Manifest, calls: &Calls<'_>) -> bool {
    let covered = |manifest: &Manifest| -> Vec<Vec<(usize, usize)>> {
        manifest
            .apps
            .iter()
            .enumerate()
            .map(|(index, app)| Assessment::new(calls, app, index).covered())
            .collect()
    };
    let after = covered(after);
    covered(before).iter().enumerate().all(|(index, before)| {
        // A bare list that became empty is no app any more, and covers nothing.
        let after = after.get(index).map_or(&[][..], Vec::as_slice);
        before.iter().all(|call| after.contains(call))
    })
}

/// Why the fix of a finding cannot be written to a manifest of this format.
fn not_writable(finding: &Finding, manifest: &Manifest) -> Option<String> {
    let fix = finding.fix.as_ref()?;
    if manifest.about.generated {
        return Some(format!(
            "this is an {}, which is generated: change its source",
            manifest.about
        ));
    }
    let adds_a_role = fix.changes.iter().any(|change| {
        matches!(
            change,
            Change::Add {
                permission_type: PermissionType::Application,
                ..
            }
        )
    });
    (!manifest.about.types.allow(PermissionType::Application) && adds_a_role).then(|| {
        format!(
            "a {} can ask for delegated permissions only",
            manifest.about
        )
    })
}

fn hold_back(finding: &mut Finding, reason: String) {
    if let Some(fix) = &mut finding.fix {
        fix.applicability = Applicability::DisplayOnly;
        fix.changes.clear();
        finding.notes.push(format!("not fixed for you: {reason}"));
    }
}

/// What the rules say of the calls themselves.
pub fn check_calls(calls: &Calls<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in RULES {
        rule.check_calls(calls, &mut findings);
    }
    findings
}

fn in_order(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| {
        finding
            .place
            .as_ref()
            .map_or((0, 0), |place| (place.span.start, place.span.end))
    });
}
