use super::*;
use crate::caller::SignedIn;
use crate::users;
use crate::users::{folded, folded_text};

const ALICE: &str = "87d349ed-44d7-43e1-9a83-5f2406dee5bd";
const BREAK_GLASS: &str = "00000000-0000-4000-8000-000000000009";

fn list(text: &str) -> Vec<User> {
    let list = users::read(text.as_bytes(), None).unwrap();
    assert_eq!(list.bad, []);
    list.users
}

fn names(users: &[User]) -> Vec<&str> {
    users.iter().map(|user| user.user.as_str()).collect()
}

#[test]
fn exclusions_match_in_any_case_and_by_either_column() {
    let both = format!("userPrincipalName,id\nalice@x.y,{ALICE}\nbob@x.y,{BREAK_GLASS}\n");
    for exclusion in ["BOB@x.y", BREAK_GLASS] {
        let selected = exclude(list(&both), &list(exclusion)).unwrap();
        assert_eq!(names(&selected.users), ["alice@x.y"]);
        assert_eq!((selected.excluded.len(), selected.unmatched.len()), (1, 0));
    }
}

#[test]
fn an_exclusion_that_is_not_in_the_list_is_named() {
    let selected = exclude(list("alice@x.y"), &list("bob@x.y")).unwrap();
    assert_eq!(
        (selected.excluded.len(), selected.unmatched),
        (0, vec!["bob@x.y".to_owned()])
    );
}

#[test]
fn an_exclusion_that_cannot_be_compared_is_refused() {
    let refused = |users: &str, exclusion: &str| {
        exclude(list(users), &list(exclusion))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused(&format!("{ALICE}\nbob@x.y"), "glass@x.y"),
        "glass@x.y is excluded by user principal name, but 1 user of the list is given by object \
         id alone, so whether it is among them cannot be told. Exclude it by both: the exclusion \
         file may be CSV with the columns userPrincipalName and id"
    );
    assert!(
        refused("alice@x.y\nbob@x.y", BREAK_GLASS).contains(
            "by object id, but 2 users of the list are given by user principal name alone"
        )
    );
    let both = format!("userPrincipalName,id\nglass@x.y,{BREAK_GLASS}\n");
    let selected = exclude(list(ALICE), &list(&both)).unwrap();
    assert_eq!(selected.users.len(), 1);
}

/// The spellings that are read as an object id.
fn spellings(id: &str) -> [String; 4] {
    [
        id.to_uppercase(),
        format!("{{{id}}}"),
        id.replace('-', ""),
        format!("urn:uuid:{id}"),
    ]
}

#[test]
fn an_id_is_excluded_and_guarded_in_whatever_spelling() {
    for spelling in spellings(ALICE) {
        let selected = exclude(list(&spelling), &list(ALICE)).unwrap();
        assert_eq!(selected.excluded.len(), 1, "{spelling}");
        let selected = exclude(list(ALICE), &list(&spelling)).unwrap();
        assert_eq!(selected.excluded.len(), 1, "{spelling}");
        let own = SignedIn::User {
            id: Some(ALICE.to_owned()),
            name: None,
        };
        let spelt = SignedIn::User {
            id: Some(spelling.clone()),
            name: None,
        };
        assert!(guard_self(&mut list(&spelling), &own, false).is_err());
        assert!(guard_self(&mut list(ALICE), &spelt, false).is_err());
    }
}

fn operator() -> SignedIn {
    SignedIn::User {
        id: Some(ALICE.to_owned()),
        name: Some("alice@x.y".to_owned()),
    }
}

#[test]
fn the_own_account_is_refused_or_comes_last() {
    for (own, sent) in [("ALICE@x.y", "ALICE@x.y"), (&ALICE.to_uppercase(), ALICE)] {
        let mut users = list(&format!("{own}\nbob@x.y"));
        let error = guard_self(&mut users, &operator(), false).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "{sent} (line 1) is your own account. Revoking it signs you out as well. Add it to \
                 an --exclude file, or pass --include-self if you mean it; it then comes last"
            )
        );
        guard_self(&mut users, &operator(), true).unwrap();
        assert_eq!(names(&users), ["bob@x.y", sent]);
    }
    guard_self(&mut list("bob@x.y"), &operator(), false).unwrap();
    guard_self(&mut list("bob@x.y"), &SignedIn::App, false).unwrap();
}

#[test]
fn who_cannot_be_told_from_the_operator_is_refused() {
    let mut users = list(&format!("bob@x.y\n{BREAK_GLASS}"));
    let unknown = guard_self(&mut users, &SignedIn::Unknown, false).unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "the access token does not say who is signed in, so whether your own account is in the \
         list cannot be told. Pass --include-self if that does not matter"
    );
    guard_self(&mut users, &SignedIn::Unknown, true).unwrap();
    let only_name = SignedIn::User {
        id: None,
        name: Some("alice@x.y".to_owned()),
    };
    let hidden = guard_self(&mut users, &only_name, false).unwrap_err();
    assert_eq!(
        hidden.to_string(),
        "you are signed in as alice@x.y, and 1 user of the list is given by object id alone, so \
         whether your own account is among them cannot be told. Pass --include-self if that does \
         not matter"
    );
}

#[test]
fn what_a_matched_row_says_is_excluded_too() {
    // The row with both names joins the two others to the exclusion.
    for exclusion in ["glass@x.y", BREAK_GLASS] {
        let text = format!(
            "userPrincipalName,id\nglass@x.y,\n,{BREAK_GLASS}\nGLASS@x.y,{BREAK_GLASS}\nbob@x.y,{ALICE}\n"
        );
        let selected = exclude(list(&text), &list(exclusion)).unwrap();
        assert_eq!(names(&selected.users), ["bob@x.y"], "{exclusion}");
    }
    // Nothing joins them: the second row may be the excluded account.
    for exclusion in ["glass@x.y", BREAK_GLASS] {
        let text = format!("glass@x.y\n{BREAK_GLASS}\n");
        let error = exclude(list(&text), &list(exclusion)).unwrap_err();
        assert!(matches!(error, SelectError::Incomparable { .. }), "{error}");
    }
    // Two exclusions of one account, of which the second gives both names.
    let exclusions = format!("userPrincipalName,id\nglass@x.y,\nglass@x.y,{BREAK_GLASS}\n");
    let selected = exclude(
        list(&format!("glass@x.y\n{BREAK_GLASS}\n")),
        &list(&exclusions),
    );
    assert_eq!(selected.unwrap().users.len(), 0);
}

/// A directory in which account `n` has an id and a name; some are guests.
fn id(n: usize) -> String {
    format!("00000000-0000-4000-8000-{n:012x}")
}

fn name(n: usize) -> String {
    match n % 3 {
        0 => format!("user{n}_home.example#EXT#@x.onmicrosoft.com"),
        _ => format!("user{n}@x.y"),
    }
}

/// One row: an account, which of its names the row gives, and how they are spelled.
type Row = (usize, u8, usize);

fn row((account, given, spelling): Row) -> String {
    let upn = match spelling % 3 {
        0 => name(account),
        1 => name(account).to_uppercase(),
        _ => format!("  {} ", name(account)),
    };
    let id = spellings(&id(account))[spelling % 4].clone();
    match given % 3 {
        0 => format!("{upn},{id}"),
        1 => format!("{upn},"),
        _ => format!(",{id}"),
    }
}

fn csv(rows: &[Row]) -> String {
    let rows: Vec<String> = rows.iter().map(|it| row(*it)).collect();
    format!("userPrincipalName,id\n{}\n", rows.join("\n"))
}

fn means(user: &User, account: usize) -> bool {
    user.names().any(|known| {
        [folded_text(&id(account)), folded_text(&name(account))].contains(&folded(known))
    })
}

proptest::proptest! {
    /// The law: for every list and every subset of rows that mean an account, the account is absent
    /// from the run, or the run is refused.
    #[test]
    fn an_excluded_account_is_absent_or_the_run_is_refused(
        rows in proptest::collection::vec((0usize..6, 0u8..3, 0usize..12), 1..14),
        exclusions in proptest::collection::vec((0usize..6, 0u8..3, 0usize..12), 1..4),
    ) {
        let users = list(&csv(&rows));
        let accounts = rows.iter().map(|(account, ..)| *account);
        let distinct: HashSet<usize> = accounts.collect();
        proptest::prop_assert!(users.len() >= distinct.len(), "a user was lost");
        let excluded: HashSet<usize> = exclusions.iter().map(|(account, ..)| *account).collect();
        if let Ok(selected) = exclude(users.clone(), &list(&csv(&exclusions))) {
            for account in 0..6 {
                let sent = selected.users.iter().any(|user| means(user, account));
                let out = excluded.contains(&account);
                proptest::prop_assert!(!(sent && out), "account {account} is sent");
                // No other account is taken out with it.
                proptest::prop_assert_eq!(sent, distinct.contains(&account) && !out);
            }
            proptest::prop_assert_eq!(
                selected.users.len() + selected.excluded.len(), users.len()
            );
        }
        // With both names of every exclusion no run is refused.
        let both: Vec<Row> = excluded.iter().map(|account| (*account, 0, 0)).collect();
        proptest::prop_assert!(exclude(users, &list(&csv(&both))).is_ok());
    }
}
