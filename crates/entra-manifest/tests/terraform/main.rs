//! Terraform: what is read of whole folders, and how it is edited.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod fixes;
mod fixes_json;
mod laws;
mod outline;
mod pages;
mod reading;
mod repository;
