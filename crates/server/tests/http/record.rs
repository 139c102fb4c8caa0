//! The extension `record`: a promise that is created and settled by one request.

use serde_json::{Value, json};

use crate::support::{Running, envelope, options, start};

#[tokio::test]
async fn what_is_recorded_as_asked_for_is_answered_with_nothing() {
    let record = |version: i64, value: &str| {
        let data = json!({
            "id": "r.1", "timeoutAt": i64::MAX, "state": "resolved", "value": { "data": value },
        });
        json!({ "id": "r", "version": version, "action": inner("promise.record", &data) })
    };
    let server = start(options()).await;
    held(&server, "r").await;
    let answer = server.ask("task.fence", record(1, "first")).await;
    assert_eq!((answer.status, &answer.json()["data"]), (200, &json!({})), "{answer:?}");
    // Asked again, it tells of what is there.
    let answer = server.ask("task.fence", record(1, "second")).await;
    let told = &answer.json()["data"]["action"];
    assert_eq!((answer.status, &told["kind"]), (200, &json!("promise.settle")), "{answer:?}");
    assert_eq!(told["data"]["promise"]["value"]["data"], "first");
    assert_eq!(server.ask("task.fence", record(2, "third")).await.status, 409);
    server.stop().await;

    let plain = start(abide_server::Options { plain: true, ..options() }).await;
    held(&plain, "r").await;
    let answer = plain.ask("task.fence", record(1, "first")).await;
    assert_eq!(answer.status, 400, "{answer:?}");
    plain.stop().await;
}

/// Has somebody hold a task, at version 1.
async fn held(server: &Running, id: &str) {
    let tags = json!({ "resonate:target": "poll://any@nobody" });
    let create = json!({ "id": id, "timeoutAt": i64::MAX, "tags": tags });
    let task = json!({ "pid": "p", "ttl": 60_000, "action": inner("promise.create", &create) });
    assert_eq!(server.ask("task.create", task).await.status, 200);
}

fn inner(kind: &str, data: &Value) -> Value {
    serde_json::from_str(&envelope(kind, &data.to_string())).unwrap()
}
