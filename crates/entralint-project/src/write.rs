//! Replaces files: all of a set or none, each in one step.

use std::collections::HashSet;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use tempfile::NamedTempFile;

/// The prefix of files that wait to take another's place.
const PREFIX: &str = ".entralint-";

/// A file and its new bytes.
pub struct Replacement {
    /// The file; a link stays a link, and what it leads to is replaced.
    pub path: Utf8PathBuf,
    /// As people named it.
    pub shown: String,
    /// Its bytes when it was read: if they have changed since, nothing is written.
    pub before: Vec<u8>,
    /// Its new bytes.
    pub after: Vec<u8>,
}

struct Prepared<'r> {
    replacement: &'r Replacement,
    target: Utf8PathBuf,
    file: NamedTempFile,
}

/// Replaces files in one run.
#[derive(Debug)]
pub struct Writer<'r> {
    /// Links must not lead out of this folder.
    within: &'r Utf8Path,
    /// Folders in which no other run has left anything any more.
    clean: Mutex<HashSet<Utf8PathBuf>>,
}

impl<'r> Writer<'r> {
    /// Replaces files in this folder, links resolved.
    pub fn within(within: &'r Utf8Path) -> Self {
        Self {
            within,
            clean: Mutex::default(),
        }
    }

    /// Replaces the files, and gives what could not be kept of them (an owner, an attribute, a hard link), for people.
    ///
    /// All new files are written and synced before the first takes its place.
    ///
    /// # Errors
    ///
    /// Why nothing was changed.
    pub fn replace_all(&self, replacements: &[Replacement]) -> Result<Vec<String>, String> {
        replace_all(replacements, self)
    }

    /// Removes what other runs left in a folder, if that was not done before.
    fn clean(&self, folder: &Utf8Path) {
        let mut clean = self.clean.lock().unwrap_or_else(PoisonError::into_inner);
        if clean.insert(folder.to_owned()) {
            remove_leftovers(folder);
        }
    }
}

fn replace_all(replacements: &[Replacement], writer: &Writer<'_>) -> Result<Vec<String>, String> {
    let mut said = Vec::new();
    let mut prepared = Vec::new();
    for replacement in replacements {
        prepared.push(
            prepare(replacement, writer, &mut said)
                .map_err(|error| format!("{}: {error}", replacement.shown))?,
        );
    }
    for prepared in &prepared {
        let now = std::fs::read(&prepared.target)
            .map_err(|error| format!("{}: {error}", prepared.replacement.shown))?;
        if now != prepared.replacement.before {
            return Err(format!(
                "{}: it has changed since it was read",
                prepared.replacement.shown
            ));
        }
    }
    let mut replaced: Vec<(&Replacement, Utf8PathBuf)> = Vec::new();
    for Prepared {
        replacement,
        target,
        file,
    } in prepared
    {
        match file.persist(&target) {
            Ok(_) => replaced.push((replacement, target)),
            Err(error) => {
                let mut message = format!("{}: {}", replacement.shown, error.error);
                for (replacement, target) in replaced {
                    if let Err(error) = std::fs::write(&target, &replacement.before) {
                        message
                            .push_str(&format!("; {} stays changed: {error}", replacement.shown));
                    }
                }
                return Err(message);
            }
        }
    }
    Ok(said)
}

fn prepare<'r>(
    replacement: &'r Replacement,
    writer: &Writer<'_>,
    said: &mut Vec<String>,
) -> Result<Prepared<'r>, String> {
    let text = |error: std::io::Error| error.to_string();
    let target = replacement.path.canonicalize_utf8().map_err(text)?;
    let is_link = replacement
        .path
        .symlink_metadata()
        .is_ok_and(|metadata| metadata.is_symlink());
    if is_link
        && !writer
            .within
            .canonicalize_utf8()
            .is_ok_and(|within| target.starts_with(within))
    {
        return Err("it is a link that leads out of the repository".to_owned());
    }
    let metadata = std::fs::metadata(&target).map_err(text)?;
    if metadata.permissions().readonly() {
        return Err("the file is read-only".to_owned());
    }
    let folder = target.parent().unwrap_or(Utf8Path::new("."));
    writer.clean(folder);
    let mut file = tempfile::Builder::new()
        .prefix(&format!("{PREFIX}{}-", std::process::id()))
        .tempfile_in(folder)
        .map_err(text)?;
    file.write_all(&replacement.after).map_err(text)?;
    keep_owner(&metadata, file.as_file(), &replacement.shown, said);
    file.as_file()
        .set_permissions(metadata.permissions())
        .map_err(text)?;
    keep_attributes(&target, &file, &replacement.shown, said);
    file.as_file().sync_all().map_err(text)?;
    Ok(Prepared {
        replacement,
        target,
        file,
    })
}

/// A new file belongs to who writes it: as root that is another owner than before.
#[cfg(unix)]
fn keep_owner(
    metadata: &std::fs::Metadata,
    file: &std::fs::File,
    path: &str,
    said: &mut Vec<String>,
) {
    use std::os::unix::fs::MetadataExt as _;
    let is_same = file
        .metadata()
        .is_ok_and(|new| new.uid() == metadata.uid() && new.gid() == metadata.gid());
    if !is_same
        && let Err(error) =
            std::os::unix::fs::fchown(file, Some(metadata.uid()), Some(metadata.gid()))
    {
        said.push(format!("{path}: its owner could not be kept: {error}"));
    }
    if metadata.nlink() > 1 {
        said.push(format!(
            "{path}: it had {} hard links; the others keep the old text",
            metadata.nlink()
        ));
    }
}

#[cfg(not(unix))]
fn keep_owner(_: &std::fs::Metadata, _: &std::fs::File, _: &str, _: &mut Vec<String>) {}

/// Extended attributes, such as SELinux labels and what a company's tools mark files with.
#[cfg(unix)]
fn keep_attributes(from: &Utf8Path, to: &NamedTempFile, path: &str, said: &mut Vec<String>) {
    let Ok(names) = xattr::list(from) else { return };
    for name in names {
        let kept = xattr::get(from, &name)
            .and_then(|value| value.map_or(Ok(()), |value| xattr::set(to.path(), &name, &value)));
        if let Err(error) = kept {
            said.push(format!(
                "{path}: its attribute {} could not be kept: {error}",
                name.to_string_lossy()
            ));
        }
    }
}

#[cfg(not(unix))]
fn keep_attributes(_: &Utf8Path, _: &NamedTempFile, _: &str, _: &mut Vec<String>) {}

/// Removes what a run left that was killed between writing and replacing.
fn remove_leftovers(folder: &Utf8Path) {
    /// No run takes this long between the two.
    const OLD: std::time::Duration = std::time::Duration::from_secs(600);
    let Ok(entries) = folder.read_dir_utf8() else {
        return;
    };
    for entry in entries.flatten() {
        let Some(rest) = entry.file_name().strip_prefix(PREFIX) else {
            continue;
        };
        let writer = rest
            .split('-')
            .next()
            .and_then(|pid| pid.parse::<u32>().ok());
        let Some(writer) = writer.filter(|pid| *pid != std::process::id()) else {
            continue;
        };
        let is_gone =
            cfg!(target_os = "linux") && !Utf8Path::new("/proc").join(writer.to_string()).exists();
        let is_old = entry
            .metadata()
            .and_then(|metadata| metadata.modified())
            .is_ok_and(|at| at.elapsed().is_ok_and(|age| age > OLD));
        if is_gone || is_old {
            // Another program may have removed it meanwhile.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = Utf8PathBuf::from_path_buf(folder.path().to_owned()).expect("it is UTF-8");
        (folder, path)
    }

    fn replacement(path: Utf8PathBuf, before: &str) -> Replacement {
        Replacement {
            shown: path.to_string(),
            path,
            before: before.as_bytes().to_vec(),
            after: b"new".to_vec(),
        }
    }

    #[test]
    fn of_several_files_all_are_replaced_or_none() {
        let (_guard, folder) = folder();
        let (a, b) = (folder.join("a"), folder.join("b"));
        std::fs::write(&a, "old").expect("a file");
        std::fs::write(&b, "changed meanwhile").expect("a file");
        let set = [replacement(a.clone(), "old"), replacement(b.clone(), "old")];
        let error = Writer::within(&folder)
            .replace_all(&set)
            .expect_err("b has changed");
        assert!(error.contains("has changed since it was read"), "{error}");
        assert_eq!(std::fs::read_to_string(&a).expect("a file"), "old");
        assert_eq!(folder.read_dir_utf8().expect("a folder").count(), 2);
        std::fs::write(&b, "old").expect("a file");
        Writer::within(&folder)
            .replace_all(&set)
            .expect("both are as they were");
        assert_eq!(std::fs::read_to_string(&b).expect("a file"), "new");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_repository_is_not_written_through() {
        let (_guard, outside) = folder();
        let (_other, folder) = folder();
        std::fs::write(outside.join("x"), "old").expect("a file");
        std::os::unix::fs::symlink(outside.join("x"), folder.join("x")).expect("a link");
        let set = [replacement(folder.join("x"), "old")];
        assert!(Writer::within(&folder).replace_all(&set).is_err());
        assert_eq!(
            std::fs::read_to_string(outside.join("x")).expect("a file"),
            "old"
        );
    }

    #[test]
    fn leftovers_of_a_killed_run_are_removed() {
        let (_guard, folder) = folder();
        // No process has the greatest number.
        std::fs::write(folder.join(format!("{PREFIX}{}-x", u32::MAX)), "half").expect("a file");
        std::fs::write(folder.join("a"), "old").expect("a file");
        Writer::within(&folder)
            .replace_all(&[replacement(folder.join("a"), "old")])
            .expect("it is as it was");
        assert_eq!(folder.read_dir_utf8().expect("a folder").count(), 1);
    }
}
