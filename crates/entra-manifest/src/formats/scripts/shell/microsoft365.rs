//! The CLI for Microsoft 365: `m365 entra app add`, `m365 entra approleassignment add`.

use super::follow::{api_of, values};
use super::line::Line;
use crate::PermissionType;
use crate::formats::scripts::api::Api;
use crate::formats::scripts::collect::{Collected, Manner};
use crate::formats::scripts::follow::{Reached, Reader};
use crate::formats::scripts::scopes::push_names;
use crate::model::Means;

/// `m365 entra app add --apisDelegated …`, `m365 entra approleassignment add --resource "Microsoft Graph" --scopes …`
/// <https://pnp.github.io/cli-microsoft365/cmd/entra/app/app-add>
pub(super) fn microsoft365(reader: &Reader<'_, '_>, at: usize, out: &mut Collected<'_>) {
    let line = Line::read(reader, at);
    for way in reader.ways(at) {
        for (option, permission_type) in [
            ("--apisDelegated", PermissionType::Delegated),
            ("--apisApplication", PermissionType::Application),
        ] {
            let mut reached = Reached::default();
            for word in line.option(reader, option) {
                values(reader, word, &way, 0, &mut reached);
            }
            // A name without the address of its API is one of the app's own.
            reached
                .literals
                .retain(|literal| literal.text.contains('/'));
            let manner = Manner::new(
                Means::Requested,
                Some(permission_type),
                line.offsets(reader),
            );
            push_names(reached, manner, out);
        }
        let says = |word| (1..5).any(|index| line.text(reader, index) == word);
        // `m365 spo serviceprincipal grant add` consents for the web parts of a tenant.
        let granted = if says("approleassignment") {
            Some(PermissionType::Application)
        } else if says("serviceprincipal") && says("grant") {
            Some(PermissionType::Delegated)
        } else {
            None
        };
        let resource = line
            .option(reader, "--resource")
            .first()
            .map_or(Api::Unknown, |word| api_of(reader, word.clone(), &way));
        if let Some(permission_type) = granted.filter(|_| resource == Api::Graph) {
            let mut reached = Reached::default();
            for option in ["--scopes", "--scope"] {
                for word in line.option(reader, option) {
                    values(reader, word, &way, 0, &mut reached);
                }
            }
            let manner = Manner::new(Means::Granted, Some(permission_type), line.offsets(reader));
            push_names(reached, manner, out);
        }
    }
}
