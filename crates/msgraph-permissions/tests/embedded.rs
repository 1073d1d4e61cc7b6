//! The embedded catalog says what the published data and the lists of this repository say.

mod common;

use common::{call, lookup, published};
use msgraph_permissions::{
    Catalog, Layers, LookupOptions, Operation, OverrideState, PermissionId, PermissionName,
    PermissionType, Scheme, ServiceExport, Verdict,
};

use Scheme::Application;

#[test]
fn it_is_all_of_microsoft_graph_and_says_of_which_day() {
    let info = Catalog::embedded().info();
    assert_eq!(info.source, "embedded");
    assert!(info.complete);
    assert_eq!(
        (info.permissions, info.templates, info.operations),
        (917, 7_283, 22_099)
    );
    assert_eq!(info.sha256.len(), 64);
    assert_eq!(info.commit.as_deref(), Some("6cbd6bb"));
    assert_eq!(info.date.as_deref(), Some("2026-08-07"));
    assert_eq!(Catalog::embedded().problems(), []);
}

#[test]
fn every_correction_changes_something() {
    let catalog = Catalog::embedded();
    for (about, state) in catalog.overrides() {
        assert!(
            matches!(state, OverrideState::Applied { .. }),
            "{}: {state:?}",
            about.id
        );
    }
    assert_eq!(catalog.stale_overrides().count(), 0);
}

#[test]
fn each_layer_of_corrections_can_be_switched_off() {
    let plain = Catalog::embedded().with_layers(Layers::NONE);
    assert_eq!(
        lookup(&plain, Application, "POST /me/revokeSignInSessions").verdict,
        Verdict::Known
    );
    assert_eq!(
        lookup(&plain, Application, "POST /groups/{id}/members/$ref").verdict,
        Verdict::UnknownMethod
    );
    assert!(
        plain
            .overrides()
            .iter()
            .all(|(_, state)| *state == OverrideState::Off)
    );
    let group = PermissionName::new("Group.ReadBasic.All");
    assert!(plain.in_service(&group, PermissionType::Application));
    assert!(!Catalog::embedded().in_service(&group, PermissionType::Application));
    let agent = PermissionName::new("AgentIdUser.ReadWrite.All");
    let id = |catalog: &Catalog| {
        catalog
            .id_of(&agent, PermissionType::Application)
            .map(|id| id.to_string())
    };
    assert_eq!(
        id(&plain).as_deref(),
        Some("d0ca41aa-9212-8ec6-8bee-d30600b82eda")
    );
    assert_eq!(
        id(Catalog::embedded()).as_deref(),
        Some("b782c9ad-6f2b-4894-a21b-72bf22417f0a")
    );
    // The published id still names the permission.
    let published: PermissionId = "d0ca41aa-9212-8ec6-8bee-d30600b82eda".parse().unwrap();
    assert_eq!(
        Catalog::embedded().by_id(published),
        [(agent, PermissionType::Application)]
    );
}

/// As `az ad sp show` writes it, cut to a few permissions.
const SERVICE: &str = r#"{
    "appId": "00000003-0000-0000-c000-000000000000",
    "appRoles": [
        {"id": "11111111-0000-4000-8000-000000000001", "isEnabled": true, "value": "User.Read.All"},
        {"id": "11111111-0000-4000-8000-000000000002", "isEnabled": true, "value": "Brand.New.All"},
        {"id": "11111111-0000-4000-8000-000000000003", "isEnabled": false, "value": "User.ReadWrite.All"}
    ],
    "oauth2PermissionScopes": [
        {"id": "11111111-0000-4000-8000-000000000004", "isEnabled": true, "value": "Group.ReadBasic.All"}
    ]
}"#;

#[test]
fn a_tenants_own_service_principal_wins_over_the_lists() {
    let export = ServiceExport::parse(SERVICE.as_bytes()).unwrap();
    let catalog = Catalog::embedded().with_service(&export);
    let (delegated, application) = (PermissionType::Delegated, PermissionType::Application);
    let name = PermissionName::new;
    let id = |name: &str, permission_type| {
        let permission = catalog.permission(name).unwrap();
        permission.id(permission_type).map(|id| id.to_string())
    };
    assert_eq!(
        id("User.Read.All", application).as_deref(),
        Some("11111111-0000-4000-8000-000000000001")
    );
    assert_eq!(
        id("brand.new.all", application).as_deref(),
        Some("11111111-0000-4000-8000-000000000002")
    );
    assert_eq!(id("User.ReadWrite.All", application), None);
    assert!(!catalog.in_service(&name("User.ReadWrite.All"), application));
    assert!(catalog.in_service(&name("Group.ReadBasic.All"), delegated));
    let new: PermissionId = "11111111-0000-4000-8000-000000000002".parse().unwrap();
    assert_eq!(catalog.by_id(new), [(name("Brand.New.All"), application)]);
    // What the service does not have is never preferred.
    let answer = lookup(&catalog, Application, "GET /users/{id}");
    assert_eq!(answer.least.unwrap().permission, "User.Read.All");
}

#[test]
fn what_is_no_export_of_microsoft_graph_says_so() {
    let error = |text: &str| {
        ServiceExport::parse(text.as_bytes())
            .err()
            .map(|error| error.to_string())
    };
    assert_eq!(
        error(r#"{"appId": "00000002-0000-0000-c000-000000000000"}"#).as_deref(),
        Some(
            "the service principal of `00000002-0000-0000-c000-000000000000`, not of Microsoft Graph: export \
             00000003-0000-0000-c000-000000000000"
        )
    );
    assert_eq!(
        error(r#"{"appId": "00000003-0000-0000-c000-000000000000"}"#).as_deref(),
        Some("`appRoles` is missing or empty: export the whole service principal, without --query")
    );
    assert!(
        error("[")
            .unwrap()
            .starts_with("not the export of a service principal: ")
    );
}

#[test]
fn the_embedded_lists_are_those_of_the_repository() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for entry in std::fs::read_dir(root.join("data")).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            let name = path.file_name().unwrap();
            let spec = std::fs::read_to_string(root.join("../../spec").join(name)).unwrap();
            let own = std::fs::read_to_string(&path).unwrap();
            assert!(
                own == spec.replace("\r\n", "\n"),
                "{} differs: run `cargo xtask codegen`",
                path.display()
            );
        }
    }
}

#[test]
#[ignore = "needs the published data"]
fn it_is_the_published_data() {
    let published = published();
    for (own, theirs) in [
        (Catalog::embedded().clone(), &published.catalog),
        (
            Catalog::embedded().with_layers(Layers::NONE),
            &published.plain,
        ),
    ] {
        let operations: Vec<Operation<'_>> = own.operations().collect();
        assert_eq!(operations, theirs.operations().collect::<Vec<_>>());
        for operation in operations {
            let call = call(&format!("{} {}", operation.method, operation.template));
            let answer = |catalog: &Catalog| {
                catalog.lookup(&call, operation.scheme, LookupOptions::default())
            };
            assert_eq!(answer(&own), answer(theirs), "{call}");
        }
        let permissions = |catalog: &Catalog| -> Vec<String> {
            catalog
                .permissions()
                .map(|permission| {
                    let schemes = Scheme::ALL.map(|scheme| permission.scheme(scheme));
                    let ids = PermissionType::ALL.map(|of| permission.id(of));
                    let is = (permission.is_listed(), permission.is_rsc());
                    format!("{} {schemes:?} {ids:?} {is:?}", permission.name())
                })
                .collect()
        };
        assert_eq!(permissions(&own), permissions(theirs));
    }
}
