//! The html report of 300 apps in a browser. Opt-in, as it needs Chromium or Chrome:
//!
//! ```text
//! cargo test --package e2e --features browser --test page
//! ```
//!
//! With `ENTRALINT_PICTURES=FOLDER` it leaves pictures of the page there, to be looked at.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops there")]

use base64::Engine as _;
use e2e::Folder;
use e2e::browser::Browser;
use serde_json::{Value, json};

/// Application permissions of several levels.
const APPLICATION: [&str; 14] = [
    "19dbc75e-c2e2-444c-a770-ec69d8559fc7", // Directory.ReadWrite.All
    "77f3a031-c388-4f99-b373-dc68676a979e", // User.RevokeSessions.All
    "df021288-bdef-4463-88db-98f22de89214", // User.Read.All
    "741f803b-c850-494e-b5df-cde7c675a1ca", // User.ReadWrite.All
    "b633e1c5-b582-4048-a93e-9f11b44c7e96", // Mail.Send
    "e2a3a72e-5f79-4c64-b1b1-878b674786c9", // Mail.ReadWrite
    "62a82d76-70ea-41e2-9197-370581804d09", // Group.ReadWrite.All
    "a82116e5-55eb-4c41-a434-62fe8a61c773", // Sites.FullControl.All
    "b0afded3-3588-46d8-8b3d-9842eff778da", // AuditLog.Read.All
    "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", // RoleManagement.ReadWrite.Directory
    "75359482-378d-4052-8f01-80520e7db3cd", // Files.ReadWrite.All
    "ef54d2bf-783f-4e0f-bca1-3210c0444d99", // Calendars.ReadWrite
    "7438b122-aefc-4978-80ed-43db9fcc7715", // Device.Read.All
    "230c1aed-a721-4c5d-9cb4-a90514e508ef", // Reports.Read.All
];
/// Calls that need some of them, or less.
const CALLS: [(&str, &str); 9] = [
    ("post", "/users/{id}/revokeSignInSessions"),
    ("post", "/users/{id}/sendMail"),
    ("get", "/users"),
    ("get", "/groups/{id}/members"),
    ("get", "/users/{id}/messages"),
    ("get", "/devices"),
    ("get", "/auditLogs/signIns"),
    ("get", "/users/{id}/calendar/events"),
    ("get", "/users/{id}/drive/root/children"),
];
const TEAMS: [&str; 10] = [
    "Payroll",
    "Helpdesk",
    "Lab",
    "Harbour",
    "Onboarding",
    "Fleet",
    "Clinic",
    "Library",
    "Press",
    "Tax",
];
const PARTS: [&str; 7] = [
    "sync", "portal", "booking", "reports", "mailer", "archive", "gateway",
];

/// A repository of so many apps; every fifth has no calls.
fn repository(apps: usize) -> Folder {
    let folder = Folder::empty();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    for at in 0..apps {
        // A fixed mixture without a pattern that the eye sees: a multiplicative hash.
        let mixed = at.wrapping_mul(2_654_435_761) >> 4;
        let access: Vec<Value> = (0..=mixed % 4)
            .map(|n| {
                let id = APPLICATION[(mixed + n * 5) % APPLICATION.len()];
                json!({ "id": id, "type": "Role" })
            })
            .collect();
        let name = match at {
            3 => "Harbour <b>bold</b> \"day 1\"".to_owned(),
            at => format!(
                "{} {} {at:03}",
                TEAMS[at % TEAMS.len()],
                PARTS[at % PARTS.len()]
            ),
        };
        let manifest = json!({
            "displayName": name,
            "requiredResourceAccess": [{
                "resourceAppId": "00000003-0000-0000-c000-000000000000",
                "resourceAccess": access,
            }],
        });
        let app = format!("apps/{at:03}");
        folder.write(
            &format!("{app}/manifest.json"),
            serde_json::to_string_pretty(&manifest).unwrap(),
        );
        if at % 5 == 4 {
            continue;
        }
        folder.write(
            &format!("{app}/pyproject.toml"),
            "[project]\nname = \"app\"\n",
        );
        let calls: String = (0..=mixed % 3)
            .map(|n| CALLS[(mixed + n * 2) % CALLS.len()])
            .map(|(method, path)| {
                format!("requests.{method}(f\"https://graph.microsoft.com/v1.0{path}\")\n")
            })
            .collect();
        folder.write(
            &format!("{app}/main.py"),
            format!("import requests\n{calls}"),
        );
    }
    folder
}

fn report(apps: usize) -> Folder {
    let folder = repository(apps);
    let output = folder
        .entralint(&["check", "--output", "html=report.html"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    folder
}

/// What the page must never have done: asked for anything but itself, or complained.
fn assert_quiet(browser: &Browser) {
    for (method, parameters) in &browser.events {
        match method.as_str() {
            "Network.requestWillBeSent" => {
                let url = parameters["request"]["url"].as_str().unwrap();
                assert!(url.starts_with("file:///"), "the page asks for {url}");
                assert!(url.ends_with("/report.html"), "the page asks for {url}");
            }
            "Runtime.exceptionThrown" | "Log.entryAdded" | "Runtime.consoleAPICalled" => {
                panic!("{method}: {parameters}")
            }
            _ => {}
        }
    }
}

const SHOWN: &str = "document.querySelectorAll('#ID-table tbody tr:not([hidden])').length";

fn shown(browser: &mut Browser, table: &str) -> u64 {
    browser.value(&SHOWN.replace("ID", table)).as_u64().unwrap()
}

fn filter(browser: &mut Browser, table: &str, words: &str, choice: &str) {
    browser.value(&format!(
        "{{ const tools = document.getElementById('{table}-table').previousElementSibling;
            const [search, select] = [tools.querySelector('input'), tools.querySelector('select')];
            search.value = {words:?}; search.dispatchEvent(new Event('input'));
            select.value = {choice:?}; select.dispatchEvent(new Event('change')); }}"
    ));
}

#[test]
fn three_hundred_apps_are_filtered_and_sorted_within_the_page() {
    let folder = report(300);
    let mut browser = Browser::start();
    browser.open(&folder.path().join("report.html"));

    assert_eq!(shown(&mut browser, "apps"), 300);
    filter(&mut browser, "apps", "payroll", "");
    assert_eq!(shown(&mut browser, "apps"), 30);
    filter(&mut browser, "apps", "PAYROLL 040", "");
    assert_eq!(shown(&mut browser, "apps"), 1);
    filter(&mut browser, "apps", "", "unknown");
    assert_eq!(shown(&mut browser, "apps"), 60);
    filter(&mut browser, "apps", "nothing has this name", "");
    assert_eq!(shown(&mut browser, "apps"), 0);
    assert_eq!(
        browser.value("document.querySelector('[role=status]').textContent"),
        "0 of 300 rows"
    );
    filter(&mut browser, "apps", "", "");

    let findings = shown(&mut browser, "findings");
    filter(&mut browser, "findings", "", "error");
    let errors = shown(&mut browser, "findings");
    assert!(0 < errors && errors < findings, "{errors} of {findings}");

    // Sorted by excess, the largest first, as it comes; a click turns it.
    let excess = "[...document.querySelectorAll('#apps-table tbody tr')].map(row => row.cells[3].textContent).filter(text => text !== '–').map(Number)";
    let numbers = |value: Value| -> Vec<u64> { serde_json::from_value(value).unwrap() };
    let before = numbers(browser.value(excess));
    assert!(before.is_sorted_by(|a, b| a >= b), "{before:?}");
    browser.value("document.querySelectorAll('#apps-table thead button')[3].click()");
    let after = numbers(browser.value(excess));
    assert!(after.is_sorted(), "{after:?}");
    assert_eq!(
        browser.value("document.querySelectorAll('#apps-table thead th')[3].ariaSort"),
        "ascending"
    );

    // The number of an app's findings leads to them.
    browser.value("document.querySelector('a[data-app]').click()");
    filter(&mut browser, "findings", "", "");
    browser.value("document.querySelector('a[data-app^=\"Helpdesk\"]').click()");
    let own = shown(&mut browser, "findings");
    assert!(0 < own && own < 20, "{own}");
    assert_eq!(browser.value("location.hash"), "#findings");
    assert_quiet(&browser);
}

#[test]
fn names_of_apps_are_text() {
    let folder = report(10);
    let mut browser = Browser::start();
    browser.open(&folder.path().join("report.html"));
    assert_eq!(browser.value("document.querySelectorAll('th b').length"), 0);
    assert_eq!(
        browser.value("[...document.querySelectorAll('tbody th')].some(cell => cell.textContent.includes('<b>bold</b>'))"),
        true
    );
    assert_quiet(&browser);
}

#[test]
fn it_is_usable_by_keyboard_and_has_names_for_every_control() {
    let folder = report(10);
    let mut browser = Browser::start();
    browser.open(&folder.path().join("report.html"));
    // The first stop leads past the header; every later one shows where it is.
    browser.press("Tab", 9);
    assert_eq!(
        browser.value("document.activeElement.getAttribute('href')"),
        "#main"
    );
    browser.value("document.querySelector('#apps-table thead button').focus()");
    browser.press("Tab", 9);
    assert_eq!(
        browser.value(
            "document.activeElement.matches('#apps-table th:nth-child(2) button:focus-visible')"
        ),
        true
    );
    assert_eq!(
        browser.value("getComputedStyle(document.activeElement).outlineStyle"),
        "solid"
    );
    browser.call("Accessibility.enable", json!({}));
    let tree = browser.call("Accessibility.getFullAXTree", json!({}));
    let mut controls = 0;
    for node in tree["nodes"].as_array().unwrap() {
        let role = node["role"]["value"].as_str().unwrap_or_default();
        if ["button", "searchbox", "combobox", "link", "table"].contains(&role) {
            let is_named = node["name"]["value"]
                .as_str()
                .is_some_and(|name| !name.is_empty());
            assert!(is_named || role == "table", "{node}");
            controls += 1;
        }
    }
    assert!(controls > 20, "{controls}");
    let headings = browser.value(
        "[...document.querySelectorAll('h1,h2,h3')].map(heading => Number(heading.tagName[1]))",
    );
    assert_eq!(headings[0], 1, "{headings}");
    assert_eq!(browser.value("document.documentElement.lang"), "en");
    assert_quiet(&browser);
}

#[test]
fn without_javascript_it_is_plain_tables() {
    let folder = report(10);
    let mut browser = Browser::start();
    browser.call(
        "Emulation.setScriptExecutionDisabled",
        json!({ "value": true }),
    );
    browser.open(&folder.path().join("report.html"));
    let document = browser.call("DOM.getDocument", json!({}));
    let rows = browser.call(
        "DOM.querySelectorAll",
        json!({ "nodeId": document["root"]["nodeId"], "selector": "#apps-table tbody tr" }),
    );
    assert_eq!(rows["nodeIds"].as_array().unwrap().len(), 10);
    for control in [".tools", "button", "input"] {
        let found = browser.call(
            "DOM.querySelectorAll",
            json!({ "nodeId": document["root"]["nodeId"], "selector": control }),
        );
        assert_eq!(found["nodeIds"].as_array().unwrap().len(), 0, "{control}");
    }
    assert_quiet(&browser);
}

#[test]
fn it_shows_all_of_itself_in_the_dark_on_a_telephone_and_on_paper() {
    let folder = report(300);
    let mut browser = Browser::start();
    let pictures = std::env::var("ENTRALINT_PICTURES").ok();
    let look = |browser: &mut Browser, name: &str, width: u32, height: u32| {
        let picture = browser.picture(width, height);
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(picture)
            .unwrap();
        if let Some(folder) = &pictures {
            std::fs::write(format!("{folder}/{name}.png"), bytes).unwrap();
        }
    };
    browser.open(&folder.path().join("report.html"));
    look(&mut browser, "light", 1280, 1500);
    let background = "getComputedStyle(document.body).backgroundColor";
    assert_eq!(browser.value(background), "rgb(255, 255, 255)");
    let dark = json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
    browser.call("Emulation.setEmulatedMedia", dark);
    assert_ne!(browser.value(background), "rgb(255, 255, 255)");
    look(&mut browser, "dark", 1280, 1500);

    // Nothing is wider than the window of a telephone.
    look(&mut browser, "narrow", 390, 1500);
    assert_eq!(
        browser.value("document.documentElement.scrollWidth <= innerWidth"),
        true
    );

    // On paper it is light, without controls, and with the calls that the page folds away.
    browser.call(
        "Emulation.setEmulatedMedia",
        json!({ "media": "print", "features": [{ "name": "prefers-color-scheme", "value": "dark" }] }),
    );
    assert_eq!(browser.value(background), "rgb(255, 255, 255)");
    assert_eq!(
        browser.value("getComputedStyle(document.querySelector('.tools')).display"),
        "none"
    );
    assert_eq!(
        browser.value("document.querySelector('#apps-table details li').checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true }) && document.querySelector('#apps-table details li').getBoundingClientRect().height > 0"),
        true
    );
    look(&mut browser, "print", 1000, 1400);
    let paper = browser.call("Page.printToPDF", json!({ "landscape": true }));
    assert!(paper["data"].as_str().unwrap().len() > 10_000);
    assert_quiet(&browser);
}

#[test]
fn the_page_of_three_hundred_apps_is_small_without_its_data() {
    let folder = report(300);
    let page = folder.read("report.html");
    let data: usize = page
        .split("<tr")
        .skip(1)
        .filter_map(|row| row.find("</tr>"))
        .sum();
    assert!(page.len() - data < 200_000, "{} bytes", page.len() - data);
    // With them it is no larger than a photograph.
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
}
