//! Prints what an app that uses this client must request: one JSON line a call, in the form that
//! `entralint needs --from` takes.
//!
//! ```text
//! cargo run --example permissions > calls.jsonl
//! entralint needs --from calls.jsonl
//! ```

use std::collections::BTreeSet;
use std::io::{self, Write};

use msgraph_sessions::operations::{self, Scheme};

fn main() -> io::Result<()> {
    print(&mut io::stdout().lock())
}

/// Every call of the client in every scheme that it supports; a permission is the same in every version.
pub(crate) fn print(out: &mut impl Write) -> io::Result<()> {
    let mut printed = BTreeSet::new();
    // Reading back is optional and takes a permission of its own: an app that only revokes has none of it.
    for operation in operations::ALL.iter().filter(|it| it.method() == "POST") {
        for scheme in Scheme::ALL {
            if operation.least(scheme).is_none() {
                continue;
            }
            let path = operation.template().replace("{user}", "{id}");
            let line = serde_json::json!({
                "scheme": scheme.name(),
                "calls": [format!("{} {path}", operation.method())],
            });
            if printed.insert(line.to_string()) {
                writeln!(out, "{line}")?;
            }
        }
    }
    Ok(())
}
