//! Size costs no more than itself in every format: a line of 19 MB is read. Linear, each takes seconds without
//! optimisation; quadratic, days.

mod common;

use common::parse;
use entra_manifest::{Encoding, FileId, Read, Source};

const SIZE: usize = 19_000_000;
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
const ID: &str = "df021288-bdef-4463-88db-98f22de89214";

/// A file of one declaration that repeats `piece` until it has its size. The text stands on one line, but for what
/// `before` has.
fn long(name: &str, before: &str, piece: &str, after: &str) -> Source {
    let count = (SIZE - before.len() - after.len()) / piece.len();
    let text = format!("{before}{}{after}", piece.repeat(count));
    Source::new(FileId::default(), name, text, Encoding::Utf8)
}

/// How many permissions are read.
fn requested(source: &Source) -> usize {
    match parse(source) {
        Read::Manifest(manifest) => manifest.apps.iter().map(|app| app.requested.len()).sum(),
        other => panic!("{}: {other:?}", source.name()),
    }
}

#[test]
fn json() {
    let source = long(
        "app.json",
        &format!(
            "{{\"requiredResourceAccess\":[{{\"resourceAppId\":\"{GRAPH}\",\"resourceAccess\":[null"
        ),
        &format!(",{{\"id\":\"{ID}\",\"type\":\"Role\"}}"),
        "]}]}",
    );
    assert!(requested(&source) > 300_000);
}

#[test]
fn json_of_terraform() {
    let source = long(
        "main.tf.json",
        &format!(
            "{{\"resource\":{{\"azuread_application\":{{\"a\":{{\"display_name\":\"a\",\"required_resource_access\":[{{\"resource_app_id\":\"{GRAPH}\",\"resource_access\":[null"
        ),
        &format!(",{{\"id\":\"{ID}\",\"type\":\"Role\"}}"),
        "]}]}}}}",
    );
    assert!(requested(&source) > 1);
}

#[test]
fn terraform() {
    let source = long(
        "main.tf",
        "locals {\n  ids = [",
        &format!("\"{ID}\", "),
        &format!(
            "]\n}}\nresource \"azuread_application\" \"a\" {{\n  display_name = \"a\"\n  required_resource_access {{\n    resource_app_id = \"{GRAPH}\"\n    dynamic \"resource_access\" {{\n      for_each = local.ids\n      content {{\n        id   = resource_access.value\n        type = \"Role\"\n      }}\n    }}\n  }}\n}}\n"
        ),
    );
    assert!(requested(&source) >= 1);
}

#[test]
fn bicep() {
    let source = long(
        "main.bicep",
        &format!(
            "extension microsoftGraphV1\nresource a 'Microsoft.Graph/applications@v1.0' = {{\n  displayName: 'a'\n  uniqueName: 'a'\n  requiredResourceAccess: [ {{ resourceAppId: '{GRAPH}', resourceAccess: ["
        ),
        &format!("{{ id: '{ID}', type: 'Role' }}, "),
        "] } ]\n}\n",
    );
    assert!(requested(&source) >= 1);
}

#[test]
fn powershell() {
    let source = long(
        "grant.ps1",
        "Connect-MgGraph -Scopes 'User.Read'",
        ", 'Directory.ReadWrite.All'",
        "\n",
    );
    assert!(requested(&source) > 500_000);
}

#[test]
fn shell() {
    let source = long(
        "grant.sh",
        &format!("az ad app permission add --id a --api {GRAPH} --api-permissions"),
        &format!(" {ID}=Role"),
        "\n",
    );
    assert!(requested(&source) > 300_000);
}

#[test]
fn source_code() {
    let source = long(
        "auth.ts",
        "const request = { scopes: ['User.Read'",
        ", 'https://graph.microsoft.com/Directory.ReadWrite.All'",
        "] };\n",
    );
    assert!(matches!(
        parse(&source),
        Read::Manifest(_) | Read::Nothing(_)
    ));
}

#[test]
fn yaml() {
    let source = long(
        "app.yml",
        &format!(
            "resources:\n  app:\n    type: azuread:Application\n    properties:\n      displayName: a\n      requiredResourceAccesses:\n        - resourceAppId: {GRAPH}\n          resourceAccesses: [ "
        ),
        &format!("{{ id: {ID}, type: Role }}, "),
        "]\n",
    );
    // More than the reader's bound is named as not read.
    assert!(matches!(
        parse(&source),
        Read::Manifest(_) | Read::Unsupported(_)
    ));
}
