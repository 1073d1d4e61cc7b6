//! The JSON reports of Dev Proxy's two plugins for minimal permissions.
//!
//! <https://learn.microsoft.com/en-us/microsoft-cloud/dev/dev-proxy/technical-reference/graphminimalpermissionsplugin>.
//! What the reports themselves call minimal is not read.

use msgraph_permissions::PermissionType;
use serde_json::value::RawValue;

use super::collect::{Collector, Manner, Request, for_each, member, members, string};
use super::{Format, Head, LeftOut, RecordError};
use crate::{Certainty, Kind};

pub(super) struct MinimalPermissions;
pub(super) struct Guidance;

const MANNER: Manner = Manner {
    kind: Kind::DevProxy,
    certainty: Certainty::Certain,
    bare_paths: true,
};

impl Format for MinimalPermissions {
    fn name(&self) -> &'static str {
        "dev-proxy"
    }

    fn claims(&self, head: &Head<'_>) -> bool {
        head.has("requests") && (head.has("permissionsType") || head.has("minimalPermissions"))
    }

    fn read(&self, collector: &mut Collector<'_>) -> Result<(), RecordError> {
        let whole = collector.text();
        let outer = members(collector, whole)?;
        let scheme = match string(&outer, "permissionsType") {
            Some(ty) if ty.eq_ignore_ascii_case("application") => Some(PermissionType::Application),
            Some(ty) if ty.eq_ignore_ascii_case("delegated") => Some(PermissionType::Delegated),
            _ => None,
        };
        match member(&outer, "requests") {
            Some(requests) => for_each(collector, requests.get(), |collector, element| {
                operation(collector, element, "requestUrl", scheme)
            }),
            None => Ok(()),
        }
    }
}

impl Format for Guidance {
    fn name(&self) -> &'static str {
        "dev-proxy-guidance"
    }

    fn claims(&self, head: &Head<'_>) -> bool {
        (head.has("applicationPermissions") || head.has("delegatedPermissions"))
            && head.text.contains("\"operations\"")
    }

    fn read(&self, collector: &mut Collector<'_>) -> Result<(), RecordError> {
        let whole = collector.text();
        let outer = members(collector, whole)?;
        for (name, scheme) in [
            ("applicationPermissions", PermissionType::Application),
            ("delegatedPermissions", PermissionType::Delegated),
        ] {
            let Some(part) = member(&outer, name).filter(|part| part.get().starts_with('{')) else {
                continue;
            };
            let part = members(collector, part.get())?;
            if let Some(operations) = member(&part, "operations") {
                for_each(collector, operations.get(), |collector, element| {
                    operation(collector, element, "endpoint", Some(scheme))
                })?;
            }
        }
        Ok(())
    }
}

fn operation(
    collector: &mut Collector<'_>,
    element: &RawValue,
    address: &str,
    scheme: Option<PermissionType>,
) -> Result<(), RecordError> {
    collector.count();
    let operation = members(collector, element.get())?;
    let (Some(method), Some(url)) = (string(&operation, "method"), string(&operation, address))
    else {
        collector.leave_out(LeftOut::Unreadable);
        return Ok(());
    };
    let span = collector.place(element.get());
    let request = Request {
        method: &method,
        url: &url,
        scheme,
        ..Request::default()
    };
    collector.request(&request, MANNER, span);
    Ok(())
}
