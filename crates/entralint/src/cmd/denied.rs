//! `entralint denied`.

use camino::Utf8Path;
use entralint_core::denied::{self, DeniedError};
use msgraph_calls::Api;
use source_text::{Encoding, FileId, Source};

use super::{EMPTY, OK};
use crate::cli::{DeniedArgs, ListFormat};
use crate::cmd;
use entralint_project::read;

/// Different denied calls of one recording that are explained.
const MOST: usize = 200;

/// Runs the command and gives its exit code.
///
/// # Errors
///
/// What could not be read, or what is wrong with the configuration or the catalog.
pub(crate) fn run(args: &DeniedArgs) -> Result<u8, String> {
    let loaded = cmd::open(&args.catalog, &[])?.catalog;
    let source = source(&args.text)?;
    if source.text().trim().is_empty() {
        return Err(
            "nothing to explain: give an error message, a file that holds one, or pipe it in"
                .to_owned(),
        );
    }
    let catalog = loaded.get();
    let found = match denied::read(&source, catalog, &Api::of(catalog), MOST) {
        Ok(found) => found,
        Err(
            error @ (DeniedError::NoDenial
            | DeniedError::AnotherError { .. }
            | DeniedError::NotRefused { .. }),
        ) => {
            cmd::say(&format!("error: {error}"));
            return Ok(EMPTY);
        }
        Err(error) => return Err(at(&source, &error)),
    };
    match args.format {
        ListFormat::Json => cmd::print(&cmd::json(&found)?)?,
        ListFormat::Text => cmd::print(&denied::render(&found))?,
    }
    Ok(OK)
}

/// A mistake of a recording with its place.
fn at(source: &Source, error: &DeniedError) -> String {
    let place = match error {
        DeniedError::Recording(error) => error.span(),
        _ => None,
    };
    let name = entralint_core::text::escaped(source.name().as_str());
    match place.map(|span| source.line_column(span.start)) {
        Some((line, column)) => format!("{name}:{line}:{column}: {error}"),
        None => format!("{name}: {error}"),
    }
}

/// Standard input, a file, or the text itself.
fn source(text: &str) -> Result<Source, String> {
    let path = Utf8Path::new(text);
    // A message has blanks and is longer than a name; what exists is a file.
    if text == "-" || path.is_file() {
        let name = if text == "-" { "stdin" } else { text };
        // A recording of a browser is larger than what is otherwise named.
        let limit = read::LARGEST_MIB * 1024 * 1024;
        let bytes = if text == "-" {
            read::stdin(limit)
        } else {
            read::bytes(path, limit)
        };
        let cannot =
            |why: String| format!("cannot read {}: {why}", entralint_core::text::escaped(name));
        return bytes
            .map_err(|error| cannot(error.replace(": --max-file-size changes the limit", "")))
            .and_then(|bytes| {
                Source::decode(FileId::default(), name, bytes)
                    .map_err(|error| cannot(error.to_string()))
            });
    }
    if !text.contains(char::is_whitespace) && (text.contains('/') || text.contains('.')) {
        return Err(format!(
            "{}: there is no such file",
            entralint_core::text::escaped(text)
        ));
    }
    Ok(Source::new(
        FileId::default(),
        "text",
        text.to_owned(),
        Encoding::Utf8,
    ))
}
