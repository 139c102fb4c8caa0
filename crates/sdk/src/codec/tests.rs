//! Properties of payloads that are written and read.

use std::sync::LazyLock;

use abide_protocol::{Headers, Value};
use base64::{Engine, engine::general_purpose::STANDARD};
use proptest::prelude::*;

use super::{Compress, Encrypt, Key, Layers, Part, Slot, Unreadable, header::HEADER, probe};

static OLD: LazyLock<Key> = LazyLock::new(|| Key::new("2026-05", &[5; 32]).unwrap());
static NEW: LazyLock<Key> = LazyLock::new(|| Key::new("2026-11", &[11; 32]).unwrap());

const SLOT: Slot<'static> = Slot { promise: "order/7", part: Part::Resolved };

fn compressed() -> Layers {
    Layers::default().and(Compress::default())
}

fn encrypted() -> Layers {
    Layers::default().and(Encrypt::new(NEW.clone()))
}

fn both() -> Layers {
    compressed().and(Encrypt::new(NEW.clone()))
}

fn header(value: &Value) -> &str {
    value.headers.as_ref().map_or("", |headers| headers.get(HEADER).unwrap())
}

fn bytes(value: &Value) -> Vec<u8> {
    STANDARD.decode(value.data.as_deref().unwrap()).unwrap()
}

fn with_bytes(value: &Value, bytes: &[u8]) -> Value {
    Value { data: Some(STANDARD.encode(bytes)), ..value.clone() }
}

fn code(read: Result<Option<std::sync::Arc<str>>, Unreadable>) -> &'static str {
    read.unwrap_err().code()
}

fn layers() -> impl Strategy<Value = Layers> {
    prop_oneof![
        Just(Layers::default()),
        Just(compressed()),
        Just(encrypted()),
        Just(both()),
        Just(encrypted().and(Compress::default().at_least(0))),
    ]
}

fn part() -> impl Strategy<Value = Part> {
    use Part::{Canceled, Param, Rejected, Resolved};
    prop_oneof![Just(Param), Just(Resolved), Just(Rejected), Just(Canceled)]
}

/// JSON text: short ones, long ones, ones that compress well.
fn json() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>().prop_map(|text| serde_json::Value::from(text).to_string()),
        prop::collection::vec(any::<i64>(), 0..600).prop_map(|n| serde_json::json!(n).to_string()),
        (any::<String>(), 0..5_000_usize).prop_map(|(text, n)| serde_json::json!(vec![
            text;
            n.min(200)
        ])
        .to_string()),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read(json in json(), id in ".{1,20}", part in part(), layers in layers()) {
        let slot = Slot { promise: &id, part };
        let value = layers.write(slot, &json);
        let read = layers.read(slot, &value).unwrap();
        prop_assert_eq!(read.as_deref(), Some(json.as_str()));
        // Whoever has the codecs reads it, whatever it writes itself.
        let other = Layers::default().and(Encrypt::new(OLD.clone()).reads(NEW.clone()));
        prop_assert_eq!(other.read(slot, &value).unwrap(), read);
    }

    #[test]
    fn an_encrypted_payload_says_nothing_and_is_never_the_same(json in json()) {
        let value = encrypted().write(SLOT, &json);
        prop_assert_eq!(header(&value), "xchacha20poly1305;key=2026-11");
        prop_assert_eq!(bytes(&value).len(), json.len() + 24 + 16);
        if json.len() > 8 {
            let sealed = bytes(&value);
            prop_assert!(!sealed.windows(json.len()).any(|window| window == json.as_bytes()));
        }
        prop_assert_ne!(bytes(&encrypted().write(SLOT, &json)), bytes(&value));
    }

    #[test]
    fn every_bit_of_an_encrypted_payload_counts(json in json(), at in any::<prop::sample::Index>()) {
        let value = both().write(SLOT, &json);
        let mut changed = bytes(&value);
        let bit = at.index(changed.len() * 8);
        changed[bit / 8] ^= 1 << (bit % 8);
        prop_assert_eq!(code(both().read(SLOT, &with_bytes(&value, &changed))), "codec_tampered");
    }

    #[test]
    fn no_part_of_a_payload_is_read(json in json(), at in any::<prop::sample::Index>()) {
        for layers in [compressed(), encrypted(), both()] {
            let value = layers.write(SLOT, &json);
            let whole = bytes(&value);
            let part = with_bytes(&value, &whole[..at.index(whole.len())]);
            // A short one is not compressed, and then there is no header.
            if !header(&value).is_empty() {
                let code = code(layers.read(SLOT, &part));
                prop_assert!(["codec_tampered", "codec_malformed"].contains(&code), "{}", code);
            }
        }
    }

    #[test]
    fn a_payload_belongs_to_its_place(json in json(), id in ".{1,20}", part in part()) {
        let value = encrypted().write(SLOT, &json);
        let elsewhere = Slot { promise: &id, part };
        prop_assume!(elsewhere != SLOT);
        prop_assert_eq!(code(encrypted().read(elsewhere, &value)), "codec_tampered");
    }

    #[test]
    fn a_false_header_gives_no_false_payload(json in json(), text in "[a-z0-9,;=._-]{0,40}") {
        let mut value = both().write(SLOT, &json);
        prop_assume!(header(&value) != text);
        value.headers = Some(Headers::from_iter([(HEADER, text)]));
        prop_assert!(both().read(SLOT, &value).is_err());
    }

    #[test]
    fn a_hidden_fingerprint_is_read_again(fingerprint in 1..=u64::MAX, id in ".{1,20}") {
        let (name, hidden) = both().hide(&id, fingerprint).unwrap();
        let param = Value { headers: Some(Headers::from_iter([(name, hidden)])), data: None };
        prop_assert_eq!(both().reveal(&id, &param), Ok(Some(fingerprint)));
        prop_assert_eq!(both().reveal("another", &param).unwrap_err().code(), "codec_tampered");
        let keyless = Layers::default().reveal(&id, &param).unwrap_err();
        prop_assert_eq!(keyless.code(), "codec_key");
        prop_assert_eq!(compressed().hide(&id, fingerprint), None);
    }
}

#[test]
fn every_single_bit_of_one_payload() {
    let value = encrypted().write(SLOT, r#"{"cents":1999}"#);
    let sealed = bytes(&value);
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let read = encrypted().read(SLOT, &with_bytes(&value, &changed));
        assert_eq!(code(read), "codec_tampered", "bit {bit}");
    }
    for length in 0..sealed.len() {
        let read = encrypted().read(SLOT, &with_bytes(&value, &sealed[..length]));
        assert_eq!(code(read), "codec_tampered", "{length} bytes");
    }
}

#[test]
fn a_key_that_is_missing_is_named() {
    let value = Layers::default().and(Encrypt::new(OLD.clone())).write(SLOT, "1");
    for layers in [Layers::default(), encrypted()] {
        let why = layers.read(SLOT, &value).unwrap_err();
        assert_eq!(why.code(), "codec_key");
        assert!(why.to_string().contains("2026-05"), "{why}");
    }
    let rotated = Layers::default().and(Encrypt::new(NEW.clone()).reads(OLD.clone()));
    assert_eq!(rotated.read(SLOT, &value).unwrap().as_deref(), Some("1"));
    assert_eq!(header(&rotated.write(SLOT, "1")), "xchacha20poly1305;key=2026-11");
    // Another key of the same id is as good as none.
    let other = Layers::default().and(Encrypt::new(Key::new("2026-05", &[6; 32]).unwrap()));
    assert_eq!(code(other.read(SLOT, &value)), "codec_tampered");
}

#[test]
fn what_has_no_layers_is_read_as_it_is_unless_encryption_is_required() {
    let plain = Value::of(STANDARD.encode(r#"{"a":[1]}"#));
    let by_hand = Value::of("yes, please");
    for layers in [Layers::default(), both()] {
        assert_eq!(layers.read(SLOT, &plain).unwrap().as_deref(), Some(r#"{"a":[1]}"#));
        assert_eq!(layers.read(SLOT, &by_hand).unwrap().as_deref(), Some(r#""yes, please""#));
        assert_eq!(layers.read(SLOT, &Value::default()), Ok(None));
        assert_eq!(layers.read(SLOT, &Value::of("")), Ok(None));
    }
    let strict = compressed().and(Encrypt::new(NEW.clone()).required());
    assert_eq!(code(strict.read(SLOT, &plain)), "codec_plain");
    assert_eq!(code(strict.read(SLOT, &by_hand)), "codec_plain");
    let long = format!("{:?}", "a".repeat(5_000));
    assert_eq!(code(strict.read(SLOT, &compressed().write(SLOT, &long))), "codec_plain");
    assert_eq!(strict.read(SLOT, &Value::default()), Ok(None));
    assert_eq!(strict.read(SLOT, &both().write(SLOT, &long)).unwrap().as_deref(), Some(&*long));
}

#[test]
fn only_what_gains_by_it_is_compressed() {
    let long = format!("{:?}", "a".repeat(5_000));
    let value = compressed().write(SLOT, &long);
    assert_eq!(header(&value), "zlib");
    assert!(bytes(&value).len() < 100, "{}", bytes(&value).len());
    // Without being told to compress, it is read all the same.
    assert_eq!(Layers::default().read(SLOT, &value).unwrap().as_deref(), Some(&*long));
    assert_eq!(header(&both().write(SLOT, &long)), "zlib,xchacha20poly1305;key=2026-11");
    assert_eq!(compressed().write(SLOT, r#""short""#), Value::of(STANDARD.encode(r#""short""#)));
}

#[test]
fn a_decompression_bomb_does_not_go_off() {
    let layers = |most| Layers::default().and(Compress::default().at_most(most));
    let long = format!("{:?}", "a".repeat(100_000));
    let value = layers(200_000).write(SLOT, &long);
    assert!(bytes(&value).len() < 1_000);
    assert_eq!(code(layers(100_001).read(SLOT, &value)), "codec_limit");
    assert_eq!(layers(100_002).read(SLOT, &value).unwrap().as_deref(), Some(&*long));
    // What it could not read again, it does not compress.
    assert_eq!(header(&layers(100_001).write(SLOT, &long)), "");
    let mut followed = bytes(&value);
    followed.push(0);
    assert_eq!(code(layers(200_000).read(SLOT, &with_bytes(&value, &followed))), "codec_malformed");
}

#[test]
fn what_a_schedule_creates_is_read_under_every_id_and_as_nothing_else() {
    let value = both().write(Slot { promise: "nightly", part: Part::Schedule }, "[1]");
    for promise in ["nightly.1", "nightly.2"] {
        let read = both().read(Slot { promise, part: Part::Param }, &value);
        assert_eq!(read.unwrap().as_deref(), Some("[1]"));
        assert_eq!(
            code(both().read(Slot { promise, part: Part::Resolved }, &value)),
            "codec_tampered"
        );
    }
}

#[test]
fn what_is_not_json_or_not_known_is_told() {
    let headed = |header: &str, data: &str| Value {
        headers: Some(Headers::from_iter([(HEADER, header)])),
        data: Some(data.to_owned()),
    };
    let sealed = encrypted().write(SLOT, "not JSON");
    assert_eq!(code(encrypted().read(SLOT, &sealed)), "codec_not_json");
    assert_eq!(code(both().read(SLOT, &headed("brotli", "AAAA"))), "codec_unknown");
    assert_eq!(code(both().read(SLOT, &headed("zlib", "****"))), "codec_malformed");
    assert_eq!(code(both().read(SLOT, &headed("zlib", "AAAA"))), "codec_malformed");
    assert_eq!(code(both().read(SLOT, &headed("zlib", ""))), "codec_malformed");
    assert_eq!(code(both().read(SLOT, &headed("", "AAAA"))), "codec_malformed");
}

#[test]
fn a_key_is_32_bytes_with_a_name_and_does_not_show() {
    let key = Key::from_base64("2026-11", &format!("{}\n", Key::generate())).unwrap();
    assert_eq!(format!("{key:?}"), "Key(2026-11)");
    assert_eq!(Key::from_base64("a", "c2hvcnQ=").unwrap_err().code(), "key");
    assert_eq!(Key::from_base64("a", "&").unwrap_err().code(), "key");
    assert_eq!(Key::new("a b", &[0; 32]).unwrap_err().code(), "key_id");
    assert_ne!(Key::generate(), Key::generate());
}

/// The seeds of the fuzz target; those that somebody wrote have an extension.
fn seeds() -> Vec<(bool, Vec<u8>)> {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/seeds/payload");
    let files = std::fs::read_dir(directory).unwrap();
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| std::fs::read(path).unwrap();
    paths.iter().map(|path| (path.extension().is_some(), read(path))).collect()
}

#[test]
fn every_written_seed_of_the_fuzz_target_is_a_payload() {
    let read = |seed: &Vec<u8>| {
        let value: Value = serde_json::from_slice(seed).unwrap();
        probe::layers().read(probe::SLOT, &value)
    };
    let written = seeds().into_iter().filter(|(written, _)| *written);
    let read: Vec<_> = written.map(|(_, seed)| read(&seed)).collect();
    assert!(read.len() >= 5);
    assert!(read.iter().all(Result::is_ok), "{read:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn mutated_payloads(
        seed in prop::sample::select(seeds()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 0..4),
    ) {
        let (_, mut bytes) = seed;
        for (at, byte, how) in changes {
            let at = at.index(bytes.len() + 1);
            match how {
                0 => bytes.insert(at, byte),
                1 => bytes.truncate(at),
                _ => if let Some(old) = bytes.get_mut(at) { *old = byte },
            }
        }
        probe::probe(&bytes);
    }
}
