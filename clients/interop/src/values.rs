//! The values that travel. The programs in the other languages write down the same ones.

use serde_json::{Value, json};

/// Values of one argument, by the name of their scenario.
pub(crate) fn all() -> Vec<(&'static str, Value)> {
    vec![
        ("null", Value::Null),
        ("number", json!(-1234567890123.5)),
        ("integer", json!(9007199254740991_i64)),
        ("text", json!("Grüße, 世界 \u{1f389} \"quoted\"\n")),
        ("object", json!({"a": {"b": [1, {"c": null}], "ü": ""}, "empty": {}})),
        ("list", json!([1, "two", [3, []], null, true])),
        ("large", large()),
    ]
}

/// The arguments of `many`.
pub(crate) fn several() -> (u32, &'static str, Vec<u32>, Value) {
    (1, "two", vec![3, 3, 3], json!({"four": 4}))
}

/// A list of about 100 KB.
fn large() -> Value {
    (0..2_000).map(|n| json!({"number": n, "text": format!("the entry number {n}")})).collect()
}
