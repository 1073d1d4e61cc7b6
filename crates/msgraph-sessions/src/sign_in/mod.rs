//! Signing in without another crate: as an app with a client secret, as a job of GitHub Actions, or as a
//! person with a device code.
//!
//! Both speak to the cloud's own sign-in authority. Every other way (certificate, managed identity,
//! workload identity, Azure CLI, …) comes with the feature `azure-identity`.

mod client_secret;
mod device_code;
mod endpoint;
mod github;

pub use self::client_secret::ClientSecret;
pub use self::device_code::{DeviceCode, DeviceCodeFlow, SignedIn};
pub use self::github::GitHubActions;
