//! Reads files, and never more of one than is allowed.

use std::fs::File;
use std::io::Read as _;

use camino::Utf8Path;
use source_text::{DecodeError, FileId, Source};

/// The largest file that is read by default, in MiB. Exports of ten thousand applications have 40; what is larger than
/// this is hardly meant.
pub const LARGEST_MIB: u64 = 256;

/// Reads a file whole.
///
/// # Errors
///
/// What the operating system says, or that the file is larger than `limit` bytes.
pub fn bytes(path: &Utf8Path, limit: u64) -> Result<Vec<u8>, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let metadata = file.metadata().map_err(|error| error.to_string())?;
    if metadata.is_dir() {
        return Err("it is a folder".to_owned());
    }
    if metadata.len() > limit {
        return Err(too_large(limit));
    }
    // One byte more than announced: the read that finds the end needs no second buffer.
    let expected = usize::try_from(metadata.len()).unwrap_or(0);
    read_bounded(file, limit, expected + 1)
}

/// Reads standard input whole.
///
/// # Errors
///
/// As [`bytes`].
pub fn stdin(limit: u64) -> Result<Vec<u8>, String> {
    read_bounded(std::io::stdin().lock(), limit, 0)
}

/// The bound holds whatever the metadata says: a device announces no size and never ends.
fn read_bounded(from: impl std::io::Read, limit: u64, expected: usize) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(expected);
    from.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    if bytes.len() as u64 > limit {
        return Err(too_large(limit));
    }
    Ok(bytes)
}

pub(crate) fn too_large(limit: u64) -> String {
    format!(
        "it is larger than {} MiB: --max-file-size changes the limit",
        limit / 1024 / 1024
    )
}

#[cfg(unix)]
fn is_pipe(path: &Utf8Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_fifo())
}

#[cfg(not(unix))]
fn is_pipe(_: &Utf8Path) -> bool {
    false
}

/// What a person named: a configuration, a list of calls. These are small.
const LARGEST_NAMED: u64 = 32 * 1024 * 1024;

/// Reads a text that a person named, in any encoding that manifests are read in; `-` is standard input. Its spans carry
/// this number, its name is the one given.
///
/// # Errors
///
/// Which file, and why.
pub fn text(id: FileId, path: &Utf8Path, name: &Utf8Path) -> Result<Source, String> {
    // A pipe is fine where a person names it, as shells do with `<(…)`; one that lies in a repository would never end.
    let is_pipe_of_tree = !path.starts_with("/dev") && !path.starts_with("/proc") && is_pipe(path);
    let bytes = if path == "-" {
        stdin(LARGEST_NAMED)
    } else if is_pipe_of_tree {
        Err("it is no regular file".to_owned())
    } else {
        bytes(path, LARGEST_NAMED)
    };
    decoded(id, name, bytes)
}

/// The text of bytes that were read, or could not be.
pub(crate) fn decoded(
    id: FileId,
    name: &Utf8Path,
    bytes: Result<Vec<u8>, String>,
) -> Result<Source, String> {
    let shown = match name.as_str() {
        // The root itself.
        "" => ".",
        name => name,
    };
    let cannot = |error: String| {
        format!(
            "cannot read {}: {error}",
            entralint_core::text::escaped(shown)
        )
    };
    let bytes =
        bytes.map_err(|error| cannot(error.replace(": --max-file-size changes the limit", "")))?;
    Source::decode(id, name, bytes).map_err(|error: DecodeError| cannot(error.to_string()))
}
