//! Which Graph.

use clap::Args;
use msgraph_sessions::Cloud;

use crate::failure::Failure;

const GRAPH_VARIABLE: &str = "REVOKE_SESSIONS_GRAPH";
const AUTHORITY_VARIABLE: &str = "REVOKE_SESSIONS_AUTHORITY";

/// Which Graph.
#[derive(Debug, Args)]
#[command(next_help_heading = "Cloud")]
pub(crate) struct CloudOptions {
    /// global, us-gov, us-gov-dod or china [default: global]
    #[arg(long, value_name = "NAME", value_parser = cloud)]
    pub(crate) cloud: Option<Cloud>,
    /// Root address of Graph, for a proxy or a test server: https, or http on this machine
    #[arg(
        long,
        value_name = "URL",
        requires = "authority",
        env = GRAPH_VARIABLE,
        hide_env_values = true
    )]
    pub(crate) graph: Option<String>,
    /// Address to sign in at, with --graph
    #[arg(
        long,
        value_name = "URL",
        requires = "graph",
        env = AUTHORITY_VARIABLE,
        hide_env_values = true
    )]
    pub(crate) authority: Option<String>,
}

impl CloudOptions {
    /// The cloud that was asked for, if any.
    pub(crate) fn asked(&self) -> Result<Option<Cloud>, Failure> {
        let given = [
            ("--graph", GRAPH_VARIABLE, &self.graph),
            ("--authority", AUTHORITY_VARIABLE, &self.authority),
        ];
        let given = given
            .into_iter()
            .find_map(|(option, variable, value)| Some((option, variable, value.as_ref()?)));
        if let (Some(_), Some((option, variable, value))) = (&self.cloud, given) {
            // An option that was not typed is not looked for.
            let from_environment = std::env::var(variable).is_ok_and(|known| known == *value);
            return Err(Failure::TwoClouds {
                other: match from_environment {
                    true => format!("the environment variable {variable}"),
                    false => option.to_owned(),
                },
            });
        }
        match (&self.graph, &self.authority) {
            (Some(graph), Some(authority)) => Ok(Some(Cloud::custom(graph, authority)?)),
            _ => Ok(self.cloud.clone()),
        }
    }
}

impl CloudOptions {
    /// The same options as words of a command line.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let cloud = self.cloud.as_ref().map(Cloud::name);
        [
            ("--cloud", cloud),
            ("--graph", self.graph.as_deref()),
            ("--authority", self.authority.as_deref()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some([name.to_owned(), value?.to_owned()]))
        .flatten()
        .collect()
    }
}

fn cloud(text: &str) -> Result<Cloud, String> {
    text.parse()
        .map_err(|error: msgraph_sessions::CloudError| error.to_string())
}
