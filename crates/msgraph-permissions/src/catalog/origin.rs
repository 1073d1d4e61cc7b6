//! Where the embedded catalog came from.

/// The files from which the catalog was imported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    /// SHA-256 of the permissions file, in lower-case hexadecimal.
    pub(crate) sha256: String,
    /// The commit of Microsoft's repository, where it is known.
    pub(crate) commit: String,
    /// The day of that commit, `YYYY-MM-DD`, where it is known.
    pub(crate) date: String,
}
