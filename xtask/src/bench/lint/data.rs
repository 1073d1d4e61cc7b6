//! The files that are measured on. They are made once, below `target/bench`, and are the same on every machine.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};
use msgraph_permissions::{Catalog, Operation, Scheme};

use super::CALL;

/// Raised when what is made changes, so that older data is made anew.
const VERSION: &str = "2";

/// User.RevokeSessions.All and Directory.ReadWrite.All, application; User.Read, delegated.
const REVOKE: &str = "77f3a031-c388-4f99-b373-dc68676a979e";
const BROAD: &str = "19dbc75e-c2e2-444c-a770-ec69d8559fc7";
const USER_READ: &str = "e1fe6dd8-ba31-4d61-89e7-88639da4683d";

/// Code without a sign of Microsoft Graph, by the file's extension, and one call.
const CODE: [(&str, &str, &str); 4] = [
    (
        "cs",
        "    /// Adds a line to the order.\n    public async Task<Order> AddLineAsync(Guid orderId, OrderLine line, CancellationToken token)\n    {\n        var order = await _repository.FindAsync(orderId, token) ?? throw new NotFoundException($\"order {orderId}\");\n        order.Lines.Add(line); // the total follows\n        return await _repository.SaveAsync(order, token);\n    }\n",
        "    Task Revoke(string id) => _graphClient.Users[id].RevokeSignInSessions.PostAsync();\n",
    ),
    (
        "ts",
        "export async function addLine(orderId: string, line: OrderLine): Promise<Order> {\n  const order = await repository.find(orderId);\n  if (!order) {\n    throw new Error(`order ${orderId} is not there`);\n  }\n  order.lines.push({ ...line, added: new Date().toISOString() });\n  return repository.save(order); // the total follows\n}\n",
        "export const revoke = (id: string) => graphClient.api(`/users/${id}/revokeSignInSessions`).post({});\n",
    ),
    (
        "py",
        "def add_line(order_id, line, repository):\n    \"\"\"Adds a line to the order.\"\"\"\n    order = repository.find(order_id)\n    if order is None:\n        raise LookupError(f\"order {order_id} is not there\")\n    order.lines.append(dict(line, added=datetime.now().isoformat()))  # the total follows\n    return repository.save(order)\n\n",
        "def revoke(id):\n    return requests.post(f\"https://graph.microsoft.com/v1.0/users/{id}/revokeSignInSessions\")\n\n",
    ),
    (
        "ps1",
        "function Add-OrderLine {\n    param([string]$OrderId, [hashtable]$Line)\n    $order = Get-Order -Id $OrderId -ErrorAction Stop\n    if (-not $order) { throw \"order $OrderId is not there\" }\n    $order.Lines += $Line # the total follows\n    Save-Order -Order $order | Out-Null\n}\n",
        "Revoke-MgUserSignInSession -UserId $id\n",
    ),
];

/// The folder of all data.
pub(super) struct Data {
    folder: PathBuf,
}

impl Data {
    /// Data below this folder.
    pub(super) fn below(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// A file of its own.
    pub(super) fn file(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.folder.join(name);
        fs::write(&path, text)?;
        Ok(path)
    }

    /// One manifest.
    pub(super) fn one_manifest(&self) -> Result<PathBuf> {
        self.file("one.json", &manifest(0))
    }

    /// So many manifests of 3 kB, a hundred in each folder.
    pub(super) fn manifests(&self, count: usize) -> Result<PathBuf> {
        self.folder(&format!("manifests-{count}"), |folder| {
            spread(folder, count, "json", manifest)
        })
    }

    /// 10,000 manifests, each with one thing for a safe fix; made anew each time, because fixing them changes them.
    pub(super) fn to_fix(&self, count: usize) -> Result<PathBuf> {
        let folder = self.folder.join("to-fix");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        self.folder("to-fix", |folder| {
            spread(folder, count, "json", |number| {
                let entry = entry(REVOKE, "Role");
                manifest_of(number, &[entry.clone(), entry])
            })
        })
    }

    /// JSON files that declare nothing, so large each. They are one file under many names: what is read is what counts.
    pub(super) fn large_others(&self, count: usize, megabytes: usize) -> Result<PathBuf> {
        self.folder(&format!("others-{count}"), |folder| {
            let first = folder.join("0.json");
            let mut file = std::io::BufWriter::new(fs::File::create(&first)?);
            let line =
                "  {\"order\": \"17a4\", \"lines\": [1, 2, 3], \"note\": \"left at the door\"},\n";
            file.write_all(b"[\n")?;
            for _ in 0..(megabytes * 1_000_000) / line.len() {
                file.write_all(line.as_bytes())?;
            }
            file.write_all(b"  null\n]\n")?;
            file.into_inner().context("cannot write the file")?;
            for number in 1..count {
                fs::hard_link(&first, folder.join(format!("{number}.json")))?;
            }
            Ok(())
        })
    }

    /// A repository of so many source files of about 6 kB, one of fifty with a call, and the manifest of one app.
    pub(super) fn sources(&self, count: usize) -> Result<PathBuf> {
        self.folder(&format!("sources-{count}"), |folder| {
            for number in 0..count {
                let (extension, piece, call) = CODE[number % CODE.len()];
                let below = folder.join(format!("src/part{:03}", number / 100));
                fs::create_dir_all(&below)?;
                let mut text = piece.repeat(6_000 / piece.len());
                if number.is_multiple_of(50) {
                    text.push_str(call);
                }
                fs::write(below.join(format!("file{number}.{extension}")), text)?;
            }
            fs::write(folder.join("app.json"), manifest(0))?;
            track(folder);
            Ok(())
        })
    }

    /// Terraform modules of ten files of 4 kB.
    pub(super) fn terraform(&self, count: usize) -> Result<PathBuf> {
        self.folder(&format!("terraform-{count}"), |folder| {
            for number in 0..count {
                let below = folder.join(format!("module{:03}", number / 10));
                fs::create_dir_all(&below)?;
                fs::write(below.join(format!("app{number}.tf")), terraform(number))?;
            }
            Ok(())
        })
    }

    /// So many manifests with seven findings each.
    pub(super) fn with_findings(&self, count: usize) -> Result<PathBuf> {
        self.folder(&format!("findings-{count}"), |folder| {
            spread(folder, count, "json", |number| {
                let mut entries = vec![entry(BROAD, "Role")];
                entries.extend((0..6).map(|at| {
                    entry(
                        &format!("{number:08x}-0000-4000-8000-{at:012x}"),
                        if at % 2 == 0 { "Role" } else { "Scope" },
                    )
                }));
                manifest_of(number, &entries)
            })
        })
    }

    /// Every operation of the catalog as a line of its own for `needs --from`.
    pub(super) fn single_calls(&self) -> Result<(PathBuf, usize)> {
        let lines: Vec<String> = Catalog::embedded()
            .operations()
            .map(|operation| set_line(&[operation]))
            .collect();
        Ok((
            self.file("single-calls.jsonl", &lines.concat())?,
            lines.len(),
        ))
    }

    /// One set of calls for `needs --from`.
    pub(super) fn set(&self, name: &str, operations: &[Operation<'_>]) -> Result<PathBuf> {
        self.file(&format!("{name}.jsonl"), &set_line(operations))
    }

    /// A folder that is made once.
    fn folder(&self, name: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
        let folder = self.folder.join(name);
        let stamp = self.folder.join(format!("{name}.version"));
        if folder.is_dir() && fs::read_to_string(&stamp).is_ok_and(|version| version == VERSION) {
            return Ok(folder);
        }
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        // A repository of its own, as a pipeline checks it out. Without git, it is part of this one.
        git(&folder, &["init", "--quiet"]);
        make(&folder)?;
        fs::write(stamp, VERSION)?;
        Ok(folder)
    }
}

/// Writes so many files, a hundred in each folder.
fn spread(
    folder: &Path,
    count: usize,
    extension: &str,
    text: impl Fn(usize) -> String,
) -> Result<()> {
    for number in 0..count {
        let below = folder.join(format!("{:04}", number / 100));
        if number.is_multiple_of(100) {
            fs::create_dir_all(&below)?;
        }
        fs::write(below.join(format!("{number}.{extension}")), text(number))?;
    }
    Ok(())
}

/// git tracks what is there, as it does in a repository.
fn track(folder: &Path) {
    git(folder, &["add", "--all"]);
}

fn git(folder: &Path, arguments: &[&str]) {
    // Without git the linter asks no git either; the figures are then those of a plain folder.
    let _ = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

/// A manifest of about 3 kB that has something to say: every tenth requests too much.
fn manifest(number: usize) -> String {
    let id = if number.is_multiple_of(10) {
        BROAD
    } else {
        REVOKE
    };
    manifest_of(number, &[entry(id, "Role"), entry(USER_READ, "Scope")])
}

fn entry(id: &str, kind: &str) -> String {
    format!("        {{\n          \"id\": \"{id}\",\n          \"type\": \"{kind}\"\n        }}")
}

/// An application as the Azure CLI writes it: about 3 kB, most of it members that say nothing of permissions.
fn manifest_of(number: usize, entries: &[String]) -> String {
    let claim = |name: &str| {
        format!(
            "        {{\n          \"additionalProperties\": [],\n          \"essential\": false,\n          \"name\": \"{name}\",\n          \"source\": null\n        }}"
        )
    };
    let claims = ["email", "family_name", "given_name", "upn", "ipaddr"].map(claim);
    let id = |kind: u32| format!("{kind:08x}-aaaa-4aaa-8aaa-{number:012x}");
    format!(
        r#"{{
  "addIns": [],
  "api": {{
    "acceptMappedClaims": null,
    "knownClientApplications": [],
    "oauth2PermissionScopes": [
      {{
        "adminConsentDescription": "Lets the app read orders",
        "adminConsentDisplayName": "Read orders",
        "id": "{scope}",
        "isEnabled": true,
        "type": "User",
        "userConsentDescription": null,
        "userConsentDisplayName": null,
        "value": "Orders.Read"
      }}
    ],
    "preAuthorizedApplications": [],
    "requestedAccessTokenVersion": 2
  }},
  "appId": "{app}",
  "appRoles": [],
  "applicationTemplateId": null,
  "certification": null,
  "createdDateTime": "2025-03-04T09:12:44Z",
  "defaultRedirectUri": null,
  "description": null,
  "disabledByMicrosoftStatus": null,
  "displayName": "App {number}",
  "groupMembershipClaims": null,
  "id": "{object}",
  "identifierUris": [
    "api://{app}"
  ],
  "info": {{
    "logoUrl": null,
    "marketingUrl": null,
    "privacyStatementUrl": null,
    "supportUrl": null,
    "termsOfServiceUrl": null
  }},
  "isDeviceOnlyAuthSupported": null,
  "isFallbackPublicClient": null,
  "keyCredentials": [],
  "notes": null,
  "optionalClaims": {{
    "accessToken": [],
    "idToken": [
{claims}
    ],
    "saml2Token": []
  }},
  "parentalControlSettings": {{
    "countriesBlockedForMinors": [],
    "legalAgeGroupRule": "Allow"
  }},
  "passwordCredentials": [],
  "publicClient": {{
    "redirectUris": []
  }},
  "publisherDomain": "contoso.com",
  "requestSignatureVerification": null,
  "requiredResourceAccess": [
    {{
      "resourceAccess": [
{entries}
      ],
      "resourceAppId": "00000003-0000-0000-c000-000000000000"
    }}
  ],
  "samlMetadataUrl": null,
  "serviceManagementReference": null,
  "servicePrincipalLockConfiguration": null,
  "signInAudience": "AzureADMyOrg",
  "spa": {{
    "redirectUris": []
  }},
  "tags": [],
  "tokenEncryptionKeyId": null,
  "uniqueName": null,
  "verifiedPublisher": {{
    "addedDateTime": null,
    "displayName": null,
    "verifiedPublisherId": null
  }},
  "web": {{
    "homePageUrl": null,
    "implicitGrantSettings": {{
      "enableAccessTokenIssuance": false,
      "enableIdTokenIssuance": true
    }},
    "logoutUrl": null,
    "redirectUriSettings": [],
    "redirectUris": [
      "https://app{number}.contoso.com/signin-oidc"
    ]
  }}
}}
"#,
        scope = id(1),
        app = id(2),
        object = id(3),
        claims = claims.join(",\n"),
        entries = entries.join(",\n"),
    )
}

/// A Terraform file of about 4 kB: an application, and what stands around it in a module.
fn terraform(number: usize) -> String {
    let mut text = format!(
        "locals {{\n  name_{number} = \"app-{number}\"\n}}\n\nresource \"azuread_application\" \"app_{number}\" {{\n  display_name = local.name_{number}\n\n  required_resource_access {{\n    resource_app_id = \"00000003-0000-0000-c000-000000000000\"\n\n    resource_access {{\n      id   = \"{REVOKE}\" # User.RevokeSessions.All\n      type = \"Role\"\n    }}\n  }}\n}}\n"
    );
    let mut at = 0;
    while text.len() < 4_000 {
        text.push_str(&format!(
            "\nresource \"azurerm_storage_container\" \"part_{number}_{at}\" {{\n  name                  = \"part-${{local.name_{number}}}-{at}\"\n  storage_account_name  = var.storage_account_name\n  container_access_type = \"private\"\n\n  metadata = {{\n    owner = \"team-{at}\"\n    order = \"{at}\"\n  }}\n}}\n"
        ));
        at += 1;
    }
    text
}

fn set_line(operations: &[Operation<'_>]) -> String {
    let scheme = operations
        .first()
        .map_or(Scheme::Application, |operation| operation.scheme)
        .to_string();
    let calls: Vec<String> = operations
        .iter()
        .map(|operation| format!("{} {}", operation.method, operation.template))
        .collect();
    let line = serde_json::json!({"scheme": scheme, "calls": calls});
    format!("{line}\n")
}

/// The arguments of a check of this path by the call that every manifest is judged by.
pub(super) fn check(path: &Path) -> Vec<std::ffi::OsString> {
    vec!["check".into(), "--calls".into(), CALL.into(), path.into()]
}
