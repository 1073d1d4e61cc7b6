//! The law of a workspace: after any edits its report is the one that a fresh check gives.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use camino::{Utf8Path, Utf8PathBuf};
use entralint_core::report::{Report, json};
use entralint_project::calls::CallOptions;
use entralint_project::catalog::CatalogOptions;
use entralint_project::workspace::Reach;
use entralint_project::{CheckOptions, Files, Project, Workspace};
use jiff::civil::date;
use proptest::prelude::*;

/// Files that an edit can be about, each with the texts that it may have.
const FILES: &[(&str, &[&str])] = &[
    (
        "app.json",
        &[
            r#"{"displayName":"desk","requiredResourceAccess":[{"resourceAppId":"00000003-0000-0000-c000-000000000000","resourceAccess":[{"id":"741f803b-c850-494e-b5df-cde7c675a1ca","type":"Role"},{"id":"df021288-bdef-4463-88db-98f22de89214","type":"Role"}]}]}"#,
            r#"{"displayName":"desk","requiredResourceAccess":[{"resourceAppId":"00000003-0000-0000-c000-000000000000","resourceAccess":[{"id":"77f3a031-c388-4f99-b373-dc68676a979e","type":"Role"}]}]}"#,
            r#"{"displayName":"desk","requiredResourceAccess":[{"resourceAppId":"#,
            "{}",
        ],
    ),
    (
        "second/app.json",
        &[
            r#"{"displayName":"mail","requiredResourceAccess":[{"resourceAppId":"00000003-0000-0000-c000-000000000000","resourceAccess":[{"id":"e2a3a72e-5f79-4c64-b1b1-878b674786c9","type":"Role"}]}]}"#,
        ],
    ),
    (
        "src/client.py",
        &[
            "import requests\nBASE = 'https://graph.microsoft.com/v1.0'\ndef revoke(user):\n    return requests.post(f'{BASE}/users/{user}/revokeSignInSessions')\n",
            "import requests\nBASE = 'https://graph.microsoft.com/v1.0'\n\n\ndef users():\n    return requests.get(BASE + '/users')\n",
            "import requests\nBASE = 'https://graph.microsoft.com/v1.0'\ndef get(path):\n    return requests.get(BASE + path)\n",
            "print('nothing')\n",
        ],
    ),
    (
        "src/uses.py",
        &[
            "from client import get\n# https://graph.microsoft.com\nget('/groups')\n",
            "from client import get\n# https://graph.microsoft.com\n\nget('/users')\n",
        ],
    ),
    ("src/package.json", &["{}"]),
    (
        "second/mail.ps1",
        &[
            "Invoke-MgGraphRequest -Method GET -Uri 'https://graph.microsoft.com/v1.0/users'\n",
            "Connect-MgGraph -Scopes 'User.ReadWrite.All'\nGet-MgUser -All\n",
        ],
    ),
    (
        "infra/main.tf",
        &[
            "module \"api\" {\n  source = \"./api\"\n  role = \"User.ReadWrite.All\"\n}\n",
            "resource \"azuread_application\" \"desk\" {\n  display_name = \"desk\"\n  required_resource_access {\n    resource_app_id = \"00000003-0000-0000-c000-000000000000\"\n    resource_access {\n      id = local.role\n      type = \"Role\"\n    }\n  }\n}\n",
        ],
    ),
    (
        "infra/locals.tf",
        &[
            "locals {\n  role = \"741f803b-c850-494e-b5df-cde7c675a1ca\"\n}\n",
            "locals {\n  role = \"df021288-bdef-4463-88db-98f22de89214\"\n}\n",
        ],
    ),
    (
        "infra/api/main.tf",
        &[
            "variable \"role\" {}\nresource \"azuread_application\" \"api\" {\n  display_name = \"api\"\n  required_resource_access {\n    resource_app_id = \"00000003-0000-0000-c000-000000000000\"\n    resource_access {\n      id = \"df021288-bdef-4463-88db-98f22de89214\" # User.Read.All\n      type = \"Role\"\n    }\n  }\n}\n",
        ],
    ),
];

const CONFIGS: &[Option<&str>] = &[
    None,
    Some(
        "[[allow]]\nrule = \"broader-permission\"\nreason = \"known\"\n\n[[allow]]\npermission = \"Mail.Send\"\nreason = \"old\"\nexpires = \"2020-01-01\"\n",
    ),
    Some("calls = [\"POST /users/{id}/revokeSignInSessions\"]\n"),
    Some(
        "[[app]]\nname = \"desk\"\nmanifests = [\"app.json\"]\nsources = [\"src/**\"]\n\n[rules]\nbroader-permission = \"note\"\n",
    ),
];

/// Configurations of the folder `second`.
const NESTED: &[Option<&str>] = &[
    None,
    Some("calls = [\"GET /me/messages\"]\n\n[rules]\nunused-permission = \"error\"\n"),
    Some("scan = false\n\n[[allow]]\npermission = \"Mail.ReadWrite\"\nreason = \"known\"\n"),
];

#[derive(Clone, Debug)]
enum Edit {
    Write(usize, usize),
    Buffer(usize, usize),
    Close(usize),
    Delete(usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    let file = 0..FILES.len();
    prop_oneof![
        (file.clone(), 0..4_usize).prop_map(|(file, text)| Edit::Write(file, text)),
        (file.clone(), 0..4_usize).prop_map(|(file, text)| Edit::Buffer(file, text)),
        file.clone().prop_map(Edit::Close),
        file.prop_map(Edit::Delete),
    ]
}

fn text(file: usize, text: usize) -> &'static str {
    let texts = FILES[file].1;
    texts[text % texts.len()]
}

fn options() -> CheckOptions {
    CheckOptions {
        paths: vec![".".into()],
        calls: CallOptions::default(),
        limit: 1024 * 1024,
        scan: true,
        include_tests: false,
        keep_apps: false,
        keep_said: false,
        today: date(2026, 11, 24),
    }
}

fn open(files: &Files, folder: &Utf8Path) -> Project {
    match Project::open_with(
        files.clone(),
        folder,
        &CatalogOptions::default(),
        &[".".into()],
    ) {
        Ok(project) => project,
        Err(failure) => panic!("{}", String::from(failure)),
    }
}

fn fresh(files: &Files, folder: &Utf8Path) -> String {
    let project = open(files, folder);
    match project.check(&options()) {
        Ok(mut run) => {
            run.finish(None);
            shown(&run.report)
        }
        Err(failure) => String::from(failure),
    }
}

fn shown(report: &Report) -> String {
    let mut errors = report.errors.clone();
    errors.sort();
    let document = json::render(report).expect("a report is JSON");
    format!("{document}\n{errors:?}\n{:?}", report.skipped)
}

/// The lines in which two texts differ.
fn difference(updated: &str, fresh: &str) -> String {
    similar::TextDiff::from_lines(updated, fresh)
        .unified_diff()
        .context_radius(2)
        .header("updated", "fresh")
        .to_string()
}

/// Makes an edit; gives whether files came or went.
fn apply(edit: &Edit, files: &Files, folder: &Utf8Path) -> (Utf8PathBuf, bool) {
    let (Edit::Write(at, _) | Edit::Buffer(at, _) | Edit::Close(at) | Edit::Delete(at)) = *edit;
    let name = Utf8Path::new(FILES[at].0);
    let path = folder.join(name);
    let before = files.is_file(&path);
    match *edit {
        Edit::Write(_, version) => {
            let parent = path.parent().expect("a file lies in a folder");
            std::fs::create_dir_all(parent).expect("folders can be made");
            std::fs::write(&path, text(at, version)).expect("files can be written");
        }
        Edit::Buffer(_, version) => files.set_buffer(path.clone(), text(at, version)),
        Edit::Close(_) => files.drop_buffer(&path),
        Edit::Delete(_) => {
            let _ = std::fs::remove_file(&path);
        }
    }
    (
        name.to_owned(),
        before != files.is_file(&path) || !path.is_file(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn an_update_equals_a_fresh_check(
        first in proptest::collection::vec(edit(), 4..12),
        edits in proptest::collection::vec(edit(), 1..8),
        config in 0..CONFIGS.len(),
        nested in 0..NESTED.len(),
    ) {
        let temporary = tempfile::tempdir().expect("a folder can be made");
        let folder = Utf8Path::from_path(temporary.path()).expect("its path is UTF-8");
        if let Some(text) = CONFIGS[config] {
            std::fs::write(folder.join("entralint.toml"), text).expect("files can be written");
        }
        if let Some(text) = NESTED[nested] {
            std::fs::create_dir_all(folder.join("second")).expect("folders can be made");
            std::fs::write(folder.join("second/entralint.toml"), text).expect("files can be written");
        }
        let files = Files::disk();
        for edit in &first {
            apply(edit, &files, folder);
        }
        let project = open(&files, folder);
        let go_on = |_, _| ControlFlow::Continue(());
        let Ok(mut workspace) = Workspace::open(&project, &options(), Reach::Paths, None, &go_on) else {
            panic!("the workspace opens");
        };
        for edit in &edits {
            let (name, listed) = apply(edit, &files, folder);
            workspace.update(&BTreeSet::from([name]), listed);
            let updated = match workspace.report() {
                Ok(report) => shown(&report),
                Err(failure) => String::from(failure),
            };
            let fresh = fresh(&files, folder);
            prop_assert!(updated == fresh, "after {:?}:\n{}", edit, difference(&updated, &fresh));
        }
    }
}

#[test]
fn a_workspace_can_be_stopped() {
    let temporary = tempfile::tempdir().expect("a folder can be made");
    let folder = Utf8Path::from_path(temporary.path()).expect("its path is UTF-8");
    std::fs::write(folder.join("app.json"), text(0, 0)).expect("files can be written");
    let project = open(&Files::disk(), folder);
    let stop = |_, _| ControlFlow::Break(());
    assert!(Workspace::open(&project, &options(), Reach::Paths, None, &stop).is_err());
}
