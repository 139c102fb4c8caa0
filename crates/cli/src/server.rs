//! The server that the commands talk to.

use std::time::Duration;

use abide_client::{HttpLink, Link, LinkError};
use abide_protocol::{Id, PromiseGet, PromiseRecord, Request, Response};
use clap::Args;

use crate::{exit::Exit, fault::Fault, output::note};

/// How long a request may take: the server answers in milliseconds, so what takes this long
/// is down.
const TIMEOUT: Duration = Duration::from_secs(10);

// Which server, and for whom the output is. (Not a doc comment: clap would show it as the help of
// every command that flattens it.)
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Connection and output")]
pub(crate) struct ServerArgs {
    /// The server
    #[arg(long, value_name = "URL", env = "ABIDE_URL", default_value = "http://127.0.0.1:8001")]
    pub(crate) url: String,
    /// The token to authenticate with
    #[arg(long, value_name = "TOKEN", env = "ABIDE_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
    /// Print JSON, one record a line, for programs
    #[arg(long)]
    pub(crate) json: bool,
}

/// A connection to the server.
pub(crate) struct Server {
    link: HttpLink,
}

impl Server {
    /// The server of these arguments. No connection is made yet.
    pub(crate) fn new(args: &ServerArgs) -> Result<Self, Fault> {
        let link = HttpLink::with(&args.url, args.token.as_deref(), TIMEOUT).map_err(fault)?;
        Ok(Server { link })
    }

    /// Sends a request. A refusal is a fault that speaks of `what`, such as `promise "a"`.
    pub(crate) async fn ask(&self, request: Request, what: &str) -> Result<Response, Fault> {
        let response = self.link.call(request).await.map_err(fault)?;
        match response.message() {
            Some(_) => Err(Fault::refusal(&response, what)),
            None => Ok(response),
        }
    }

    /// Reads a promise.
    pub(crate) async fn promise(&self, id: &str) -> Result<std::sync::Arc<PromiseRecord>, Fault> {
        let request = Request::PromiseGet(PromiseGet { id: Id::from(id) });
        promise_of(&self.ask(request, &format!("promise {id:?}")).await?)
    }

    /// Waits until a promise is settled, however long, also across restarts of the server.
    ///
    /// It asks again at a growing pace rather than to listen: whoever interrupts the wait would
    /// leave a listener behind, and its message would wait for ever for a receiver that never
    /// comes back.
    pub(crate) async fn settled(&self, id: &str) -> Result<std::sync::Arc<PromiseRecord>, Fault> {
        let mut pause = FIRST_PAUSE;
        let mut said = false;
        loop {
            match self.promise(id).await {
                Ok(promise) if !promise.is_pending() => return Ok(promise),
                Ok(_) => said = false,
                Err(fault) if fault.exit == Exit::Unavailable => {
                    if !said {
                        note(&format!("{}; still waiting", fault.message));
                    }
                    said = true;
                }
                Err(fault) => return Err(fault),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        }
    }
}

/// The first pause between two looks at a promise that is waited for.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
/// The longest such pause: what a person does not notice.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

fn fault(error: LinkError) -> Fault {
    let fault = |exit| Fault::new(exit, error.to_string());
    match &error {
        LinkError::Url { .. } => fault(Exit::Usage).hint("give it by --url or ABIDE_URL"),
        LinkError::Unreachable { .. } => fault(Exit::Unavailable)
            .hint("start a server by `abide dev`, or name the one to use by --url or ABIDE_URL"),
        LinkError::Interrupted { .. } => fault(Exit::Unavailable)
            .hint("the request may have been carried out; all requests can safely be repeated"),
        LinkError::Unreadable { .. } => {
            fault(Exit::Failed).hint("does the URL name an Abide or Resonate server?")
        }
    }
}

/// The promise in a response.
pub(crate) fn promise_of(response: &Response) -> Result<std::sync::Arc<PromiseRecord>, Fault> {
    response.promise().cloned().ok_or_else(|| unexpected("a promise"))
}

/// The answer lacks what its kind promises; the client's reader refuses that already.
pub(crate) fn unexpected(wanted: &str) -> Fault {
    Fault::new(Exit::Failed, format!("the server's answer holds no {wanted}"))
}
