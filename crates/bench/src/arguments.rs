use std::{path::PathBuf, time::Duration};

use clap::Parser;

/// Measures an Abide server: throughput, latency and processor time
#[derive(Parser, Debug)]
pub(crate) struct Arguments {
    /// The server's binary [default: abide beside this one]
    #[arg(long, value_name = "PATH")]
    pub(crate) server: Option<PathBuf>,
    /// Where the data are put, in a directory of their own that is removed afterwards [default:
    /// the system's directory for temporary files]
    #[arg(long, value_name = "DIR")]
    pub(crate) scratch: Option<PathBuf>,
    /// What to measure; repeat it for more [default: all]
    #[arg(long = "only", value_parser = ["start", "get", "create", "settle", "life", "delivery"])]
    only: Vec<String>,
    /// How many operations are in flight; repeat it for more
    #[arg(long, value_name = "COUNT", default_values_t = [1, 16, 64, 256])]
    pub(crate) in_flight: Vec<usize>,
    /// How long each load is measured
    #[arg(long, value_name = "SPAN", default_value = "3s", value_parser = humantime::parse_duration)]
    pub(crate) time: Duration,
    /// Added by the server to each sync of the disk
    #[arg(long, value_name = "SPAN", default_value = "0s", value_parser = humantime::parse_duration)]
    pub(crate) sync_delay: Duration,
    /// Keep the data in memory: what the server costs without a disk
    #[arg(long)]
    pub(crate) memory: bool,
    /// Create this many pending promises at last, and look at memory and disk
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    pub(crate) pending: usize,
    /// Have one worker execute this many executions of all kinds, and look at its memory
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    pub(crate) soak: u32,
}

impl Arguments {
    pub(crate) fn runs(&self, what: &str) -> bool {
        let measures = self.pending == 0 && self.soak == 0;
        self.only.is_empty() && measures || self.only.iter().any(|only| only == what)
    }
}
