//! App roles that a script posts itself: the ids behind the word `appRoleId` in the body of a request.

use uuid::Uuid;

/// The ids that stand behind `appRoleId`, by themselves or by a variable. Each once.
pub(super) fn roles(text: &str) -> Vec<(Uuid, std::ops::Range<usize>)> {
    let mut found: Vec<(Uuid, std::ops::Range<usize>)> = Vec::new();
    let lower = text.to_ascii_lowercase();
    let mut from = 0;
    while let Some(at) = lower[from..].find("approleid") {
        let start = from + at;
        from = start + "approleid".len();
        if in_comment(text, start) {
            continue;
        }
        let behind = &text[from..];
        let value = behind.trim_start_matches(['"', '\'', '\\', ' ', '\t', '=', ':']);
        let offset = from + (behind.len() - value.len());
        // `-eq` compares, and grants nothing.
        if value.starts_with('-') {
            continue;
        }
        let range = match value.strip_prefix('$') {
            Some(name) => variable(text, word(name)),
            None => guid_at(text, offset),
        };
        let Some(range) = range else { continue };
        let Ok(uuid) = text[range.clone()].parse::<Uuid>() else {
            continue;
        };
        if !found.iter().any(|(known, _)| *known == uuid) {
            found.push((uuid, range));
        }
    }
    found
}

fn word(text: &str) -> &str {
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    &text[..end]
}

/// The id that a variable is given: `$name = "…"`, `name="…"`.
fn variable(text: &str, name: &str) -> Option<std::ops::Range<usize>> {
    if name.is_empty() {
        return None;
    }
    let mut from = 0;
    while let Some(at) = text[from..].find(name) {
        let start = from + at;
        from = start + name.len();
        let before = text[..start].chars().next_back();
        if before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') || in_comment(text, start)
        {
            continue;
        }
        let behind = text[from..].trim_start_matches([' ', '\t']);
        let Some(value) = behind.strip_prefix('=') else {
            continue;
        };
        let value = value.trim_start_matches([' ', '\t', '"', '\'']);
        if let Some(range) = guid_at(text, text.len() - value.len()) {
            return Some(range);
        }
    }
    None
}

fn guid_at(text: &str, start: usize) -> Option<std::ops::Range<usize>> {
    let end = start + 36;
    text.get(start..end)?
        .parse::<Uuid>()
        .ok()
        .map(|_| start..end)
}

/// Whether a `#` begins a comment before this place of its line.
fn in_comment(text: &str, at: usize) -> bool {
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    text[line..at].trim_start().starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_by_its_variable_is_found_once() {
        let text = "$roleId = \"7ab1d382-f21e-4acd-a863-ba3e13f7da61\"\n\
            if ($x.appRoleId -eq $roleId) {}\n\
            $body = @{ appRoleId = $roleId }\n# appRoleId = '00000000-0000-0000-0000-000000000001'";
        let found = roles(text);
        assert_eq!(found.len(), 1);
        assert_eq!(
            &text[found[0].1.clone()],
            "7ab1d382-f21e-4acd-a863-ba3e13f7da61"
        );
    }
}
