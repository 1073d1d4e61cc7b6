//! Every row of Microsoft's published data, read as the facts about it say.

mod common;

use std::collections::BTreeSet;

use common::published;
use msgraph_permissions::{Call, Catalog, LookupOptions, Method, Scheme, Verdict};

#[test]
#[ignore = "needs the published data"]
fn the_published_data_is_read_completely() {
    let published = published();
    for catalog in [&published.catalog, &published.plain] {
        let info = catalog.info();
        assert_eq!(
            (info.permissions, info.templates, info.operations),
            (917, 7_283, 22_099)
        );
        assert!(info.complete);
    }
    let problems = |catalog: &Catalog| -> Vec<String> {
        catalog.problems().iter().map(ToString::to_string).collect()
    };
    // The one mistyped id of the data is corrected, and no note on every run.
    assert_eq!(problems(&published.catalog), Vec::<String>::new());
    assert_eq!(
        problems(&published.plain),
        [
            "provisioning file, 9107:16: LifecyclePolicies-AgentId.Read.All: \
              `75d9ca3df-7017-4feb-baa0-06a339b6c338` is not a permission id: expected a UUID such as \
              77f3a031-c388-4f99-b373-dc68676a979e; skipped"
        ]
    );
    let plain = &published.plain;
    let rsc = plain
        .permissions()
        .filter(|permission| permission.is_rsc())
        .count();
    assert_eq!(rsc, 41);
    let (mut one, mut several, mut none, mut also) = (0, 0, 0, 0);
    for operation in plain.operations() {
        let call = Call {
            scheme: None,
            method: operation.method,
            path: format!("GET {}", operation.template)
                .parse::<Call>()
                .unwrap()
                .path,
        };
        let answer = plain.lookup(&call, operation.scheme, LookupOptions::default());
        assert_eq!(answer.template.as_deref(), Some(operation.template));
        match answer.verdict {
            Verdict::Known => one += 1,
            Verdict::Ambiguous => several += 1,
            Verdict::Unmarked => none += 1,
            other => panic!("{operation:?}: {other}"),
        }
        also += usize::from(
            answer
                .marked
                .iter()
                .any(|bundle| !bundle.also_requires.is_empty()),
        );
        assert_eq!(answer.least.as_ref(), answer.accepted.first());
    }
    // Of the 3,675 operations with several marks, 14 have two that require each other: one answer.
    assert_eq!((one, several, none, also), (18_082, 3_661, 356, 114));
}

/// Every path a template is asked under: as a person, a program or a log might write it.
fn spellings(template: &str) -> Vec<String> {
    let fill = |value: &str| {
        let mut filled = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (_, tail) = after.split_once('}').expect("a placeholder is closed");
            filled.push_str(before);
            filled.push_str(value);
            rest = tail;
        }
        filled + rest
    };
    let mut spellings = vec![
        template.to_owned(),
        template.to_lowercase(),
        template.to_uppercase(),
    ];
    for value in [
        "{other-name}",
        "{{userId}}",
        "${user.id}",
        ":id",
        "$userId",
        "<id>",
        "AAMkAGI2TG93AAA=",
        "7",
        "6E7B768E-07E2-4810-8459-485F84F8F204",
        "adele.vance@contoso.com",
        "bob_gmail.com%23EXT%23@contoso.onmicrosoft.com",
    ] {
        spellings.push(fill(value));
    }
    let real = fill("87d349ed-44d7-43e1-9a83-5f2406dee5bd");
    for host in [
        "https://graph.microsoft.com",
        "https://graph.microsoft.us",
        "https://dod-graph.microsoft.us",
        "https://microsoftgraph.chinacloudapi.cn",
    ] {
        for version in ["/v1.0", "/beta"] {
            spellings.push(format!("{host}{version}{real}"));
        }
    }
    let separator = if template.contains('?') { '&' } else { '?' };
    spellings.push(format!(
        "/v1.0{real}{separator}$top=5&$select=id,displayName#first"
    ));
    spellings.push(format!("{real}#first"));
    if let Some(below) = template.strip_prefix("/users/{id}") {
        for key in [
            "('a@b.c')",
            "('o%27brien@b.c')",
            "(%27a%40b.c%27)",
            "({id})",
        ] {
            spellings.push(format!("/users{key}{below}"));
        }
    }
    spellings
}

#[test]
#[ignore = "needs the published data"]
fn every_template_finds_itself_however_it_is_spelled() {
    let published = published();
    let catalog = &published.plain;
    let mut asked = BTreeSet::new();
    let mut wrong = Vec::new();
    let mut count = 0;
    for operation in catalog.operations() {
        if !asked.insert(operation.template) {
            continue;
        }
        for spelling in spellings(operation.template) {
            count += 1;
            let call: Call = format!("{} {spelling}", operation.method).parse().unwrap();
            let answer = catalog.lookup(&call, operation.scheme, LookupOptions::default());
            if answer.template.as_deref() != Some(operation.template) || answer.fallback.is_some() {
                wrong.push(format!(
                    "{call} is {:?}, not {}",
                    answer.template, operation.template
                ));
            }
        }
    }
    assert_eq!(asked.len(), 7_283);
    assert!(count > 7_283 * 20);
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(40)].join("\n")
    );
}

#[test]
#[ignore = "needs the published data"]
fn a_word_that_is_not_published_is_never_dropped() {
    let published = published();
    let depth = |path: &str| {
        path.split('/')
            .filter(|segment| !segment.is_empty())
            .count()
    };
    let mut asked = BTreeSet::new();
    // A sample: each unknown path is compared with every template of its depth.
    for operation in published.catalog.operations().step_by(50) {
        // With what may be dropped, joined or asked for, depth says nothing.
        let plain = !operation.template.contains(['$', ':', '(', '.', '?']);
        if !plain || !asked.insert((operation.template, operation.method)) {
            continue;
        }
        let call: Call = format!("{} {}/notPublished", operation.method, operation.template)
            .parse()
            .unwrap();
        let answer = published
            .catalog
            .lookup(&call, operation.scheme, LookupOptions::default());
        if let Some(template) = answer.template {
            assert_eq!(
                depth(&template),
                depth(call.path.as_str()),
                "{call} is {template}"
            );
        }
    }
    assert!(asked.len() > 100);
}

#[test]
#[ignore = "needs the published data"]
fn overrides_change_what_they_name_and_nothing_else() {
    let published = published();
    let mut changed = 0;
    for operation in published.plain.operations() {
        let call = Call {
            scheme: None,
            method: operation.method,
            path: format!("GET {}", operation.template)
                .parse::<Call>()
                .unwrap()
                .path,
        };
        let options = LookupOptions::default();
        let before = published.plain.lookup(&call, operation.scheme, options);
        let after = published.catalog.lookup(&call, operation.scheme, options);
        assert!(before.overrides.is_empty());
        changed += usize::from(!after.overrides.is_empty());
        let is_me = call.path.is_me() && operation.scheme == Scheme::Application;
        assert_eq!(is_me, after.verdict == Verdict::UnsupportedScheme, "{call}");
    }
    assert_eq!(changed, 413 + 55);
}

#[test]
#[ignore = "needs the published data"]
fn the_order_does_not_depend_on_the_order_of_the_file() {
    let published = published();
    let file: serde_json::Value = serde_json::from_slice(&published.permissions).unwrap();
    // serde_json sorts the members: another order than the file's.
    let sorted = serde_json::to_vec(&file).unwrap();
    let other = Catalog::load(msgraph_permissions::CatalogInput {
        permissions: &sorted,
        provisioning: Some(&published.provisioning),
        overrides: true,
        source: "sorted".to_owned(),
    })
    .unwrap();
    for operation in published
        .catalog
        .operations()
        .filter(|operation| operation.method != Method::Post)
    {
        let call: Call = format!("{} {}", operation.method, operation.template)
            .parse()
            .unwrap();
        let options = LookupOptions::default();
        assert_eq!(
            other.lookup(&call, operation.scheme, options),
            published.catalog.lookup(&call, operation.scheme, options)
        );
    }
}
