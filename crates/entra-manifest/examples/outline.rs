//! Prints what files declare: `cargo run -p entra-manifest --example outline -- FILE…`

#![expect(clippy::print_stdout, reason = "an example prints its result")]

use std::{env, error::Error, fs};

use entra_manifest::{Parsed, PermissionRef, ResourceRef, Source, parse};

fn main() -> Result<(), Box<dyn Error>> {
    for path in env::args().skip(1) {
        let source = match Source::decode(fs::read(&path)?) {
            Ok(source) => source,
            Err(error) => {
                println!("{path}: {error}");
                continue;
            }
        };
        let place = |offset| {
            let (line, column) = source.line_column(offset);
            format!("{line}:{column}")
        };
        let manifest = match parse(&source) {
            Parsed::Manifest(manifest) => manifest,
            Parsed::NotAManifest(reason) => {
                println!("{path}: no manifest: {reason}");
                continue;
            }
            Parsed::NotReadYet(shape) => {
                println!("{path}: not read: {shape}");
                continue;
            }
            Parsed::Invalid(error) => {
                println!("{path}:{}: {error}", place(error.span.start));
                continue;
            }
        };
        println!("{path}: {}", manifest.format);
        for problem in &manifest.problems {
            println!("  {}: {}", place(problem.span.start), problem.message);
        }
        for app in &manifest.apps {
            let name = app.name.as_ref().map_or("(no name)", |name| &name.value);
            println!("  {}: {name}", place(app.span.start));
            for requested in &app.requested {
                let permission = match &requested.permission {
                    PermissionRef::Id { uuid, .. } => uuid.to_string(),
                    PermissionRef::Name { name, .. } => name.clone(),
                    PermissionRef::Unresolved { text, reason, .. } => format!("{text:?} {reason}"),
                };
                let resource = &app.resources[requested.resource].id;
                let resource = match (resource.well_known(), resource) {
                    (Some(known), _) => known.name.to_owned(),
                    (None, ResourceRef::Id { uuid, .. }) => uuid.to_string(),
                    (None, ResourceRef::Name { name, .. }) => name.clone(),
                    (None, ResourceRef::Unresolved { text, reason, .. }) => {
                        format!("{text:?} {reason}")
                    }
                };
                let kind = requested.kind.kind();
                let kind = kind.map_or_else(|| "?".to_owned(), |kind| kind.to_string());
                let label = requested.label.as_ref();
                let label = label.map_or(String::new(), |label| format!(" ({})", label.value));
                let at = place(requested.permission.span().start);
                println!("    {at}: {resource} {kind} {permission}{label}");
            }
        }
    }
    Ok(())
}
