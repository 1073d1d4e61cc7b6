//! `cargo xtask catalog import`: takes the facts of Microsoft's published files into spec/catalog.

mod facts;
mod microsoft;
mod text;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub(crate) use text::FOLDER;

/// What can be done with the catalog.
#[derive(Subcommand)]
pub(crate) enum Chore {
    /// Take names, ids, numbers and paths from Microsoft's two files into spec/catalog.
    Import {
        /// The folder that holds permissions.json and provisioningInfo.json.
        folder: PathBuf,
        /// The commit of microsoftgraph/microsoft-graph-devx-content that they are of.
        #[arg(long)]
        commit: Option<String>,
        /// The day of that commit, YYYY-MM-DD.
        #[arg(long)]
        date: Option<String>,
    },
}

/// Where the facts came from: spec/catalog/source.toml.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    repository: String,
    licence: String,
    /// The commit that the files are of.
    pub(crate) commit: String,
    /// Its day, YYYY-MM-DD.
    pub(crate) date: String,
    /// SHA-256 of permissions.json.
    pub(crate) permissions_sha256: String,
    /// SHA-256 of provisioningInfo.json.
    pub(crate) provisioning_sha256: String,
}

const SOURCE: &str = "source.toml";
const SOURCE_HEAD: &str =
    "# Written by `cargo xtask catalog import`, as is everything in this folder.\n";

/// Runs a chore.
pub(crate) fn run(root: &Path, chore: &Chore) -> Result<ExitCode> {
    match chore {
        Chore::Import {
            folder,
            commit,
            date,
        } => import(root, folder, commit.as_deref(), date.as_deref()),
    }
}

fn import(root: &Path, from: &Path, commit: Option<&str>, date: Option<&str>) -> Result<ExitCode> {
    let read = |name: &str| {
        let path = from.join(name);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    let (permissions, provisioning) = (read("permissions.json")?, read("provisioningInfo.json")?);
    let facts = microsoft::read(&permissions, &provisioning)?;
    let hashes = (sha256(&permissions), sha256(&provisioning));
    let known = source(root).ok().filter(|known| {
        (&known.permissions_sha256, &known.provisioning_sha256) == (&hashes.0, &hashes.1)
    });
    let (commit, date) = match (commit, date, &known) {
        (Some(commit), Some(date), _) => (commit.to_owned(), date.to_owned()),
        (None, None, Some(known)) => (known.commit.clone(), known.date.clone()),
        _ => bail!("these files are new: say which commit they are of, with --commit and --date"),
    };
    let source = Source {
        repository: "microsoftgraph/microsoft-graph-devx-content, permissions/new".to_owned(),
        licence: "MIT".to_owned(),
        commit,
        date,
        permissions_sha256: hashes.0,
        provisioning_sha256: hashes.1,
    };
    let mut files = text::write(&facts);
    let head = toml::to_string(&source).context("source.toml")?;
    files.insert(SOURCE.to_owned(), format!("{SOURCE_HEAD}{head}"));
    write(&root.join(FOLDER), &files)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes what differs and removes what is no longer there.
fn write(folder: &Path, files: &BTreeMap<String, String>) -> Result<()> {
    let known = if folder.is_dir() {
        read_folder(folder)?
    } else {
        BTreeMap::new()
    };
    for name in known.keys().filter(|name| !files.contains_key(*name)) {
        fs::remove_file(folder.join(name)).with_context(|| format!("cannot remove {name}"))?;
        println!("removed {FOLDER}/{name}");
    }
    for (name, text) in files {
        if known.get(name) == Some(text) {
            continue;
        }
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)
                .with_context(|| format!("cannot make {}", parent.display()))?;
        }
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        println!("wrote {FOLDER}/{name}");
    }
    Ok(())
}

/// Every file of spec/catalog by its name, with LF line ends.
fn read_folder(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for below in ["", "paths"] {
        let path = folder.join(below);
        let entries =
            fs::read_dir(&path).with_context(|| format!("cannot read {}", path.display()))?;
        for entry in entries {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                continue;
            }
            let name = entry.file_name();
            let name = name.to_str().context("a name that is no text")?;
            let text = fs::read_to_string(entry.path())
                .with_context(|| format!("cannot read {}", entry.path().display()))?;
            let name = if below.is_empty() {
                name.to_owned()
            } else {
                format!("{below}/{name}")
            };
            files.insert(name, text.replace("\r\n", "\n"));
        }
    }
    Ok(files)
}

fn source(root: &Path) -> Result<Source> {
    let path = root.join(FOLDER).join(SOURCE);
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("cannot read {}", path.display()))
}

/// spec/catalog as files in Microsoft's formats, from which the embedded catalog is compiled.
pub(crate) struct Published {
    /// As permissions.json.
    pub(crate) permissions: String,
    /// As provisioningInfo.json.
    pub(crate) provisioning: String,
    /// Where they came from.
    pub(crate) source: Source,
}

/// Reads spec/catalog.
pub(crate) fn published(root: &Path) -> Result<Published> {
    let mut files = read_folder(&root.join(FOLDER))?;
    files.remove(SOURCE);
    let facts = text::read(&files)?;
    Ok(Published {
        permissions: microsoft::permissions(&facts).to_string(),
        provisioning: microsoft::provisioning(&facts).to_string(),
        source: source(root)?,
    })
}

fn sha256(text: &str) -> String {
    base16ct::lower::encode_string(&Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERMISSIONS: &str = r#"{"permissions": {
        "B.ReadWrite.All": {"authorizationType": "oAuth2", "ownerInfo": {"ownerSecurityGroup": "x"},
            "schemes": {"Application": {"adminDisplayName": "A sentence", "requiresAdminConsent": true, "privilegeLevel": 4},
                        "DelegatedWork": {"requiresAdminConsent": false}},
            "pathSets": [
                {"schemeKeys": ["Application", "DelegatedWork"], "methods": ["GET", "PATCH"],
                 "paths": {"/b/{id}": "least=Application;AlsoRequires=A.Read,C.Read", "/B/{id}": ""}},
                {"schemeKeys": ["Application", "DelegatedWork"], "methods": ["DELETE"], "paths": {"/B/{id}": ""}}]},
        "A.Read": {"authorizationType": "RSC", "schemes": {}, "pathSets": []}
    }}"#;
    const PROVISIONING: &str = r#"{"permissionDeployments": {
        "B.ReadWrite.All": [{"id": "741F803B-C850-494E-B5DF-CDE7C675A1CA", "scheme": "Application", "environment": "public;PPE",
            "isHidden": true, "isEnabled": true, "resourceAppId": "r"},
            {"id": "", "scheme": "DelegatedWork", "environment": "", "isHidden": false, "resourceAppId": "r"}],
        "None.Read": []
    }}"#;

    #[test]
    fn the_text_holds_the_facts_and_no_sentence() {
        let facts = microsoft::read(PERMISSIONS, PROVISIONING).unwrap();
        let files = text::write(&facts);
        let of = |name: &str| -> Vec<&str> {
            files[name]
                .lines()
                .filter(|line| !line.starts_with('#'))
                .collect()
        };
        assert_eq!(
            of("permissions.txt"),
            ["A.Read rsc", "B.ReadWrite.All W=- A=4,admin"]
        );
        assert_eq!(
            of("ids.txt"),
            [
                "B.ReadWrite.All W - -",
                "B.ReadWrite.All A 741f803b-c850-494e-b5df-cde7c675a1ca public;PPE hidden enabled",
                "None.Read",
            ]
        );
        assert_eq!(
            of("paths/b.txt"),
            [
                "",
                "/B/{id}",
                "  B.ReadWrite.All DELETE,GET,PATCH WA",
                "",
                "/b/{id}",
                "  B.ReadWrite.All GET,PATCH WA* + A.Read C.Read",
            ]
        );
    }

    #[test]
    fn what_is_written_reads_back_and_is_written_alike() {
        let facts = microsoft::read(PERMISSIONS, PROVISIONING).unwrap();
        let again = text::read(&text::write(&facts)).unwrap();
        assert_eq!(again, facts);
        let (permissions, provisioning) = (
            microsoft::permissions(&facts),
            microsoft::provisioning(&facts),
        );
        let reread = microsoft::read(&permissions.to_string(), &provisioning.to_string()).unwrap();
        assert_eq!(text::write(&reread), text::write(&facts));
    }

    #[test]
    fn a_mistake_in_the_text_is_placed() {
        let files = BTreeMap::from([("paths/b.txt".to_owned(), "/b\n  B.Read GET X\n".to_owned())]);
        let error = format!("{:#}", text::read(&files).unwrap_err());
        assert_eq!(
            error,
            "spec/catalog/paths/b.txt:2: `  B.Read GET X`: no type `X`"
        );
    }

    #[test]
    #[ignore = "needs the published data"]
    fn importing_the_published_files_again_changes_nothing() {
        let root = crate::workspace_root();
        let data = std::env::var_os("ENTRALINT_SHARED")
            .map_or_else(|| root.join("../shared"), PathBuf::from)
            .join("data");
        let read = |name: &str| fs::read_to_string(data.join(name)).unwrap();
        let facts =
            microsoft::read(&read("permissions.json"), &read("provisioningInfo.json")).unwrap();
        let mut known = read_folder(&root.join(FOLDER)).unwrap();
        known.remove(SOURCE);
        assert!(text::write(&facts) == known);
    }
}
