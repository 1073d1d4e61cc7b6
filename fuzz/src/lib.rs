//! What the fuzz targets share.

#[path = "../../crates/entra-manifest/tests/common/laws.rs"]
pub mod laws;

/// Names of files, one for each language that declarations are read in. The first byte of an input chooses one, so that
/// the fuzzer reaches every reader.
pub const NAMES: [&str; 8] = [
    "app.json",
    "main.tf",
    "main.tfvars",
    "main.bicep",
    "main.bicepparam",
    "grant.ps1",
    "grant.sh",
    "workflow.yml",
];

/// The name that a byte chooses.
pub fn name(byte: u8) -> &'static str {
    NAMES[usize::from(byte) % NAMES.len()]
}
