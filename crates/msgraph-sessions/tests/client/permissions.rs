//! The permissions that the fragment names, against the catalogue.

use msgraph_permissions::{Call, Catalog, LookupOptions, Scheme as CatalogScheme};
use msgraph_sessions::operations::{self, Permissions, Scheme};

#[test]
fn the_fragment_and_the_catalogue_agree() {
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
                Permissions::AnyOf(accepted) => {
                    assert_eq!(accepted, known, "{place}");
                    assert!(answer.is_answered(), "{place}");
                    let least = answer.least.map(|bundle| bundle.permission);
                    let least = least.as_ref().map(|permission| permission.as_str());
                    assert_eq!(operation.least(scheme), least, "{place}");
                }
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
    assert_eq!(compared, 18);
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
