//! A plan that is kept up to date: evidence joined anew after a change of some files, and which apps that concerns.

use std::collections::HashSet;
use std::sync::PoisonError;

use super::{AppId, Joined, Plan, SetKey};

/// Which apps are judged by other calls than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejoined {
    /// Those.
    Some(HashSet<AppId>),
    /// All of them.
    All,
}

impl Plan<'_> {
    /// Takes over evidence that was joined anew for these apps. Sets of calls that it does not change are kept, so that
    /// only the apps of the answer have to be judged again.
    pub fn rejoin(&mut self, joined: Joined, apps: &[AppId]) -> Rejoined {
        let counts = self.counted(apps);
        let counts_before = std::mem::replace(&mut self.apps, counts);
        let before = std::mem::replace(&mut self.joined, joined);
        let now = &self.joined;
        let sets = self.sets.get_mut().unwrap_or_else(PoisonError::into_inner);
        let single = |counts: &[usize]| -> Vec<bool> { counts.iter().map(|n| *n == 1).collect() };
        if single(&counts_before) != single(&self.apps)
            || before.whole != now.whole
            || before.shared != now.shared
        {
            sets.clear();
            return Rejoined::All;
        }
        let changed: HashSet<AppId> = before
            .own
            .keys()
            .chain(now.own.keys())
            .filter(|app| before.own.get(*app) != now.own.get(*app))
            .cloned()
            .collect();
        sets.retain(|key, _| {
            key.evidence
                .as_ref()
                .is_none_or(|app| !changed.contains(app))
        });
        Rejoined::Some(changed)
    }

    /// Takes note that apps are about to be judged again: which calls they are judged by is not known any more.
    pub fn forget(&mut self, apps: &[AppId]) {
        let about_oneself = self
            .about_oneself
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        for app in apps {
            about_oneself.remove(app);
        }
    }

    /// Drops the sets that none of these apps was judged by: [`sets`](Self::sets) gives the others.
    pub fn keep_sets_of(&mut self, apps: &[AppId]) {
        let about_oneself = self
            .about_oneself
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        let all: HashSet<&AppId> = apps.iter().collect();
        about_oneself.retain(|app| all.contains(app));
        let about_oneself = about_oneself.clone();
        let used: HashSet<SetKey> = apps
            .iter()
            .map(|app| self.key_of(app, true))
            .chain(about_oneself.iter().map(|app| self.key_of(app, false)))
            .collect();
        self.sets
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|key, _| used.contains(key));
    }
}
