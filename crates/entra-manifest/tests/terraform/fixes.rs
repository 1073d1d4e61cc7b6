//! Edits: every notation, in whichever file the literal stands, and what is refused.

use entra_manifest::{
    AmendError, Change, PermissionRef, PermissionText, PermissionType, Read, amend,
};
use uuid::{Uuid, uuid};

use crate::outline;
use crate::repository::{Opened, Repository};

const GRAPH: Uuid = uuid!("00000003-0000-0000-c000-000000000000");

fn revoke(permission_type: PermissionType) -> PermissionText {
    PermissionText {
        id: match permission_type {
            PermissionType::Delegated => uuid!("fc30e98b-8810-4501-81f5-c20a3196387b"),
            PermissionType::Application => uuid!("77f3a031-c388-4f99-b373-dc68676a979e"),
        },
        name: "User.RevokeSessions.All".to_owned(),
    }
}

/// The request at a place (`main.tf:9`): app and index.
fn find(opened: &Opened, place: &str) -> (usize, usize) {
    let Read::Manifest(manifest) = &opened.read else {
        panic!("{:?}", opened.read)
    };
    for (app, declared) in manifest.apps.iter().enumerate() {
        for (index, requested) in declared.requested.iter().enumerate() {
            if outline::at(opened, requested.permission.span()) == place {
                return (app, index);
            }
        }
    }
    panic!("no request at {place}\n{}", outline::unit(opened));
}

/// What to do with the request at a place.
#[derive(Clone, Copy)]
pub(crate) enum Do<'a> {
    Replace(&'a str),
    Remove(&'a str),
    /// Adds to the app of this address.
    Add(&'a str, PermissionType),
}

fn change(opened: &Opened, act: Do<'_>) -> Change {
    let Read::Manifest(manifest) = &opened.read else {
        panic!("{:?}", opened.read)
    };
    match act {
        Do::Replace(place) => {
            let (app, requested) = find(opened, place);
            let known = manifest.apps[app].requested[requested]
                .permission_type
                .known();
            Change::Replace {
                app,
                requested,
                with: revoke(known.unwrap()),
                permission_type: None,
            }
        }
        Do::Remove(place) => {
            let (app, requested) = find(opened, place);
            Change::Remove { app, requested }
        }
        Do::Add(address, permission_type) => Change::Add {
            app: manifest
                .apps
                .iter()
                .position(|app| app.address.as_deref() == Some(address))
                .unwrap(),
            resource_app_id: GRAPH,
            permission: revoke(permission_type),
            permission_type,
        },
    }
}

pub(crate) fn amended(
    files: &[(&str, &str)],
    folder: &str,
    acts: &[Do<'_>],
) -> Result<String, AmendError> {
    let opened = Repository::new(files).open(folder.into());
    let Read::Manifest(manifest) = &opened.read else {
        panic!("{:?}", opened.read)
    };
    let changes: Vec<Change> = acts.iter().map(|act| change(&opened, *act)).collect();
    let amended = amend(opened.unit(), manifest, &changes)?;
    let mut diff = String::new();
    for new in &amended.sources {
        let old = opened
            .unit()
            .files()
            .find(|old| old.id() == new.id())
            .unwrap();
        diff.push_str(
            &similar::TextDiff::from_lines(old.text(), new.text())
                .unified_diff()
                .context_radius(2)
                .header(old.name().as_str(), new.name().as_str())
                .to_string(),
        );
    }
    Ok(diff)
}

#[track_caller]
pub(crate) fn diff(files: &[(&str, &str)], acts: &[Do<'_>]) -> String {
    amended(files, "", acts).unwrap()
}

const BLOCKS: &str = r#"resource "azuread_application" "worker" {
  display_name = "Worker"

  required_resource_access {
    resource_app_id = "00000003-0000-0000-c000-000000000000" # Microsoft Graph

    resource_access {
      id   = "741f803b-c850-494e-b5df-cde7c675a1ca" # User.ReadWrite.All
      type = "Role"
    }

    # Mail.Send
    resource_access {
      id   = "B633E1C5-B582-4048-A93E-9F11B44C7E96"
      type = "Role"
    }
  }
}
"#;

#[test]
fn an_id_is_swapped_for_an_id_and_its_comment_kept_true() {
    insta::assert_snapshot!(diff(&[("main.tf", BLOCKS)], &[Do::Replace("main.tf:8")]));
    insta::assert_snapshot!(diff(&[("main.tf", BLOCKS)], &[Do::Replace("main.tf:14")]));
}

#[test]
fn a_block_goes_with_its_comment() {
    insta::assert_snapshot!(diff(&[("main.tf", BLOCKS)], &[Do::Remove("main.tf:14")]));
    insta::assert_snapshot!(diff(&[("main.tf", BLOCKS)], &[Do::Remove("main.tf:8")]));
}

#[test]
fn the_entry_goes_with_its_last_block() {
    insta::assert_snapshot!(diff(
        &[("main.tf", BLOCKS)],
        &[Do::Remove("main.tf:8"), Do::Remove("main.tf:14")]
    ));
}

#[test]
fn a_block_is_added_like_its_neighbours() {
    insta::assert_snapshot!(diff(
        &[("main.tf", BLOCKS)],
        &[Do::Add(
            "azuread_application.worker",
            PermissionType::Application
        )]
    ));
    insta::assert_snapshot!(diff(
        &[("main.tf", BLOCKS)],
        &[Do::Add(
            "azuread_application.worker",
            PermissionType::Delegated
        )]
    ));
}

#[test]
fn a_first_entry_is_added() {
    let bare = "resource \"azuread_application\" \"worker\" {\n  display_name = \"Worker\"\n}\n";
    insta::assert_snapshot!(diff(
        &[("main.tf", bare)],
        &[Do::Add(
            "azuread_application.worker",
            PermissionType::Application
        )]
    ));
    let exchange = BLOCKS.replace(
        "00000003-0000-0000-c000-000000000000",
        "00000002-0000-0ff1-ce00-000000000000",
    );
    insta::assert_snapshot!(diff(
        &[("main.tf", &exchange)],
        &[Do::Add(
            "azuread_application.worker",
            PermissionType::Application
        )]
    ));
}

const NAMES: &str = r#"data "azuread_service_principal" "graph" {
  client_id = "00000003-0000-0000-c000-000000000000"
}

resource "azuread_application" "worker" {
  display_name = "Worker"

  required_resource_access {
    resource_app_id = data.azuread_service_principal.graph.client_id

    resource_access {
      id   = data.azuread_service_principal.graph.app_role_ids["User.ReadWrite.All"]
      type = "Role"
    }

    dynamic "resource_access" {
      for_each = toset(var.roles)
      content {
        id   = data.azuread_service_principal.graph.app_role_ids[resource_access.value]
        type = "Role"
      }
    }
  }
}

variable "roles" {}

resource "azuread_service_principal" "worker" {
  client_id = azuread_application.worker.client_id
}

resource "azuread_service_principal_delegated_permission_grant" "worker" {
  service_principal_object_id          = azuread_service_principal.worker.object_id
  resource_service_principal_object_id = data.azuread_service_principal.graph.object_id
  claim_values                         = split(" ", "openid User.ReadWrite.All Mail.Read")
}
"#;

const VALUES: &str =
    "roles = [\n  \"Directory.ReadWrite.All\", # for sessions\n  \"Mail.Send\",\n]\n";

#[test]
fn an_index_key_is_swapped_for_an_index_key() {
    let files = [("main.tf", NAMES), ("terraform.tfvars", VALUES)];
    insta::assert_snapshot!(diff(&files, &[Do::Replace("main.tf:12")]));
}

#[test]
fn a_literal_in_another_file_is_edited_there() {
    let files = [("main.tf", NAMES), ("terraform.tfvars", VALUES)];
    insta::assert_snapshot!(diff(&files, &[Do::Replace("terraform.tfvars:2")]));
    insta::assert_snapshot!(diff(&files, &[Do::Remove("terraform.tfvars:2")]));
    insta::assert_snapshot!(diff(
        &files,
        &[Do::Remove("terraform.tfvars:3"), Do::Replace("main.tf:12")]
    ));
}

#[test]
fn a_word_of_a_string_is_edited_as_a_word() {
    let files = [("main.tf", NAMES), ("terraform.tfvars", VALUES)];
    let opened = Repository::new(&files).open("".into());
    let Read::Manifest(manifest) = &opened.read else {
        panic!("{:?}", opened.read)
    };
    let app = manifest
        .apps
        .iter()
        .position(|app| app.address.as_deref() == Some("azuread_application.worker"))
        .unwrap();
    let word = |name: &str| {
        let named = |permission: &PermissionRef| matches!(permission, PermissionRef::Name { name: n, .. } if n == name);
        let delegated = |r: &entra_manifest::Requested| {
            r.permission_type.known() == Some(PermissionType::Delegated)
        };
        manifest.apps[app]
            .requested
            .iter()
            .position(|r| named(&r.permission) && delegated(r))
            .unwrap()
    };
    let changes = [
        Change::Replace {
            app,
            requested: word("User.ReadWrite.All"),
            with: revoke(PermissionType::Delegated),
            permission_type: None,
        },
        Change::Remove {
            app,
            requested: word("Mail.Read"),
        },
    ];
    let amended = amend(opened.unit(), manifest, &changes).unwrap();
    assert!(
        amended.sources[0]
            .text()
            .contains("split(\" \", \"openid User.RevokeSessions.All\")"),
        "{}",
        amended.sources[0].text()
    );
}

#[test]
fn a_literal_in_yaml_is_swapped() {
    let main = NAMES.replace("var.roles", "yamldecode(file(\"roles.yaml\"))");
    let files = [
        ("main.tf", main.as_str()),
        (
            "roles.yaml",
            "# who can do what\n- Directory.ReadWrite.All\n- 'Mail.Send'\n",
        ),
    ];
    insta::assert_snapshot!(diff(&files, &[Do::Replace("roles.yaml:2")]));
    insta::assert_snapshot!(diff(&files, &[Do::Replace("roles.yaml:3")]));
}

#[test]
fn elements_of_lists_and_maps_come_and_go() {
    let text = r#"resource "azuread_application_registration" "worker" {
  display_name = "Worker"
}

data "azuread_service_principal" "graph" {
  display_name = "Microsoft Graph"
}

locals {
  roles = {
    sessions = "741f803b-c850-494e-b5df-cde7c675a1ca" # User.ReadWrite.All
    mail     = "b633e1c5-b582-4048-a93e-9f11b44c7e96" # Mail.Send
  }
}

resource "azuread_application_api_access" "worker" {
  application_id = azuread_application_registration.worker.id
  api_client_id  = data.azuread_service_principal.graph.client_id
  role_ids       = values(local.roles)
  scope_ids = [
    data.azuread_service_principal.graph.oauth2_permission_scope_ids["User.Read"],
    data.azuread_service_principal.graph.oauth2_permission_scope_ids["User.ReadWrite.All"],
  ]
}
"#;
    let files = [("main.tf", text)];
    insta::assert_snapshot!(diff(&files, &[Do::Remove("main.tf:11")]));
    insta::assert_snapshot!(diff(&files, &[Do::Replace("main.tf:12")]));
    insta::assert_snapshot!(diff(&files, &[Do::Remove("main.tf:21")]));
    insta::assert_snapshot!(diff(
        &files,
        &[Do::Add(
            "azuread_application_registration.worker",
            PermissionType::Delegated
        )]
    ));
}

#[test]
fn what_serves_two_apps_is_not_edited() {
    let two = format!(
        "{NAMES}\nresource \"azuread_application\" \"other\" {{\n  required_resource_access {{\n    resource_app_id = data.azuread_service_principal.graph.client_id\n    dynamic \"resource_access\" {{\n      for_each = toset(var.roles)\n      content {{\n        id   = data.azuread_service_principal.graph.app_role_ids[resource_access.value]\n        type = \"Role\"\n      }}\n    }}\n  }}\n}}\n"
    );
    let files = [("main.tf", two.as_str()), ("terraform.tfvars", VALUES)];
    let refused = amended(&files, "", &[Do::Replace("terraform.tfvars:2")]).unwrap_err();
    assert_eq!(
        refused,
        AmendError::Shared(vec!["azuread_application.other".to_owned()])
    );
}

#[test]
fn a_text_that_is_put_together_is_not_edited() {
    let text = NAMES.replace(
        "app_role_ids[\"User.ReadWrite.All\"]",
        "app_role_ids[\"User.${\"ReadWrite\"}.All\"]",
    );
    let files = [("main.tf", text.as_str()), ("terraform.tfvars", VALUES)];
    let refused = amended(&files, "", &[Do::Replace("main.tf:12")]).unwrap_err();
    assert!(matches!(refused, AmendError::NotEditable(_)), "{refused:?}");
}

#[test]
fn a_module_argument_is_edited_where_it_stands() {
    let module = r#"variable "roles" { type = list(string) }
data "azuread_service_principal" "graph" {
  client_id = "00000003-0000-0000-c000-000000000000"
}
resource "azuread_application" "this" {
  required_resource_access {
    resource_app_id = data.azuread_service_principal.graph.client_id
    dynamic "resource_access" {
      for_each = var.roles
      content {
        id   = data.azuread_service_principal.graph.app_role_ids[resource_access.value]
        type = "Role"
      }
    }
  }
}
"#;
    let main = "module \"api\" {\n  source = \"../modules/app\"\n  roles  = [\"User.ReadWrite.All\", \"Mail.Send\"]\n}\n";
    let files = [("live/main.tf", main), ("modules/app/main.tf", module)];
    insta::assert_snapshot!(amended(&files, "live", &[Do::Remove("live/main.tf:3")]).unwrap());
}

#[test]
fn other_elements_of_a_list_stay() {
    let text = r#"data "azuread_service_principal" "graph" {
  display_name = "Microsoft Graph"
}

resource "azuread_application_api_access" "worker" {
  api_client_id = data.azuread_service_principal.graph.client_id
  role_ids = [
    for name in compact(["Mail.Send", "", "User.ReadWrite.All"]) :
    data.azuread_service_principal.graph.app_role_ids[name]
  ]
}
"#;
    let opened = Repository::new(&[("main.tf", text)]).open("".into());
    let Read::Manifest(manifest) = &opened.read else {
        panic!("{:?}", opened.read)
    };
    let changes = [0, 1].map(|requested| Change::Remove { app: 0, requested });
    // Whatever comes of it, the element that is no request is still there.
    if let Ok(amended) = amend(opened.unit(), manifest, &changes) {
        let after = amended.source(&opened.sources[0]).text();
        assert!(after.contains("\"\""), "{after}");
    }
    let swapped = amended(&[("main.tf", text)], "", &[Do::Replace("main.tf:8")]).unwrap();
    assert!(
        swapped.contains(
            "+    for name in compact([\"User.RevokeSessions.All\", \"\", \"User.ReadWrite.All\"]) :"
        ),
        "{swapped}"
    );
}
