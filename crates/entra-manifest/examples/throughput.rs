//! Prints how fast manifests are read: `cargo run --release -p entra-manifest --example throughput [FILE…]`

#![expect(clippy::print_stdout, reason = "an example prints its result")]

use std::{env, error::Error, fmt::Write as _, fs, hint::black_box, time::Instant};

use entra_manifest::{
    Change, FileId, MICROSOFT_GRAPH, PermissionText, PermissionType, Read, Source, Unit, amend,
    read,
};

fn main() -> Result<(), Box<dyn Error>> {
    let files: Vec<String> = env::args().skip(1).collect();
    if files.is_empty() {
        measure("manifest of 3 kB", &made_up(28), 20_000)?;
        measure("manifest of 30 kB", &made_up(290), 2_000)?;
        measure("manifest of 3 MB", &made_up(29_000), 20)?;
        measure("3 kB of other JSON", &no_manifest(), 20_000)?;
    }
    for file in files {
        measure(&file, &fs::read(&file)?, 100)?;
    }
    Ok(())
}

fn measure(name: &str, bytes: &[u8], rounds: u32) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    for _ in 0..rounds {
        let source = Source::decode(FileId::default(), "app.json", black_box(bytes.to_vec()))?;
        black_box(read(Unit::file(&source)));
    }
    let each = start.elapsed() / rounds;
    let rate = bytes.len() as f64 / each.as_secs_f64() / 1e6;
    println!(
        "{name}: {} bytes, {each:.1?} each, {rate:.0} MB/s",
        bytes.len()
    );

    let source = Source::decode(FileId::default(), "app.json", bytes.to_vec())?;
    if let Read::Manifest(manifest) = read(Unit::file(&source)) {
        let change = Change::Add {
            app: 0,
            resource_app_id: MICROSOFT_GRAPH,
            permission: PermissionText {
                id: MICROSOFT_GRAPH,
                name: "Made.Up".to_owned(),
            },
            permission_type: PermissionType::Application,
        };
        let start = Instant::now();
        black_box(amend(Unit::file(&source), &manifest, &[change])?);
        println!("  one addition: {:.1?}", start.elapsed());
    }
    Ok(())
}

/// A manifest with this many requests.
fn made_up(requests: usize) -> Vec<u8> {
    let mut text = String::from(
        "{\n  \"displayName\": \"Made up\",\n  \"signInAudience\": \"AzureADMyOrg\",\n  \
         \"requiredResourceAccess\": [\n    {\n      \
         \"resourceAppId\": \"00000003-0000-0000-c000-000000000000\",\n      \
         \"resourceAccess\": [\n",
    );
    for request in 0..requests {
        let comma = if request + 1 < requests { "," } else { "" };
        let _ = writeln!(
            text,
            "        {{\n          \"id\": \"df021288-bdef-4463-88db-{request:012x}\",\n          \
             \"type\": \"Role\"\n        }}{comma}"
        );
    }
    text.push_str("      ]\n    }\n  ]\n}\n");
    text.into_bytes()
}

fn no_manifest() -> Vec<u8> {
    let mut text = String::from("{\n  \"name\": \"made-up\"");
    for number in 0..60 {
        let _ = write!(
            text,
            ",\n  \"dependency-number-{number}\": \"^1.{number}.0-beta\""
        );
    }
    text.push_str("\n}\n");
    text.into_bytes()
}
