//! `entralint catalog fetch`, against a server of this machine that does everything wrong.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops there")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use e2e::Folder;
use flate2::Compression;
use flate2::write::GzEncoder;
use insta_cmd::assert_cmd_snapshot;

const PERMISSIONS: &str = r#"{"permissions":{"User.RevokeSessions.All":{"authorizationType":"oAuth2","schemes":{"Application":{"adminDisplayName":"Revoke","requiresAdminConsent":true,"privilegeLevel":3}},"pathSets":[{"schemeKeys":["Application"],"methods":["POST"],"paths":{"/users/{id}/revokeSignInSessions":"least=Application"}}]}}}"#;
const PROVISIONING: &str = r#"{"permissionDeployments":{"User.RevokeSessions.All":[{"id":"77f3a031-c388-4f99-b373-dc68676a979e","scheme":"Application","environment":"public","isHidden":false,"isEnabled":true,"resourceAppId":""}]}}"#;

/// A request as far as it matters here.
struct Request {
    path: String,
    if_none_match: Option<String>,
}

/// Serves until the test ends: each request is answered with the bytes that `answer` gives.
fn serve(answer: impl Fn(&Request, &mut TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let Some(Ok(first)) = lines.next() else {
                continue;
            };
            let mut request = Request {
                path: first.split(' ').nth(1).unwrap_or_default().to_owned(),
                if_none_match: None,
            };
            for line in lines.map_while(Result::ok) {
                if line.is_empty() {
                    break;
                }
                if let Some((name, value)) = line.split_once(": ")
                    && name.eq_ignore_ascii_case("if-none-match")
                {
                    request.if_none_match = Some(value.to_owned());
                }
            }
            answer(&request, &mut stream);
        }
    });
    address
}

fn respond(stream: &mut TcpStream, status: &str, headers: &str, body: impl AsRef<[u8]>) {
    let body = body.as_ref();
    // The client may have hung up, which is what some of these tests are about.
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(body);
}

/// Answers with a redirect.
fn redirect(stream: &mut TcpStream, status: &str, location: &str) {
    respond(stream, status, &format!("Location: {location}\r\n"), "");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn published(request: &Request) -> &'static str {
    if request.path.ends_with("/permissions.json") {
        PERMISSIONS
    } else {
        PROVISIONING
    }
}

/// Runs a fetch and gives its exit code and what it said, without the port.
fn fetch(folder: &Folder, address: SocketAddr, more: &[&str]) -> (Option<i32>, String) {
    let from = format!("http://{address}/new");
    let arguments = [&["catalog", "fetch", "--from", &from], more].concat();
    let output = folder.entralint(&arguments).output().unwrap();
    let said = String::from_utf8(output.stderr)
        .unwrap()
        .replace(&address.to_string(), "HOST");
    (output.status.code(), said)
}

fn files(folder: &Folder) -> Vec<String> {
    let mut names: Vec<String> = folder
        .path()
        .join("graph-catalog")
        .read_dir_utf8()
        .map(|entries| entries.map(|e| e.unwrap().file_name().to_owned()).collect())
        .unwrap_or_default();
    names.sort();
    names
}

#[test]
fn what_is_fetched_is_pinned_found_and_judged_by() {
    let address = serve(|request, stream| {
        let headers = "Content-Type: text/plain; charset=utf-8\r\nETag: \"v1\"\r\n";
        respond(stream, "200 OK", headers, published(request));
    });
    let folder = Folder::with(&["apps/headline.json"]);
    let from = format!("http://{address}/new");
    let output = folder
        .entralint(&["catalog", "fetch", "--from", &from])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        files(&folder),
        [
            "catalog.lock.json",
            "permissions.json",
            "provisioningInfo.json"
        ]
    );
    let said = String::from_utf8(output.stdout).unwrap();
    let (_, configuration) = said.split_once("[catalog]").unwrap();
    folder.write("entralint.toml", format!("[catalog]{configuration}"));
    assert_cmd_snapshot!(
        "judged_by_the_fetched_catalogue",
        folder.entralint(&["needs", "application POST /users/{id}/revokeSignInSessions"])
    );

    // A change of the file without one of the pin is found, at the pin.
    let changed = folder
        .read("graph-catalog/permissions.json")
        .replace("least=Application", "");
    folder.write("graph-catalog/permissions.json", changed);
    let output = folder.entralint(&["check"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("is not the catalog that the configuration pins")
            && said.contains("error[invalid-catalog]")
            && said.contains("--> entralint.toml:"),
        "{said}"
    );
}

#[test]
fn an_unchanged_file_is_not_fetched_again_and_a_changed_one_is() {
    let address = serve(|request, stream| {
        if request.if_none_match.as_deref() == Some("\"v1\"") {
            respond(stream, "304 Not Modified", "ETag: \"v1\"\r\n", "");
        } else {
            let headers = "Content-Type: application/json\r\nETag: \"v1\"\r\n";
            respond(stream, "200 OK", headers, published(request));
        }
    });
    let folder = Folder::empty();
    let (code, said) = fetch(&folder, address, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(said.matches(": fetched").count(), 2, "{said}");

    let (code, said) = fetch(&folder, address, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(said.matches("has not changed").count(), 2, "{said}");

    // A file that was changed by hand is fetched whole, whatever the record says.
    folder.write("graph-catalog/permissions.json", "{}");
    let (code, said) = fetch(&folder, address, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(said.matches(": fetched").count(), 1, "{said}");
    assert_eq!(folder.read("graph-catalog/permissions.json"), PERMISSIONS);
}

#[test]
fn whatever_goes_wrong_is_said_and_leaves_the_files_as_they_were() {
    type Answer = fn(&Request, &mut TcpStream);
    let cases: [(&str, Answer, &str); 9] = [
        (
            "not found",
            |_, stream| respond(stream, "404 Not Found", "", "no"),
            "the server answered 404",
        ),
        (
            "a page",
            |_, stream| respond(stream, "200 OK", "Content-Type: text/html\r\n", "<html>"),
            "the server answered with text/html, not JSON",
        ),
        (
            "not JSON",
            |_, stream| respond(stream, "200 OK", "Content-Type: text/plain\r\n", "hello"),
            "not JSON: expected value at line 1 column 1",
        ),
        (
            "another JSON",
            |_, stream| respond(stream, "200 OK", "", "{\"a\": 1}"),
            "what was fetched is not a catalog",
        ),
        (
            "truncated",
            |request, stream| {
                let body = published(request);
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}",
                    body.len() * 2,
                    body
                );
            },
            "the answer broke off",
        ),
        (
            "endless",
            |_, stream| {
                let mebibyte = vec![b' '; 1024 * 1024];
                let _ = write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
                for _ in 0..100 {
                    if stream.write_all(&mebibyte).is_err() {
                        break;
                    }
                }
            },
            "larger than 64 MiB",
        ),
        (
            "unasked 304",
            |_, stream| respond(stream, "304 Not Modified", "", ""),
            "the server answered 304",
        ),
        (
            "only the second fails",
            |request, stream| {
                if request.path.ends_with("/permissions.json") {
                    respond(stream, "200 OK", "", PERMISSIONS);
                } else {
                    respond(stream, "500 Internal Server Error", "", "");
                }
            },
            "provisioningInfo.json: the server answered 500",
        ),
        (
            "slow",
            |_, stream| {
                let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
                std::thread::sleep(Duration::from_secs(3));
            },
            "timeout",
        ),
    ];
    for (name, answer, expected) in cases {
        let address = serve(answer);
        let folder = Folder::empty();
        // Only the slow one is to run into it.
        let timeout = if name == "slow" { "1" } else { "60" };
        let (code, said) = fetch(&folder, address, &["--timeout", timeout]);
        assert_eq!(code, Some(2), "{name}: {said}");
        assert!(said.contains(expected), "{name}: {said}");
        assert!(files(&folder).is_empty(), "{name}: {:?}", files(&folder));

        folder.write("graph-catalog/permissions.json", "mine");
        let (code, _) = fetch(&folder, address, &["--timeout", timeout]);
        assert_eq!(code, Some(2), "{name}");
        assert_eq!(
            folder.read("graph-catalog/permissions.json"),
            "mine",
            "{name}"
        );
        assert_eq!(files(&folder), ["permissions.json"], "{name}");
    }
}

#[test]
fn a_compressed_file_is_unpacked_up_to_the_limit() {
    let address = serve(|request, stream| {
        let headers = "Content-Encoding: gzip\r\n";
        respond(
            stream,
            "200 OK",
            headers,
            gzip(published(request).as_bytes()),
        );
    });
    let folder = Folder::empty();
    let (code, said) = fetch(&folder, address, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(folder.read("graph-catalog/permissions.json"), PERMISSIONS);

    // A catalog, and then 100 MiB of spaces in 100 KB: only its size is wrong.
    let spaces = gzip(&vec![b' '; 1024 * 1024]).repeat(100);
    assert!(spaces.len() < 1024 * 1024);
    for bomb in ["permissions.json", "provisioningInfo.json"] {
        let spaces = spaces.clone();
        let address = serve(move |request, stream| {
            let mut body = gzip(published(request).as_bytes());
            if request.path.ends_with(bomb) {
                body.extend_from_slice(&spaces);
            }
            respond(stream, "200 OK", "Content-Encoding: gzip\r\n", body);
        });
        let folder = Folder::empty();
        let (code, said) = fetch(&folder, address, &[]);
        assert_eq!(code, Some(2), "{said}");
        assert!(
            said.contains(&format!("/new/{bomb}: larger than 64 MiB")),
            "{said}"
        );
        assert!(files(&folder).is_empty(), "{:?}", files(&folder));
    }
}

#[test]
fn redirects_within_the_server_are_followed_five_times() {
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "303 See Other",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        // Relative to the folder, which changes with the first.
        let address = serve(
            move |request, stream| match request.path.split_once("/new/") {
                Some((_, name)) => redirect(stream, status, &format!("../1/{name}")),
                None => respond(stream, "200 OK", "", published(request)),
            },
        );
        let folder = Folder::empty();
        let (code, said) = fetch(&folder, address, &[]);
        assert_eq!(code, Some(0), "{status}: {said}");
        assert_eq!(folder.read("graph-catalog/permissions.json"), PERMISSIONS);
    }

    for (hops, expected) in [(5, Some(0)), (6, Some(2))] {
        let address = serve(move |request, stream| {
            let (folder, name) = request.path.rsplit_once('/').unwrap();
            let hop: u32 = folder.trim_start_matches('/').parse().unwrap_or(0);
            if hop < hops {
                redirect(stream, "302 Found", &format!("/{}/{name}", hop + 1));
            } else {
                respond(stream, "200 OK", "", published(request));
            }
        });
        let folder = Folder::empty();
        let (code, said) = fetch(&folder, address, &[]);
        assert_eq!(code, expected, "{hops}: {said}");
        if code == Some(2) {
            let expected = "/new/permissions.json: redirected to \
                 http://HOST/6/permissions.json, which was not followed: \
                 at most 5 redirects are followed: nothing was changed";
            assert!(said.contains(expected), "{said}");
            assert!(files(&folder).is_empty(), "{:?}", files(&folder));
        }
    }
}

#[test]
fn a_redirect_to_another_server_is_not_followed() {
    let (seen, visits) = std::sync::mpsc::channel();
    let other = serve(move |request, stream| {
        seen.send(request.path.clone()).unwrap();
        respond(stream, "200 OK", "", published(request));
    });
    let port = other.port();
    for elsewhere in [
        format!("http://{other}/permissions.json"),
        format!("//{other}/permissions.json"),
        format!("http://localhost:{port}/permissions.json"),
        format!("https://{other}/permissions.json"),
        "https://example.invalid/permissions.json".to_owned(),
        "file:///etc/hostname".to_owned(),
    ] {
        let location = elsewhere.clone();
        let address = serve(move |request, stream| {
            if request.path.ends_with("/permissions.json") {
                redirect(stream, "302 Found", &location);
            } else {
                respond(stream, "200 OK", "", published(request));
            }
        });
        let folder = Folder::empty();
        let (code, said) = fetch(&folder, address, &[]);
        assert_eq!(code, Some(2), "{elsewhere}: {said}");
        let target = match elsewhere.strip_prefix("//") {
            Some(rest) => format!("http://{rest}"),
            None => elsewhere,
        };
        let expected = format!(
            "http://HOST/new/permissions.json: redirected to {target}, which was not followed: \
             from http://HOST only redirects to itself are followed: nothing was changed"
        );
        assert!(said.contains(&expected), "{said}");
        assert!(files(&folder).is_empty(), "{:?}", files(&folder));
    }
    assert_eq!(visits.try_iter().collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn a_redirect_to_nowhere_is_an_error() {
    for headers in ["", "Location: http://[\r\n"] {
        let address = serve(move |_, stream| respond(stream, "302 Found", headers, ""));
        let folder = Folder::empty();
        let (code, said) = fetch(&folder, address, &[]);
        assert_eq!(code, Some(2), "{headers}: {said}");
        let expected = "redirected without a valid address: nothing was changed";
        assert!(said.contains(expected), "{headers}: {said}");
        assert!(files(&folder).is_empty(), "{:?}", files(&folder));
    }
}

#[test]
fn nothing_is_fetched_without_tls_or_from_nobody() {
    let folder = Folder::empty();
    assert_cmd_snapshot!(
        "fetch_without_tls",
        folder.entralint(&["catalog", "fetch", "--from", "http://example.com/new"])
    );
    // A port on which nothing listens.
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let (code, said) = fetch(&folder, free, &[]);
    assert_eq!(code, Some(2));
    assert!(said.contains("nothing was changed"), "{said}");
    assert!(files(&folder).is_empty());
}

#[test]
fn the_catalogue_in_use_is_shown() {
    let folder = Folder::empty();
    assert_cmd_snapshot!("catalog_show", folder.entralint(&["catalog", "show"]));
    assert_cmd_snapshot!(
        "catalog_overrides",
        folder.entralint(&["catalog", "overrides"])
    );
}
