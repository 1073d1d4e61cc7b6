//! What the end-to-end tests share: the binaries, a scrubbed environment, folders to work in.

#[cfg(feature = "browser")]
pub mod browser;

use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

use camino::{Utf8Path, Utf8PathBuf};

/// The workspace's root.
pub fn root() -> &'static Utf8Path {
    static ROOT: OnceLock<Utf8PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let here = Utf8Path::new(env!("CARGO_MANIFEST_DIR"));
        here.parent().unwrap_or(here).to_owned()
    })
}

/// The folder with Microsoft's data and the corpus of real manifests, next to the workspace or where `ENTRALINT_SHARED`
/// says. Tests that need it are ignored unless they are asked for.
///
/// # Panics
///
/// Where it is not there.
pub fn shared() -> Utf8PathBuf {
    let folder = match std::env::var("ENTRALINT_SHARED") {
        Ok(folder) => Utf8PathBuf::from(folder),
        Err(_) => root().join("../shared"),
    };
    assert!(
        folder.join("data").is_dir(),
        "{folder} is not here: set ENTRALINT_SHARED to the folder with the published data"
    );
    folder
}

/// A folder that goes away with the value.
pub struct Folder {
    folder: tempfile::TempDir,
}

impl Folder {
    /// An empty one.
    ///
    /// # Panics
    ///
    /// Where none can be made.
    pub fn empty() -> Self {
        let folder = tempfile::Builder::new().prefix("e2e").tempdir();
        match folder {
            Ok(folder) => Self { folder },
            Err(error) => panic!("no temporary folder: {error}"),
        }
    }

    /// One with a copy of these files from `tests/fixtures`.
    pub fn with(fixtures: &[&str]) -> Self {
        let folder = Self::empty();
        for fixture in fixtures {
            let from = root().join("tests/fixtures").join(fixture);
            let name = from.file_name().unwrap_or(fixture).to_owned();
            match std::fs::read(&from) {
                Ok(bytes) => folder.write(&name, bytes),
                Err(error) => panic!("{from}: {error}"),
            }
        }
        folder
    }

    /// Where it is.
    pub fn path(&self) -> &Utf8Path {
        match Utf8Path::from_path(self.folder.path()) {
            Some(path) => path,
            None => panic!("the temporary folder's path is not UTF-8"),
        }
    }

    /// Writes a file, and the folders that it needs.
    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        if let Err(error) = made.and_then(|()| std::fs::write(&path, contents)) {
            panic!("{path}: {error}");
        }
    }

    /// Reads a file as text.
    pub fn read(&self, name: &str) -> String {
        let path = self.path().join(name);
        match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => panic!("{path}: {error}"),
        }
    }

    /// `entralint` in this folder, with nothing of the environment.
    pub fn entralint(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary("entralint"));
        command.args(arguments).current_dir(self.path()).env_clear();
        command
    }
}

/// The built binary of this name, built anew where a source file is newer.
///
/// `cargo test --workspace` has built it already; `cargo test --package e2e` alone has not.
pub fn binary(name: &str) -> Utf8PathBuf {
    static BUILT: OnceLock<Utf8PathBuf> = OnceLock::new();
    let folder = BUILT.get_or_init(|| {
        let folder = profile_folder();
        let executable = folder.join(format!("entralint{}", std::env::consts::EXE_SUFFIX));
        if modified(&executable) < newest_source(&root().join("crates")) {
            build();
        }
        folder
    });
    folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// `target/debug`: two folders above the test's own executable, which is in `deps`.
fn profile_folder() -> Utf8PathBuf {
    let executable = std::env::current_exe()
        .ok()
        .and_then(|path| Utf8PathBuf::from_path_buf(path).ok());
    match executable.as_deref().and_then(|e| e.parent()?.parent()) {
        Some(folder) => folder.to_owned(),
        None => panic!("cannot tell where the test's executable is"),
    }
}

fn modified(path: &Utf8Path) -> SystemTime {
    std::fs::metadata(path)
        .and_then(|metadata| metadata.modified())
        .unwrap_or(SystemTime::UNIX_EPOCH)
}

fn newest_source(folder: &Utf8Path) -> SystemTime {
    let mut newest = SystemTime::UNIX_EPOCH;
    for entry in folder.read_dir_utf8().into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            // Tests and examples are no part of the binary.
            if !matches!(path.file_name(), Some("tests" | "examples" | "benches")) {
                newest = newest.max(newest_source(path));
            }
        } else if matches!(path.extension(), Some("rs" | "json" | "toml")) {
            newest = newest.max(modified(path));
        }
    }
    newest
}

fn build() {
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--package", "entralint"])
        .current_dir(root())
        .status();
    match status {
        Ok(status) if status.success() => {}
        other => panic!("the binaries cannot be built: {other:?}"),
    }
}
