//! Several requests in one message.

use abide_client::Link;
use abide_protocol::{Extensions, PromiseGet, Request, Status};
use serde_json::{Value, json};

use crate::support::{Answer, Running, envelope, options, start, within};

async fn post(server: &Running, headers: &str, body: &str) -> Answer {
    let length = body.len();
    let head =
        format!("POST /batch HTTP/1.1\r\nhost: t\r\n{headers}content-length: {length}\r\n\r\n");
    server.send(format!("{head}{body}").as_bytes()).await
}

async fn batch(server: &Running, members: &[String]) -> Answer {
    post(server, "", &format!("[{}]", members.join(","))).await
}

fn create(id: &str) -> String {
    envelope("promise.create", &json!({ "id": id, "timeoutAt": 1_i64 << 52 }).to_string())
}

fn settle(id: &str, state: &str) -> String {
    envelope("promise.settle", &json!({ "id": id, "state": state, "value": {} }).to_string())
}

fn get(id: &str) -> String {
    envelope("promise.get", &json!({ "id": id }).to_string())
}

fn statuses(answer: &Answer) -> Vec<Value> {
    let answers = answer.json();
    let answers = answers.as_array().expect("an array");
    answers.iter().map(|answer| answer["head"]["status"].clone()).collect()
}

#[tokio::test]
async fn requests_take_effect_in_their_order() {
    let server = start(options()).await;
    let members: Vec<_> = (0..200)
        .flat_map(|n| {
            let id = format!("p{n}");
            [get(&id), create(&id), settle(&id, "resolved"), settle(&id, "rejected"), get(&id)]
        })
        .collect();
    let answer = batch(&server, &members).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let answers = answer.json();
    for (n, answers) in answers.as_array().unwrap().chunks(5).enumerate() {
        let status = |n: usize| &answers[n]["head"]["status"];
        assert_eq!([status(0), status(1), status(2)], [404, 200, 200], "{n}");
        assert_eq!(answers[4]["data"]["promise"]["state"], "resolved", "{n}");
        assert_eq!(answers[4]["data"]["promise"]["id"], format!("p{n}"));
        assert_eq!(answers[4]["head"]["corrId"], "c");
    }
    let metrics = crate::support::get(server.metrics, "/metrics").await.body;
    assert!(metrics.contains("\nabide_batches_total 1\n"), "{metrics}");
    assert!(metrics.contains("kind=\"promise.settle\",status=\"200\"} 400"), "{metrics}");
    server.stop().await;
}

#[tokio::test]
async fn a_malformed_member_is_answered_in_its_place() {
    let server = start(options()).await;
    for (malformed, kind, corr_id, text) in [
        ("7", "unknown", "0", "the body must be a JSON object with kind, head and data"),
        ("[]", "unknown", "0", "the body must be a JSON object with kind, head and data"),
        ("{}", "unknown", "0", "kind is missing"),
        (
            &*envelope("promise.eat", "{}"),
            "promise.eat",
            "c",
            "the kind \"promise.eat\" is unknown",
        ),
        (&*envelope("promise.get", r#"{"id":""}"#), "promise.get", "c", "id must not be empty"),
    ] {
        let members = [create("a"), malformed.to_owned(), get("a")];
        let answer = batch(&server, &members).await;
        assert_eq!(statuses(&answer), [200, 400, 200], "{malformed}");
        let refused = &answer.json()[1];
        assert_eq!(refused["data"], text, "{malformed}");
        assert_eq!((&refused["kind"], &refused["head"]["corrId"]), (&json!(kind), &json!(corr_id)));
    }
    server.stop().await;
}

#[tokio::test]
async fn what_is_no_batch_is_refused_as_a_whole() {
    let server = start(options()).await;
    let many = |count: usize| format!("[{}]", vec!["{}"; count].join(","));
    let expected = "the body must be a JSON array of envelopes";
    for (body, text) in [
        ("", expected),
        ("hello", expected),
        ("{}", expected),
        ("null", expected),
        ("[]", "a batch holds 1 to 1024 requests, not none"),
        ("[", "the batch cannot be read: EOF while parsing a list at line 1 column 1"),
        ("[{}", "the batch cannot be read: EOF while parsing a list at line 1 column 3"),
        ("[{}] x", "the batch cannot be read: trailing characters at line 1 column 6"),
        (
            &many(1_025),
            "the batch cannot be read: it holds more than 1024 requests at line 1 column 3076",
        ),
    ] {
        let answer = post(&server, "", body).await;
        let told = (answer.status, answer.json()["data"].clone());
        assert_eq!(told, (400, json!(text)), "{}", &body[..body.len().min(40)]);
        assert_eq!(answer.json()["kind"], "unknown");
    }
    assert_eq!(statuses(&post(&server, "", &many(1_024)).await), vec![json!(400); 1_024]);
    let huge = format!("[{}]", " ".repeat(5 << 20));
    let answer = post(&server, "", &huge).await;
    assert_eq!(answer.json()["data"], "the request is larger than 4194304 bytes");
    let head = "GET /batch HTTP/1.1\r\nhost: t\r\n\r\n";
    let answer = server.send(head.as_bytes()).await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    server.stop().await;
}

#[tokio::test]
async fn each_member_carries_its_token_or_the_message_does() {
    let guarded = abide_server::Options { token: Some("secret".into()), ..options() };
    let server = start(guarded).await;
    let with = get("none").replace(r#""corrId""#, r#""auth":"secret","corrId""#);
    let members = format!("[{},{with}]", get("none"));
    assert_eq!(statuses(&post(&server, "", &members).await), [401, 404]);
    let bearer = "authorization: Bearer secret\r\n";
    assert_eq!(statuses(&post(&server, bearer, &members).await), [404, 404]);
    let foreign = "origin: https://evil.example\r\n";
    assert_eq!(post(&server, foreign, &members).await.status, 403);
    let local = post(&server, "origin: http://localhost:3000\r\n", &members).await;
    assert_eq!(local.header("access-control-allow-origin"), Some("http://localhost:3000"));
    server.stop().await;
}

#[tokio::test]
async fn a_server_says_what_it_offers_and_a_plain_one_nothing() {
    let server = start(options()).await;
    let offered = server.get("/extensions").await;
    assert_eq!((offered.status, offered.json()), (200, json!(Extensions::all().names())));
    let link = server.link();
    assert_eq!(link.extensions(), Extensions::none());
    assert_eq!(within(link.negotiate()).await.unwrap(), Extensions::all());
    assert_eq!(link.extensions(), Extensions::all());
    server.stop().await;

    let plain = start(abide_server::Options { plain: true, ..options() }).await;
    assert_eq!(plain.get("/extensions").await.status, 404);
    assert_eq!(batch(&plain, &[get("a")]).await.status, 404);
    let reclaim = json!({ "id": "a", "version": 1, "promises": ["a.1"] });
    let answer = plain.ask("task.reclaim", reclaim).await;
    assert_eq!(answer.status, 400, "{answer:?}");
    let link = plain.link();
    assert_eq!(within(link.negotiate()).await.unwrap(), Extensions::none());
    plain.stop().await;
}

fn wanted(count: usize) -> Vec<Request> {
    let get = |n| Request::PromiseGet(PromiseGet { id: format!("p{n}").as_str().into() });
    (0..count).map(get).collect()
}

#[tokio::test]
async fn a_link_divides_what_is_too_much_for_one_message() {
    let server = start(options()).await;
    let link = server.link();
    within(link.negotiate()).await.unwrap();
    assert!(within(link.batch(&[])).await.unwrap().is_empty());
    let answers = within(link.batch(&wanted(2_500))).await.unwrap();
    assert_eq!(answers.len(), 2_500);
    assert!(answers.iter().all(|answer| answer.status == Status::NotFound));
    let metrics = crate::support::get(server.metrics, "/metrics").await.body;
    assert!(metrics.contains("\nabide_batches_total 3\n"), "{metrics}");
    server.stop().await;
}

#[tokio::test]
async fn a_link_finds_out_that_the_server_has_become_a_plain_one() {
    let server = start(options()).await;
    let link = server.link();
    within(link.negotiate()).await.unwrap();
    let port = server.address.port();
    server.stop().await;
    let plain = start(abide_server::Options { plain: true, port, ..options() }).await;
    let mut requests = wanted(3);
    requests.push(Request::TaskSuspend(abide_protocol::TaskSuspend {
        id: "p".into(),
        version: 1,
        actions: Vec::new(),
        resumed: true,
        again: true,
    }));
    // The connection that was kept is dead.
    let answers = loop {
        if let Ok(answers) = within(link.batch(&requests)).await {
            break answers;
        }
    };
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status.code()).collect();
    assert_eq!(statuses, [404, 404, 404, 501]);
    assert_eq!(link.extensions(), Extensions::none());
    plain.stop().await;
}
