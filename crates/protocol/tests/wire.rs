//! Everything that travels arrives as it was sent, and nothing is ever written as `null`.

mod shape;

use abide_protocol::{Envelope, Head, Message, ResponseEnvelope, VERSION};
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
        prop_assert_eq!(read, ResponseEnvelope { corr_id, response });
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
    /// panic, and what is read from it can be validated.
    #[test]
    fn damaged_requests(request in shape::request(), at in any::<usize>(), byte in any::<u8>()) {
        let mut json = Envelope { head: Head::default(), request }.to_json();
        let at = at % json.len();
        prop_assert!(Envelope::from_json(&json[..at]).is_err());
        json[at] = byte;
        match Envelope::from_json(&json) {
            Ok(envelope) => drop(envelope.request.validate()),
            Err(refused) => prop_assert_eq!(refused.response.status.code(), 400),
        }
    }
}
