//! How a PowerShell script signs in: the parameters of `Connect-MgGraph`.
//!
//! `-Scopes` and `-UseDeviceCode` sign in a user; a certificate, a client secret, a managed identity and environment
//! variables sign in as the app; `-AccessToken` says nothing. Source: the parameter sets on
//! <https://learn.microsoft.com/powershell/module/microsoft.graph.authentication/connect-mggraph>.

use source_lex::{Code, TokenKind};

/// Which kinds of sign-in a script has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct SignIn {
    /// As the app itself.
    pub(super) application: bool,
    /// On behalf of a user.
    pub(super) delegated: bool,
}

/// The sign-ins of a script.
pub(super) fn of(code: &Code<'_>) -> SignIn {
    let mut found = SignIn::default();
    for at in 0..code.len() {
        if code.kind(at) == TokenKind::Word && is_connect(code.text(at)) {
            let rest = code
                .source()
                .get(code.token(at).end as usize..)
                .unwrap_or_default();
            let one = of_parameters(statement(rest));
            found.application |= one.application;
            found.delegated |= one.delegated;
        }
    }
    found
}

/// `Connect-MgGraph`, and the functions that wrap it: `Connect-MgGraphCommunity`, `Connect-ContosoGraph`.
fn is_connect(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    lower
        .strip_prefix("connect-")
        .is_some_and(|noun| noun.contains("graph"))
}

/// The text up to the end of the statement: a backtick at a line's end continues it.
fn statement(text: &str) -> &str {
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        end += line.len();
        if !line.trim_end().ends_with('`') {
            break;
        }
    }
    let line = &text[..end];
    line.split([';', '|', '}', '#']).next().unwrap_or(line)
}

fn of_parameters(statement: &str) -> SignIn {
    let mut found = SignIn::default();
    for word in statement.split_whitespace() {
        let Some(parameter) = word.strip_prefix('-') else {
            continue;
        };
        let name = parameter.split([':', '=']).next().unwrap_or(parameter);
        let name = name.to_ascii_lowercase();
        // PowerShell takes any beginning of a name that no other parameter shares.
        let is = |whole: &str, least: usize| name.len() >= least && whole.starts_with(&name);
        found.delegated |= is("scopes", 1) || is("usedevicecode", 4) || is("deviceauth", 3);
        found.application |= is("certificatethumbprint", 4)
            || is("certificatename", 13)
            || is("certificatesubjectname", 12)
            || name == "certificate"
            || is("clientsecretcredential", 7)
            || is("identity", 2)
            || is("environmentvariable", 3);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign_in(text: &str) -> (bool, bool) {
        let code = Code::new(text, source_lex::Language::PowerShell);
        let SignIn {
            application,
            delegated,
        } = of(&code);
        (application, delegated)
    }

    #[test]
    fn parameters_tell_users_from_apps() {
        assert_eq!(sign_in("Connect-MgGraph -Scopes User.Read"), (false, true));
        assert_eq!(
            sign_in("connect-mggraph -TenantId $t `\n  -Scope 'User.Read', 'Mail.Read'"),
            (false, true)
        );
        assert_eq!(sign_in("Connect-MgGraph -Identity"), (true, false));
        assert_eq!(sign_in("Connect-ContosoGraph -Scopes $s"), (false, true));
        assert_eq!(
            sign_in("Connect-MgGraph -ClientId $id -TenantId $t -CertificateThumbprint $c"),
            (true, false)
        );
        assert_eq!(
            sign_in("Connect-MgGraph -ClientId $id -TenantId $t"),
            (false, false)
        );
        assert_eq!(
            sign_in("# Connect-MgGraph -Scopes User.Read"),
            (false, false)
        );
        assert_eq!(
            sign_in("Connect-MgGraph -AccessToken $token"),
            (false, false)
        );
    }

    #[test]
    fn both_are_both() {
        assert_eq!(
            sign_in("if ($auto) { Connect-MgGraph -Identity } else { Connect-MgGraph -Scopes $s }"),
            (true, true)
        );
    }
}
