//! What resolve, reject and cancel share.

use std::sync::Arc;

use abide_protocol::{PromiseSettle, PromiseState, Request, SettleState, Value};

use crate::{
    exit::Exit,
    fault::Fault,
    output::{Output, note},
    render::style,
    server::{Server, promise_of},
};

/// Settles a promise and shows it. One that came out otherwise is shown too, and is a conflict:
/// the first settlement stands.
pub(crate) async fn settle(
    id: &str,
    state: SettleState,
    value: Value,
    server: &Server,
    output: &mut Output,
) -> Result<Exit, Fault> {
    let value = Arc::new(value);
    let settle = PromiseSettle { id: id.into(), state, value: value.clone() };
    let response = server.ask(Request::PromiseSettle(settle), &format!("promise {id:?}")).await?;
    let promise = promise_of(&response)?;
    output.show(&promise)?;
    if promise.state == PromiseState::from(state) && promise.value == value {
        return Ok(Exit::Done);
    }
    let word = style::promise_word(promise.state);
    note(&format!("it was settled before ({word}), and the first settlement stands"));
    Ok(Exit::Conflict)
}
