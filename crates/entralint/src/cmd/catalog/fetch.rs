//! `entralint catalog fetch`: Microsoft's published data, into the user's repository.
//!
//! This is all that the linter does with a network.

use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use msgraph_permissions::{Catalog, CatalogInput};
use ureq::http::{Response, header};
use ureq::tls::{RootCerts, TlsConfig};
use url::Url;

use super::record::{Fetched, RECORD, Record, read_record};
use crate::cli::FetchArgs;
use crate::cmd;
use entralint_core::text;
use entralint_project::catalog::{PERMISSIONS, PROVISIONING};

/// Where Microsoft publishes the files: microsoftgraph/microsoft-graph-devx-content.
pub(crate) const PUBLISHED: &str = "https://raw.githubusercontent.com/microsoftgraph/microsoft-graph-devx-content/master/permissions/new";

/// The largest file that is taken, in bytes after decompression: many times the 3 MB of today.
const LARGEST: u64 = 64 * 1024 * 1024;

/// How many redirects are followed for each file.
const MOST_REDIRECTS: usize = 5;

/// Runs the command and gives its exit code.
///
/// # Errors
///
/// Why a file could not be had, or is not a catalog; then nothing was changed.
pub(crate) fn run(args: &FetchArgs) -> Result<u8, String> {
    let base = args.from.as_deref().unwrap_or(PUBLISHED);
    let base = base.trim_end_matches('/');
    let loopback = is_loopback(base);
    if !base.starts_with("https://") && !loopback {
        return Err(format!(
            "--from {}: only https:// is fetched from",
            text::shown(base)
        ));
    }
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .https_only(!loopback)
        .http_status_as_error(false)
        // They are followed here, each after a look at where it leads.
        .max_redirects(0)
        // The certificates that the machine trusts: those of a company's proxy are among them.
        .tls_config(
            TlsConfig::builder()
                .root_certs(RootCerts::PlatformVerifier)
                .unversioned_rustls_crypto_provider(Arc::new(
                    rustls::crypto::ring::default_provider(),
                ))
                .build(),
        )
        .user_agent(concat!("entralint/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    let server = Server {
        agent,
        base,
        timeout: Duration::from_secs(args.timeout),
    };
    let before = read_record(&args.to)?;
    let permissions = get(&server, PERMISSIONS, &args.to, before.permissions.as_ref())?;
    let provisioning = get(
        &server,
        PROVISIONING,
        &args.to,
        before.provisioning.as_ref(),
    )?;

    let catalog = Catalog::load(CatalogInput {
        permissions: &permissions.bytes,
        provisioning: Some(&provisioning.bytes),
        overrides: true,
        source: args.to.join(PERMISSIONS).into_string(),
    })
    .map_err(|error| format!("{base}: what was fetched is not a catalog: {error}"))?;
    let info = catalog.info();
    if info.permissions == 0 || info.operations == 0 {
        return Err(format!(
            "{base}: what was fetched has no permissions: nothing was changed"
        ));
    }

    let record = Record {
        permissions: Some(permissions.fetched.clone()),
        provisioning: Some(provisioning.fetched.clone()),
    };
    write_all(&args.to, &[&permissions, &provisioning], &record)?;

    for file in [&permissions, &provisioning] {
        cmd::say(&format!(
            "{}: {}",
            args.to.join(file.name),
            if file.unchanged {
                "has not changed"
            } else {
                "fetched"
            }
        ));
    }
    for problem in catalog.problems() {
        cmd::say(&format!("warning: {problem}"));
    }
    cmd::print(&format!(
        "{}, {}\n\nTo judge by it, put this in entralint.toml:\n\n[catalog]\npermissions = {:?}\nsha256 = \"{}\"\nprovisioning = {:?}\nprovisioning-sha256 = \"{}\"\n",
        text::count(info.permissions, "permission"),
        text::count(info.operations, "operation"),
        args.to.join(PERMISSIONS).as_str(),
        permissions.fetched.sha256,
        args.to.join(PROVISIONING).as_str(),
        provisioning.fetched.sha256,
    ))?;
    Ok(cmd::OK)
}

/// `http` to this machine, for mirrors under test.
fn is_loopback(url: &str) -> bool {
    url.strip_prefix("http://")
        .and_then(|rest| rest.split('/').next())
        .and_then(|authority| authority.parse::<std::net::SocketAddr>().ok())
        .is_some_and(|address| address.ip().is_loopback())
}

/// A file, fetched or found unchanged.
struct File {
    name: &'static str,
    bytes: Vec<u8>,
    fetched: Fetched,
    unchanged: bool,
}

/// Where the files are fetched from.
struct Server<'a> {
    agent: ureq::Agent,
    base: &'a str,
    /// For each file, with its redirects.
    timeout: Duration,
}

impl Server<'_> {
    /// The answer for a file, after the redirects that may be followed.
    fn answer(&self, url: &str, etag: Option<&str>) -> Result<Response<ureq::Body>, String> {
        let deadline = Instant::now() + self.timeout;
        let first = Url::parse(url)
            .map_err(|error| format!("{}: {error}: nothing was changed", text::shown(url)))?;
        let mut at = first.clone();
        let mut redirects = 0;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(format!("{url}: timeout: redirects: nothing was changed"));
            }
            let mut request = self
                .agent
                .get(at.as_str())
                .config()
                .timeout_global(Some(left))
                .build();
            if let Some(etag) = etag {
                request = request.header(header::IF_NONE_MATCH, etag);
            }
            let response = request
                .call()
                .map_err(|error| format!("{url}: {error}: nothing was changed"))?;
            if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
                return Ok(response);
            }
            let target = response
                .headers()
                .get(header::LOCATION)
                .and_then(|location| at.join(location.to_str().ok()?).ok())
                .ok_or_else(|| {
                    format!("{url}: redirected without a valid address: nothing was changed")
                })?;
            follow(&first, &target, redirects).map_err(|reason| {
                format!(
                    "{url}: redirected to {}, which was not followed: {reason}: nothing was changed",
                    text::shown(target.as_str())
                )
            })?;
            at = target;
            redirects += 1;
        }
    }
}

/// Whether a redirect may be followed, after `redirects` others; or why not.
///
/// Nothing leaves TLS. A server of this machine is there for tests: it can send to nothing but
/// itself, so that it opens no way to other services, here or elsewhere.
fn follow(first: &Url, target: &Url, redirects: usize) -> Result<(), String> {
    if first.scheme() == "https" {
        if target.scheme() != "https" {
            return Err("only redirects to https:// are followed".to_owned());
        }
    } else if target.origin() != first.origin() {
        return Err(format!(
            "from {} only redirects to itself are followed",
            first.origin().ascii_serialization()
        ));
    }
    if redirects == MOST_REDIRECTS {
        return Err(format!("at most {MOST_REDIRECTS} redirects are followed"));
    }
    Ok(())
}

/// Reads a body to its end, decompressed.
///
/// The limit of ureq counts the bytes as they arrive: a file of a few MB could become many GB.
fn read(url: &str, body: &mut ureq::Body) -> Result<Vec<u8>, String> {
    let too_large = || {
        format!(
            "{url}: larger than {} MiB, which is the limit for a file after decompression: nothing was changed",
            LARGEST / 1024 / 1024
        )
    };
    let mut bytes = Vec::new();
    // One byte more than the limit tells a file that is too large from one that just fits.
    body.with_config()
        .limit(LARGEST + 1)
        .reader()
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| match ureq::Error::from(error) {
            ureq::Error::BodyExceedsLimit(_) => too_large(),
            error => format!("{url}: the answer broke off: {error}: nothing was changed"),
        })?;
    if bytes.len() as u64 > LARGEST {
        return Err(too_large());
    }
    Ok(bytes)
}

fn get(
    server: &Server<'_>,
    name: &'static str,
    folder: &Utf8Path,
    before: Option<&Fetched>,
) -> Result<File, String> {
    let url = format!("{}/{name}", server.base);
    // A file that was changed by hand is fetched again.
    let known = before
        .filter(|fetched| fetched.url == url)
        .and_then(|fetched| {
            let etag = fetched.etag.clone()?;
            let bytes = std::fs::read(folder.join(name)).ok()?;
            (entralint_core::sha256(&bytes) == fetched.sha256).then_some((
                etag,
                bytes,
                fetched.clone(),
            ))
        });
    let mut response = server.answer(&url, known.as_ref().map(|(etag, ..)| etag.as_str()))?;
    let status = response.status().as_u16();
    match (status, known) {
        (304, Some((_, bytes, fetched))) => {
            return Ok(File {
                name,
                bytes,
                fetched,
                unchanged: true,
            });
        }
        (200, _) => {}
        _ => {
            return Err(format!(
                "{url}: the server answered {status}: nothing was changed"
            ));
        }
    }
    let header = |name: &str| {
        response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    let etag = header("etag");
    // The publisher's host serves it as plain text.
    let content_type = header("content-type").unwrap_or_default();
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    if !matches!(
        kind.to_ascii_lowercase().as_str(),
        "" | "application/json" | "text/json" | "text/plain" | "application/octet-stream"
    ) {
        return Err(format!(
            "{url}: the server answered with {}, not JSON: nothing was changed",
            text::shown(kind)
        ));
    }
    let bytes = read(&url, response.body_mut())?;
    serde_json::from_slice::<serde::de::IgnoredAny>(&bytes)
        .map_err(|error| format!("{url}: not JSON: {error}: nothing was changed"))?;
    let fetched = Fetched {
        url,
        etag,
        sha256: entralint_core::sha256(&bytes),
        bytes: bytes.len(),
        fetched: jiff::Timestamp::now().strftime("%Y-%m-%d").to_string(),
    };
    Ok(File {
        name,
        bytes,
        fetched,
        unchanged: false,
    })
}

/// Writes everything next to its place first, so that a full disk leaves the old files whole.
fn write_all(folder: &Utf8Path, files: &[&File], record: &Record) -> Result<(), String> {
    let cannot =
        |path: &Utf8Path, error: &dyn std::fmt::Display| format!("cannot write {path}: {error}");
    std::fs::create_dir_all(folder).map_err(|error| cannot(folder, &error))?;
    let mut lock = serde_json::to_vec_pretty(record).map_err(|error| error.to_string())?;
    lock.push(b'\n');
    let mut staged: Vec<(tempfile::NamedTempFile, Utf8PathBuf)> = Vec::new();
    let contents = files
        .iter()
        .filter(|file| !file.unchanged)
        .map(|file| (file.name, file.bytes.as_slice()))
        .chain([(RECORD, lock.as_slice())]);
    for (name, bytes) in contents {
        let path = folder.join(name);
        let mut file = tempfile::Builder::new()
            .prefix(".entralint-")
            .tempfile_in(folder)
            .map_err(|error| cannot(&path, &error))?;
        file.write_all(bytes)
            .and_then(|()| file.as_file().sync_all())
            .map_err(|error| cannot(&path, &error))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            file.as_file()
                .set_permissions(std::fs::Permissions::from_mode(0o644))
                .map_err(|error| cannot(&path, &error))?;
        }
        staged.push((file, path));
    }
    for (file, path) in staged {
        file.persist(&path)
            .map_err(|error| cannot(&path, &error.error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_fetched_from_without_tls() {
        assert!(is_loopback("http://127.0.0.1:8080/x"));
        assert!(is_loopback("http://[::1]:80"));
        for url in [
            "http://127.0.0.1.example.com/",
            "http://example.com:80/",
            "http://127.0.0.1:80@example.com/",
            "https://127.0.0.1:80/",
        ] {
            assert!(!is_loopback(url), "{url}");
        }
    }

    #[test]
    fn a_redirect_stays_with_tls_or_on_the_same_server() {
        let said = |from: &str, to: &str, redirects| {
            let from = Url::parse(from).expect("a URL");
            let to = from.join(to).expect("a URL");
            follow(&from, &to, redirects).err().unwrap_or_default()
        };
        let published = "https://example.com/new/permissions.json";
        for to in ["/other", "https://cdn.example.net/x", "//cdn.example.net/x"] {
            assert_eq!(said(published, to, 0), "", "{to}");
        }
        for to in [
            "http://example.com/new/permissions.json",
            "HTTP://example.com:443/",
            "http://127.0.0.1:8080/",
            "file:///etc/passwd",
            "ftp://example.com/",
            "data:application/json,{}",
        ] {
            let expected = "only redirects to https:// are followed";
            assert_eq!(said(published, to, 0), expected, "{to}");
        }
        assert_eq!(said(published, "/other", 4), "");
        assert_eq!(
            said(published, "/other", 5),
            "at most 5 redirects are followed"
        );

        let own = "http://127.0.0.1:8080/new/permissions.json";
        assert_eq!(said(own, "/other", 0), "");
        for to in [
            "http://127.0.0.1:8081/",
            "http://127.0.0.2:8080/",
            "http://localhost:8080/",
            "http://127.0.0.1/",
            "https://127.0.0.1:8080/",
            "https://example.com/",
        ] {
            let expected = "from http://127.0.0.1:8080 only redirects to itself are followed";
            assert_eq!(said(own, to, 0), expected, "{to}");
        }
    }
}
