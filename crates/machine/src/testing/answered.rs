use abide_protocol::{Request, Response};

use super::State;

/// What a driver has answered.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    /// What was asked.
    pub request: &'a Request,
    /// The answer.
    pub response: &'a Response,
    /// The state that it tells of.
    pub after: State<'a>,
}
