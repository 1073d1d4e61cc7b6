//! Which deployment of Microsoft Graph to talk to, and where to sign in for it.

use std::fmt;
use std::str::FromStr;

use reqwest::Url;

pub use crate::generated::clouds::Cloud;

/// What the OpenAPI fragment says of one national cloud.
#[derive(Debug)]
pub(crate) struct CloudFacts {
    pub(crate) name: &'static str,
    pub(crate) aliases: &'static [&'static str],
    pub(crate) graph_root: &'static str,
    pub(crate) authority: &'static str,
}

impl Cloud {
    /// A cloud at other addresses: a proxy in front of Graph, or a test server.
    ///
    /// `graph_root` is where the paths `/v1.0` and `/beta` stand; `authority` is where
    /// `/{tenant}/oauth2/v2.0/token` stands, and gets the app's credentials. The token scope is
    /// `{graph_root}/.default`; [`CustomCloud::token_scope`] sets another, which a proxy needs.
    ///
    /// # Errors
    ///
    /// An address must be `https`, or `http` on a loopback host (`localhost`, `127.0.0.0/8`,
    /// `[::1]`), with no user, query or fragment.
    ///
    /// ```
    /// # use msgraph_sessions::Cloud;
    /// let cloud = Cloud::custom("http://127.0.0.1:8080", "http://127.0.0.1:8080")?;
    /// assert_eq!(cloud.token_scope(), "http://127.0.0.1:8080/.default");
    /// assert!(Cloud::custom("http://graph.example.com", "https://login.example.com").is_err());
    /// # Ok::<(), msgraph_sessions::CloudError>(())
    /// ```
    pub fn custom(graph_root: &str, authority: &str) -> Result<Self, CloudError> {
        CustomCloud::new(graph_root, authority).map(Self::Custom)
    }

    /// Where the paths `/v1.0` and `/beta` stand, without a slash at the end.
    #[must_use]
    pub fn graph_root(&self) -> &str {
        match self {
            Self::Custom(custom) => &custom.graph_root,
            national => national.facts().map_or("", |facts| facts.graph_root),
        }
    }

    /// Where users and apps sign in, without a slash at the end.
    #[must_use]
    pub fn authority(&self) -> &str {
        match self {
            Self::Custom(custom) => &custom.authority,
            national => national.facts().map_or("", |facts| facts.authority),
        }
    }

    /// The scope to ask a token for: the Graph root's own host and `/.default`.
    #[must_use]
    pub fn token_scope(&self) -> String {
        match self {
            Self::Custom(custom) => custom.token_scope.clone(),
            national => default_scope(national.graph_root()),
        }
    }

    /// Short name, as [`FromStr`] takes it: `global`, `us-gov`, `us-gov-dod`, `china`; `custom` for a
    /// custom one, which cannot be read back.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.facts().map_or("custom", |facts| facts.name)
    }
}

impl Default for Cloud {
    /// The global cloud.
    fn default() -> Self {
        Self::Global
    }
}

impl fmt::Display for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Cloud {
    type Err = CloudError;

    /// Reads a national cloud's name or one of the other names in use (`gcc-high`, `dod`,
    /// `21vianet`, …), in any case.
    fn from_str(text: &str) -> Result<Self, CloudError> {
        Self::NATIONAL
            .iter()
            .find(|cloud| {
                cloud.facts().is_some_and(|facts| {
                    std::iter::once(&facts.name)
                        .chain(facts.aliases)
                        .any(|name| name.eq_ignore_ascii_case(text))
                })
            })
            .cloned()
            .ok_or_else(|| CloudError::UnknownName {
                name: text.to_owned(),
            })
    }
}

/// Addresses of a proxy or a test server. Made by [`Cloud::custom`] or [`CustomCloud::new`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CustomCloud {
    graph_root: String,
    authority: String,
    token_scope: String,
}

impl CustomCloud {
    /// The same as [`Cloud::custom`], before it becomes a [`Cloud`].
    ///
    /// # Errors
    ///
    /// As [`Cloud::custom`].
    pub fn new(graph_root: &str, authority: &str) -> Result<Self, CloudError> {
        let graph_root = checked_address(graph_root)?;
        Ok(Self {
            token_scope: default_scope(&graph_root),
            authority: checked_address(authority)?,
            graph_root,
        })
    }

    /// Sets the scope to ask tokens for. Behind a proxy this stays Graph's own:
    ///
    /// ```
    /// # use msgraph_sessions::{Cloud, CustomCloud};
    /// let proxy = CustomCloud::new("https://graph-proxy.example.com", Cloud::Global.authority())?
    ///     .token_scope(Cloud::Global.token_scope());
    /// let cloud = Cloud::from(proxy);
    /// assert_eq!(cloud.token_scope(), "https://graph.microsoft.com/.default");
    /// # Ok::<(), msgraph_sessions::CloudError>(())
    /// ```
    #[must_use]
    pub fn token_scope(mut self, scope: impl Into<String>) -> Self {
        self.token_scope = scope.into();
        self
    }
}

impl From<CustomCloud> for Cloud {
    fn from(custom: CustomCloud) -> Self {
        Self::Custom(custom)
    }
}

/// Why a text names no cloud or no usable address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CloudError {
    /// Not the name of a national cloud.
    #[error("no such cloud: `{name}` (there is: {})", names())]
    UnknownName {
        /// The text as given.
        name: String,
    },
    /// Not a URL at all.
    #[error("`{address}` is not a URL: {reason}")]
    NotAUrl {
        /// The text as given.
        address: String,
        /// What the parser says.
        reason: String,
    },
    /// Tokens and secrets would cross the network in the clear.
    #[error("`{address}` is not https; plain http is for loopback hosts only")]
    NotHttps {
        /// The text as given.
        address: String,
    },
    /// A user, password, query or fragment stands in the address.
    #[error(
        "the address holds a user, a query or a fragment: give scheme, host, port and path only"
    )]
    MoreThanAnAddress,
}

fn names() -> String {
    let names: Vec<_> = Cloud::NATIONAL.iter().map(Cloud::name).collect();
    names.join(", ")
}

fn default_scope(graph_root: &str) -> String {
    format!("{graph_root}/.default")
}

fn checked_address(address: &str) -> Result<String, CloudError> {
    let url = Url::parse(address).map_err(|error| CloudError::NotAUrl {
        address: address.to_owned(),
        reason: error.to_string(),
    })?;
    if !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return Err(CloudError::MoreThanAnAddress);
    }
    let safe = match url.scheme() {
        "https" => url.has_host(),
        "http" => is_loopback(&url),
        _ => false,
    };
    if !safe {
        return Err(CloudError::NotHttps {
            address: address.to_owned(),
        });
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Whether an address is on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else {
        return false;
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_national_cloud_signs_in_at_its_own_authority_for_its_own_host() {
        let table: Vec<_> = Cloud::NATIONAL
            .iter()
            .map(|cloud| (cloud.name(), cloud.authority(), cloud.token_scope()))
            .collect();
        let expected = [
            (
                "global",
                "https://login.microsoftonline.com",
                "https://graph.microsoft.com/.default",
            ),
            (
                "us-gov",
                "https://login.microsoftonline.us",
                "https://graph.microsoft.us/.default",
            ),
            (
                "us-gov-dod",
                "https://login.microsoftonline.us",
                "https://dod-graph.microsoft.us/.default",
            ),
            (
                "china",
                "https://login.chinacloudapi.cn",
                "https://microsoftgraph.chinacloudapi.cn/.default",
            ),
        ]
        .map(|(name, authority, scope)| (name, authority, scope.to_owned()));
        assert_eq!(table, expected);
    }

    #[test]
    fn a_cloud_is_read_by_any_of_its_names_in_any_case() {
        assert_eq!("GCC-High".parse(), Ok(Cloud::UsGov));
        assert_eq!("21vianet".parse(), Ok(Cloud::China));
        for cloud in Cloud::NATIONAL {
            assert_eq!(cloud.to_string().parse().as_ref(), Ok(cloud));
        }
        assert_eq!(
            "mars".parse::<Cloud>().unwrap_err().to_string(),
            "no such cloud: `mars` (there is: global, us-gov, us-gov-dod, china)"
        );
    }

    #[test]
    fn custom_addresses_are_https_or_loopback() {
        let of = |root: &str| Cloud::custom(root, "https://login.example.com");
        for fine in [
            "https://proxy.example.com/graph/",
            "http://localhost:1",
            "http://127.9.9.9",
            "http://[::1]:8080/",
        ] {
            let cloud = of(fine).unwrap();
            assert_eq!(cloud.graph_root(), fine.trim_end_matches('/'));
            assert_eq!(cloud.name(), "custom");
        }
        for wrong in [
            "http://graph.microsoft.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "ftp://localhost",
            "file:///etc/passwd",
        ] {
            assert!(
                matches!(of(wrong), Err(CloudError::NotHttps { .. })),
                "{wrong}"
            );
        }
        for wrong in ["https://a:b@example.com", "https://example.com/?x=1"] {
            assert_eq!(of(wrong), Err(CloudError::MoreThanAnAddress));
        }
        assert!(matches!(
            of("graph.microsoft.com"),
            Err(CloudError::NotAUrl { .. })
        ));
    }
}
