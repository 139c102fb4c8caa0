//! Envelopes whose data are malformed, wrongly typed or out of range.

mod promises;
mod schedules;
mod tasks;

use serde_json::json;

use crate::support::{envelope, options, start};

/// The kind, the data, the status and the text of the answer.
type Case = (&'static str, &'static str, u16, &'static str);

async fn each_is_answered_exactly(cases: &[Case]) {
    let server = start(options()).await;
    for (kind, data, status, text) in cases {
        let answer = server.post(envelope(kind, data).as_bytes()).await;
        let body = answer.json();
        assert_eq!((answer.status, &body["data"]), (*status, &json!(text)), "{kind} {data}");
        assert_eq!(body["head"]["status"], *status, "{kind} {data}");
        assert_eq!(answer.header("content-type"), Some("application/json"), "{kind} {data}");
        // The answer tells which request it is to, however wrong its data are.
        let told = (&body["kind"], &body["head"]["corrId"]);
        assert_eq!(told, (&json!(kind), &json!("c")), "{data}");
    }
    assert_eq!(server.get("/health").await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn those_of_promises() {
    each_is_answered_exactly(promises::CASES).await;
}

#[tokio::test]
async fn those_of_tasks() {
    each_is_answered_exactly(tasks::CASES).await;
}

#[tokio::test]
async fn those_of_schedules_and_of_debugging() {
    each_is_answered_exactly(schedules::CASES).await;
}
