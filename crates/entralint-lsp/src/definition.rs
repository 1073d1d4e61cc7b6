//! Definition: from a permission to the calls that need it. References: the same, and from a call to the requests for
//! what it needs.

use entra_manifest::{Manifest, Unit};
use entralint_core::assess::{Request, resolve};
use entralint_core::calls::{DeclaredCall, Origin};
use entralint_core::finding::{Location, locate};
use entralint_core::plan::AppId;
use msgraph_permissions::{Answer, PermissionName, PermissionType};

use crate::subject::{self, Subject};
use crate::view::View;

/// More places than these are no answer.
const MOST: usize = 200;

/// The calls that the permission at an offset unlocks; or else the places that belong to a finding there.
pub(crate) fn definition(view: &View<'_>, offset: usize) -> Vec<Location> {
    let mut places = calls(view, offset);
    if places.is_empty() {
        let here = view.findings.iter().filter(|finding| {
            finding
                .place
                .as_ref()
                .is_some_and(|mark| view.is_at_location(&mark.at, offset))
        });
        places.extend(
            here.flat_map(|finding| &finding.related)
                .map(|mark| mark.at.clone()),
        );
    }
    once(places)
}

/// Gives what another file declares: a unit and its manifest.
pub(crate) type Declared<'a> = dyn Fn(&AppId, &mut dyn FnMut(Unit<'_>, &Manifest)) + 'a;

/// For a permission the calls that it unlocks, for a call the requests for what it needs.
pub(crate) fn references(view: &View<'_>, offset: usize, declared: &Declared<'_>) -> Vec<Location> {
    once(match subject::at(view, offset) {
        Some((_, Subject::Calls(calls))) => requests(view, &calls, declared),
        _ => calls(view, offset),
    })
}

fn calls(view: &View<'_>, offset: usize) -> Vec<Location> {
    let Some((_, Subject::Requests(requests))) = subject::at(view, offset) else {
        return Vec::new();
    };
    let mut places = Vec::new();
    for request in requests {
        let Some((name, permission_type)) = meant(view, &request) else {
            continue;
        };
        let Some(calls) = view.calls_of(request.app) else {
            continue;
        };
        for call in &calls.calls {
            if call
                .answers(permission_type)
                .any(|answer| accepts(answer, &name))
            {
                places.extend(call.origins.iter().filter_map(Origin::location).cloned());
            }
        }
    }
    places
}

/// The requests, in all files, for a permission that unlocks one of the calls.
fn requests(view: &View<'_>, calls: &[&DeclaredCall], declared: &Declared<'_>) -> Vec<Location> {
    /// Code of more apps than these is a library.
    const MOST_APPS: usize = 50;
    let catalog = view.catalog();
    let mut places = Vec::new();
    let mut apps = 0;
    for app in view.apps {
        let set = view.plan.calls_for(app);
        let own: Vec<_> = set
            .calls
            .iter()
            .filter(|known| calls.iter().any(|call| call.call == known.call))
            .collect();
        if own.is_empty() {
            continue;
        }
        apps += 1;
        if apps > MOST_APPS {
            break;
        }
        declared(app, &mut |unit, manifest| {
            let Some(found) = manifest.apps.get(app.index) else {
                return;
            };
            for (index, requested) in found.requested.iter().enumerate() {
                let is_graphs = found
                    .resources
                    .get(requested.resource)
                    .is_some_and(|resource| resource.id.is_microsoft_graph());
                let request = Request {
                    index,
                    requested,
                    resolution: resolve(catalog, requested),
                };
                let Some((name, permission_type)) = request.meant().filter(|_| is_graphs) else {
                    continue;
                };
                let unlocks = own.iter().any(|call| {
                    call.answers(permission_type)
                        .any(|answer| accepts(answer, name))
                });
                let span = request.span();
                if unlocks
                    && let Some(source) = unit.files().find(|source| source.id() == span.file)
                {
                    places.push(locate(source, span));
                }
            }
        });
    }
    places
}

fn meant(
    view: &View<'_>,
    request: &subject::Request<'_>,
) -> Option<(PermissionName, PermissionType)> {
    if !request.resource?.is_microsoft_graph() {
        return None;
    }
    let request = Request {
        index: 0,
        requested: request.requested,
        resolution: resolve(view.catalog(), request.requested),
    };
    request.meant().map(|(name, t)| (name.clone(), t))
}

fn accepts(answer: &Answer, name: &PermissionName) -> bool {
    answer
        .accepted
        .iter()
        .any(|bundle| bundle.permission == *name)
}

/// Each place once, in the order of files and lines.
fn once(mut places: Vec<Location>) -> Vec<Location> {
    places.sort_by(|a, b| (&a.path, a.span.start).cmp(&(&b.path, b.span.start)));
    places.dedup_by(|a, b| a.path == b.path && a.span == b.span);
    places.truncate(MOST);
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at_cursor;

    fn shown(places: &[Location]) -> Vec<String> {
        places.iter().map(Location::shown).collect()
    }

    const CODE: &str = "import { Client } from '@microsoft/microsoft-graph-client';\nawait client.api(`/users/${id}/revokeSignInSessions`).post({});\nawait client.api('/groups').get();\n";

    const MANIFEST: &str = r#"{
  "displayName": "desk",
  "requiredResourceAccess": [{
    "resourceAppId": "00000003-0000-0000-c000-000000000000",
    "resourceAccess": [
      { "id": "741f803b-c850-494e-b5df-cde7c675a1ca", "type": "Role" },
      { "id": "5b567255-7703-4780-807c-7be8301ae99b", "type": "Role" }
    ]
  }]
}"#;

    #[test]
    fn a_permission_leads_to_its_calls_and_back() {
        let manifest = MANIFEST.replace("741f803b", "741f$0803b");
        at_cursor(
            &[("app.json", &manifest), ("a.ts", CODE)],
            |view, offset| {
                assert_eq!(shown(&definition(view, offset)), ["a.ts:2"]);
            },
        );
        let code = CODE.replace("revokeSign", "revoke$0Sign");
        at_cursor(
            &[("app.json", MANIFEST), ("a.ts", &code)],
            |view, offset| {
                assert!(definition(view, offset).is_empty());
                let read = |app: &AppId, with: &mut dyn FnMut(Unit<'_>, &Manifest)| {
                    assert_eq!(&*app.path, "app.json");
                    let source = source_text::Source::decode(
                        source_text::FileId::new(0),
                        "app.json",
                        MANIFEST.as_bytes().to_vec(),
                    )
                    .expect("it is UTF-8");
                    let unit = Unit::file(&source);
                    if let entra_manifest::Read::Manifest(manifest) = entra_manifest::read(unit) {
                        with(unit, &manifest);
                    }
                };
                assert_eq!(shown(&references(view, offset, &read)), ["app.json:6"]);
            },
        );
    }

    #[test]
    fn a_missing_permission_leads_to_the_call() {
        let manifest = MANIFEST.replace(
            "5b567255-7703-4780-807c-7be8301ae99b",
            "810c84a8-4a9e-49e6-bf7d-12d183f40d01",
        );
        at_cursor(
            &[("app.json", &format!("{manifest}$0")), ("a.ts", CODE)],
            |view, _| {
                let finding = view
                    .findings
                    .iter()
                    .find(|finding| finding.rule.id == "missing-permission")
                    .expect("groups are read");
                let at = finding
                    .place
                    .as_ref()
                    .expect("it has a place")
                    .at
                    .span
                    .start;
                assert_eq!(shown(&definition(view, at as usize)), ["a.ts:3"]);
            },
        );
    }
}
