use proptest::prelude::*;

use super::*;

fn list(text: &str) -> UserList {
    read(text.as_bytes(), None).unwrap()
}

fn users(text: &str) -> Vec<String> {
    let list = list(text);
    assert_eq!(list.bad, [], "{text:?}");
    list.users.iter().map(|u| u.user.to_string()).collect()
}

fn error(text: &str, column: Option<&str>) -> String {
    read(text.as_bytes(), column).unwrap_err().to_string()
}

const ALICE_ID: &str = "87d349ed-44d7-43e1-9a83-5f2406dee5bd";

#[test]
fn a_user_a_line() {
    assert_eq!(
        users(
            "alice@contoso.com\r\n  bob@contoso.com \n\n# break-glass\n87D349ED-44D7-43E1-9A83-5F2406DEE5BD"
        ),
        ["alice@contoso.com", "bob@contoso.com", ALICE_ID]
    );
    assert_eq!(users("\"alice@contoso.com\"\n"), ["alice@contoso.com"]);
    assert_eq!(users(""), <[&str; 0]>::default());
}

#[test]
fn columns_are_found_by_their_usual_titles() {
    for text in [
        "userPrincipalName,displayName\nalice@contoso.com,\"Smith, Alice\"\n",
        "Display name;User principal name\nAlice;alice@contoso.com\n",
        "displayName\tUPN\nAlice\talice@contoso.com\n",
        "version:v1.0\nUser name [userPrincipalName] Required\nalice@contoso.com\n",
        "id,userPrincipalName\n87d349ed-44d7-43e1-9a83-5f2406dee5bd,alice@contoso.com\n",
        "user\nalice@contoso.com",
    ] {
        assert_eq!(users(text), ["alice@contoso.com"], "{text:?}");
    }
    assert_eq!(users(&format!("Object Id\n{ALICE_ID}\n")), [ALICE_ID]);
}

#[test]
fn a_named_column_wins_and_the_other_stays_known() {
    let text =
        format!("userPrincipalName,id,contact\nalice@contoso.com,{ALICE_ID},a@home.example\n");
    let by_id = read(text.as_bytes(), Some("ID")).unwrap();
    let names: Vec<_> = by_id.users[0].names().map(ToString::to_string).collect();
    assert_eq!(names, [ALICE_ID, "alice@contoso.com"]);
    let by_contact = read(text.as_bytes(), Some("contact")).unwrap();
    assert_eq!(by_contact.users[0].user.as_str(), "a@home.example");
}

#[test]
fn duplicates_are_folded_whatever_their_case() {
    let list = list("alice@contoso.com\nALICE@contoso.com\n alice@Contoso.com \nbob@contoso.com");
    assert_eq!((list.users.len(), list.duplicates), (2, 2));
}

#[test]
fn guests_are_known_by_name_or_column() {
    let text = "userPrincipalName,userType\nb_f.com#EXT#@contoso.com,\nc@contoso.com,Guest\nd@contoso.com,Member\n";
    let guests: Vec<bool> = list(text).users.iter().map(|u| u.guest).collect();
    assert_eq!(guests, [true, true, false]);
}

#[test]
fn bad_lines_are_told_with_their_numbers() {
    let bad = |text: &str| -> Vec<String> {
        list(text)
            .bad
            .iter()
            .map(|bad| format!("line {}: {}", bad.line, bad.reason))
            .collect()
    };
    assert_eq!(
        bad(
            "alice@contoso.com\nalice\n\nbob@contoso.com,x\n../me\n@contoso.com\nal ice@contoso.com"
        ),
        [
            "line 2: it is neither an object id nor a user principal name such as alice@contoso.com",
            "line 4: it holds several values; give the list a header, such as `userPrincipalName`",
            "line 5: the user holds `/`, which would reach another path: give the bare id or name",
            "line 6: it is neither an object id nor a user principal name such as alice@contoso.com",
            "line 7: it is neither an object id nor a user principal name such as alice@contoso.com",
        ]
    );
    assert_eq!(
        bad("\r\n# one\r\n\r\n  \r\nalice@contoso.com\r\n#two\r\nbob\r\n"),
        ["line 7: it is neither an object id nor a user principal name such as alice@contoso.com"]
    );
    assert_eq!(
        bad("alice@contoso.com\rbob\r"),
        ["line 2: it is neither an object id nor a user principal name such as alice@contoso.com"]
    );
    assert_eq!(
        bad("version:v1.0\nupn,x\n,1\nme,2\n"),
        [
            "line 3: its column `upn` is empty",
            "line 4: `me` is a word of Graph's own, not a user; for the signed-in user there is a call of its own",
        ]
    );
    assert_eq!(
        bad("alice@contoso.com\nb\u{feff}ob@contoso.com\ncarol\u{200b}@contoso.com\n"),
        [
            "line 2: it holds the invisible character U+FEFF; write it again by hand",
            "line 3: it holds the invisible character U+200B; write it again by hand",
        ]
    );
}

#[test]
fn a_value_over_several_lines_is_an_error_of_the_whole_list() {
    for text in [
        "alice@contoso.com\n\"bob@contoso.com\ncarol@contoso.com\n",
        "alice@contoso.com\n\"bob@contoso.com\n",
        "alice@contoso.com\r\"bob@contoso.com\rcarol@contoso.com\"\r",
        "upn,name\nbob@contoso.com,\"Bob\ncarol@contoso.com,Carol\n",
        "# two\n\"upn\nbob@contoso.com",
    ] {
        assert_eq!(
            error(text, None),
            "the quotation mark of line 2 is not closed in that line, so the lines that follow \
             would be taken for a part of it",
            "{text:?}"
        );
    }
}

#[test]
fn an_object_id_is_the_same_in_whatever_spelling() {
    let bare = ALICE_ID.replace('-', "");
    let text = format!(
        "{ALICE_ID}\n{{{ALICE_ID}}}\n{bare}\nurn:uuid:{ALICE_ID}\n{}\n",
        bare.to_uppercase()
    );
    let all = list(&text);
    assert_eq!((all.duplicates, all.bad.len()), (4, 0));
    for line in text.lines() {
        assert_eq!(users(line), [ALICE_ID]);
    }
}

#[test]
fn a_list_that_cannot_be_understood_is_refused() {
    assert_eq!(
        error("name,mail\nAlice,alice@contoso.com\n", None),
        "its header has no column that names users (name, mail); name the column with --column"
    );
    assert_eq!(
        error("name,mail\nAlice,alice@contoso.com\n", Some("upn")),
        "it has no column `upn` (there is: name, mail)"
    );
    assert_eq!(
        error("alice@contoso.com\n", Some("upn")),
        "--column upn was given, but the list has no header"
    );
    assert_eq!(
        error("zo\u{0}", None),
        "it holds a NUL character in line 1; save the list as UTF-8"
    );
    assert_eq!(
        read(std::io::repeat(b'a'), None).unwrap_err().to_string(),
        "it is longer than 64 MiB, which is no list of users"
    );
}

#[test]
fn a_first_line_that_is_no_user_and_no_title_is_a_bad_line() {
    let list = list("Kunden\nalice@contoso.com\n");
    assert_eq!((list.users.len(), list.bad.len()), (1, 1));
    assert_eq!(list.bad[0].line, 1);
}

proptest! {
    #[test]
    fn any_bytes_give_a_list_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes[..], None);
    }

    #[test]
    fn every_user_written_is_read_back(
        names in prop::collection::btree_set("[a-z0-9._'!^~-]{1,12}", 1..20),
        header in any::<bool>(),
    ) {
        let names: Vec<String> = names.into_iter().map(|name| format!("{name}@contoso.com")).collect();
        let mut text = names.join("\r\n");
        if header {
            text.insert_str(0, "userPrincipalName\r\n");
        }
        prop_assert_eq!(users(&text), names);
    }
}
