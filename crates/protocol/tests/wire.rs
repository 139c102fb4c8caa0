//! Everything that travels arrives as it was sent, and nothing is ever written as `null`.

mod shape;

use abide_protocol::{Envelope, Head, Kind, Message, Response, ResponseEnvelope, VERSION, batch};
use proptest::{option, prelude::*};
use serde_json::Value as Json;

fn holds_null(json: &Json) -> bool {
    match json {
        Json::Null => true,
        Json::Array(items) => items.iter().any(holds_null),
        Json::Object(fields) => fields.values().any(holds_null),
        _ => false,
    }
}

/// The same message with a field that nobody writes, which makes it one to be read with care.
fn unusual(json: &[u8]) -> Vec<u8> {
    [b"{\"later\":1.5,", json.strip_prefix(b"{").expect("it is an object")].concat()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn requests(
        request in shape::request(),
        corr_id in shape::text(),
        auth in option::of(shape::text()),
        debug_time in option::of(any::<i64>()),
    ) {
        let envelope = Envelope { head: Head { corr_id, auth, debug_time }, request };
        let json = envelope.to_json();
        prop_assert!(!holds_null(&serde_json::from_slice(&json).unwrap()));
        prop_assert_eq!(Envelope::from_json(&unusual(&json)).unwrap(), envelope.clone());
        prop_assert_eq!(Envelope::from_json(&json).unwrap(), envelope);
    }

    #[test]
    fn responses((kind, response) in shape::response(), corr_id in shape::text()) {
        let json = response.to_json(kind.as_str(), &corr_id);
        let plain: Json = serde_json::from_slice(&json).unwrap();
        prop_assert!(!holds_null(&plain));
        prop_assert_eq!(plain["kind"].as_str(), Some(kind.as_str()));
        prop_assert_eq!(plain["head"]["version"].as_str(), Some(VERSION));
        prop_assert_eq!(plain["head"]["status"].as_u64(), Some(response.status.code().into()));
        prop_assert_eq!(plain["data"].is_string(), response.message().is_some());
        prop_assert_eq!(plain["data"].is_object(), response.message().is_none());
        let read = ResponseEnvelope::from_json(kind, &json).unwrap();
        prop_assert_eq!(&ResponseEnvelope::from_json(kind, &unusual(&json)).unwrap(), &read);
        prop_assert_eq!(read, ResponseEnvelope { corr_id, response });
    }

    /// A batch is what its members are, whether they are as usual or not.
    #[test]
    fn batches(
        requests in proptest::collection::vec((shape::request(), any::<bool>()), 1..4),
        answers in proptest::collection::vec((shape::response(), any::<bool>()), 0..4),
    ) {
        let array = |members: Vec<Vec<u8>>| [b"[", &*members.join(&b","[..]), b"]"].concat();
        let write = |json: Vec<u8>, usual: bool| if usual { json } else { unusual(&json) };
        let (envelopes, written): (Vec<_>, Vec<_>) = requests
            .into_iter()
            .map(|(request, usual)| {
                let envelope = Envelope { head: Head::default(), request };
                let json = write(envelope.to_json(), usual);
                (Ok(envelope), json)
            })
            .unzip();
        prop_assert_eq!(batch::requests(&array(written)), Ok(envelopes));
        let written = answers
            .iter()
            .map(|((kind, response), usual)| write(response.to_json(kind.as_str(), ""), *usual))
            .collect();
        let (kinds, responses): (Vec<Kind>, Vec<Response>) =
            answers.into_iter().map(|(answer, _)| answer).unzip();
        let written = array(written);
        prop_assert_eq!(batch::responses(&kinds, &written), Ok(responses));
        let more = [&kinds[..], &[Kind::TaskGet]].concat();
        prop_assert!(batch::responses(&more, &written).is_err());
        if let Some((_, fewer)) = kinds.split_last() {
            prop_assert!(batch::responses(fewer, &written).is_err());
        }
    }

    #[test]
    fn messages(promise in shape::promise(), version in any::<i64>(), url in shape::text()) {
        let id = promise.id.clone();
        for message in [Message::Execute { id, version }, Message::Unblock { promise }] {
            let json = message.to_json(&url);
            let plain: Json = serde_json::from_str(&json).unwrap();
            prop_assert!(!holds_null(&plain) && plain["head"].is_object());
            prop_assert_eq!(Message::from_json(&json), Some(message));
        }
    }

    /// Whatever arrives is answered: a request or a refusal whose text is one.
    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let refused = Envelope::from_json(&bytes).unwrap_err();
        prop_assert_eq!((&*refused.kind, &*refused.corr_id), ("unknown", "0"));
    }

    /// A request that is cut short or has one byte changed is a request or a refusal, never a
    /// panic, and what is read from it can be validated. With care the same is read.
    #[test]
    fn damaged_requests(request in shape::request(), at in any::<usize>(), byte in any::<u8>()) {
        let mut json = Envelope { head: Head::default(), request }.to_json();
        let at = at % json.len();
        prop_assert!(Envelope::from_json(&json[..at]).is_err());
        json[at] = byte;
        if at > 0 {
            let with_care = Envelope::from_json(&unusual(&json));
            prop_assert_eq!(Envelope::from_json(&json).ok(), with_care.ok());
        }
        match Envelope::from_json(&json) {
            Ok(envelope) => drop(envelope.request.validate()),
            Err(refused) => prop_assert_eq!(refused.response.status.code(), 400),
        }
    }
}

/// Objects have no order: neither a request nor what is inside it.
#[test]
fn the_fields_of_envelopes_come_in_any_order() {
    let inner = |kind: &str, data: &str| {
        let head = r#"{"corrId":"2","version":"2026-04-01"}"#;
        [
            format!(r#"{{"kind":"{kind}","head":{head},"data":{data}}}"#),
            format!(r#"{{"data":{data},"head":{head},"kind":"{kind}"}}"#),
            format!(r#"{{"head":{head},"data":{data},"kind":"{kind}"}}"#),
        ]
    };
    let callback = inner("promise.register_callback", r#"{"awaited":"b","awaiter":"a"}"#);
    let settle = inner("promise.settle", r#"{"id":"a","state":"resolved"}"#);
    let create = inner("promise.create", r#"{"id":"a","timeoutAt":1}"#);
    for (kind, actions) in [
        ("task.suspend", callback.map(|action| format!(r#""actions":[{action}]"#))),
        ("task.fulfill", settle.clone().map(|action| format!(r#""action":{action}"#))),
        ("task.fence", settle.map(|action| format!(r#""action":{action}"#))),
        ("task.fence", create.clone().map(|action| format!(r#""action":{action}"#))),
        ("task.create", create.map(|action| format!(r#""pid":"p","ttl":1,"action":{action}"#))),
    ] {
        let read = |data: &str| {
            let outer = inner(kind, &format!(r#"{{"id":"a","version":1,{data}}}"#));
            outer.map(|text| Envelope::from_json(text.as_bytes()).unwrap().request)
        };
        let expected = read(&actions[0])[0].clone();
        for request in actions.iter().flat_map(|action| read(action)) {
            assert_eq!(request, expected);
        }
    }
}
