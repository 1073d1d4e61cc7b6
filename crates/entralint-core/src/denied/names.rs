//! Names of permissions in a text. Only what is one may be shown: a list of a text may hold anything.

use msgraph_permissions::Catalog;

/// Words of one list that are looked at: a token has a few dozen permissions.
const MOST: usize = 500;

/// The names of a list: quoted, or up to the first word that is none.
pub(super) fn names(text: &str, catalog: &Catalog) -> Vec<String> {
    let text = text.trim_start_matches([':', ' ', '=']);
    let quote = text
        .chars()
        .next()
        .filter(|c| matches!(c, '\'' | '"' | '`' | '[' | '{'));
    let list = match quote {
        Some(quote) => {
            let end = match quote {
                '[' => ']',
                '{' => '}',
                other => other,
            };
            text[1..].split(end).next().unwrap_or_default()
        }
        None => text.lines().next().unwrap_or_default(),
    };
    let mut names = Vec::new();
    for word in list
        .split(|c: char| matches!(c, ',' | ';' | '|') || c.is_whitespace())
        .take(MOST)
    {
        let word = word.trim_matches(['.', '\'', '"']);
        if word.is_empty() || word.eq_ignore_ascii_case("or") || word.eq_ignore_ascii_case("and") {
            continue;
        }
        if !is_permission(word, catalog) {
            // A quoted list ends where it ends; elsewhere the sentence goes on.
            if quote.is_some() {
                continue;
            }
            break;
        }
        if !names.iter().any(|known: &String| known == word) {
            names.push(word.to_owned());
        }
    }
    names
}

/// Whether a word is the name of a permission, and so may be shown: the catalog has it, it is a scope of the sign-in, or
/// it is spelled like one (`TeamSettings.Read.Group`): capitalised words with a verb that the catalog has.
pub(super) fn is_permission(word: &str, catalog: &Catalog) -> bool {
    const LONGEST_NAME: usize = 100;
    if word.len() > LONGEST_NAME {
        return false;
    }
    if msgraph_permissions::is_oidc_scope(word) || catalog.permission(word).is_some() {
        return true;
    }
    let mut parts = word.split('.');
    let is_capitalised = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_uppercase())
            && part.chars().all(|c| c.is_ascii_alphabetic() || c == '-')
    };
    let Some(first) = parts.next().filter(|part| is_capitalised(part)) else {
        return false;
    };
    let rest: Vec<&str> = parts.collect();
    let is_verb = |part: &str| {
        catalog
            .permissions()
            .any(|known| known.name().as_str().split('.').nth(1) == Some(part))
    };
    !first.is_empty()
        && rest.iter().all(|part| is_capitalised(part))
        && rest.first().is_some_and(|part| is_verb(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_permissions_are_taken() {
        let catalog = Catalog::embedded();
        assert_eq!(
            names(
                "'User.Read, Alice.Smith, eyJhbGciOi.eyJ.x, TeamSettings.Read.Group'",
                catalog
            ),
            ["User.Read", "TeamSettings.Read.Group"]
        );
        assert_eq!(names(" A.Read, b - Operation", catalog), ["A.Read"]);
        assert_eq!(
            names(": [\"User.Read.All\",\n \"Mail.Send\"]", catalog),
            ["User.Read.All", "Mail.Send"]
        );
    }
}
