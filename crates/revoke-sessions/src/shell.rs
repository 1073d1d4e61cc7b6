//! A command line that can be copied into the shell of this system.

/// The words of a command, each as the shell reads it back.
pub(crate) fn line(words: &[String]) -> String {
    let quote = if cfg!(windows) { powershell } else { posix };
    let words: Vec<String> = words.iter().map(|word| quote(word)).collect();
    words.join(" ")
}

/// For sh, bash, zsh.
fn posix(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// For PowerShell, in which `@`, `,` and `%` mean something, and a quote is written twice.
fn powershell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=\\".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        // PowerShell takes the typographic quotes for quotes as well.
        let mut quoted = String::from("'");
        for c in word.chars() {
            quoted.push(c);
            if matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201A}' | '\u{201B}') {
                quoted.push(c);
            }
        }
        quoted.push('\'');
        quoted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_needs_it() {
        assert_eq!(posix("run-1.jsonl"), "run-1.jsonl");
        assert_eq!(posix("my run.jsonl"), "'my run.jsonl'");
        assert_eq!(posix(r"C:\run"), r"'C:\run'");
        assert_eq!(posix("o'neil"), r"'o'\''neil'");
        assert_eq!(posix(""), "''");
    }

    #[test]
    fn words_are_quoted_for_powershell() {
        assert_eq!(powershell(r"C:\runs\run-1.jsonl"), r"C:\runs\run-1.jsonl");
        assert_eq!(powershell(r"C:\my runs\a.jsonl"), r"'C:\my runs\a.jsonl'");
        assert_eq!(powershell("o'neil"), "'o''neil'");
        assert_eq!(powershell("$env:x"), "'$env:x'");
        assert_eq!(powershell("a@b,c"), "'a@b,c'");
        assert_eq!(powershell(""), "''");
    }
}
