//! The calls that Rust makes: every function of another language, one after the other.

use abide::prelude::*;
use serde_json::{Map, Value, json};

use crate::values;

#[durable]
async fn calls(to: String) -> Result<Map<String, Value>> {
    let mut got = Map::new();
    let mut put = |name: &str, value: Value| drop(got.insert(name.to_owned(), value));
    put("zero", rpc("zero", ()).on(&to).await?);
    put("many", rpc("many", values::several()).on(&to).await?);
    for (name, value) in values::all() {
        put(name, rpc("one", (value,)).on(&to).await?);
    }
    let error = rpc::<Value>("broken", ("out of order",)).on(&to).await;
    put("plain_error", described(error));
    let error = rpc::<Value>("declined", (1999,)).on(&to).await;
    put("typed_error", described(error));
    Ok(got)
}

/// An error, as Rust sees it.
fn described(result: Result<Value>) -> Value {
    match result {
        Ok(value) => json!({ "instead": value }),
        Err(error) => json!({
            "message": error.message(),
            "name": error.name(),
            "stack": error.stack().is_some(),
        }),
    }
}
