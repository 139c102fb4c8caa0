//! `abide serve`, and what `abide dev` shares with it.

use std::{
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use abide_server::{
    BindError, DEFAULT_METRICS_PORT, DEFAULT_PORT, Data, Options, Origins, Server, signalled,
};
use clap::Args;

use crate::{clock, exit::Exit, fault::Fault, log, output};

/// Serve durable functions and promises from a directory
///
/// Whatever the server acknowledged survives kill -9 and a loss of power: it is synced to the
/// disk first. One process at a time owns the directory.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  abide serve --data /var/lib/abide
  abide serve --data ./data --port 8002 --metrics-port off
  ABIDE_TOKEN=secret abide serve --data ./data --bind 0.0.0.0")]
pub(crate) struct Serve {
    /// The directory of the data, created if it is missing
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    #[command(flatten)]
    listen: Listen,
}

impl Serve {
    /// Carries it out.
    pub(crate) async fn run(self) -> Result<Exit, Fault> {
        self.listen.serve(Data::Directory(self.data)).await
    }
}

/// How a server listens and behaves.
#[derive(Args, Clone, Debug)]
pub(crate) struct Listen {
    /// The port of the API; 0 takes any free one
    #[arg(long, value_name = "PORT", default_value_t = DEFAULT_PORT)]
    port: u16,
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    bind: IpAddr,
    /// The port of the metrics: `off` for none, 0 for any free one
    #[arg(long, value_name = "PORT", default_value_t = MetricsPort(Some(DEFAULT_METRICS_PORT)))]
    metrics_port: MetricsPort,
    /// How often a task is offered again to workers that do not take it
    #[arg(long, value_name = "SPAN", default_value = "5s", value_parser = clock::span)]
    retry_interval: Duration,
    /// Serve the debug.* requests, which can stop the clock and empty the store
    #[arg(long)]
    debug: bool,
    /// Serve the protocol as published, without the extensions of Abide
    #[arg(long, env = "ABIDE_PLAIN", value_parser = clap::builder::FalseyValueParser::new())]
    plain: bool,
    /// The token that every request must carry
    #[arg(long, value_name = "TOKEN", env = "ABIDE_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// The URL under which workers reach this server, if not the address it listens on
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// A web page that may use this server, by its origin, or `*`; repeat it for more [default:
    /// pages served from this machine]
    #[arg(long = "origin", value_name = "ORIGIN")]
    origins: Vec<String>,
    /// What to log: a level, or levels by target
    #[arg(long, value_name = "LEVEL", env = "ABIDE_LOG", default_value = "warn")]
    log: log::Filter,
    /// Log JSON, one event a line
    #[arg(long)]
    log_json: bool,
    /// Added to each sync of the disk, to measure what a slower disk would do
    #[arg(long, value_name = "SPAN", default_value = "0s", value_parser = clock::span,
          hide = true)]
    sync_delay: Duration,
}

/// A port, or none.
#[derive(Clone, Copy, Debug)]
struct MetricsPort(Option<u16>);

impl FromStr for MetricsPort {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "off" => Ok(MetricsPort(None)),
            text => text
                .parse()
                .map(|port| MetricsPort(Some(port)))
                .map_err(|_| "write a port from 0 to 65535, or off".to_owned()),
        }
    }
}

impl std::fmt::Display for MetricsPort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(port) => port.fmt(f),
            None => f.write_str("off"),
        }
    }
}

impl Listen {
    /// Serves this data until the process is asked to end.
    pub(crate) async fn serve(self, data: Data) -> Result<Exit, Fault> {
        log::start(&self.log, self.log_json);
        let place = place(&data);
        let options = self.options(data);
        let server = Server::bind(options).await.map_err(|error| fault(&error, &self))?;
        let metrics = match server.metrics_address() {
            Some(address) => format!(", metrics on http://{address}/metrics"),
            None => String::new(),
        };
        // Whoever reads the line may ask it to end at once.
        let asked_to_end = signalled();
        output::say(&format!("abide listens on {}{metrics}, {place}", server.url()));
        server.serve(asked_to_end).await;
        Ok(Exit::Done)
    }

    fn options(&self, data: Data) -> Options {
        Options {
            bind: self.bind,
            port: self.port,
            metrics_port: self.metrics_port.0,
            debug: self.debug,
            plain: self.plain,
            retry_interval: self.retry_interval,
            token: self.token.clone(),
            server_url: self.public_url.clone(),
            origins: origins(&self.origins),
            sync_delay: self.sync_delay,
            ..Options::new(data)
        }
    }
}

fn origins(given: &[String]) -> Origins {
    if given.is_empty() {
        Origins::Local
    } else if given.iter().any(|origin| origin == "*") {
        Origins::Any
    } else {
        Origins::Only(given.to_vec())
    }
}

fn place(data: &Data) -> String {
    match data {
        Data::Memory => "data in memory only (--data DIR keeps it)".to_owned(),
        Data::Directory(path) => {
            let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            format!("data in {}", path.display())
        }
    }
}

/// Says what to do about a server that does not start.
fn fault(error: &BindError, listen: &Listen) -> Fault {
    let fault = Fault::new(Exit::Failed, error.to_string());
    let (address, source) = match error {
        BindError::Listen { address, source } => (address, source),
        BindError::Open(_) => return fault.hint("another directory is chosen by --data DIR"),
        BindError::Option(_) | BindError::Threads(_) => return fault,
    };
    let metrics = listen.metrics_port.0 == Some(address.port()) && listen.port != address.port();
    let other = if metrics { "--metrics-port PORT (or off)" } else { "--port PORT" };
    match source.kind() {
        ErrorKind::AddrInUse => fault.hint(format!(
            "another process listens there: stop it, or choose another port by {other}"
        )),
        ErrorKind::PermissionDenied => {
            fault.hint(format!("choose a port above 1023 by {other}, or run it with the right to"))
        }
        ErrorKind::AddrNotAvailable => {
            fault.hint("this machine has no such address: choose another by --bind ADDRESS")
        }
        _ => fault,
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use abide_server::{BindError, Origins};
    use clap::{Args, Command, FromArgMatches};

    use super::{Listen, fault, origins};

    fn listen(args: &[&str]) -> Listen {
        let command = Listen::augment_args(Command::new("abide").no_binary_name(true));
        Listen::from_arg_matches(&command.get_matches_from(args)).unwrap()
    }

    #[test]
    fn a_port_in_use_names_the_option_that_helps() {
        let listen = listen(&["--port", "8001", "--metrics-port", "9090"]);
        let in_use = |port: u16| BindError::Listen {
            address: ([127, 0, 0, 1], port).into(),
            source: io::ErrorKind::AddrInUse.into(),
        };
        assert!(fault(&in_use(8001), &listen).hint.unwrap().contains("--port PORT"));
        assert!(
            fault(&in_use(9090), &listen).hint.unwrap().contains("--metrics-port PORT (or off)")
        );
    }

    #[test]
    fn origins_are_local_unless_given() {
        assert_eq!(origins(&[]), Origins::Local);
        assert_eq!(origins(&["https://a".into(), "*".into()]), Origins::Any);
        assert_eq!(origins(&["https://a".into()]), Origins::Only(vec!["https://a".into()]));
    }

    #[test]
    fn the_metrics_can_be_turned_off() {
        assert_eq!(listen(&["--metrics-port", "off"]).metrics_port.0, None);
        assert_eq!(listen(&[]).metrics_port.0, Some(9090));
    }
}
