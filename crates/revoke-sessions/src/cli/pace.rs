//! How fast a run goes, and how long it waits.

use std::num::NonZeroU32;

use clap::Args;
use msgraph_sessions::bulk::Pace;

/// Seconds of an outage that a run waits for, unless told otherwise.
const MAX_OUTAGE: u64 = 15 * 60;

/// How fast.
#[derive(Debug, Args)]
#[command(next_help_heading = "Pace")]
pub(crate) struct PaceOptions {
    /// Users a second [default: Graph's quota for one app: 3,000 at once, then 20 a second]
    #[arg(long, value_name = "N", value_parser = rate)]
    pub(crate) rate: Option<f64>,
    /// Users at once before the rate holds [default: 1 with --rate]
    #[arg(long, value_name = "N", requires = "rate")]
    pub(crate) burst: Option<NonZeroU32>,
    /// Requests under way at the same time, at most [default: as many as the rate needs, up to 128]
    #[arg(long, value_name = "N")]
    pub(crate) concurrency: Option<NonZeroU32>,
    /// Seconds to wait while the service fails for every user, before the run ends
    #[arg(long, value_name = "SECONDS", default_value_t = MAX_OUTAGE)]
    pub(crate) max_outage: u64,
}

impl PaceOptions {
    pub(crate) fn pace(&self) -> Pace {
        match self.rate {
            Some(rate) => Pace::new(self.burst.map_or(1, NonZeroU32::get), rate)
                .expect("the command line takes only rates of which a pace can be made"),
            None => Pace::default(),
        }
    }

    /// The same options as words of a command line; what is the default is left out.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let outage = Some(self.max_outage).filter(|n| *n != MAX_OUTAGE);
        [
            ("--rate", self.rate.map(|rate| rate.to_string())),
            ("--burst", self.burst.map(|burst| burst.to_string())),
            ("--concurrency", self.concurrency.map(|n| n.to_string())),
            ("--max-outage", outage.map(|n| n.to_string())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some([name.to_owned(), value?]))
        .flatten()
        .collect()
    }
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text
        .parse()
        .map_err(|_| "write a number of users a second, such as 5".to_owned())?;
    Pace::new(1, rate)
        .map(|_| rate)
        .map_err(|error| error.to_string())
}
