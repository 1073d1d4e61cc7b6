//! Folders that are modules of others: they are judged where they are called.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

/// The folders that call a folder, directly or through others.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Modules(BTreeMap<Utf8PathBuf, BTreeSet<Utf8PathBuf>>);

impl Modules {
    /// Adds the folders that the configuration of a folder calls.
    pub(crate) fn add(&mut self, folder: &Utf8Path, called: &[Utf8PathBuf]) {
        for module in called.iter().filter(|module| *module != folder) {
            let callers = self.0.entry(module.clone()).or_default();
            callers.insert(folder.to_owned());
        }
    }

    /// Whether another folder calls this one, which would list everything twice. Folders that call each other are judged
    /// each by itself, so that none is lost.
    pub(crate) fn is_called(&self, folder: &Utf8Path) -> bool {
        let calls = |caller: &Utf8PathBuf| {
            let callers = self.0.get(caller);
            callers.is_some_and(|callers| callers.contains(folder))
        };
        let mut callers = self.0.get(folder).into_iter().flatten();
        callers.any(|caller| !calls(caller))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_that_call_each_other_are_not_lost() {
        let mut modules = Modules::default();
        modules.add("root".into(), &["root/a".into(), "root".into()]);
        modules.add("x".into(), &["y".into()]);
        modules.add("y".into(), &["x".into()]);
        assert!(modules.is_called("root/a".into()));
        assert!(!modules.is_called("root".into()));
        assert!(!modules.is_called("x".into()) && !modules.is_called("y".into()));
    }
}
