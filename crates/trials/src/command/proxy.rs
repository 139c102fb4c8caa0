use std::{net::SocketAddr, ops::RangeInclusive, time::Duration};

use abide_trials::proxy::{Delay, Faults, Proxy};
use clap::Args;
use http::uri::Authority;

/// Stands between clients and a server, as a bad network does.
///
/// Prints `listening on ADDRESS` when it is ready, and what it has done when it is told to stop
/// (SIGTERM, Ctrl-C). Probabilities are from 0 to 1.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Where it listens.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The server, as HOST:PORT.
    #[arg(long)]
    to: Authority,
    /// Resets the connection of a request: before the server hears of it, or after it has answered.
    #[arg(long, value_name = "P", default_value_t = 0.0, value_parser = probability)]
    reset: f64,
    /// Delays a request, or its answer.
    #[arg(long, value_name = "P", default_value_t = 0.0, value_parser = probability)]
    delay: f64,
    /// By how much, in milliseconds.
    #[arg(long, value_name = "A..B", default_value = "0..300", value_parser = span)]
    delay_ms: RangeInclusive<Duration>,
    /// Delivers a message twice.
    #[arg(long, value_name = "P", default_value_t = 0.0, value_parser = probability)]
    repeat: f64,
    /// Resets a stream after a message.
    #[arg(long, value_name = "P", default_value_t = 0.0, value_parser = probability)]
    cut: f64,
    /// Loses an `execute` (the message that may be lost).
    #[arg(long, value_name = "P", default_value_t = 0.0, value_parser = probability)]
    lose: f64,
    /// What chance starts from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn probability(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if (0.0..=1.0).contains(&number) => Ok(number),
        _ => Err("a probability is a number from 0 to 1".to_owned()),
    }
}

fn span(text: &str) -> Result<RangeInclusive<Duration>, String> {
    let parts = text
        .split_once("..")
        .and_then(|(least, most)| Some((least.parse::<u64>().ok()?, most.parse::<u64>().ok()?)));
    match parts {
        Some((least, most)) if least <= most => {
            Ok(Duration::from_millis(least)..=Duration::from_millis(most))
        }
        _ => Err("a span is two numbers of milliseconds, such as 0..300".to_owned()),
    }
}

impl Arguments {
    pub(crate) fn run(self) -> Result<(), super::Fault> {
        let faults = Faults {
            reset: self.reset,
            delay: Delay { probability: self.delay, span: self.delay_ms },
            repeat: self.repeat,
            cut: self.cut,
            lose: self.lose,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let mut stop =
                tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
            let proxy = Proxy::bind(self.listen, self.to, faults, self.seed).await?;
            println!("listening on {}", proxy.address()?);
            let tally = proxy.tally();
            tokio::select! {
                () = proxy.run() => {}
                _ = stop.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            println!("{}", tally());
            Ok(())
        })
    }
}
