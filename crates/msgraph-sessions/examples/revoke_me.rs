//! Signs the signed-in user out everywhere.
//!
//! ```text
//! GRAPH_TOKEN=$(az account get-access-token --resource https://graph.microsoft.com \
//!     --query accessToken --output tsv) cargo run --example revoke_me
//! ```
//!
//! GRAPH_ROOT names another Graph than the global one, such as a local one for tests.

use std::error::Error;

use msgraph_sessions::{Client, Cloud, Revoked, StaticToken};

#[tokio::main]
#[expect(clippy::print_stdout, reason = "a program for the terminal")]
async fn main() -> Result<(), Box<dyn Error>> {
    let token = StaticToken::from_env("GRAPH_TOKEN")?;
    let cloud = match std::env::var("GRAPH_ROOT") {
        Ok(root) => Cloud::custom(&root, &root)?,
        Err(_) => Cloud::Global,
    };
    let revoked = revoke_me(cloud, token).await?;
    println!(
        "revoked (HTTP {}, request-id {})",
        revoked.status,
        revoked.request_id.as_deref().unwrap_or("none")
    );
    Ok(())
}

/// The whole of it: a client, and one call.
pub(crate) async fn revoke_me(cloud: Cloud, token: StaticToken) -> Result<Revoked, Box<dyn Error>> {
    let client = Client::builder(token).cloud(cloud).build()?;
    Ok(client.revoke_me().await?)
}
