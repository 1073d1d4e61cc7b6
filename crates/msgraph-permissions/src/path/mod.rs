//! Paths of calls and of templates, brought into one form in which they can be compared.
//!
//! Both become a list of segments in lower case. A template's placeholder is a [`Pattern::Any`];
//! a call's segment knows whether it may stand for one.

mod call;
mod template;
mod text;

pub use call::{CallPath, Version};
pub(crate) use call::{Role, Segment};
pub(crate) use template::{Pattern, TemplatePath, mask_placeholders, matches_masked};

#[cfg(test)]
mod tests {
    use super::*;

    fn call(text: &str) -> String {
        let path = CallPath::parse(text).unwrap();
        path.segments
            .iter()
            .map(|segment| match segment.role {
                Role::Word => format!("/{}", segment.text),
                Role::Key => format!("/<{}>", segment.text),
                Role::Literal => format!("/={}", segment.text),
            })
            .collect()
    }

    fn template(text: &str) -> String {
        TemplatePath::parse(&text.to_lowercase())
            .unwrap()
            .segments
            .iter()
            .map(|pattern| match pattern {
                Pattern::Literal(text) => format!("/{text}"),
                Pattern::Any => "/*".to_owned(),
                Pattern::StrayBrace => "/*}".to_owned(),
                Pattern::Around { prefix, suffix } => format!("/{prefix}*{suffix}"),
            })
            .collect()
    }

    #[test]
    fn host_version_query_and_fragment_fall_away() {
        for text in [
            "/users/x/messages",
            "users/x/messages",
            "/users/x/messages/",
            "//users//x/messages",
            "/v1.0/users/x/messages",
            "/beta/users/x/messages?$top=5",
            "https://graph.microsoft.com/v1.0/users/x/messages",
            "HTTPS://GRAPH.MICROSOFT.COM/V1.0/Users/X/Messages#top",
            "https://graph.microsoft.us/beta/users/x/messages?a=b#c",
            "https://dod-graph.microsoft.us/v1.0/users/x/messages",
            "https://microsoftgraph.chinacloudapi.cn/v1.0/users/x/messages",
            "https://graph.microsoft.com:443/v1.0/users/x/messages",
            "graph.microsoft.com/v1.0/users/x/messages",
            "https://{cloud}/v1.0/users/x/messages",
            "/myorganization/users/x/messages",
            "/v1.0/87d349ed-44d7-43e1-9a83-5f2406dee5bd/users/x/messages",
            "/beta/contoso.onmicrosoft.com/users/x/messages",
            "https://graph.microsoft.com/v1.0/{tenant}/users/x/messages",
            "{baseUrl}/users/x/messages",
            "{baseUrl}/v1.0/users/x/messages",
            "$graph/beta/users/x/messages",
        ] {
            assert_eq!(call(text), "/users/x/messages", "{text}");
        }
    }

    #[test]
    fn every_way_to_write_some_id_is_a_key() {
        for id in [
            "{id}",
            "{user-id}",
            "{{userId}}",
            "${user.id}",
            "$(id)",
            "$userId",
            "$env:USER",
            ":id",
            "<id>",
            "%7Bid%7D",
        ] {
            let text = call(&format!("/users/{id}/manager"));
            assert!(
                text.starts_with("/users/<") && text.ends_with(">/manager"),
                "{id}: {text}"
            );
        }
    }

    #[test]
    fn keys_in_parentheses_are_segments_of_their_own() {
        assert_eq!(call("/users('a@b.c')/messages"), "/=users/<a@b.c>/messages");
        assert_eq!(call("/users(%27a%40b.c%27)"), "/=users/<a@b.c>");
        assert_eq!(call("/users({id})/manager"), "/=users/<{id}>/manager");
        assert_eq!(call("/users('o'brien@b.c')"), "/=users/<o'brien@b.c>");
        assert_eq!(call("/users('$x@y')/manager"), "/=users/<$x@y>/manager");
        assert_eq!(call("/workflows(AAA==)/x"), "/=workflows/<aaa==>/x");
        assert_eq!(template("/rp/ingest('{itemId}')"), "/rp/ingest/*");
        assert_eq!(
            template("/lifecycle/workflows({id})/x"),
            "/lifecycle/workflows/*/x"
        );
    }

    #[test]
    fn a_function_keeps_the_sorted_names_of_its_arguments() {
        assert_eq!(
            call("/reports/getByX(role='a/b, c', userId=1)"),
            "/reports/=getbyx(role,userid)"
        );
        assert_eq!(
            template("/reports/getByX(userId={userId}, role={userRole})"),
            "/reports/getbyx(role,userid)"
        );
        assert_eq!(call("/users/delta()"), "/users/=delta");
        assert_eq!(call("/users/delta"), "/users/=delta");
        assert_eq!(
            template("/rows/itemat(index={value})range"),
            "/rows/itemat(index)range"
        );
    }

    #[test]
    fn words_of_odata_and_casts_are_never_ids() {
        assert_eq!(call("/users/$count"), "/users/=$count");
        assert_eq!(call("/groups/1/members/$ref"), "/groups/1/members/=$ref");
        assert_eq!(
            call("/groups/1/members/microsoft.graph.user"),
            "/groups/1/members/=microsoft.graph.user"
        );
        assert_eq!(
            call("/groups/1/members/graph.user"),
            "/groups/1/members/=microsoft.graph.user"
        );
        assert_eq!(
            call("/users/graph.admin@contoso.com"),
            "/users/graph.admin@contoso.com"
        );
    }

    #[test]
    fn a_guests_name_starts_no_fragment() {
        assert_eq!(
            call("/users/bob_gmail.com#EXT#@contoso.onmicrosoft.com/revokeSignInSessions#x"),
            "/users/bob_gmail.com#ext#@contoso.onmicrosoft.com/revokesigninsessions"
        );
        assert_eq!(
            call("/users/bob_gmail.com%23EXT%23@contoso.onmicrosoft.com"),
            "/users/bob_gmail.com#ext#@contoso.onmicrosoft.com"
        );
    }

    #[test]
    fn odd_placeholders_of_the_published_data_are_read() {
        assert_eq!(template("/chats/{id}}/messages"), "/chats/*}/messages");
        assert_eq!(
            template("/me/drive/root:/{id}:/content"),
            "/me/drive/root:/*:/content"
        );
        assert_eq!(
            template("/privacy/subjectrightsrequests{subjectrightsrequestid}/x"),
            "/privacy/subjectrightsrequests*/x"
        );
        assert_eq!(
            template("/teams/(team-id)/channels"),
            "/teams/(team-id)/channels"
        );
    }

    #[test]
    fn a_query_pattern_matches_with_something_in_each_place() {
        let pattern = mask_placeholders("$filter=card/id eq '{id}' and x eq {y}");
        assert_eq!(pattern, "$filter=card/id eq '{}' and x eq {}");
        assert!(matches_masked(
            &pattern,
            "$filter=card/id eq 'a' and x eq 2"
        ));
        assert!(!matches_masked(
            &pattern,
            "$filter=card/id eq '' and x eq 2"
        ));
        assert!(!matches_masked(
            &pattern,
            "$filter=card/id eq 'a' and x eq "
        ));
        assert!(!matches_masked(&pattern, "$filter=other eq 'a'"));
        assert!(matches_masked("$count=true", "$count=true"));
        assert!(!matches_masked("$count=true", "$count=true "));
    }
}
