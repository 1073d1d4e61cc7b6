//! A call of an app: permission type, method and path, read from text.

use std::fmt;
use std::str::FromStr;

use crate::path::CallPath;
use crate::{Method, Scheme};

/// One call, as a person writes it: `[delegated|personal|application] METHOD PATH-or-URL`.
///
/// `Display` gives it back, with the path exactly as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Call {
    /// The type of permission that the call was said to use, if any was.
    pub scheme: Option<Scheme>,
    /// The HTTP method.
    pub method: Method,
    /// What is called.
    pub path: CallPath,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(scheme) = self.scheme {
            write!(f, "{scheme} ")?;
        }
        write!(f, "{} {}", self.method, self.path)
    }
}

/// The text is not a call.
///
/// `column` counts characters from 1, and points at the word that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {reason}")]
pub struct CallError {
    /// Where in the text, in characters, from 1.
    pub column: usize,
    /// What is wrong and what to write instead.
    pub reason: CallErrorReason,
}

/// What is wrong with the text of a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallErrorReason {
    /// Nothing was written.
    #[error("nothing is called: write a method and a path, such as `GET /users/{{id}}`")]
    Empty,
    /// The first word is neither a permission type nor a method.
    #[error(
        "`{0}` is neither a method nor a permission type: write `GET /users/{{id}}` or `application GET /users/{{id}}`"
    )]
    UnknownWord(String),
    /// The word after the permission type is no method.
    #[error("`{0}` is not a method: write GET, POST, PUT, PATCH or DELETE")]
    UnknownMethod(String),
    /// A path stands where the method belongs.
    #[error("the method is missing: write `GET {0}`, say")]
    MissingMethod(String),
    /// Nothing follows the method.
    #[error("the path is missing after {0}: write `{0} /users/{{id}}`, say")]
    MissingPath(Method),
    /// The URL names a host that does not serve Microsoft Graph.
    #[error(
        "`{0}` is not a Microsoft Graph host: write the path alone, or a URL under graph.microsoft.com, graph.microsoft.us, dod-graph.microsoft.us or microsoftgraph.chinacloudapi.cn"
    )]
    OtherHost(String),
    /// The URL names the host of the retired Azure AD Graph.
    #[error(
        "`{0}` serves the retired Azure AD Graph: its calls and permissions are not those of Microsoft Graph"
    )]
    AzureAdGraph(String),
    /// Another scheme than http or https.
    #[error(
        "`{0}` is not a web address that Microsoft Graph answers: write an https URL or the path alone"
    )]
    OtherProtocol(String),
    /// The URL or path names nothing below the version.
    #[error("the path names nothing to call: write `/users/{{id}}`, say")]
    EmptyPath,
    /// A control character in the path.
    #[error("the path holds a control character")]
    ControlCharacter,
}

impl FromStr for Call {
    type Err = CallError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut words = Words { text, at: 0 };
        let error = |at: usize, reason| CallError {
            column: text[..at].chars().count() + 1,
            reason,
        };
        let (start, first) = words
            .next()
            .ok_or_else(|| error(text.len(), CallErrorReason::Empty))?;
        let scheme = first.parse::<Scheme>().ok();
        let (method_at, method_word) = if scheme.is_some() {
            words
                .next()
                .ok_or_else(|| error(text.len(), CallErrorReason::Empty))?
        } else {
            (start, first)
        };
        let method = method_word.parse::<Method>().map_err(|_| {
            let word = method_word.to_owned();
            error(
                method_at,
                if looks_like_a_path(&word) {
                    CallErrorReason::MissingMethod(word)
                } else if scheme.is_some() {
                    CallErrorReason::UnknownMethod(word)
                } else {
                    CallErrorReason::UnknownWord(word)
                },
            )
        })?;
        let (path_at, path) = words.rest();
        if path.is_empty() {
            return Err(error(text.len(), CallErrorReason::MissingPath(method)));
        }
        let path = CallPath::parse(path).map_err(|reason| error(path_at, reason))?;
        Ok(Self {
            scheme,
            method,
            path,
        })
    }
}

fn looks_like_a_path(word: &str) -> bool {
    word.contains('/')
}

/// Words of a text, each with its byte offset.
struct Words<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Words<'a> {
    fn skip_blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn next(&mut self) -> Option<(usize, &'a str)> {
        self.skip_blanks();
        let rest = &self.text[self.at..];
        let word = rest
            .split(char::is_whitespace)
            .next()
            .filter(|word| !word.is_empty())?;
        let at = self.at;
        self.at += word.len();
        Some((at, word))
    }

    fn rest(mut self) -> (usize, &'a str) {
        self.skip_blanks();
        (self.at, self.text[self.at..].trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(text: &str) -> Call {
        text.parse().unwrap()
    }

    fn refuses(text: &str) -> String {
        text.parse::<Call>().unwrap_err().to_string()
    }

    #[test]
    fn a_call_reads_back_what_it_prints() {
        for text in [
            "GET /users/{id}",
            "application POST /users/{id}/revokeSignInSessions",
            "delegated GET https://graph.microsoft.com/v1.0/me?$select=id",
            "personal GET /me",
            "GET /agentRegistry/agentInstances?$filter=agentCardManifest/id eq 'x'",
        ] {
            assert_eq!(reads(text).to_string(), text);
            assert_eq!(reads(&reads(text).to_string()), reads(text));
        }
    }

    #[test]
    fn case_and_blanks_around_the_words_do_not_matter() {
        let call = reads("  Application\tpost   /users/{id}/revokeSignInSessions  ");
        assert_eq!(
            call.to_string(),
            "application POST /users/{id}/revokeSignInSessions"
        );
    }

    #[test]
    fn each_mistake_says_where_and_what_to_write() {
        assert_eq!(
            refuses("   "),
            "column 4: nothing is called: write a method and a path, such as `GET /users/{id}`"
        );
        assert_eq!(
            refuses("/users/{id}"),
            "column 1: the method is missing: write `GET /users/{id}`, say"
        );
        assert_eq!(
            refuses("FETCH /users"),
            "column 1: `FETCH` is neither a method nor a permission type: write `GET /users/{id}` or \
             `application GET /users/{id}`"
        );
        assert_eq!(
            refuses("application FETCH /users"),
            "column 13: `FETCH` is not a method: write GET, POST, PUT, PATCH or DELETE"
        );
        assert_eq!(
            refuses("delegated /users"),
            "column 11: the method is missing: write `GET /users`, say"
        );
        assert_eq!(
            refuses("GET"),
            "column 4: the path is missing after GET: write `GET /users/{id}`, say"
        );
        assert_eq!(
            refuses("GET https://example.com/users"),
            "column 5: `example.com` is not a Microsoft Graph host: write the path alone, or a URL under \
             graph.microsoft.com, graph.microsoft.us, dod-graph.microsoft.us or microsoftgraph.chinacloudapi.cn"
        );
        assert_eq!(
            refuses("GET https://graph.windows.net/contoso.com/users"),
            "column 5: `graph.windows.net` serves the retired Azure AD Graph: its calls and permissions are \
             not those of Microsoft Graph"
        );
        assert_eq!(
            refuses("GET ftp://graph.microsoft.com/v1.0/users"),
            "column 5: `ftp` is not a web address that Microsoft Graph answers: write an https URL or the path \
             alone"
        );
        assert_eq!(
            refuses("GET https://graph.microsoft.com/v1.0/"),
            "column 5: the path names nothing to call: write `/users/{id}`, say"
        );
        assert_eq!(
            refuses("GET /users/a\u{0}b"),
            "column 5: the path holds a control character"
        );
    }

    #[test]
    fn a_column_counts_characters() {
        assert_eq!("é GET /users".parse::<Call>().unwrap_err().column, 1);
        assert_eq!("delegated été /x".parse::<Call>().unwrap_err().column, 11);
        assert_eq!("\u{3000}été x".parse::<Call>().unwrap_err().column, 2);
    }
}
