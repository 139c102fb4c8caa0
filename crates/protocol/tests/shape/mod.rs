//! Any value of every shape that travels.

mod records;
mod requests;
mod responses;

pub(crate) use records::{promise, text};
pub(crate) use requests::request;
pub(crate) use responses::response;
