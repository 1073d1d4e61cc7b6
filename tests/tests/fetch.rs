//! `entralint catalog fetch`, against a server of this machine that does everything wrong.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops there")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use e2e::Folder;
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

fn respond(stream: &mut TcpStream, status: &str, headers: &str, body: &str) {
    // The client may have hung up, which is what some of these tests are about.
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
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

    // Whoever changes the file has to change the pin.
    let changed = folder
        .read("graph-catalog/permissions.json")
        .replace("least=Application", "");
    folder.write("graph-catalog/permissions.json", changed);
    let output = folder.entralint(&["check"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("is not the catalog that the configuration pins"),
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
fn nothing_is_fetched_without_tls_or_from_nobody() {
    let folder = Folder::empty();
    assert_cmd_snapshot!(
        "fetch_without_tls",
        folder.entralint(&["catalog", "fetch", "--from", "http://example.com/new"])
    );
    // A port on which nobody listens.
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
