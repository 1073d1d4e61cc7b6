//! Scripts in pipelines: their calls have their places in the file.

use crate::testing::{api, show, source};
use crate::{Helpers, Options, scan};

#[test]
fn steps_of_a_pipeline_are_scanned_in_their_language() {
    let source = source(
        "azure-pipelines.yml",
        r#"steps:
  - task: AzureCLI@2
    inputs:
      scriptType: bash
      inlineScript: |
        az rest --method POST \
          --url "https://graph.microsoft.com/v1.0/users/$USER_ID/revokeSignInSessions"
  - pwsh: |
      Update-MgUser -UserId $id -AccountEnabled:$false
      Get-MgGroupMember -GroupId $g
  - script: curl -X DELETE https://graph.microsoft.com/v1.0/users/$X
  - uses: actions/github-script@v7
    with:
      script: |
        await fetch("https://graph.microsoft.com/v1.0/groups/" + id, { method: "PATCH" });
"#,
    );
    let evidence = scan(&source, &api(), &Helpers::default(), &Options::default());
    insta::assert_snapshot!(show(&source, &evidence));
}

#[test]
fn runs_of_a_dockerfile_are_scanned() {
    let source = source(
        "Dockerfile",
        "FROM mcr.microsoft.com/azure-cli\nRUN az rest --method get \\\n  --url https://graph.microsoft.com/v1.0/me\n",
    );
    let evidence = scan(&source, &api(), &Helpers::default(), &Options::default());
    insta::assert_snapshot!(show(&source, &evidence));
}
