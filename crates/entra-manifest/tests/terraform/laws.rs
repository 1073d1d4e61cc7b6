//! Laws: reading never panics or hangs, names of locals mean nothing, and an edit declares what was intended.

use entra_manifest::{Change, PermissionRef, PermissionText, PermissionType, Read, amend};
use proptest::prelude::*;
use uuid::Uuid;

use crate::outline;
use crate::reading::fixtures;
use crate::repository::{Opened, Repository};

/// Pieces that configurations are made of, in no order.
const PIECES: &[&str] = &[
    "resource \"azuread_application\" \"a\" {\n",
    "}\n",
    "required_resource_access {\n",
    "resource_access {\n",
    "dynamic \"resource_access\" {\n",
    "content {\n",
    "for_each = ",
    "id = ",
    "type = \"Role\"\n",
    "locals {\n",
    "x = ",
    "local.x",
    "var.x",
    "each.value",
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    "\"",
    "${",
    "%{if ",
    "%{for ",
    "<<EOT\n",
    "EOT\n",
    "# ",
    "/*",
    "for a in ",
    " : ",
    " => ",
    " if ",
    "...",
    ".*.",
    "[*]",
    "concat(",
    "flatten(",
    "toset(",
    "jsondecode(file(",
    "00000003-0000-0000-c000-000000000000",
    "\n",
    ",",
    "? ",
    "-",
    "!",
    "1e999",
    "é",
    "\u{1F600}",
    "\0",
    "module \"m\" {\n",
    "source = \"./\"\n",
    "source = \"../\"\n",
    "count = ",
];

fn read(files: &[(&str, &str)]) -> Opened {
    Repository::new(files).open("".into())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_pieces_are_read_without_panic(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        let text = pieces.concat();
        read(&[("main.tf", &text), ("main.tf.json", &text), ("terraform.tfvars", &text)]);
        read(&[("main.tf", &format!("resource \"azuread_application\" \"a\" {{\n{text}\n}}\n")), ("x.yaml", &text)]);
    }

    #[test]
    fn a_fixture_that_is_damaged_is_read_without_panic(
        which in 0_usize..1000,
        from in 0.0_f64..1.0,
        length in 0_usize..40,
        put in prop::sample::select(PIECES),
    ) {
        let all = fixtures();
        let mut repository = Repository::on_disk(&all[which % all.len()].1);
        let names: Vec<_> = repository.files.keys().cloned().collect();
        let bytes = repository.files.get_mut(&names[which % names.len()]).unwrap();
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a small file")]
        let start = (from * bytes.len() as f64) as usize;
        let end = (start + length).min(bytes.len());
        bytes.splice(start..end, put.bytes());
        if String::from_utf8(bytes.clone()).is_ok() {
            for folder in repository.folders() {
                repository.open(&folder);
            }
        }
    }
}

/// A configuration whose requests go through a chain of locals.
fn chain(names: &[String], roles: &[String], form: u8) -> String {
    let list = roles
        .iter()
        .map(|role| format!("\"{role}\""))
        .collect::<Vec<_>>()
        .join(", ");
    let mut text = String::from(
        "data \"azuread_service_principal\" \"graph\" {\n  client_id = \"00000003-0000-0000-c000-000000000000\"\n}\n\nlocals {\n",
    );
    let last = names.len() - 1;
    for (at, name) in names.iter().enumerate() {
        let value = if at == last {
            format!("[{list}]")
        } else {
            let next = &names[at + 1];
            match (form as usize + at) % 4 {
                0 => format!("concat(local.{next}, [])"),
                1 => format!("[for x in local.{next} : x]"),
                2 => format!("tolist(local.{next})"),
                _ => format!("local.{next}"),
            }
        };
        text.push_str(&format!("  {name} = {value}\n"));
    }
    text.push_str(&format!(
        "}}\n\nresource \"azuread_application\" \"worker\" {{\n  display_name = \"Worker\"\n  required_resource_access {{\n    resource_app_id = data.azuread_service_principal.graph.client_id\n    dynamic \"resource_access\" {{\n      for_each = local.{}\n      content {{\n        id   = data.azuread_service_principal.graph.app_role_ids[resource_access.value]\n        type = \"Role\"\n      }}\n    }}\n  }}\n}}\n",
        names[0]
    ));
    text
}

fn roles() -> impl Strategy<Value = Vec<String>> {
    let words = [
        "User.Read.All",
        "Group.Read.All",
        "Mail.Send",
        "Mail.Read",
        "Sites.Read.All",
        "Files.Read.All",
    ];
    prop::sample::subsequence(words.to_vec(), 1..=6)
        .prop_map(|all| all.into_iter().map(str::to_owned).collect())
}

/// The names requested by the only app, in order.
fn names(opened: &Opened) -> Vec<String> {
    let Read::Manifest(manifest) = &opened.read else {
        panic!("{:?}", opened.read)
    };
    manifest.apps[0]
        .requested
        .iter()
        .map(|requested| match &requested.permission {
            PermissionRef::Name { name, .. } => name.clone(),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn text(name: &str) -> PermissionText {
    PermissionText {
        id: Uuid::from_u128(0x77f3_a031_c388_4f99_b373_dc68_676a_979e),
        name: name.to_owned(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn names_of_locals_mean_nothing(roles in roles(), form: u8, length in 1_usize..6) {
        let names = |prefix: &str| (0..length).map(|at| format!("{prefix}{at}")).collect::<Vec<_>>();
        let one = read(&[("main.tf", &chain(&names("a_"), &roles, form))]);
        let twin = read(&[("main.tf", &chain(&names("zz"), &roles, form))]);
        prop_assert_eq!(outline::unit(&one), outline::unit(&twin));
        prop_assert_eq!(self::names(&one), roles);
    }

    #[test]
    fn an_edit_declares_what_was_intended_and_nothing_else_changes(
        roles in roles(),
        form: u8,
        fates in prop::collection::vec(0_u8..3, 6),
        crlf: bool,
    ) {
        let locals: Vec<String> = (0..3).map(|at| format!("l{at}")).collect();
        let mut before = chain(&locals, &roles, form);
        if crlf {
            before = before.replace('\n', "\r\n");
        }
        let opened = read(&[("main.tf", &before)]);
        let Read::Manifest(manifest) = &opened.read else { panic!("{:?}", opened.read) };
        let mut expected = Vec::new();
        let mut changes = Vec::new();
        for (requested, role) in roles.iter().enumerate() {
            match fates[requested] {
                0 => expected.push(role.clone()),
                1 => changes.push(Change::Remove { app: 0, requested }),
                _ => {
                    let name = format!("Renamed{requested}.Read.All");
                    changes.push(Change::Replace { app: 0, requested, with: text(&name), permission_type: None });
                    expected.push(name);
                }
            }
        }
        let amended = amend(opened.unit(), manifest, &changes).unwrap();
        let after = amended.source(&opened.sources[0]).text();
        let again = read(&[("main.tf", after)]);
        prop_assert_eq!(names(&again), expected);

        // Bytes outside of the edits are the same.
        let mut rebuilt = String::new();
        let mut at = 0;
        for edit in &amended.edits {
            rebuilt.push_str(&before[at..edit.span.range().start]);
            rebuilt.push_str(&edit.new);
            at = edit.span.range().end;
        }
        rebuilt.push_str(&before[at..]);
        prop_assert_eq!(rebuilt.as_str(), after);
        prop_assert_eq!(after.contains("\r\n"), crlf);

        // To do it again is to do nothing.
        let Read::Manifest(manifest) = &again.read else { panic!("{:?}", again.read) };
        let keep: Vec<Change> = manifest.apps[0]
            .requested
            .iter()
            .enumerate()
            .filter_map(|(requested, r)| match (&r.permission, r.permission_type.known()) {
                (PermissionRef::Name { name, .. }, Some(PermissionType::Application)) => {
                    Some(Change::Replace { app: 0, requested, with: text(name), permission_type: None })
                }
                _ => None,
            })
            .collect();
        prop_assert!(amend(again.unit(), manifest, &keep).unwrap().edits.is_empty());
    }
}

#[test]
fn chains_and_cycles_end() {
    let app = |name: &str, value: &str| {
        format!("resource \"azuread_application\" \"{name}\" {{\n  display_name = {value}\n}}\n")
    };
    let chained = |count: usize| -> String {
        (0..count)
            .map(|at| {
                let of = at + 1;
                format!("resource \"azuread_application\" \"r{at}\" {{\n  for_each = azuread_application.r{of}\n  display_name = each.key\n}}\n")
            })
            .collect()
    };
    let locals: String = (0..3_000)
        .map(|at| format!("  a{at} = [local.a{}]\n", at + 1))
        .collect();
    // From the inner to the outer, each step within the bound on depth.
    let used: String = (0..100)
        .rev()
        .map(|at| {
            app(
                &format!("u{at}"),
                &format!("local.a{}[0] == local.a0", at * 30),
            )
        })
        .collect();
    let texts = [
        chained(1_000),
        format!("{}resource \"azuread_application\" \"r50\" {{\n  for_each = azuread_application.r0\n}}\n", chained(50)),
        format!("locals {{\n{locals}  a3000 = [1]\n}}\n{used}"),
        app("self", "azuread_application.self.display_name"),
        "data \"azuread_service_principal\" \"a\" {\n  client_id = data.azuread_service_principal.b.client_id\n}\ndata \"azuread_service_principal\" \"b\" {\n  client_id = data.azuread_service_principal.a.client_id\n}\nresource \"azuread_app_role_assignment\" \"x\" {\n  app_role_id         = data.azuread_service_principal.a.app_role_ids[\"User.Read.All\"]\n  resource_object_id  = data.azuread_service_principal.a.object_id\n  principal_object_id = data.azuread_service_principal.b.object_id\n}\n".to_owned(),
        "module \"self\" {\n  source = \"./\"\n  x = module.self.y\n}\noutput \"y\" {\n  value = var.x\n}\nvariable \"x\" {}\n".to_owned(),
        format!("locals {{\n  x = {}\n}}\n{}", "{ a = [".repeat(40), app("broken", "local.x")),
    ];
    let run = move || {
        for text in texts {
            read(&[("main.tf", &text)]);
        }
        let inner = "module \"b\" {\n  source = \"../b\"\n}\nresource \"azuread_application\" \"a\" {\n  display_name = module.b.name\n}\noutput \"name\" {\n  value = module.b.name\n}\n";
        let files = [
            (
                "main.tf",
                "module \"a\" {\n  source   = \"./a\"\n  for_each = toset([\"x\", \"y\"])\n}\n",
            ),
            ("a/main.tf", inner),
            ("b/main.tf", &inner.replace("../b", "../a")),
        ];
        assert!(matches!(read(&files).read, Read::Manifest(_)));
    };
    // What a thread gets by default.
    std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(run)
        .unwrap()
        .join()
        .unwrap();
}
