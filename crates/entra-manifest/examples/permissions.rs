//! Prints the permissions that the files of folders declare, as JSON:
//! `cargo run -p entra-manifest --example permissions -- FOLDER…`

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example prints its result"
)]

use std::{env, error::Error, fs, path::Path};

use entra_manifest::{FileId, PermissionRef, ROUNDS, Read, Source, Span, Unit, Want, Wanted, read};

fn main() -> Result<(), Box<dyn Error>> {
    let mut rows = Vec::new();
    for folder in env::args().skip(1) {
        let mut paths = Vec::new();
        walk(Path::new(&folder), &mut paths)?;
        paths.sort();
        for path in paths {
            let Ok(source) = Source::decode(FileId::new(0), path.as_str(), fs::read(&path)?) else {
                continue;
            };
            file(&source, &mut rows)?;
        }
    }
    println!("{{\"permissions\": [{}]}}", rows.join(",\n"));
    Ok(())
}

fn walk(folder: &Path, out: &mut Vec<String>) -> Result<(), Box<dyn Error>> {
    if folder.is_file() {
        out.extend(folder.to_str().map(str::to_owned));
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        walk(&entry?.path(), out)?;
    }
    Ok(())
}

fn file(source: &Source, rows: &mut Vec<String>) -> Result<(), Box<dyn Error>> {
    let mut wanted: Vec<Wanted> = Vec::new();
    for _ in 0..ROUNDS {
        let unit = Unit::file(source).with(&wanted);
        let manifest = match read(unit) {
            Read::Manifest(manifest) => manifest,
            Read::Wants(wants) => {
                for want in wants {
                    let mut files = Vec::new();
                    if let Want::File(path) = &want
                        && let Ok(bytes) = fs::read(path)
                    {
                        let id = wanted.iter().map(|w| w.files.len()).sum::<usize>() + 1;
                        let id = FileId::new(u32::try_from(id)?);
                        files.extend(Source::decode(id, path.clone(), bytes).ok());
                    }
                    wanted.push(Wanted { want, files });
                }
                continue;
            }
            other => {
                eprintln!("{}: {other:?}", source.name());
                return Ok(());
            }
        };
        let place = |span: Span| {
            let file = unit.files().find(|file| file.id() == span.file);
            let file = file.unwrap_or(source);
            format!("{}:{}", file.name(), file.line_column(span.start).0)
        };
        for problem in &manifest.problems {
            eprintln!("{}: problem: {}", place(problem.span), problem.message);
        }
        for app in &manifest.apps {
            let of = app.address.as_deref().unwrap_or("-");
            eprintln!("{}: app {of} ({})", place(app.span), manifest.about);
            for requested in &app.requested {
                let at = place(requested.permission.span());
                let name = match &requested.permission {
                    PermissionRef::Id { uuid, .. } => uuid.to_string(),
                    PermissionRef::Name { name, .. } => name.clone(),
                    PermissionRef::Unresolved { text, reason, .. } => {
                        eprintln!("{at}: unresolved: {text}: {reason}");
                        continue;
                    }
                };
                let resource = &app.resources[requested.resource].id;
                eprintln!(
                    "{at}: {name} {} of {:?}, label {:?}{}",
                    requested.means.as_str(),
                    resource.app_id().map(|id| id.to_string()),
                    requested.label.as_ref().map(|label| &label.value),
                    if requested.is_conditional() {
                        ", conditional"
                    } else {
                        ""
                    },
                );
                if resource.is_microsoft_graph() {
                    let (file, line) = at.rsplit_once(':').unwrap_or((&at, "0"));
                    let row =
                        format!("{{\"file\": {file:?}, \"line\": {line}, \"name\": {name:?}}}");
                    if !rows.contains(&row) {
                        rows.push(row);
                    }
                }
            }
        }
        return Ok(());
    }
    Ok(())
}
