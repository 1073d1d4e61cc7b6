//! How many permissions of each privilege level the apps request, and how many they need.

use std::fmt::Write as _;

use crate::report::view::{AppView, PermissionView, View};

/// Levels 1 to 5, and those without a published one.
const ROWS: usize = 6;

/// Counts by level: requested, needed.
pub(super) struct Levels {
    counts: [(usize, usize); ROWS],
    /// Apps that are counted: those whose calls are known and have an answer.
    pub(super) apps: usize,
}

impl Levels {
    pub(super) fn of(view: &View) -> Self {
        let mut levels = Self {
            counts: [(0, 0); ROWS],
            apps: 0,
        };
        for app in &view.apps {
            let Some(needed) = known(app) else { continue };
            levels.apps += 1;
            for permission in app.requested.iter().filter(|p| !is_for_sign_in(p)) {
                levels.counts[row(permission)].0 += 1;
            }
            for permission in needed.iter().filter(|p| !is_for_sign_in(p)) {
                levels.counts[row(permission)].1 += 1;
            }
        }
        levels
    }

    /// A table in which the numbers are drawn as bars as well.
    pub(super) fn table(&self, out: &mut String) {
        let most = self
            .counts
            .iter()
            .map(|(before, after)| *before.max(after))
            .max()
            .unwrap_or(0)
            .max(1);
        out.push_str("<table class=\"levels\"><caption>Permissions by privilege level, over the apps whose calls are known and answered</caption><thead><tr><th scope=\"col\">Level</th><th scope=\"col\"><span class=\"key before\"></span>Requested</th><th scope=\"col\"><span class=\"key after\"></span>Needed</th><td></td></tr></thead><tbody>\n");
        for level in (0..ROWS).rev() {
            let (before, after) = self.counts[level];
            let name = match level {
                0 if before + after == 0 => continue,
                0 => "?".to_owned(),
                1 => "1 lowest".to_owned(),
                5 => "5 highest".to_owned(),
                _ => level.to_string(),
            };
            let _ = writeln!(
                out,
                "<tr><th scope=\"row\">{name}</th><td class=\"number\">{before}</td><td class=\"number\">{after}</td><td class=\"bars\">{}</td></tr>",
                bars(before, after, most)
            );
        }
        out.push_str("</tbody></table>\n");
    }
}

/// Two bars as an inline drawing: inline styles would need the policy's `unsafe-inline`. The numbers stand next to it.
fn bars(before: usize, after: usize, most: usize) -> String {
    let width = |count: usize| {
        if count == 0 {
            0
        } else {
            (count * 100 / most).max(1)
        }
    };
    format!(
        "<svg viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"before\" width=\"{}\" height=\"4.5\"/><rect class=\"after\" y=\"5.5\" width=\"{}\" height=\"4.5\"/></svg>",
        width(before),
        width(after)
    )
}

/// What an app needs, where all of its calls are known and have an answer: without one, what else is requested may be
/// for it.
pub(super) fn known(app: &AppView) -> Option<&[PermissionView]> {
    let answered = app.calls.iter().all(|call| !call.needs.is_empty());
    app.needed.as_deref().filter(|_| answered)
}

/// What an app requests to sign people in: it is never excess.
pub(super) fn is_for_sign_in(permission: &PermissionView) -> bool {
    msgraph_permissions::is_oidc_scope(&permission.name)
        || permission.name.eq_ignore_ascii_case("User.Read")
}

fn row(permission: &PermissionView) -> usize {
    permission
        .level
        .map_or(0, |level| usize::from(level.min(5)))
}

/// What an app could give up: its requested levels less those that it needs, with a permission that leads to control of
/// the tenant counting double. `None` where its calls are not known, or one has no answer.
pub(super) fn excess(app: &AppView) -> Option<usize> {
    let weight = |list: &[PermissionView]| -> usize {
        list.iter()
            .filter(|p| !is_for_sign_in(p))
            .map(|p| row(p).max(1) * if p.privileged { 2 } else { 1 })
            .sum()
    };
    let needed = known(app)?;
    Some(weight(&app.requested).saturating_sub(weight(needed)))
}
