//! Lints the permissions that app manifests ask of Microsoft Graph.

fn main() {}
