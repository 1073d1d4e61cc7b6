//! Calls that only the other files of a project explain: constants, wrappers, base classes, sourced scripts.

use crate::{Helpers, Options, collect_helpers, scan, testing};

/// The calls of the last file, and its unresolved places as `? root`.
fn calls(files: &[(&str, &str)]) -> Vec<String> {
    let api = testing::api();
    let sources: Vec<_> = files
        .iter()
        .map(|(name, text)| testing::source(name, text))
        .collect();
    let mut helpers = Helpers::default();
    for source in &sources {
        helpers.merge(collect_helpers(source, &api));
    }
    let last = sources.last().expect("a file");
    let evidence = scan(last, &api, &helpers, &Options::default());
    let mut lines: Vec<String> = evidence
        .calls
        .iter()
        .map(|call| format!("{} {}", call.method, call.path))
        .collect();
    lines.extend(
        evidence
            .unresolved
            .iter()
            .map(|place| format!("? {}", place.root.as_deref().unwrap_or("-"))),
    );
    lines
}

#[test]
fn constants_of_another_file_are_addresses() {
    let settings = (
        "authConfig.js",
        "export const graphConfig = { graphMeEndpoint: 'https://graph.microsoft.com/v1.0/me' };",
    );
    let user = (
        "graph.js",
        "import { graphConfig } from './authConfig';\nexport const me = (h) => fetch(graphConfig.graphMeEndpoint, { headers: h });",
    );
    assert_eq!(calls(&[settings, user]), ["GET /me"]);
    // Two files that do not mean the same: neither counts.
    let other = (
        "otherConfig.js",
        "export const graphConfig = { graphMeEndpoint: 'https://graph.microsoft.com/v1.0/users' };",
    );
    assert!(calls(&[settings, other, user]).is_empty());
}

#[test]
fn a_constant_of_one_class_is_not_that_of_another() {
    let constants = (
        "constants.py",
        "class Endpoint:\n    USER_ID = 'https://graph.microsoft.com/v1.0/users/{}'\n",
    );
    let action = |class: &str| {
        format!(
            "import requests\n# msgraph\ndef run(params):\n    return requests.get({class}.USER_ID.format(params))\n"
        )
    };
    assert_eq!(
        calls(&[constants, ("a.py", &action("Endpoint"))]),
        ["GET /users/{id}"]
    );
    assert!(calls(&[constants, ("a.py", &action("Input"))]).is_empty());
}

#[test]
fn methods_of_a_base_class_send_what_they_are_given() {
    let base = (
        "base.ts",
        "export abstract class GraphBase {\n  protected root = 'https://graph.microsoft.com/v1.0';\n  protected send(path: string, method = 'GET') { return fetch(this.root + path, { method }); }\n  protected get(path: string) { return this.send(path, 'GET'); }\n}",
    );
    let derived = (
        "users.ts",
        "import { GraphBase } from './base';\nexport class Users extends GraphBase {\n  one(id: string) { return this.get(`/users/${id}`); }\n}",
    );
    assert_eq!(calls(&[base, derived]), ["GET /users/{id}"]);
    let unrelated = derived.1.replace("extends GraphBase", "extends Store");
    assert!(calls(&[base, ("users.ts", &unrelated)]).is_empty());
}

#[test]
fn functions_of_sourced_scripts_send_what_they_are_given() {
    let library = (
        "lib.sh",
        "graph_get() { curl -s \"https://graph.microsoft.com/v1.0$1\"; }",
    );
    let main = ("main.sh", "source ./lib.sh\ngraph_get \"/users/$id\"\n");
    assert_eq!(calls(&[library, main]), ["GET /users/{id}"]);
    let module = (
        "lib.ps1",
        "function Invoke-Graph {\n  param([string]$Path, [string]$Method = 'GET')\n  Invoke-RestMethod -Method $Method -Uri \"https://graph.microsoft.com/v1.0/$Path\"\n}",
    );
    let main = (
        "main.ps1",
        ". ./lib.ps1\nInvoke-Graph -Path \"users/$id\"\nInvoke-Graph -Path \"groups/$id\" -Method DELETE\n",
    );
    assert_eq!(
        calls(&[module, main]),
        ["GET /users/{id}", "DELETE /groups/{id}"]
    );
}

#[test]
fn what_a_function_hands_on_is_followed_within_a_file() {
    let client = "import aiohttp\nclass GraphClient:\n    base = 'https://graph.microsoft.com/v1.0'\n    async def request(self, method, url):\n        url = f\"{self.base}/{url}\"\n        return await self.session.request(method, url)\n    async def fetch(self, path):\n        return await self.request('GET', path)\n    async def users(self):\n        return await self.fetch('users')\n";
    assert_eq!(calls(&[("client.py", client)]), ["GET /users"]);
}

#[test]
fn a_function_of_another_service_is_told_apart_by_its_argument() {
    let script = "# graph.microsoft.com\nInvoke-EntraRequest -Method GET -Path '/users' -Service 'Graph'\nInvoke-EntraRequest -Method POST -Path '/users' -Service 'LogAnalytics'\n";
    assert_eq!(calls(&[("a.ps1", script)]), ["GET /users"]);
}

#[test]
fn a_table_within_a_splatted_table_is_not_the_splatted_one() {
    let script = "$params = @{\n  Method = 'DELETE'\n  Uri = \"https://graph.microsoft.com/v1.0/users/$id\"\n  Body = if ($x) { 'a' } else {\n    $params = @{ Title = 'b' }\n    Get-Text @params\n  }\n}\nInvoke-MgGraphRequest @params\n";
    assert_eq!(calls(&[("a.ps1", script)]), ["DELETE /users/{id}"]);
}
