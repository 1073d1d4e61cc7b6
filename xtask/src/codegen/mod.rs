//! Generated files: every one is an [`Output`], written or compared by the same code.

mod book;
mod catalog;
mod client;
mod clouds;
mod embed;
mod fragment;
mod operations;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use similar::TextDiff;

/// One generated file.
pub(crate) struct Output {
    /// Where it stands, from the workspace's root, with `/` on every system.
    pub(crate) path: String,
    /// What it must hold.
    pub(crate) contents: Contents,
}

/// What a generated file holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Contents {
    /// Text whose lines end in LF, however the checkout writes them.
    Text(String),
    /// Bytes that are taken as they are.
    Bytes(Vec<u8>),
}

impl Contents {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }

    /// What a file with these bytes holds, compared as this is.
    fn of_file(&self, bytes: Vec<u8>) -> Result<Self> {
        Ok(match self {
            Self::Text(_) => Self::Text(lf(&String::from_utf8(bytes)?)),
            Self::Bytes(_) => Self::Bytes(bytes),
        })
    }
}

/// Everything that is generated. To generate a further file, add it here.
fn outputs(root: &Path) -> Result<Vec<Output>> {
    let mut outputs = Vec::new();
    outputs.extend(embed::outputs(root)?);
    outputs.extend(catalog::outputs(root)?);
    let fragment = fragment::Fragment::read(root)?;
    outputs.push(client::output(&fragment)?);
    outputs.push(clouds::output(&fragment)?);
    outputs.extend(operations::outputs(&fragment)?);
    outputs.extend(book::outputs()?);
    outputs.push(crate::notices::output(&crate::workspace_root())?);
    Ok(outputs)
}

/// Writes what is not current and says what it wrote.
pub(crate) fn write(root: &Path) -> Result<ExitCode> {
    for output in stale(root)? {
        let path = root.join(&output.output.path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
        }
        fs::write(&path, output.output.contents.bytes())
            .with_context(|| format!("cannot write {}", path.display()))?;
        println!("wrote {}", output.output.path);
    }
    Ok(ExitCode::SUCCESS)
}

/// Compares, prints what differs, and fails if anything does.
pub(crate) fn check(root: &Path) -> Result<ExitCode> {
    let stale = stale(root)?;
    if stale.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    for file in &stale {
        print!("{}", file.diff());
    }
    eprintln!("generated files are not current: run `cargo xtask codegen`");
    Ok(ExitCode::FAILURE)
}

/// A generated file that differs from what stands in the checkout.
struct Stale {
    output: Output,
    /// What stands there now, if anything does.
    found: Option<Contents>,
}

impl Stale {
    fn diff(&self) -> String {
        let path = &self.output.path;
        match (&self.found, &self.output.contents) {
            (Some(Contents::Bytes(_)), _) | (_, Contents::Bytes(_)) => {
                format!("Binary files a/{path} and b/{path} differ\n")
            }
            (found, Contents::Text(text)) => {
                let found = match found {
                    Some(Contents::Text(found)) => found.as_str(),
                    _ => "",
                };
                TextDiff::from_lines(found, text)
                    .unified_diff()
                    .header(&format!("a/{path}"), &format!("b/{path}"))
                    .to_string()
            }
        }
    }
}

fn stale(root: &Path) -> Result<Vec<Stale>> {
    let mut stale = Vec::new();
    for output in outputs(root)? {
        let path = root.join(&output.path);
        let found = match fs::read(&path) {
            Ok(bytes) => Some(
                output
                    .contents
                    .of_file(bytes)
                    .with_context(|| format!("cannot read {}", path.display()))?,
            ),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
        };
        if found.as_ref() != Some(&output.contents) {
            stale.push(Stale { output, found });
        }
    }
    Ok(stale)
}

/// Reads an input of the generator as text with LF line ends, whatever the checkout made of it.
fn read_input(root: &Path, path: &str) -> Result<String> {
    let text =
        fs::read_to_string(root.join(path)).with_context(|| format!("cannot read {path}"))?;
    Ok(lf(&text))
}

fn lf(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// SHA-256 in lower-case hexadecimal digits.
fn sha256(text: &str) -> String {
    Sha256::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_files_are_current() {
        let diffs: String = stale(&crate::workspace_root())
            .unwrap()
            .iter()
            .map(Stale::diff)
            .collect();
        assert!(diffs.is_empty(), "run `cargo xtask codegen`:\n{diffs}");
    }

    #[test]
    fn every_run_gives_the_same_bytes() {
        let root = crate::workspace_root();
        let once = outputs(&root).unwrap();
        let again = outputs(&root).unwrap();
        assert!(!once.is_empty());
        for (once, again) in once.iter().zip(&again) {
            assert_eq!(once.path, again.path);
            assert_eq!(once.contents, again.contents, "{}", once.path);
            if let Contents::Text(text) = &once.contents {
                assert!(!text.contains('\r'), "{}", once.path);
            }
        }
    }

    #[test]
    fn a_checkout_with_crlf_gives_the_same_bytes_and_is_current() {
        let root = crate::workspace_root();
        let copy = tempfile::tempdir().unwrap();
        let mut copied = vec!["Cargo.lock".to_owned()];
        for folder in ["spec", "spec/catalog", "spec/catalog/paths"] {
            for entry in fs::read_dir(root.join(folder)).unwrap() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_file() {
                    let name = entry.file_name().into_string().unwrap();
                    copied.push(format!("{folder}/{name}"));
                }
            }
        }
        let expected = outputs(&root).unwrap();
        for output in &expected {
            match &output.contents {
                Contents::Text(_) => copied.push(output.path.clone()),
                // Never converted: .gitattributes says so.
                Contents::Bytes(bytes) => {
                    let to = copy.path().join(&output.path);
                    fs::create_dir_all(to.parent().unwrap()).unwrap();
                    fs::write(to, bytes).unwrap();
                }
            }
        }
        for path in &copied {
            let to = copy.path().join(path);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            let crlf = read_input(&root, path).unwrap().replace('\n', "\r\n");
            fs::write(to, crlf).unwrap();
        }
        let got = outputs(copy.path()).unwrap();
        for (expected, got) in expected.iter().zip(&got) {
            assert_eq!(expected.contents, got.contents, "{}", expected.path);
        }
        assert!(stale(copy.path()).unwrap().is_empty());
    }

    #[test]
    fn no_page_of_a_rule_outlives_its_rule() {
        let generated: Vec<String> = book::outputs()
            .unwrap()
            .into_iter()
            .map(|o| o.path)
            .collect();
        for folder in ["docs/rules", "docs/schema"] {
            for entry in fs::read_dir(crate::workspace_root().join(folder)).unwrap() {
                let entry = entry.unwrap();
                // The examples of schemas stay what they are.
                if entry.file_type().unwrap().is_dir() {
                    continue;
                }
                let name = entry.file_name().into_string().unwrap();
                let path = format!("{folder}/{name}");
                assert!(generated.contains(&path), "{path}");
            }
        }
    }

    #[test]
    fn a_changed_file_is_shown_as_a_unified_diff() {
        let stale = Stale {
            output: Output {
                path: "a.txt".to_owned(),
                contents: Contents::Text("one\ntwo\n".to_owned()),
            },
            found: Some(Contents::Text("one\n".to_owned())),
        };
        assert_eq!(
            stale.diff(),
            "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1,2 @@\n one\n+two\n"
        );
    }
}
