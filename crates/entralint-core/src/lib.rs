//! The rules of entralint: which calls belong to which app, what follows from them, policy and reports.
//!
//! Data in, data out: texts and calls come in, findings, edits and reports go out. The command line, the file system
//! and the terminal are the binary's.

pub mod assess;
pub mod baseline;
pub mod calls;
pub mod config;
pub mod denied;
pub mod evidence;
pub mod explain;
pub mod finding;
pub mod fingerprint;
pub mod fix;
pub mod init;
pub mod list;
pub mod needs;
pub mod operations;
pub mod plan;
pub mod policy;
mod properties;
pub mod report;
pub mod rules;
#[cfg(test)]
mod testing;
pub mod text;
pub mod unit;

use serde::Serialize;
use sha2::{Digest, Sha256};

/// A document for programs: indented JSON with a line end, in which nothing can steer a terminal or a pipeline.
///
/// # Errors
///
/// None are known: every field of the documents can be written as JSON.
pub fn json(document: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut out = text::safe_json(&serde_json::to_string_pretty(document)?);
    out.push('\n');
    Ok(out)
}

/// The SHA-256 of some bytes, in lower-case hex.
pub fn sha256(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(&Sha256::digest(bytes))
}
