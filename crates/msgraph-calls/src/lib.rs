//! Finds the Microsoft Graph calls that source code, scripts, workflows and recordings make.

mod address;
mod api;
mod cmdlets;
mod json;
mod model;
pub mod records;
#[cfg(test)]
mod testing;
mod workflows;
mod yaml;

pub use api::Api;
pub use model::{
    Certainty, Evidence, Found, Kind, Missing, Options, Outcome, SkipReason, Skipped, Step,
    Unresolved, Version,
};
