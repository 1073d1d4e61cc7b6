//! Prints what files declare: `cargo run -p entra-manifest --example outline -- FILE…`

#![expect(clippy::print_stdout, reason = "an example prints its result")]

use std::{env, error::Error, fs};

use entra_manifest::{FileId, PermissionRef, Read, ResourceRef, Source, Unit, read};

fn main() -> Result<(), Box<dyn Error>> {
    for path in env::args().skip(1) {
        let source = match Source::decode(FileId::default(), path.as_str(), fs::read(&path)?) {
            Ok(source) => source,
            Err(error) => {
                println!("{path}: {error}");
                continue;
            }
        };
        let place = |offset: u32| {
            let (line, column) = source.line_column(offset);
            format!("{line}:{column}")
        };
        let manifest = match read(Unit::file(&source)) {
            Read::Manifest(manifest) => manifest,
            Read::Nothing(reason) => {
                println!("{path}: no manifest: {reason}");
                continue;
            }
            Read::Unsupported(what) => {
                println!("{path}: not read: {what}");
                continue;
            }
            Read::Broken(errors) => {
                for error in errors {
                    println!("{path}:{}: {error}", place(error.span.start));
                }
                continue;
            }
            Read::Wants(wants) => {
                println!("{path}: wants {wants:?}");
                continue;
            }
            _ => continue,
        };
        println!("{path}: {}", manifest.about);
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
                    (None, ResourceRef::Id { uuid, .. } | ResourceRef::Implied { uuid, .. }) => {
                        uuid.to_string()
                    }
                    (None, ResourceRef::Name { name, .. }) => name.clone(),
                    (None, ResourceRef::Unresolved { text, reason, .. }) => {
                        format!("{text:?} {reason}")
                    }
                };
                let ty = requested.permission_type.known();
                let ty = ty.map_or("?", |ty| ty.as_manifest());
                let label = requested.label.as_ref();
                let label = label.map_or(String::new(), |label| format!(" ({})", label.value));
                let at = place(requested.permission.span().start);
                println!("    {at}: {resource} {ty} {permission}{label}");
            }
        }
    }
    Ok(())
}
