//! What the scripts run through: more of Abide in each.

mod inside;
mod machine;
mod node;
mod wire;

use abide_protocol::{Id, Request, Response};

pub(crate) use self::{inside::Inside, machine::Machine, node::Node, wire::Wire};

/// Something that carries out requests, at once and in this thread.
pub(crate) trait System {
    /// Carries out a request.
    fn call(&mut self, request: Request) -> Response;

    /// Carries out several, in their order.
    fn batch(&mut self, requests: Vec<Request>) -> Vec<Response> {
        requests.into_iter().map(|request| self.call(request)).collect()
    }

    /// The tasks that were offered since it was last asked, each with the version to acquire.
    fn offers(&mut self) -> Vec<(Id, i64)>;
}
