//! The solver's answer is the smallest, proven, and the same however the calls are put.

mod common;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use common::{call, catalog, names};
use msgraph_permissions::{
    Answer, Catalog, Exactness, LookupOptions, Method, Operation, PermissionName, Scheme, Solution,
};
use proptest::prelude::*;
use proptest::sample::Index;

/// What the answer is put together from: each call's own least, with what that requires.
fn pool(answers: &[Answer]) -> Vec<PermissionName> {
    let least = answers.iter().filter_map(|answer| answer.least.as_ref());
    let names: BTreeSet<PermissionName> = least
        .flat_map(|bundle| {
            let also = if bundle.is_enough_alone() {
                &[]
            } else {
                bundle.also_requires.as_slice()
            };
            std::iter::once(&bundle.permission).chain(also).cloned()
        })
        .collect();
    names.into_iter().collect()
}

fn covers(answers: &[Answer], held: &[PermissionName]) -> bool {
    answers
        .iter()
        .filter(|answer| answer.is_answered())
        .all(|answer| answer.covered_by(&|name| held.contains(name)).is_some())
}

/// Whether a permission says write and has no part in unlocking a call that writes.
fn is_needless_writer(answers: &[Answer], name: &PermissionName) -> bool {
    let helps = |answer: &Answer| {
        answer.call.method != Method::Get
            && answer.accepted.iter().any(|bundle| {
                bundle.permission == *name
                    || (!bundle.is_enough_alone() && bundle.also_requires.contains(name))
            })
    };
    name.says_write() && !answers.iter().any(helps)
}

/// The best of all subsets of the pool, tried one by one.
fn brute_force(catalog: &Catalog, scheme: Scheme, answers: &[Answer]) -> Vec<PermissionName> {
    let pool = pool(answers);
    assert!(pool.len() <= 16);
    (0_u32..1 << pool.len())
        .map(|subset| -> Vec<PermissionName> {
            (0..pool.len())
                .filter(|bit| subset & (1 << bit) != 0)
                .map(|bit| pool[bit].clone())
                .collect()
        })
        .filter(|held| covers(answers, held))
        .min_by_key(|held| {
            let needless = held.iter().filter(|name| is_needless_writer(answers, name));
            (
                held.len(),
                needless.count(),
                held.iter()
                    .map(|name| catalog.writing(name, scheme))
                    .sum::<usize>(),
                held.iter()
                    .map(|name| catalog.breadth(name, scheme))
                    .sum::<usize>(),
                held.clone(),
            )
        })
        .expect("the whole pool covers every answered call")
}

/// What holds of every solution, exact or not.
fn check(answers: &[Answer], solution: &Solution) {
    assert!(covers(answers, &solution.minimal), "{:?}", solution.minimal);
    let pool = pool(answers);
    for name in &solution.minimal {
        assert!(pool.contains(name), "{name} is no call's own least");
        let rest: Vec<PermissionName> = solution
            .minimal
            .iter()
            .filter(|other| *other != name)
            .cloned()
            .collect();
        assert!(!covers(answers, &rest), "{name} can be left out");
    }
    assert!(solution.minimal.is_sorted());
    // The proof: each answered call by accepted permissions of the set.
    let mut proven = Vec::new();
    for covered in &solution.covered {
        proven.push(covered.answer);
        assert!(
            covered
                .by
                .iter()
                .all(|name| solution.minimal.contains(name))
        );
        assert!(
            answers[covered.answer]
                .covered_by(&|name| covered.by.contains(name))
                .is_some()
        );
    }
    for (place, answer) in answers.iter().enumerate() {
        assert_eq!(answer.is_answered(), proven.contains(&place));
        assert_eq!(!answer.is_answered(), solution.unanswered.contains(&place));
    }
}

fn answers(catalog: &Catalog, operations: &[Operation<'_>]) -> Vec<Answer> {
    operations
        .iter()
        .map(|operation| {
            let call = call(&format!("{} {}", operation.method, operation.template));
            catalog.lookup(&call, operation.scheme, LookupOptions::default())
        })
        .collect()
}

/// Operations of one scheme that lie near each other in the file, so that they share permissions.
fn neighbours<'a>(
    catalog: &'a Catalog,
    scheme: Scheme,
    start: Index,
    steps: &[usize],
) -> Vec<Operation<'a>> {
    let all: Vec<Operation<'a>> = catalog
        .operations()
        .filter(|operation| operation.scheme == scheme)
        .collect();
    let mut at = start.index(all.len());
    let mut chosen = Vec::new();
    for step in steps {
        at = (at + step) % all.len();
        chosen.push(all[at]);
    }
    chosen
}

fn any_scheme() -> impl Strategy<Value = Scheme> {
    prop_oneof![
        Just(Scheme::DelegatedWork),
        Just(Scheme::DelegatedPersonal),
        Just(Scheme::Application)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
        fn on_the_published_data_it_agrees_with_trying_every_subset(
        scheme in any_scheme(),
        start in any::<Index>(),
        steps in prop::collection::vec(0_usize..40, 1..9),
    ) {
        let catalog = Catalog::embedded();
        let answers = answers(catalog, &neighbours(catalog, scheme, start, &steps));
        prop_assume!(pool(&answers).len() <= 14);
        let solution = catalog.solve(&answers);
        check(&answers, &solution);
        prop_assert_eq!(solution.exactness, Exactness::Exact);
        prop_assert_eq!(solution.minimal, brute_force(catalog, scheme, &answers));
    }

    #[test]
        fn order_and_repetition_change_nothing(
        scheme in any_scheme(),
        start in any::<Index>(),
        steps in prop::collection::vec(0_usize..400, 1..30),
        turn in any::<Index>(),
    ) {
        let catalog = Catalog::embedded();
        let answers = answers(catalog, &neighbours(catalog, scheme, start, &steps));
        let solution = catalog.solve(&answers);
        check(&answers, &solution);
        let mut other = answers.clone();
        other.reverse();
        other.rotate_left(turn.index(answers.len()));
        other.extend(answers.iter().take(3).cloned());
        let turned = catalog.solve(&other);
        check(&other, &turned);
        prop_assert_eq!(turned.minimal, solution.minimal);
        prop_assert_eq!(turned.exactness, solution.exactness);
    }
}

/// For each call, each accepted permission: is it marked, and what must go with it.
type Calls = Vec<Vec<(usize, bool, Vec<usize>)>>;

/// A small catalog of its own: permissions `P0`, `P1`, … with levels, calls `/c0`, `/c1`, …
fn invented(levels: &[u8], calls: &Calls) -> Catalog {
    let mut file = String::from(r#"{"permissions": {"#);
    for (index, level) in levels.iter().enumerate() {
        let mut sets = Vec::new();
        for (place, accepted) in calls.iter().enumerate() {
            for (permission, marked, also) in accepted
                .iter()
                .filter(|(permission, ..)| *permission == index)
            {
                assert_eq!(*permission, index);
                let least = if *marked { "least=Application" } else { "" };
                let also: Vec<String> = also.iter().map(|also| format!("P{also}")).collect();
                let also = if also.is_empty() {
                    String::new()
                } else {
                    format!(";AlsoRequires={}", also.join(","))
                };
                sets.push(format!(
                    r#"{{"schemeKeys": ["Application"], "methods": ["GET"], "paths": {{"/c{place}": "{least}{also}"}}}}"#
                ));
            }
        }
        let comma = if index == 0 { "" } else { "," };
        write!(
            file,
            r#"{comma}"P{index}": {{"authorizationType": "oAuth2",
                "schemes": {{"Application": {{"requiresAdminConsent": true, "privilegeLevel": {level}}}}},
                "pathSets": [{}]}}"#,
            sets.join(",")
        )
        .expect("a string takes all");
    }
    file.push_str("}}");
    catalog(&file)
}

fn invented_answers(catalog: &Catalog, calls: usize) -> Vec<Answer> {
    (0..calls)
        .map(|place| {
            let call = call(&format!("GET /c{place}"));
            catalog.lookup(&call, Scheme::Application, LookupOptions::default())
        })
        .collect()
}

fn any_calls() -> impl Strategy<Value = Calls> {
    let also = prop_oneof![
        3 => Just(Vec::new()),
        2 => prop::collection::vec(0_usize..7, 1..3),
    ];
    let accepted = prop::collection::vec((0_usize..7, any::<bool>(), also), 1..5);
    prop::collection::vec(accepted, 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn with_permissions_that_require_others_it_agrees_with_trying_every_subset(
        levels in prop::collection::vec(1_u8..4, 7),
        calls in any_calls(),
    ) {
        let catalog = invented(&levels, &calls);
        prop_assert_eq!(catalog.problems(), []);
        let answers = invented_answers(&catalog, calls.len());
        prop_assume!(pool(&answers).len() <= 13);
        let solution = catalog.solve(&answers);
        check(&answers, &solution);
        prop_assert_eq!(solution.exactness, Exactness::Exact);
        prop_assert_eq!(solution.minimal, brute_force(&catalog, Scheme::Application, &answers));
    }
}

fn entangled_calls() -> impl Strategy<Value = Calls> {
    let also = prop_oneof![
        8 => Just(Vec::new()),
        1 => prop::collection::vec(0_usize..10, 1..2),
    ];
    let accepted = prop::collection::vec((0_usize..10, Just(true), also), 2..4);
    prop::collection::vec(accepted, 6..14)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn where_nothing_is_forced_it_agrees_with_trying_every_subset(
        levels in prop::collection::vec(1_u8..3, 10),
        calls in entangled_calls(),
    ) {
        let catalog = invented(&levels, &calls);
        let answers = invented_answers(&catalog, calls.len());
        prop_assume!(pool(&answers).len() <= 14);
        let solution = catalog.solve(&answers);
        check(&answers, &solution);
        prop_assert_eq!(solution.exactness, Exactness::Exact);
        prop_assert_eq!(solution.minimal, brute_force(&catalog, Scheme::Application, &answers));
    }
}

#[test]
fn granting_an_app_role_takes_the_documented_pair() {
    let call = call("POST /servicePrincipals/{id}/appRoleAssignedTo");
    let answer = Catalog::embedded().lookup(&call, Scheme::Application, LookupOptions::default());
    assert_eq!(
        names(&Catalog::embedded().solve(&[answer]).minimal),
        ["AppRoleAssignment.ReadWrite.All", "Application.Read.All"]
    );
}

#[test]
fn greed_is_not_enough() {
    // The permission that covers most calls is in no smallest set.
    let marked = |permission| (permission, true, Vec::new());
    let calls = vec![
        vec![marked(0), marked(2)],
        vec![marked(0), marked(2)],
        vec![marked(0), marked(1)],
        vec![marked(0), marked(1)],
        vec![marked(2)],
        vec![marked(1)],
    ];
    let catalog = invented(&[1, 5, 5], &calls);
    let answers = invented_answers(&catalog, calls.len());
    assert_eq!(names(&catalog.solve(&answers).minimal), ["P1", "P2"]);
}

#[test]
fn answers_of_another_scheme_are_not_mixed_in() {
    let catalog = Catalog::embedded();
    let ask = |scheme| {
        catalog.lookup(
            &call("POST /users/{id}/revokeSignInSessions"),
            scheme,
            LookupOptions::default(),
        )
    };
    let solution = catalog.solve(&[ask(Scheme::DelegatedWork), ask(Scheme::Application)]);
    assert_eq!(names(&solution.minimal), ["User.RevokeSessions.All"]);
    assert_eq!(solution.unanswered, [1]);
}

#[test]
fn updating_users_makes_the_narrow_permission_redundant() {
    let catalog = Catalog::embedded();
    let ask = |text| catalog.lookup(&call(text), Scheme::Application, LookupOptions::default());
    let solution = catalog.solve(&[
        ask("POST /users/{id}/revokeSignInSessions"),
        ask("PATCH /users/{id}"),
    ]);
    assert_eq!(names(&solution.minimal), ["User.ReadWrite.All"]);
    assert_eq!(solution.exactness, Exactness::Exact);
}

#[test]
fn no_calls_need_nothing() {
    let solution = Catalog::embedded().solve(&[]);
    assert!(
        solution.minimal.is_empty()
            && solution.covered.is_empty()
            && solution.unanswered.is_empty()
    );
}

#[test]
fn hundreds_of_real_calls_are_solved_exactly() {
    let catalog = Catalog::embedded();
    for scheme in Scheme::ALL {
        for (start, step) in [(0, 17), (3, 23), (11, 41)] {
            let operations: Vec<Operation<'_>> = catalog
                .operations()
                .filter(|operation| operation.scheme == scheme)
                .skip(start)
                .step_by(step)
                .collect();
            let answers = answers(catalog, &operations);
            let solution = catalog.solve(&answers);
            assert_eq!(
                solution.exactness,
                Exactness::Exact,
                "{} calls, {scheme}",
                answers.len()
            );
            check(&answers, &solution);
        }
    }
}

#[test]
fn a_search_that_is_cut_short_says_so_and_still_covers_every_call() {
    // Every call is unlocked by three of sixty equal permissions, drawn by a fixed rule.
    let mut seed = 1_u64;
    let mut draw = |below: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((seed >> 33) % below).expect("a small number")
    };
    // Each permission is the least of one call of its own, so that all are in the pool, but that call
    // accepts three others too.
    // Each is the least of a call of its own, and so in the pool; every call accepts three others too.
    let calls: Calls = (0..140)
        .map(|own| {
            let mut call = vec![(own, true, Vec::new())];
            call.extend((0..3).map(|_| (draw(140), false, Vec::new())));
            call
        })
        .collect();
    let catalog = invented(&[1; 140], &calls);
    let answers = invented_answers(&catalog, calls.len());
    let solution = catalog.solve(&answers);
    check(&answers, &solution);
    let Exactness::Bounded { at_least } = solution.exactness else {
        panic!("{:?}", solution.exactness)
    };
    assert!(at_least > 1 && at_least <= solution.minimal.len());
    let mut turned = answers.clone();
    turned.reverse();
    assert_eq!(catalog.solve(&turned).minimal, solution.minimal);
}
