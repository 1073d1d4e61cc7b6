//! What reading a file, or the files of a folder together, comes to.

use std::fmt;

use camino::Utf8PathBuf;
use source_text::{Source, Span};

use crate::formats::{self, Together};
use crate::model::Manifest;
use crate::model::layout::Fingerprint;

/// What is read at once: one file, or those files of one folder that its format reads together.
#[derive(Debug, Clone, Copy)]
pub struct Unit<'a> {
    /// The file, or the files, in the order of their names.
    pub sources: &'a [Source],
    /// What the format wanted ([`Read::Wants`]) and got.
    pub wanted: &'a [Wanted],
    /// The environments that the unit is deployed to, where a person named them; none: what the format finds by itself.
    pub environments: &'a [Environment],
}

/// An environment of a configuration: what Terraform calls a workspace, with the files of its `-var-file` options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// Its name, for people and for `terraform.workspace`.
    pub name: String,
    /// Its files of values, from the same root as the names of the unit's files. Later ones win.
    pub files: Vec<Utf8PathBuf>,
}

impl<'a> Unit<'a> {
    /// A file by itself.
    pub const fn file(source: &'a Source) -> Self {
        Self {
            sources: std::slice::from_ref(source),
            wanted: &[],
            environments: &[],
        }
    }

    /// The files of a folder.
    pub const fn folder(sources: &'a [Source]) -> Self {
        Self {
            sources,
            wanted: &[],
            environments: &[],
        }
    }

    /// The same with what was wanted.
    #[must_use]
    pub const fn with(self, wanted: &'a [Wanted]) -> Self {
        Self { wanted, ..self }
    }

    /// The same, deployed to these environments.
    #[must_use]
    pub const fn deployed_to(self, environments: &'a [Environment]) -> Self {
        Self {
            environments,
            ..self
        }
    }

    /// What was wanted, if it was looked for. Its files are empty if it is not there.
    pub fn got(&self, want: &Want) -> Option<&'a [Source]> {
        self.wanted
            .iter()
            .find(|wanted| wanted.want == *want)
            .map(|wanted| wanted.files.as_slice())
    }

    /// All files, those wanted included.
    pub fn files(&self) -> impl Iterator<Item = &'a Source> + use<'a> {
        let wanted = self.wanted.iter().flat_map(|wanted| &wanted.files);
        self.sources.iter().chain(wanted)
    }
}

/// Another file or folder that a format needs before it can say what a unit declares.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Want {
    /// A file.
    File(Utf8PathBuf),
    /// Those files of a folder, not of folders in it, whose names match the glob: `*.tf`.
    Folder {
        /// The folder.
        path: Utf8PathBuf,
        /// A glob for the names of files.
        pattern: String,
    },
}

/// The answer to a [`Want`]. Paths are relative to the same root as the names of the unit's files; the caller reads
/// nothing outside of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// What was wanted.
    pub want: Want,
    /// The files; none if there is no such file or folder, or if it is not to be read.
    pub files: Vec<Source>,
}

/// What a unit turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Read {
    /// It declares permissions, or is an app that declares none.
    Manifest(Manifest),
    /// It declares nothing: no report is needed unless a person named the file.
    Nothing(WhyNot),
    /// It declares permissions in a form that is known and not supported: the form's name, for people.
    Unsupported(&'static str),
    /// It looks like a declaration and cannot be read.
    Broken(Vec<ParseError>),
    /// It cannot be read without these. Asked at most [`ROUNDS`] times; give all answers of earlier rounds again.
    Wants(Vec<Want>),
}

/// Plans and states that Terraform wrote, which are read with the configuration in their folder ([`Want::Folder`] with
/// this pattern): they are no manifests of their own then.
pub const RECORDED: &str = "{*plan.json,*.tfstate}";

/// How often a format may answer [`Read::Wants`] for one unit before the caller gives up.
pub const ROUNDS: usize = 36;

/// Why a file is no manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WhyNot {
    /// Nothing in it but blanks and comments.
    Empty,
    /// It declares nothing. Where none of the words that a declaration needs occurs, its syntax was not even looked at:
    /// see [`syntax_error`].
    NoDeclaration,
    /// It is no JSON, and does not look like a declaration either. See [`syntax_error`] for the place.
    NotJson,
    /// A JSON Schema or an OpenAPI description, which only defines the words.
    Schema,
    /// A service principal or a table of the permissions that exist.
    Catalog,
}

impl fmt::Display for WhyNot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the file is empty",
            Self::NoDeclaration => "the file declares no permissions",
            Self::NotJson => "the file is not JSON",
            Self::Schema => {
                "the file is a schema: it defines the words of a manifest and declares nothing"
            }
            Self::Catalog => "the file lists the permissions that exist and requests none",
        })
    }
}

/// A text that cannot be read, with the place where that shows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ParseError {
    /// What is wrong there.
    pub message: String,
    /// Where.
    pub span: Span,
}

/// Reads a unit, in the format that its name and content tell.
///
/// Never fails on the first oddity: comments, trailing commas and wrong types do not stop the reading and are listed in
/// [`Manifest::problems`]. Takes time and memory proportional to the text; a bound on its size is the caller's to set.
///
/// A unit of one file is read by each format that claims the file until one finds a declaration; a folder by the formats
/// that read folders.
pub fn read(unit: Unit<'_>) -> Read {
    let mut best = Read::Nothing(WhyNot::NoDeclaration);
    for format in formats::ALL {
        let claimed = |source: &Source| format.claims(source.name(), source.text());
        if !unit.sources.iter().any(claimed) {
            continue;
        }
        if unit.sources.len() > 1 && format.together() == Together::Alone {
            continue;
        }
        let read = read_as(*format, unit);
        if matches!(read, Read::Manifest(_) | Read::Wants(_)) {
            return read;
        }
        if rank(&read) > rank(&best) {
            best = read;
        }
    }
    if matches!(best, Read::Nothing(_)) && unit.sources.iter().all(|s| s.text().trim().is_empty()) {
        return Read::Nothing(WhyNot::Empty);
    }
    best
}

/// Reads a unit in one format, and remembers of which texts.
pub(crate) fn read_as(format: &'static dyn formats::Format, unit: Unit<'_>) -> Read {
    let mut read = format.read(unit);
    if let Read::Manifest(manifest) = &mut read {
        manifest.files = unit.files().map(Fingerprint::of).collect();
    }
    read
}

/// How much a result says: a reason why a file is none is worth less than an announcement that it is not read.
const fn rank(read: &Read) -> u8 {
    match read {
        Read::Nothing(WhyNot::NoDeclaration) => 0,
        Read::Nothing(_) => 1,
        Read::Unsupported(_) => 2,
        Read::Broken(_) => 3,
        Read::Manifest(_) | Read::Wants(_) => 4,
    }
}

/// The syntax error of a file that [`read`] found nothing in, if it has one.
///
/// [`read`] does not look at the syntax of a text that cannot be a declaration. This does, for a file that a person
/// named: JSON is taken as the format where no format claims the file.
pub fn syntax_error(source: &Source) -> Option<ParseError> {
    formats::ALL
        .iter()
        .find(|format| format.names(source.name()))
        .map_or_else(
            || crate::json::error(source),
            |format| format.syntax_error(source),
        )
}
