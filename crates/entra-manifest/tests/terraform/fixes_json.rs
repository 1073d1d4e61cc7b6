//! Edits of `.tf.json`: values swapped, elements and entries added and removed, with the commas of JSON.

use entra_manifest::PermissionType;

use crate::fixes::{Do, diff};

const APP: &str = r#"{
  "resource": {
    "azuread_application": {
      "worker": {
        "display_name": "Worker",
        "required_resource_access": [
          {
            "resource_app_id": "00000003-0000-0000-c000-000000000000",
            "resource_access": [
              {
                "id": "741f803b-c850-494e-b5df-cde7c675a1ca",
                "type": "Role"
              },
              {
                "id": "b633e1c5-b582-4048-a93e-9f11b44c7e96",
                "type": "Role"
              }
            ]
          }
        ]
      }
    }
  }
}
"#;

const WORKER: &str = "azuread_application.worker";

#[test]
fn an_id_is_swapped() {
    insta::assert_snapshot!(diff(
        &[("main.tf.json", APP)],
        &[Do::Replace("main.tf.json:11")]
    ));
}

#[test]
fn an_element_goes_with_its_comma() {
    insta::assert_snapshot!(diff(
        &[("main.tf.json", APP)],
        &[Do::Remove("main.tf.json:11")]
    ));
    insta::assert_snapshot!(diff(
        &[("main.tf.json", APP)],
        &[Do::Remove("main.tf.json:15")]
    ));
}

#[test]
fn the_entry_goes_with_its_last_element() {
    insta::assert_snapshot!(diff(
        &[("main.tf.json", APP)],
        &[Do::Remove("main.tf.json:11"), Do::Remove("main.tf.json:15")]
    ));
}

#[test]
fn an_element_is_added_like_its_neighbours() {
    let add = |ty| diff(&[("main.tf.json", APP)], &[Do::Add(WORKER, ty)]);
    insta::assert_snapshot!(add(PermissionType::Application));
    insta::assert_snapshot!(add(PermissionType::Delegated));
}

#[test]
fn a_first_entry_is_added() {
    let bare = "{\n  \"resource\": {\n    \"azuread_application\": {\n      \"worker\": {\n        \"display_name\": \"Worker\"\n      }\n    }\n  }\n}\n";
    let add = |text: &str| {
        diff(
            &[("main.tf.json", text)],
            &[Do::Add(WORKER, PermissionType::Application)],
        )
    };
    insta::assert_snapshot!(add(bare));
    let exchange = APP.replace(
        "00000003-0000-0000-c000-000000000000",
        "00000002-0000-0ff1-ce00-000000000000",
    );
    insta::assert_snapshot!(add(&exchange));
}

#[test]
fn a_single_body_becomes_a_list() {
    let single = r#"{"resource": {"azuread_application": {"worker": {"required_resource_access": {
  "resource_app_id": "00000003-0000-0000-c000-000000000000",
  "resource_access": {"id": "741f803b-c850-494e-b5df-cde7c675a1ca", "type": "Role"}
}}}}}
"#;
    insta::assert_snapshot!(diff(
        &[("main.tf.json", single)],
        &[Do::Add(WORKER, PermissionType::Application)]
    ));
    insta::assert_snapshot!(diff(
        &[("main.tf.json", single)],
        &[Do::Replace("main.tf.json:3")]
    ));
}

const VALUES: &str = r#"{
  "data": {"azuread_service_principal": {"graph": {"display_name": "Microsoft Graph"}}},
  "locals": {
    "roles": {
      "sessions": "741f803b-c850-494e-b5df-cde7c675a1ca",
      "mail": "b633e1c5-b582-4048-a93e-9f11b44c7e96"
    }
  },
  "resource": {
    "azuread_application_registration": {"worker": {"display_name": "Worker"}},
    "azuread_application_api_access": {
      "worker": {
        "application_id": "${azuread_application_registration.worker.id}",
        "api_client_id": "${data.azuread_service_principal.graph.client_id}",
        "role_ids": "${values(local.roles)}",
        "scope_ids": [
          "e1fe6dd8-ba31-4d61-89e7-88639da4683d",
          "${data.azuread_service_principal.graph.oauth2_permission_scope_ids[\"User.ReadWrite.All\"]}"
        ]
      }
    }
  }
}
"#;

#[test]
fn elements_of_lists_and_maps_come_and_go() {
    let files = [("main.tf.json", VALUES)];
    insta::assert_snapshot!(diff(&files, &[Do::Remove("main.tf.json:5")]));
    insta::assert_snapshot!(diff(&files, &[Do::Remove("main.tf.json:6")]));
    insta::assert_snapshot!(diff(&files, &[Do::Remove("main.tf.json:18")]));
    insta::assert_snapshot!(diff(&files, &[Do::Replace("main.tf.json:18")]));
    insta::assert_snapshot!(diff(
        &files,
        &[Do::Add(
            "azuread_application_registration.worker",
            PermissionType::Delegated
        )]
    ));
}

#[test]
fn a_key_that_names_the_permission_is_renamed() {
    let text = VALUES.replace("sessions", "User.ReadWrite.All");
    insta::assert_snapshot!(diff(
        &[("main.tf.json", text.as_str())],
        &[Do::Replace("main.tf.json:5")]
    ));
    let native = r#"locals {
  roles = {
    "User.ReadWrite.All" = "741f803b-c850-494e-b5df-cde7c675a1ca"
    "Mail.Send"          = { id = "b633e1c5-b582-4048-a93e-9f11b44c7e96", type = "Role" }
  }
}

resource "azuread_application" "worker" {
  required_resource_access {
    resource_app_id = "00000003-0000-0000-c000-000000000000"
    dynamic "resource_access" {
      for_each = local.roles
      content {
        id   = try(resource_access.value.id, resource_access.value)
        type = "Role"
      }
    }
  }
}
"#;
    insta::assert_snapshot!(diff(&[("main.tf", native)], &[Do::Replace("main.tf:3")]));
    insta::assert_snapshot!(diff(&[("main.tf", native)], &[Do::Replace("main.tf:4")]));
}
