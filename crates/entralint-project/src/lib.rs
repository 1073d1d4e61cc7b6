//! From paths to a report: finds the files of a project, reads them, checks and fixes them.
//!
//! Everything that touches the file system on the linter's behalf is here, so that the command line and the servers for
//! editors and agents behave the same. Rules are entralint-core's; nothing here prints or knows a command line.
//!
//! [`Project::open`] finds the root, the configuration and the catalog; [`Project::check`] gives a [`Run`], whose report
//! the caller renders, and which can fix what it found.

mod assemble;
pub mod baseline;
pub mod calls;
pub mod catalog;
pub mod config;
pub mod discover;
pub mod engine;
pub mod evidence;
pub mod files;
pub mod fix;
pub mod list;
mod modules;
mod project;
pub mod read;
pub mod root;
pub mod run;
pub mod said;
pub mod scan;
mod shared;
pub mod units;
pub mod workspace;
pub mod write;

pub use files::Files;
pub use fix::Fixes;
pub use list::Listed;
pub use project::{Failure, Project};
pub use run::{CheckOptions, Run};
pub use said::Said;
pub use scan::{ScanOptions, Scanned};
pub use workspace::Workspace;
