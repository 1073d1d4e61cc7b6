//! The permissions that the fragment names, against the catalog.

use msgraph_permissions::{Call, Catalog, LookupOptions, Scheme as CatalogScheme};
use msgraph_sessions::Cloud;
use msgraph_sessions::operations::{self, Permissions, Scheme};

#[test]
fn the_fragment_and_the_catalog_agree() {
    let catalog = Catalog::embedded();
    let mut compared = 0;
    for operation in operations::ALL {
        for scheme in Scheme::ALL {
            let place = format!("{} {scheme}", operation.id());
            let in_catalog = match scheme {
                Scheme::Delegated => CatalogScheme::DelegatedWork,
                Scheme::Personal => CatalogScheme::DelegatedPersonal,
                Scheme::Application => CatalogScheme::Application,
            };
            let call: Call = format!("{} {}", operation.method(), operation.template())
                .parse()
                .unwrap();
            let answer = catalog.lookup(&call, in_catalog, LookupOptions::default());
            let known: Vec<_> = answer
                .accepted
                .iter()
                .map(|bundle| {
                    assert!(bundle.also_requires.is_empty(), "{place}");
                    bundle.permission.as_str()
                })
                .collect();
            match operation.permissions(scheme) {
                // Fewer than the path has: not all of them show the property.
                Permissions::AnyOf(accepted) if operation.method() == "GET" => {
                    let unknown: Vec<_> =
                        accepted.iter().filter(|it| !known.contains(it)).collect();
                    assert!(unknown.is_empty(), "{place}: {unknown:?}");
                }
                Permissions::AnyOf(accepted) => {
                    assert_eq!(accepted, known, "{place}");
                    assert!(answer.is_answered(), "{place}");
                    let least = answer.least.map(|bundle| bundle.permission);
                    let least = least.as_ref().map(|permission| permission.as_str());
                    assert_eq!(operation.least(scheme), least, "{place}");
                }
                Permissions::Unsupported(_) if operation.method() == "GET" => {}
                Permissions::Unsupported(_) => {
                    assert!(!answer.is_answered(), "{place}: {known:?}");
                }
                Permissions::OfItems => {
                    assert_eq!(operation, &operations::BATCH);
                    continue;
                }
                other => panic!("{place}: {other:?}"),
            }
            compared += 1;
        }
    }
    assert_eq!(compared, 21);
}

#[test]
fn an_app_that_only_revokes_sessions_needs_one_permission() {
    let least = |scheme| operations::USER_REVOKE_SIGN_IN_SESSIONS.least(scheme);
    assert_eq!(least(Scheme::Application), Some("User.RevokeSessions.All"));
    assert_eq!(least(Scheme::Delegated), Some("User.RevokeSessions.All"));
    assert_eq!(least(Scheme::Personal), None);
    let me = operations::ME_REVOKE_SIGN_IN_SESSIONS;
    assert!(matches!(
        me.permissions(Scheme::Application),
        Permissions::Unsupported(reason) if reason.contains("/me")
    ));
}

#[test]
fn each_operation_says_what_its_caller_has_to_know() {
    use msgraph_sessions::operations::Roles;

    for operation in operations::ALL {
        let place = operation.id();
        assert_eq!(operation.clouds(), Cloud::NATIONAL, "{place}");
        assert_eq!(operation.is_for_production(), operation.version() == "v1.0");
        let note = |name: &str| operation.notes().iter().any(|note| note.name == name);
        assert_eq!(note("beta"), operation.version() == "beta", "{place}");
        if operation.property().is_some() && operation.method() == "POST" {
            assert!(
                note("delay") && note("guests") && note("access-tokens"),
                "{place}"
            );
        }
        assert_eq!(
            operation.is_deprecated(),
            operation.superseded_by().is_some()
        );
    }
    let old = operations::BETA_USER_INVALIDATE_ALL_REFRESH_TOKENS;
    let Roles::Least(roles) = old.roles() else {
        panic!("{:?}", old.roles());
    };
    assert_eq!(roles.len(), 5);
    let newer = old.superseded_by().unwrap();
    assert_eq!(*newer, operations::USER_REVOKE_SIGN_IN_SESSIONS);
    assert!(matches!(newer.roles(), Roles::Fit(_)));
    let former = newer.former(Scheme::Delegated);
    assert!(former.contains(&"Directory.AccessAsUser.All"));
}
