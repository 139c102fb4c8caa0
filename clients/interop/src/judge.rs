//! What one language must get from another.

use serde_json::{Map, Value, json};

use crate::values;

/// Judges all that a caller got, a line a scenario.
pub(crate) fn all(from: &str, to: &str, got: &Value) {
    for (name, wanted) in wanted(from, to) {
        match got.get(name) {
            Some(got) if agrees(&wanted, got) => println!("ok {name}"),
            Some(got) => {
                println!("wrong {name}: expected {}, got {}", brief(&wanted), brief(got));
            }
            None => println!("wrong {name}: there is no answer to it"),
        }
    }
}

fn wanted(from: &str, to: &str) -> Vec<(&'static str, Value)> {
    let (a, b, c, d) = values::several();
    let mut wanted = vec![("zero", json!("nothing given")), ("many", json!([d, c, b, a]))];
    wanted.extend(values::all());
    wanted.push(("plain_error", error(from, to, "out of order", plain_name(to))));
    let message = "the card was declined for 1999 cents";
    wanted.push(("typed_error", error(from, to, message, "Declined")));
    wanted
}

/// The name of the plain error, where it has one.
fn plain_name(to: &str) -> &'static str {
    if to == "typescript" { "RangeError" } else { "Error" }
}

/// What a caller is told of an error. Python sends the message alone and shows nothing else; Rust
/// has no stack to send.
fn error(from: &str, to: &str, message: &str, name: &str) -> Value {
    let mut told = Map::new();
    told.insert("message".to_owned(), message.into());
    if from != "python" && to != "python" {
        told.insert("name".to_owned(), name.into());
    }
    if from == "rust" && to == "typescript" {
        told.insert("stack".to_owned(), true.into());
    }
    told.into()
}

/// Whether they are equal: of an error, whether it has what is wanted; of a number, whether it is
/// the same number, however it is written.
fn agrees(wanted: &Value, got: &Value) -> bool {
    match (wanted, got) {
        (Value::Object(wanted), Value::Object(got)) if wanted.contains_key("message") => {
            wanted.iter().all(|(name, value)| got.get(name) == Some(value))
        }
        (Value::Number(wanted), Value::Number(got)) => wanted.as_f64() == got.as_f64(),
        (Value::Array(wanted), Value::Array(got)) => {
            wanted.len() == got.len() && wanted.iter().zip(got).all(|(w, g)| agrees(w, g))
        }
        _ => wanted == got,
    }
}

/// The beginning of a value.
fn brief(value: &Value) -> String {
    let text = value.to_string();
    let brief: String = text.chars().take(200).collect();
    if brief.len() < text.len() { format!("{brief}... ({} bytes)", text.len()) } else { brief }
}
