//! Any changes to any text come out exactly as intended, or the text stays as it was.

#![no_main]

use arbitrary::Arbitrary;
use entra_manifest::{
    AZURE_AD_GRAPH, Change, Encoding, FileId, MICROSOFT_GRAPH, PermissionText, PermissionType,
    Read, Source,
};
use entralint_fuzz::{
    laws::{check_amend, check_read},
    name,
};
use libfuzzer_sys::fuzz_target;
use uuid::uuid;

#[derive(Debug, Arbitrary)]
struct Input {
    name: u8,
    wishes: Vec<Wish>,
    text: String,
}

#[derive(Debug, Arbitrary)]
enum Wish {
    Replace {
        app: u8,
        requested: u8,
        application: Option<bool>,
    },
    Remove {
        app: u8,
        requested: u8,
    },
    Add {
        app: u8,
        graph: bool,
        application: bool,
    },
}

fn permission_type(application: bool) -> PermissionType {
    if application {
        PermissionType::Application
    } else {
        PermissionType::Delegated
    }
}

fn permission() -> PermissionText {
    PermissionText {
        id: uuid!("77f3a031-c388-4f99-b373-dc68676a979e"),
        name: "User.RevokeSessions.All".to_owned(),
    }
}

fn change(wish: &Wish) -> Change {
    match *wish {
        Wish::Replace {
            app,
            requested,
            application,
        } => Change::Replace {
            app: app.into(),
            requested: requested.into(),
            with: permission(),
            permission_type: application.map(permission_type),
        },
        Wish::Remove { app, requested } => Change::Remove {
            app: app.into(),
            requested: requested.into(),
        },
        Wish::Add {
            app,
            graph,
            application,
        } => Change::Add {
            app: app.into(),
            resource_app_id: if graph {
                MICROSOFT_GRAPH
            } else {
                AZURE_AD_GRAPH
            },
            permission: permission(),
            permission_type: permission_type(application),
        },
    }
}

fuzz_target!(|input: Input| {
    let name = name(input.name);
    let source = Source::new(FileId::default(), name, input.text, Encoding::Utf8);
    let alone = check_read(&source);
    if let Read::Manifest(manifest) = &alone.read {
        let changes: Vec<Change> = input.wishes.iter().take(8).map(change).collect();
        // A refusal is fine: the text may be beyond what can be edited.
        let _ = check_amend(alone.unit(&source), manifest, &changes);
    }
});
