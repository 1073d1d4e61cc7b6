//! Scripts: what each fixture declares, and that a literal of a script is swapped in its own notation.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fmt::Write as _;

use common::{amend, fixtures, manifest, parse, revoke};
use entra_manifest::{
    Change, Encoding, FileId, PermissionRef, PermissionText, PermissionType, Read, Source, Unit,
    Want, Wanted, read,
};
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

/// Which permission it is, wherever it stands.
fn what(permission: &PermissionRef) -> String {
    match permission {
        PermissionRef::Id { uuid, .. } => uuid.to_string(),
        PermissionRef::Name { name, .. } => name.clone(),
        PermissionRef::Unresolved { text, .. } => text.clone(),
    }
}

/// Reads, replaces one permission and reads again: nothing else may have changed, in the text or in what is declared.
fn swap_keeps_the_rest(source: &Source, app: usize, index: usize) -> bool {
    let before = manifest(source);
    let requested = &before.apps[app].requested[index];
    let literal = requested.permission.span().range();
    let ty = requested.permission_type.known();
    let change = Change::Replace {
        app,
        requested: index,
        with: revoke(ty.unwrap_or(PermissionType::Delegated)),
        permission_type: None,
    };
    let Ok(amended) = amend(source, &before, std::slice::from_ref(&change)) else {
        return false;
    };
    let new = amended.source(source);
    let (old_text, new_text) = (source.text(), new.text());
    // A label in a comment goes with the literal; everything before both is as it was.
    let first = amended
        .edits_of(source.id())
        .iter()
        .map(|edit| edit.span.range().start)
        .min();
    let first = first.unwrap_or(literal.start).min(literal.start);
    assert_eq!(old_text[..first], new_text[..first]);
    let after = manifest(new);
    assert_eq!(before.apps.len(), after.apps.len());
    for (number, (old, new)) in before.apps.iter().zip(&after.apps).enumerate() {
        assert_eq!(old.requested.len(), new.requested.len());
        for (place, (old, new)) in old.requested.iter().zip(&new.requested).enumerate() {
            assert_eq!(old.means, new.means);
            assert_eq!(old.permission_type.known(), new.permission_type.known());
            let same = what(&old.permission) == what(&new.permission);
            let is_target = (number, place) == (app, index);
            assert!(same || is_target, "{old_text}=>\n{new_text}");
        }
    }
    // Twice is once.
    let again = amend(new, &after, &[change]).map(|again| again.source(new).text().to_owned());
    assert_eq!(again.as_deref().unwrap_or(new_text), new_text);
    true
}

#[test]
fn a_fix_changes_one_permission_and_nothing_else() {
    let mut fixed = 0;
    for (name, bytes) in fixtures("scripts") {
        let source = Source::decode(FileId::default(), name.as_str(), bytes).unwrap();
        let Read::Manifest(manifest) = parse(&source) else {
            continue;
        };
        for (app, content) in manifest.apps.iter().enumerate() {
            for index in 0..content.requested.len() {
                fixed += usize::from(swap_keeps_the_rest(&source, app, index));
            }
        }
    }
    assert!(fixed > 100, "{fixed} places could be fixed");
}

#[test]
fn a_literal_that_serves_two_apps_is_not_fixed() {
    let text = "\
$names = @('User.ReadWrite.All')
Connect-MgGraph -Scopes $names
$graph = Get-MgServicePrincipal -Filter \"appId eq '00000003-0000-0000-c000-000000000000'\"
$role = $graph.AppRoles | Where-Object Value -in $names
New-MgServicePrincipalAppRoleAssignment -ResourceId $graph.Id -AppRoleId $role.Id
";
    insta::assert_snapshot!(narrowed("a.ps1", text), @"refused: this text is also used by the app at a.ps1:1");
}

proptest! {
    #[test]
    fn a_fix_of_any_sign_in_changes_one_permission(
        names in prop::collection::vec(prop::sample::select(vec!["User.ReadWrite.All", "Mail.Read", "Group.Read.All"]), 1..4),
        quote in prop::sample::select(vec!["'", "\""]),
        separator in prop::sample::select(vec![",", ", ", ",\r\n    "]),
        form in 0_usize..4,
    ) {
        let list = names.iter().map(|name| format!("{quote}{name}{quote}")).collect::<Vec<_>>().join(separator);
        let text = match form {
            0 => format!("Connect-MgGraph -Scopes {list}\r\n"),
            1 => format!("$s = @({list}) # why\nConnect-MgGraph -Scopes $s\n"),
            2 => format!("$p = @{{ Scopes = {list} }}\nConnect-MgGraph @p\n"),
            _ => format!("Connect-MgGraph -Scopes {quote}{}{quote}\n", names.join(" ")),
        };
        let source = script("a.ps1", &text);
        for index in 0..names.len() {
            prop_assert!(swap_keeps_the_rest(&source, 0, index), "{}", text);
        }
    }

    #[test]
    fn any_script_is_read(text in "[ -~\\n\\PC]{0,300}") {
        let text = format!("Connect-MgGraph -Scopes {text}");
        for name in ["a.ps1", "a.sh", "a.ts", "a.yml", "a.env", "Dockerfile"] {
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
        for name in ["a.ps1", "a.sh", "a.ts", "a.yml", "a.env", "Dockerfile"] {
            let _ = parse(&script(name, &text));
        }
    }
}

/// Reads a script with the files that it wants, of which these are there.
fn with_files(name: &str, text: &str, files: &[(&str, &str)]) -> String {
    let source = script(name, text);
    let mut wanted: Vec<Wanted> = Vec::new();
    let mut rounds = 0;
    let manifest = loop {
        rounds += 1;
        assert!(rounds < 4, "it wants the same again and again");
        match read(Unit::file(&source).with(&wanted)) {
            Read::Manifest(manifest) => break manifest,
            Read::Wants(wants) => {
                for want in wants {
                    let Want::File(path) = &want else {
                        panic!("a script is a file");
                    };
                    let there = files
                        .iter()
                        .enumerate()
                        .filter(|(_, (name, _))| path == name)
                        .map(|(index, (name, text))| {
                            let id = FileId::new(u32::try_from(index).unwrap() + 1);
                            Source::new(id, *name, (*text).to_owned(), Encoding::Utf8)
                        })
                        .collect();
                    wanted.push(Wanted { want, files: there });
                }
            }
            other => panic!("{other:?}"),
        }
    };
    let mut out = String::new();
    for requested in manifest.apps.iter().flat_map(|app| &app.requested) {
        let span = requested.permission.span();
        let file = span.file.index();
        let reason = match &requested.permission {
            PermissionRef::Unresolved { reason, .. } => format!(": the permission {reason}"),
            _ => String::new(),
        };
        let _ = writeln!(
            out,
            "{} in file {file}{reason}",
            what(&requested.permission)
        );
    }
    out
}

#[test]
fn scripts_that_a_script_runs_are_followed() {
    let text = "\
. \"$PSScriptRoot\\lib\\names.ps1\"
Import-Module (Join-Path $PSScriptRoot '../shared/scopes.psm1')
Connect-MgGraph -Scopes $wanted
Connect-MgGraph -Scopes (Get-Wanted)
Connect-MgGraph -Scopes $missing
";
    let files = [
        (
            "tools/lib/names.ps1",
            "$wanted = 'User.Read.All', 'Mail.Read'\n",
        ),
        (
            "shared/scopes.psm1",
            "function Get-Wanted { return @('Group.Read.All') }\n",
        ),
    ];
    let powershell = with_files("tools/run.ps1", text, &files);
    let shell = with_files(
        "deploy/grant.sh",
        "source \"$(dirname \"$0\")/env.sh\"\naz ad app permission grant --id x --api 00000003-0000-0000-c000-000000000000 --scope \"$SCOPES\"\n",
        &[("deploy/env.sh", "SCOPES=\"User.Read Calendars.Read\"\n")],
    );
    insta::assert_snapshot!(format!("{powershell}{shell}"));
}

/// The API of a grant whose variable comes from the registration that the script creates is not Microsoft Graph, whatever
/// address the command has.
#[test]
fn a_grant_for_an_own_app_is_not_microsoft_graphs() {
    let script = |api: &str| {
        format!(
            "graph=https://graph.microsoft.com\n\
             graphSp=$(az ad sp show --id 00000003-0000-0000-c000-000000000000 --query id)\n\
             appId=$(az rest --method POST --uri \"$graph/v1.0/applications\" --body @app.json --query appId)\n\
             az ad app permission grant --id x --api \"{api}\" --scope \"User.Read\"\n"
        )
    };
    let declares = |api: &str| {
        let text = script(api).into_bytes();
        show(&Source::decode(FileId::default(), "grant.sh", text).unwrap())
    };
    assert_eq!(declares("$appId"), "declares nothing\n");
    assert!(declares("$graphSp").contains("User.Read"));
}
