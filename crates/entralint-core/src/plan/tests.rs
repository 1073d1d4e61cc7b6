//! Whose calls are which.

use std::collections::BTreeSet;

use camino::Utf8Path;
use msgraph_permissions::Catalog;
use source_text::{FileId, Source};

use super::*;
use crate::calls::Owner;
use crate::testing;

fn app(path: &str, name: &str) -> AppId {
    AppId {
        path: Utf8Path::new(path).into(),
        index: 0,
        name: Some(name.to_owned()),
        app_id: None,
        address: None,
        documented: false,
        signs_in: false,
    }
}

fn evidence(path: &str, call: &str) -> FileEvidence {
    FileEvidence {
        path: path.into(),
        calls: testing::named(&[call]),
        unresolved: Vec::new(),
        recording_of: None,
        partly: false,
        recorded: None,
        mentions: BTreeSet::new(),
        in_own_session: false,
        properties: BTreeSet::new(),
    }
}

fn project(files: &[&str]) -> Project {
    let mut project = Project::default();
    for file in files {
        project.add(Utf8Path::new(file));
    }
    project
}

/// The path of the app that a file's calls belong to, or `shared`.
fn owner(apps: &[AppId], marks: &[&str], file: &str) -> String {
    let files = [evidence(file, "GET /users")];
    let joined = join(apps, &files, &project(marks), &Config::default(), true);
    match joined.own.keys().next() {
        Some(app) => app.path.to_string(),
        None => {
            assert_eq!(joined.shared.calls.len(), 1);
            "shared".to_owned()
        }
    }
}

#[test]
fn calls_belong_to_the_nearest_declaration_upwards() {
    let apps = [app("a/app.json", "A"), app("b/app.json", "B")];
    assert_eq!(owner(&apps, &[], "a/src/deep/x.ts"), "a/app.json");
    assert_eq!(owner(&apps, &[], "b/x.ts"), "b/app.json");
    assert_eq!(owner(&apps, &[], "lib/x.ts"), "shared");
}

#[test]
fn a_project_root_ends_the_search_upwards() {
    let apps = [app("app.json", "Root"), app("a/manifest/app.json", "A")];
    let marks = ["a/package.json", "b/package.json"];
    // Within the project there is one app, though not upwards of the file.
    assert_eq!(owner(&apps, &marks, "a/src/x.ts"), "a/manifest/app.json");
    // A project without a declaration: it is not clear which of the two apps it is.
    assert_eq!(owner(&apps, &marks, "b/src/x.ts"), "shared");
    assert_eq!(owner(&apps[..1], &marks, "b/src/x.ts"), "app.json");
}

fn session(path: &str) -> AppId {
    AppId {
        signs_in: true,
        ..app(path, "session")
    }
}

/// Who owns the calls of the first file; the further ones are read too.
fn owner_among(apps: &[AppId], marks: &[&str], files: &[FileEvidence]) -> String {
    let joined = join(apps, files, &project(marks), &Config::default(), true);
    let path = &files[0].path;
    // A session's calls are made as the user who signs in.
    let of = |calls: &[DeclaredCall]| {
        let first = &files[0].calls[0].call;
        calls
            .iter()
            .any(|call| (call.call.method, &call.call.path) == (first.method, &first.path))
    };
    let is_of = |evidence: &EvidenceOf| of(&evidence.calls);
    match joined.own.iter().find(|(_, evidence)| is_of(evidence)) {
        Some((app, _)) => app.path.to_string(),
        None if joined.own.values().any(|evidence| of(&evidence.perhaps)) => "perhaps".to_owned(),
        None if is_of(&joined.shared) => "shared".to_owned(),
        None if is_of(&joined.of_no_app) => "none".to_owned(),
        None => panic!("the calls of {path} are lost"),
    }
}

fn mentioning(path: &str, call: &str, names: &[&str]) -> FileEvidence {
    FileEvidence {
        mentions: names.iter().map(|name| (*name).to_owned()).collect(),
        ..evidence(path, call)
    }
}

#[test]
fn scripts_of_one_folder_are_programs_of_their_own() {
    let apps = [session("samples/add.ps1")];
    let other = evidence("samples/rename.ps1", "PATCH /devices/{id}");
    assert_eq!(owner_among(&apps, &[], &[other]), "none");
    let code = evidence("samples/app.ts", "GET /users");
    assert_eq!(owner_among(&apps, &[], &[code]), "none");
}

#[test]
fn scripts_that_run_each_other_are_one_program() {
    let apps = [session("main.ps1"), session("other.ps1")];
    let library = evidence("lib/common.ps1", "GET /users");
    let main = mentioning("main.ps1", "GET /groups", &["common.ps1"]);
    assert_eq!(
        owner_among(&apps, &[], &[library.clone(), main.clone()]),
        "main.ps1"
    );
    let work = mentioning("work.ps1", "GET /users", &["main.ps1"]);
    assert_eq!(owner_among(&apps, &[], &[work]), "main.ps1");
    let also = mentioning("other.ps1", "GET /groups", &["common.ps1"]);
    assert_eq!(owner_among(&apps, &[], &[library, main, also]), "shared");
}

#[test]
fn a_script_runs_others_by_way_of_a_third() {
    let apps = [session("main.ps1")];
    let library = evidence("lib/common.ps1", "GET /users");
    let main = mentioning("main.ps1", "GET /groups", &["load.ps1"]);
    let load = mentioning("load.ps1", "GET /devices", &["common.ps1"]);
    assert_eq!(owner_among(&apps, &[], &[library, main, load]), "main.ps1");
}

#[test]
fn a_script_that_loads_what_it_finds_may_run_any_below_it() {
    let apps = [session("tool/main.ps1")];
    let library = evidence("tool/lib/common.ps1", "GET /users");
    let main = mentioning("tool/main.ps1", "GET /groups", &["*"]);
    assert_eq!(owner_among(&apps, &[], &[library, main.clone()]), "perhaps");
    let other = evidence("samples/other.ps1", "GET /users");
    assert_eq!(owner_among(&apps, &[], &[other, main]), "none");
}

#[test]
fn names_that_are_put_together_stand_for_any() {
    let loads = |text: &str| mentions(text).contains("*");
    assert!(loads(
        "Get-ChildItem lib/*.x | ForEach-Object { . $_.FullName }"
    ));
    assert!(loads("  . (Join-Path $PSScriptRoot $name)") || loads("  . $name"));
    assert!(loads("Import-Module $modulePath"));
    assert!(loads("source \"$LIB\""));
    // A report that is opened is no script.
    assert!(!loads("$report = Get-SaveFile\n& $report"));
    assert!(!loads(". \"$PSScriptRoot/lib.ps1\""));
    assert!(!loads("$x = 1; Write-Host $x"));
    let found: Vec<String> = mentions("Import-Module ./Modules/Graph")
        .into_iter()
        .collect();
    assert_eq!(found, ["graph.psm1"]);
}

#[test]
fn the_files_of_a_module_may_run_in_the_session_of_one_of_them() {
    let apps = [session("src/Auth.psm1")];
    let file = evidence("src/public/Get-Thing.ps1", "GET /users");
    assert_eq!(owner_among(&apps, &["src/Thing.psd1"], &[file]), "perhaps");
    // Code of an app that is registered for the module is the app's.
    let apps = [app("src/app.json", "Thing")];
    let file = evidence("src/public/Get-Thing.ps1", "GET /users");
    assert_eq!(
        owner_among(&apps, &["src/Thing.psd1"], &[file]),
        "src/app.json"
    );
}

#[test]
fn a_function_that_grants_is_not_its_modules_app() {
    let apps = [app("src/Add-Grant.ps1", "granted")];
    let file = evidence("src/Get-Thing.ps1", "GET /users");
    assert_eq!(owner_among(&apps, &["src/Thing.psd1"], &[file]), "none");
}

#[test]
fn a_script_that_grants_is_its_operators() {
    let apps = [app("playbook/azuredeploy.json", "Playbook")];
    let mut grant = evidence("playbook/grant.ps1", "GET /servicePrincipals");
    grant.calls.extend(testing::named(&[
        "POST /servicePrincipals/{id}/appRoleAssignments",
    ]));
    assert_eq!(owner_among(&apps, &[], &[grant.clone()]), "none");
    for call in &mut grant.calls {
        call.call.scheme = Some(msgraph_permissions::Scheme::Application);
    }
    assert_eq!(
        owner_among(&apps, &[], &[grant]),
        "playbook/azuredeploy.json"
    );
}

#[test]
fn a_script_without_a_sign_in_may_run_as_the_app_or_not() {
    let apps = [app("app.json", "Root")];
    let file = evidence("scripts/report.ps1", "GET /users");
    assert_eq!(owner_among(&apps, &[], &[file]), "perhaps");
}

#[test]
fn a_script_that_signs_in_as_an_app_may_do_so_as_another_than_one_elsewhere() {
    let mut upload = evidence("policies/upload.ps1", "PUT /trustFramework/policies/{id}");
    upload.calls[0].call.scheme = Some(msgraph_permissions::Scheme::Application);
    let own = |path: &str| owner_among(&[app(path, "Worker")], &[], &[upload.clone()]);
    assert_eq!(own("tenant/main.tf"), "perhaps");
    assert_eq!(own("policies/app.json"), "policies/app.json");
    assert_eq!(own("app.json"), "app.json");
}

#[test]
fn a_program_that_registers_an_app_is_not_the_app() {
    let file = || evidence("infra/update.py", "POST /applications");
    let registered = [app("infra/init.py", "Web")];
    assert_eq!(owner_among(&registered, &[], &[file()]), "perhaps");
    let signing = [session("infra/init.py")];
    assert_eq!(owner_among(&signing, &[], &[file()]), "infra/init.py");
}

#[test]
fn a_script_of_a_retired_module_is_no_apps() {
    let apps = [app("app.json", "Daemon")];
    let mut clean = evidence("scripts/clean.ps1", "GET /organization");
    clean.in_own_session = true;
    assert_eq!(owner_among(&apps, &[], &[clean]), "none");
}

#[test]
fn names_of_scripts_are_found_in_their_text() {
    let text = ". \"$PSScriptRoot\\lib\\Common.ps1\"\nImport-Module ./Graph.psm1\nsource ./env.sh # x.ps1x";
    let found: Vec<String> = mentions(text).into_iter().collect();
    assert_eq!(found, ["common.ps1", "env.sh", "graph.psm1"]);
}

#[test]
fn a_script_that_requests_and_calls_is_its_own_app() {
    let apps = [app("app.json", "Root"), app("scripts/revoke.ps1", "Script")];
    assert_eq!(
        owner(&apps, &[], "scripts/revoke.ps1"),
        "scripts/revoke.ps1"
    );
}

#[test]
fn several_apps_of_one_folder_share_its_calls() {
    let apps = [app("a.json", "A"), app("b.json", "B")];
    assert_eq!(owner(&apps, &[], "src/x.ts"), "shared");
}

#[test]
fn prose_does_not_make_an_owner_unclear() {
    let readme = AppId {
        documented: true,
        ..app("README.md", "")
    };
    let apps = [app("app.json", "A"), readme.clone()];
    let files = [evidence("src/x.ts", "GET /users")];
    let joined = join(&apps, &files, &project(&[]), &Config::default(), true);
    assert!(joined.own.contains_key(&apps[0]) && joined.own.contains_key(&readme));
    assert!(joined.shared.calls.is_empty());
}

fn config(text: &str) -> (Config, Source) {
    let source = Source::decode(FileId::new(0), "entralint.toml", text.as_bytes().to_vec())
        .expect("the text is UTF-8");
    (Config::parse(&source).expect("it is right"), source)
}

fn planned(config: &Config, top: &[&str]) -> Plan<'static> {
    // The configuration outlives the test.
    let config: &'static Config = Box::leak(Box::new(config.clone()));
    let sections = config.apps.iter().map(|app| app.calls.clone()).collect();
    Plan::new(
        Catalog::embedded(),
        config,
        LookupOptions::default(),
        testing::named(top),
        TopLevel::Config,
        sections,
    )
}

#[test]
fn calls_of_the_top_level_are_the_apps_own_only_if_there_is_one() {
    let plan = planned(&Config::default(), &["GET /users"]);
    assert_eq!(plan.calls_for(&app("a.json", "A")).owner, Owner::Shared);
    let plan = plan.for_apps(&[app("a.json", "A")]);
    assert_eq!(plan.calls_for(&app("a.json", "A")).owner, Owner::App);
}

#[test]
fn a_section_claims_its_apps() {
    let (config, source) = config(
        "[[app]]\nmanifests = ['a/*.json']\ncalls = ['GET /users']\n[[app]]\nname = 'B'\ncalls = ['GET /groups']\n",
    );
    let plan = planned(&config, &[]);
    let call = |app: &AppId| {
        let set = plan.calls_for(app);
        set.calls.iter().map(|c| c.operation()).collect::<Vec<_>>()
    };
    let (a, b) = (app("a/x.json", "A"), app("z/y.json", "b"));
    assert_eq!(call(&a), ["GET /users"]);
    assert_eq!(call(&b), ["GET /groups"]);
    assert!(call(&app("z/y.json", "C")).is_empty());
    let apps = [a.clone(), b];
    assert!(plan.check_sections(&[&source], &apps, &[], true).is_empty());
    // An app of two sections, and a section without one.
    let both = [app("a/x.json", "B")];
    let findings = plan.check_sections(&[&source], &both, &[], false);
    insta::assert_snapshot!(findings[0].message, @"two sections select the app B: narrow `manifests`, or add `name` or `address`");
    let findings = plan.check_sections(&[&source], &[a], &[], true);
    insta::assert_snapshot!(findings[0].message, @"no app matches this section: `entralint list` shows the names and addresses of apps");
}

#[test]
fn a_glob_that_matches_nothing_is_an_error_at_its_place() {
    let (config, source) = config("[[app]]\nmanifests = ['app/*.json']\nsources = ['src']\n");
    let plan = planned(&config, &[]);
    let findings = plan.check_sections(&[&source], &[], &[Utf8Path::new("x.ts").into()], true);
    let lines: Vec<usize> = findings
        .iter()
        .filter_map(|finding| Some(finding.place.as_ref()?.at.start.line))
        .collect();
    assert_eq!(lines, [2, 3]);
    // Of a run over a part of the repository nothing follows.
    assert!(plan.check_sections(&[&source], &[], &[], false).is_empty());
}
