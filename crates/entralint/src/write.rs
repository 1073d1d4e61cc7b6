//! Replaces files.

use std::io::Write as _;

use camino::Utf8Path;

/// Replaces a file in one step: a reader sees the old bytes or the new ones.
///
/// A symbolic link stays one: what it points to is replaced. The file keeps its permissions.
pub fn write_atomically(path: &Utf8Path, bytes: &[u8]) -> std::io::Result<()> {
    let target = path.canonicalize_utf8()?;
    let folder = target.parent().unwrap_or(Utf8Path::new("."));
    let metadata = std::fs::metadata(&target)?;
    if metadata.permissions().readonly() {
        return Err(std::io::Error::new(
            std::io::ErrorKind::PermissionDenied,
            "the file is read-only",
        ));
    }
    let mut file = tempfile::Builder::new()
        .prefix(".entralint-")
        .tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().set_permissions(metadata.permissions())?;
    file.as_file().sync_all()?;
    file.persist(&target).map_err(|error| error.error)?;
    Ok(())
}
