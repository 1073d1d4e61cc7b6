//! What makes a finding the same finding in the next run.

use msgraph_permissions::PermissionType;

use crate::{sha256, text};

/// The identity of a finding. Lines, columns, the order of declarations and the working folder are no part of it, so a
/// reformatted file, a line inserted above or a run from another folder keeps it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint {
    /// The rule's id.
    pub rule: &'static str,
    /// The app: the file that declares it, relative to the git root, and what the file calls it.
    pub app: AppKey,
    /// The API's application id or name, where it is not Microsoft Graph.
    pub resource: Option<String>,
    /// The permission's name; or what else the finding is about, such as a call.
    pub permission: Option<String>,
    /// Delegated or application.
    pub permission_type: Option<PermissionType>,
    /// Tells equal findings apart: the first has 0, the second 1.
    pub ordinal: u32,
}

/// An app, or a file where the finding is about no app.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AppKey {
    /// The file, relative to the git root, with `/` between folders.
    pub file: String,
    /// The address in its format, else the display name, else the application id; empty where there is none.
    pub label: String,
}

impl Fingerprint {
    /// Of a finding of this rule about nothing in particular yet.
    pub fn new(rule: &'static str) -> Self {
        Self {
            rule,
            app: AppKey::default(),
            resource: None,
            permission: None,
            permission_type: None,
            ordinal: 0,
        }
    }

    /// The fingerprint as 32 hexadecimal digits, for reports and baselines.
    pub fn hash(&self) -> String {
        // The unit separator cannot be part of a name: the parts stay apart.
        let parts = [
            self.rule,
            &self.app.file,
            &self.app.label,
            self.resource.as_deref().unwrap_or_default(),
            self.permission.as_deref().unwrap_or_default(),
            self.permission_type.map_or("", text::permission_type),
            &self.ordinal.to_string(),
        ]
        .join("\u{1f}");
        let mut hash = sha256(parts.as_bytes());
        hash.truncate(32);
        hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_counts() {
        let one = Fingerprint::new("unused-permission");
        let mut all = vec![one.clone()];
        all.push(Fingerprint::new("broader-permission"));
        all.push(Fingerprint {
            app: AppKey {
                file: "a.json".to_owned(),
                label: String::new(),
            },
            ..one.clone()
        });
        all.push(Fingerprint {
            app: AppKey {
                file: String::new(),
                label: "a.json".to_owned(),
            },
            ..one.clone()
        });
        all.push(Fingerprint {
            resource: Some("x".to_owned()),
            ..one.clone()
        });
        all.push(Fingerprint {
            permission: Some("x".to_owned()),
            ..one.clone()
        });
        all.push(Fingerprint {
            permission_type: Some(PermissionType::Application),
            ..one.clone()
        });
        all.push(Fingerprint { ordinal: 1, ..one });
        let mut hashes: Vec<String> = all.iter().map(Fingerprint::hash).collect();
        hashes.sort();
        hashes.dedup();
        assert_eq!(hashes.len(), all.len());
        assert!(hashes.iter().all(|hash| hash.len() == 32));
    }
}
