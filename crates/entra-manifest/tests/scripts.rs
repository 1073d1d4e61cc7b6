//! Scripts: what each fixture declares, and that a literal of a script is swapped in its own notation.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fmt::Write as _;

use common::{amend, fixtures, manifest, parse};
use entra_manifest::{Change, Encoding, FileId, PermissionRef, PermissionText, Read, Source};
use proptest::prelude::*;
use uuid::uuid;

fn show(source: &Source) -> String {
    let Read::Manifest(manifest) = parse(source) else {
        return "declares nothing\n".to_owned();
    };
    let mut out = String::new();
    for app in &manifest.apps {
        out.push_str("app\n");
        for requested in &app.requested {
            let (line, column) = source.line_column(requested.permission.span().start);
            let ty = requested
                .permission_type
                .known()
                .map_or("type unknown".to_owned(), |ty| ty.to_string());
            let what = match &requested.permission {
                PermissionRef::Id { uuid, .. } => uuid.to_string(),
                PermissionRef::Name { name, .. } => name.clone(),
                PermissionRef::Unresolved { text, reason, .. } => {
                    format!("{text}: the permission {reason}")
                }
            };
            let _ = write!(
                out,
                "  {line}:{column} {} {ty} {what}",
                requested.means.as_str()
            );
            if let Some(used) = requested.used_at {
                let _ = write!(out, ", used at {}", source.line_column(used.start).0);
            }
            if let Some(label) = &requested.label {
                let _ = write!(out, ", called {}", label.value);
            }
            out.push('\n');
        }
    }
    out
}

#[test]
fn scripts_are_read() {
    for (name, bytes) in fixtures("scripts") {
        let source = Source::decode(FileId::default(), name.as_str(), bytes).unwrap();
        insta::assert_snapshot!(format!("script-{name}"), show(&source));
    }
}

fn script(name: &str, text: &str) -> Source {
    Source::new(FileId::default(), name, text.to_owned(), Encoding::Utf8)
}

/// `User.ReadWrite.All` to `User.RevokeSessions.All`.
fn narrowed(name: &str, text: &str) -> String {
    let source = script(name, text);
    let before = manifest(&source);
    let change = Change::Replace {
        app: 0,
        requested: 0,
        with: PermissionText {
            name: "User.RevokeSessions.All".to_owned(),
            id: uuid!("77f3a031-c388-4f99-b373-dc68676a979e"),
        },
        permission_type: None,
    };
    match amend(&source, &before, &[change]) {
        Ok(amended) => amended.source(&source).text().to_owned(),
        Err(error) => format!("refused: {error}"),
    }
}

#[test]
fn a_literal_is_swapped_where_it_stands() {
    let mut out = String::new();
    for (name, text) in [
        (
            "a.ps1",
            "Connect-MgGraph -Scopes \"User.ReadWrite.All\", 'Mail.Read'\n",
        ),
        (
            "a.ps1",
            "Connect-MgGraph -Scopes User.ReadWrite.All,Mail.Read\r\n",
        ),
        (
            "a.ps1",
            "Connect-MgGraph -Scopes 'User.ReadWrite.All Mail.Read'\n",
        ),
        (
            "a.ps1",
            "$s = @('User.ReadWrite.All') # all users\nConnect-MgGraph -Scopes $s\n",
        ),
        (
            "a.ps1",
            "Connect-MgGraph -Scopes 'https://graph.microsoft.com/User.ReadWrite.All'\n",
        ),
        (
            "a.sh",
            "az ad app permission add --id x --api 00000003-0000-0000-c000-000000000000 --api-permissions 204e0828-b5ca-4ad8-b9f3-f32a958e7cc4=Scope\n",
        ),
    ] {
        let _ = write!(out, "{text}=> {}", narrowed(name, text));
    }
    insta::assert_snapshot!(out);
}

proptest! {
    #[test]
    fn any_script_is_read(text in "[ -~\\n\\PC]{0,300}") {
        let text = format!("Connect-MgGraph -Scopes {text}");
        for name in ["a.ps1", "a.sh"] {
            let _ = parse(&script(name, &text));
        }
    }

    #[test]
    fn any_piece_of_a_script_is_read(start in 0_usize..1_500, length in 0_usize..1_500) {
        for (name, bytes) in fixtures("scripts") {
            let text = String::from_utf8(bytes).unwrap();
            let piece: String = text.chars().skip(start).take(length).collect();
            let _ = parse(&script(&name, &piece));
        }
    }
}

#[test]
fn hostile_scripts_end() {
    let names: String = (0..5_000)
        .map(|n| format!("$a{n} = $a{}\n", n + 1))
        .collect();
    let calls: String = (0..2_000)
        .map(|n| {
            format!(
                "f{n} $x\nfunction f{n}($x) {{ f{} $x; Connect-MgGraph -Scopes $x }}\n",
                n + 1
            )
        })
        .collect();
    for text in [
        format!("Connect-MgGraph -Scopes {}", "(".repeat(50_000)),
        format!("Connect-MgGraph -Scopes {}", "$(".repeat(20_000)),
        ".Where({ Connect-MgGraph -Scopes $_ })".to_owned(),
        format!("{names}Connect-MgGraph -Scopes $a0"),
        calls,
        "$a = $a + $a\nConnect-MgGraph -Scopes $a\n".repeat(2_000),
        format!("Connect-MgGraph -Scopes {}", "'User.Read',".repeat(20_000)),
        "$g.AppRoles | ? Value -eq 'User.Read' # appRoleAssignment 00000003-0000-0000-c000-000000000000\n".repeat(3_000),
    ] {
        for name in ["a.ps1", "a.sh"] {
            let _ = parse(&script(name, &text));
        }
    }
}
