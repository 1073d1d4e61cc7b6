//! Names of code, cut into words.

/// The words of a name in lower case: `PostAsJsonAsync`, `post_as_json` to `post`, `as`, `json`.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut previous = ' ';
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        if !c.is_alphanumeric() {
            previous = ' ';
            continue;
        }
        let follows_lower = c.is_uppercase() && !previous.is_uppercase();
        // `HTTPGet`: the last capital begins the word.
        let ends_capitals = c.is_uppercase()
            && previous.is_uppercase()
            && chars.peek().is_some_and(|next| next.is_lowercase());
        if previous == ' ' || follows_lower || ends_capitals {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
        previous = c;
    }
    words
}

/// Whether a text holds another, without regard to case. `needle` is in lower case.
pub(super) fn contains(text: &str, needle: &str) -> bool {
    let (text, needle) = (text.as_bytes(), needle.as_bytes());
    text.len() >= needle.len()
        && text
            .windows(needle.len())
            .any(|window| window.eq_ignore_ascii_case(needle))
}
