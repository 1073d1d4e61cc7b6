//! The examples, run.

use msgraph_sessions::{Confirmation, StaticToken};

use crate::support::{SUCCESS, TOKEN, cloud, json, received, server};

#[path = "../../examples/permissions.rs"]
#[expect(dead_code, reason = "an example's `main` is not called here")]
mod permissions;
#[path = "../../examples/revoke_me.rs"]
#[expect(dead_code, reason = "an example's `main` is not called here")]
mod revoke_me;

#[tokio::test]
async fn revoke_me_signs_the_user_out() {
    let server = server(json(200, SUCCESS)).await;
    let token = StaticToken::new(TOKEN).unwrap();
    let revoked = revoke_me::revoke_me(cloud(&server), token).await.unwrap();
    assert_eq!(revoked.confirmation, Confirmation::True);
    assert_eq!(
        received(&server).await[0].url.path(),
        "/v1.0/me/revokeSignInSessions"
    );
}

#[test]
fn permissions_prints_one_line_a_call() {
    let mut out = Vec::new();
    permissions::print(&mut out).unwrap();
    assert_eq!(
        String::from_utf8(out).unwrap(),
        r#"{"calls":["POST /me/revokeSignInSessions"],"scheme":"delegated"}
{"calls":["POST /users/{id}/revokeSignInSessions"],"scheme":"delegated"}
{"calls":["POST /users/{id}/revokeSignInSessions"],"scheme":"application"}
{"calls":["POST /me/invalidateAllRefreshTokens"],"scheme":"delegated"}
{"calls":["POST /me/invalidateAllRefreshTokens"],"scheme":"personal"}
{"calls":["POST /users/{id}/invalidateAllRefreshTokens"],"scheme":"delegated"}
{"calls":["POST /users/{id}/invalidateAllRefreshTokens"],"scheme":"personal"}
{"calls":["POST /users/{id}/invalidateAllRefreshTokens"],"scheme":"application"}
"#
    );
}
