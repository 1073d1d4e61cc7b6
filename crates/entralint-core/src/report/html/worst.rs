//! The ten apps that could give up most.

use std::fmt::Write as _;

use super::escaped;
use super::levels::{excess, is_for_sign_in};
use crate::report::view::View;

const MOST: usize = 10;

/// A list with links to the apps, or nothing where no app requests more than it needs.
pub(super) fn list(out: &mut String, view: &View) {
    let mut apps: Vec<(usize, usize)> = view
        .apps
        .iter()
        .enumerate()
        .filter_map(|(at, app)| Some((excess(app)?, at)))
        .filter(|(excess, _)| *excess > 0)
        .collect();
    if apps.is_empty() {
        return;
    }
    apps.sort_by_key(|(excess, at)| (std::cmp::Reverse(*excess), *at));
    out.push_str("<section aria-labelledby=\"worst\"><h2 id=\"worst\">Could give up most</h2>\n<ol class=\"worst\">\n");
    for (excess, at) in apps.into_iter().take(MOST) {
        let app = &view.apps[at];
        let needed = app.needed.as_deref().unwrap_or_default();
        let given_up: Vec<String> = app
            .requested
            .iter()
            .filter(|permission| !needed.contains(permission) && !is_for_sign_in(permission))
            .map(|permission| format!("<code>{}</code>", escaped(&permission.name)))
            .collect();
        let shown = given_up
            .iter()
            .take(3)
            .cloned()
            .collect::<Vec<_>>()
            .join(", ");
        let more = match given_up.len().saturating_sub(3) {
            0 => String::new(),
            n => format!(" and {n} more"),
        };
        let _ = writeln!(
            out,
            "<li><a href=\"#app-{at}\">{}</a> <span class=\"where\">excess {excess}</span><br>{shown}{more}</li>",
            escaped(&app.name)
        );
    }
    out.push_str("</ol></section>\n");
}
