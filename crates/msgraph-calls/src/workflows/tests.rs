use crate::testing::{api, show, source};

fn reads(text: &str) -> String {
    let source = source("workflow.json", text);
    assert!(super::claims(&source), "not taken for a workflow");
    let evidence = super::read(&source, &api()).expect("the test's JSON is right");
    show(&source, &evidence)
}

#[test]
fn actions_of_every_kind_are_read() {
    insta::assert_snapshot!(reads(
        r##"{
  "definition": {
    "parameters": {"graph": {"type": "String", "defaultValue": "https://graph.microsoft.com"},
      "group": {"type": "String", "defaultValue": ""}},
    "triggers": {"hook": {"type": "HttpWebhook", "inputs": {"subscribe": {"method": "POST",
      "uri": "https://graph.microsoft.com/v1.0/users"}}}},
    "actions": {
      "revoke": {"runAfter": {}, "type": "Http", "inputs": {
        "authentication": {"audience": "https://graph.microsoft.com", "type": "ManagedServiceIdentity"},
        "method": "POST",
        "uri": "https://graph.microsoft.com/beta//users/@{triggerBody()?['id']}/revokeSignInSessions"}},
      "loop": {"type": "Foreach", "actions": {
        "disable": {"runAfter": {"revoke": ["Succeeded"]}, "type": "Http", "inputs": {"method": "PATCH",
          "uri": "@{concat('https://graph.microsoft.com/v1.0/users/', item()?['id'])}"}}}},
      "list": {"type": "Http", "inputs": {"method": "GET",
        "uri": "@{parameters('graph')}/v1.0/users?$filter=startswith(x, '/a/b')"}},
      "emptyDefault": {"type": "Http", "inputs": {"method": "GET",
        "uri": "https://graph.microsoft.com/v1.0/groups/@{parameters('group')}/members"}},
      "variableHost": {"type": "Http", "inputs": {"method": "GET",
        "uri": "@{variables('host')}/v1.0/users/@{item()}"}},
      "invoke": {"type": "OpenApiConnection", "inputs": {"host": {"operationId": "InvokeHttp"},
        "parameters": {"request/method": "GET", "request/url": "https://graph.microsoft.com/v1.0/me"}}},
      "batch": {"type": "Http", "inputs": {"method": "POST", "uri": "https://graph.microsoft.com/v1.0/$batch",
        "body": {"requests": [
          {"id": "1", "method": "GET", "url": "/me/manager"},
          {"id": "2", "method": "POST", "url": "/users/@{item()}/revokeSignInSessions"}]}}}
    }
  }
}"##
    ));
}

#[test]
fn what_cannot_be_known_is_said() {
    insta::assert_snapshot!(reads(
        r##"{"definition": {"actions": {
  "connector": {"type": "ApiConnection", "inputs": {"method": "patch",
    "host": {"connection": {"name": "@parameters('$connections')['azuread']['connectionId']"}},
    "path": "/v1.0/users/@{item()}"}},
  "flow": {"type": "OpenApiConnection", "inputs": {"host": {"apiId": "/providers/Microsoft.PowerApps/apis/shared_office365users"}}},
  "mail": {"type": "ApiConnection", "inputs": {"method": "post",
    "host": {"connection": {"name": "@parameters('$connections')['office365']['connectionId']"}},
    "path": "/v2/Mail"}},
  "address": {"type": "Http", "inputs": {"method": "GET", "uri": "@variables('next')",
    "authentication": {"type": "ManagedServiceIdentity", "audience": "https://graph.microsoft.com"}}},
  "method": {"type": "Http", "inputs": {"method": "@{variables('verb')}", "uri": "https://graph.microsoft.com/v1.0/users/x"}},
  "word": {"type": "Http", "inputs": {"method": "GET", "uri": "https://graph.microsoft.com/v1.0/users/@{item()}/@{item()}"}},
  "other": {"type": "Http", "inputs": {"method": "GET", "uri": "https://management.azure.com/users/x"}},
  "otherVariable": {"type": "Http", "inputs": {"method": "GET", "uri": "@variables('next')"}}
}}}"##
    ));
}

#[test]
fn a_variable_with_two_values_has_none() {
    insta::assert_snapshot!(reads(
        r##"{"actions": {
  "init": {"type": "InitializeVariable", "inputs": {"variables": [{"name": "base", "type": "string", "value": "https://graph.microsoft.com/v1.0"}]}},
  "initOther": {"type": "InitializeVariable", "inputs": {"variables": [{"name": "path", "type": "string", "value": "users"}]}},
  "set": {"type": "SetVariable", "inputs": {"name": "path", "value": "groups"}},
  "get": {"type": "Http", "inputs": {"method": "GET", "uri": "@{variables('base')}/@{variables('path')}"}}
}}"##
    ));
}

#[test]
fn broken_json_is_no_workflow() {
    let source = source("workflow.json", "{\"actions\": {\"Http\": ");
    assert!(super::read(&source, &api()).is_none());
}

#[test]
fn a_workflow_that_bicep_deploys_is_read() {
    let text = r#"param location string = resourceGroup().location
var graph = 'https://graph.microsoft.com'
resource revoke 'Microsoft.Logic/workflows@2019-05-01' = if (enabled) {
  name: 'revoke'
  identity: { type: 'SystemAssigned' }
  properties: {
    definition: {
      '$schema': 'https://schema.management.azure.com/x'
      actions: {
        For_each: {
          type: 'Foreach'
          actions: {
            'Revoke sessions': {
              runAfter: {} // first
              type: 'Http'
              inputs: {
                method: 'POST'
                uri: '${graph}/v1.0/users/@{outputs(\'Compose\')}/revokeSignInSessions'
                authentication: { audience: graph, type: 'ManagedServiceIdentity' }
              }
            }
          }
        }
        Read: {
          type: 'Http'
          inputs: { method: 'GET', uri: 'https://graph.microsoft.com/v1.0/groups/${group.id}/members' }
        }
        Elsewhere: {
          type: 'Http'
          inputs: { method: 'GET', uri: 'https://example.com/users/1' }
        }
      }
    }
    parameters: { list: [for x in range(0, 2): { name: 'a${x}' }] }
  }
}
"#;
    let source = source("playbook.bicep", text);
    assert!(super::bicep::claims(&source));
    insta::assert_snapshot!(show(&source, &super::read_bicep(&source, &api())));
}

proptest::proptest! {
    #[test]
    fn no_text_of_bicep_stops_the_reader(tail in "[a-zé{}\\[\\]()'$:,\\\\ \n]{0,80}") {
        let text = format!("resource w 'Microsoft.Logic/workflows@x' = {tail}");
        let source = source("w.bicep", &text);
        super::read_bicep(&source, &api());
    }
}
