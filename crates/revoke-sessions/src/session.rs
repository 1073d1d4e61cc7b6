//! What every command does around its sending: sign in, ask, report.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::time::Duration;

use msgraph_sessions::{Client, Cloud};

use crate::caller::{Caller, SignedIn};
use crate::cli::{Common, Format};
use crate::confirm;
use crate::failure::Failure;
use crate::progress::{Progress, say};
use crate::report::{self, Plan, Summary};
use crate::words::counted;

/// A client, and who is behind it.
pub(crate) struct Session {
    pub(crate) client: Client,
    pub(crate) caller: Caller,
}

impl Session {
    /// Signs in.
    pub(crate) async fn open(common: &Common, cloud: Cloud) -> Result<Self, Failure> {
        let network = common.network.network()?;
        let tokens = common.auth.sign_in(&cloud, &network).await?;
        let client = Client::builder(tokens)
            .network(network)
            .cloud(cloud)
            .timeout(Duration::from_secs_f64(common.timeout))
            .application(concat!("revoke-sessions/", env!("CARGO_PKG_VERSION")))
            .build()?;
        let token = client.token().await?;
        let caller = Caller::of_token(token.secret());
        Ok(Session { client, caller })
    }

    /// Who is signed in, for people.
    pub(crate) fn sender(&self) -> String {
        let app = match &self.caller.client_id {
            Some(id) => format!("app {id}"),
            None => "an app".to_owned(),
        };
        match &self.caller.signed_in {
            SignedIn::App => format!("{app}, without a user"),
            SignedIn::User { id, name } => {
                let user = name.as_deref().or(id.as_deref()).unwrap_or("a user");
                format!("{user}, through {app}")
            }
            SignedIn::Unknown => "not said by the access token".to_owned(),
        }
    }
}

/// Refuses early what would only end at the question.
pub(crate) fn check_yes(common: &Common) -> Result<(), Failure> {
    if common.yes || confirm::can_ask() {
        Ok(())
    } else {
        Err(Failure::NoTerminal)
    }
}

/// Shows the plan and asks.
pub(crate) fn confirm(common: &Common, plan: &Plan<'_>) -> Result<(), Failure> {
    say(report::plan_text(plan).trim_end());
    if common.yes {
        return Ok(());
    }
    let users = counted(plan.send, "user", "users");
    if confirm::ask(&format!("\nRevoke the sign-in sessions of {users}?"))? {
        Ok(())
    } else {
        Err(Failure::NotConfirmed)
    }
}

/// The progress of so many users, as fits where standard error goes.
pub(crate) fn progress(users: usize, least: Duration) -> Progress {
    Progress::new(users, least, io::stderr().is_terminal())
}

/// Says who can read a journal, where the program cannot see to it that its owner alone can.
pub(crate) fn say_who_can_read(journal: &Path) {
    if cfg!(not(unix)) {
        say(&format!(
            "The journal {} names users. It has the permissions of its folder: choose one that only \
             you can read.",
            journal.display()
        ));
    }
}

/// Gives the summary.
pub(crate) fn show_summary(format: Format, summary: &Summary<'_>) -> Result<(), Failure> {
    print(&match format {
        Format::Text => report::summary_text(summary),
        Format::Json => report::summary_json(summary)? + "\n",
    })
}

/// Gives the plan of a dry run.
pub(crate) fn show_plan(format: Format, plan: &Plan<'_>) -> Result<(), Failure> {
    print(&match format {
        Format::Text => report::plan_text(plan),
        Format::Json => report::plan_json(plan)? + "\n",
    })
}

/// Writes a result. A reader that has closed its end (`| head`) has seen enough.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
