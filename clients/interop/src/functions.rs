//! What the others call.

use abide::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[durable]
async fn zero() -> Result<String> {
    Ok("nothing given".to_owned())
}

#[durable]
async fn one(value: Value) -> Result<Value> {
    Ok(value)
}

/// Gives its arguments back, the last one first.
#[durable]
async fn many(a: Value, b: Value, c: Value, d: Value) -> Result<[Value; 4]> {
    Ok([d, c, b, a])
}

#[durable(retry = Retry::never())]
async fn broken(message: String) -> Result<()> {
    Err(Error::application(message))
}

/// An error with a type of its own.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Declined {
    Card { name: String, message: String, cents: u32 },
    Other(Error),
}

impl From<Error> for Declined {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

#[durable(retry = Retry::never())]
async fn declined(cents: u32) -> Result<(), Declined> {
    let message = format!("the card was declined for {cents} cents");
    Err(Declined::Card { name: "Declined".to_owned(), message, cents })
}
