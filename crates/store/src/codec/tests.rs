use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use abide_machine::{
    DueKind, Entry, Key as RecordKey, Phase, Promise, Row, Schedule, Task, Unblock,
};
use abide_protocol::{Headers, Id, PromiseRecord, PromiseState, ScheduleRecord, Tags, Value, tag};
use proptest::{collection, option, prelude::*};

use super::*;

/// Ids and addresses hold no NUL; tags and payloads may.
fn id() -> impl Strategy<Value = Id> {
    "[a-z\u{1}é.:]{1,12}".prop_map(Id::from)
}

fn text() -> impl Strategy<Value = String> {
    "[a-c\u{0}\u{1}\u{ff}€]{0,8}"
}

fn shared_text() -> impl Strategy<Value = Arc<str>> {
    text().prop_map(Arc::from)
}

/// Tags of all kinds, with values that begin as an id does.
fn tags() -> impl Strategy<Value = Arc<Tags>> {
    let name = prop_oneof![
        text(),
        prop::sample::select(super::tags::NAMES.to_vec()).prop_map(str::to_owned)
    ];
    let value = prop_oneof![text(), id().prop_map(|id| id.to_string())];
    collection::btree_map(name, value, 0..4).prop_map(|tags| Arc::new(Tags::from_iter(tags)))
}

fn map() -> impl Strategy<Value = BTreeMap<String, String>> {
    collection::btree_map(text(), text(), 0..4)
}

fn value() -> impl Strategy<Value = Arc<Value>> {
    (option::of(map()), option::of(text())).prop_map(|(headers, data)| {
        Arc::new(Value { headers: headers.map(Headers::from_iter), data })
    })
}

fn state() -> impl Strategy<Value = PromiseState> {
    prop_oneof![
        Just(PromiseState::Pending),
        Just(PromiseState::Resolved),
        Just(PromiseState::Rejected),
        Just(PromiseState::RejectedCanceled),
        Just(PromiseState::RejectedTimedout),
    ]
}

prop_compose! {
    fn promise()(
        id in id(), state in state(), param in value(), value in value(), tags in tags(),
        timeout_at in any::<i64>(), created_at in any::<i64>(),
        settled_at in option::of(any::<i64>()),
        awaiters in collection::btree_set(id(), 0..3),
        listeners in collection::btree_set(shared_text(), 0..3),
        unheard in collection::btree_set(shared_text(), 0..2), cascading in any::<bool>(),
    ) -> Row {
        let record = PromiseRecord { id, state, param, value, tags, timeout_at, created_at, settled_at };
        Row::Promise(Arc::new(Promise {
            record: Arc::new(record), awaiters, listeners, unheard, cascading,
        }))
    }
}

fn phase() -> impl Strategy<Value = Phase> {
    prop_oneof![
        (any::<i64>(), any::<bool>()).prop_map(|(due, offered)| Phase::Pending { due, offered }),
        (shared_text(), any::<i64>(), any::<i64>())
            .prop_map(|(pid, ttl, expires)| Phase::Acquired { pid, ttl, expires }),
        Just(Phase::Suspended),
        Just(Phase::Halted),
        Just(Phase::Fulfilled),
    ]
}

prop_compose! {
    fn task()(
        id in id(), address in shared_text(), version in any::<i64>(), resumes in any::<u64>(),
        resumed in collection::vec(id(), 0..3), phase in phase(),
    ) -> Row {
        Row::Task(Arc::new(Task { id, address, version, resumes, resumed, phase }))
    }
}

prop_compose! {
    fn schedule()(
        id in id(), cron in text(), promise_id in text(), promise_timeout in any::<i64>(),
        promise_param in value(), tags in map(), created_at in any::<i64>(),
        next_run_at in any::<i64>(), last_run_at in option::of(any::<i64>()),
    ) -> Row {
        let record = ScheduleRecord {
            id, cron, promise_id, promise_timeout, promise_param,
            promise_tags: Arc::new(Tags::from_iter(tags)), created_at, next_run_at, last_run_at,
        };
        Row::Schedule(Arc::new(Schedule { record: Arc::new(record) }))
    }
}

fn row() -> impl Strategy<Value = Row> {
    let unblock = (shared_text(), id())
        .prop_map(|(address, promise)| Row::Unblock(Arc::new(Unblock { address, promise })));
    prop_oneof![promise(), task(), schedule(), unblock]
}

fn entry() -> impl Strategy<Value = Entry> {
    let kind = prop_oneof![
        Just(DueKind::Deadline),
        Just(DueKind::Obligation),
        Just(DueKind::Dispatch),
        Just(DueKind::Lease),
        Just(DueKind::Occurrence),
    ];
    let at = prop_oneof![any::<i64>(), -2i64..3];
    prop_oneof![
        (at, kind, id()).prop_map(|(at, kind, id)| Entry::Due(at, kind, id)),
        (shared_text(), id()).prop_map(|(address, id)| Entry::Ready(address, id)),
        (shared_text(), id()).prop_map(|(pid, id)| Entry::Held(pid, id)),
        (text(), id()).prop_map(|(owner, id)| Entry::Owned(owner.into(), id)),
    ]
}

proptest! {
    #[test]
    fn a_record_reads_back(row in row()) {
        let key = encode_key(&row.key());
        prop_assert_eq!(decode_row(&key, &encode_row(&row)), Ok(row));
    }

    #[test]
    fn a_record_of_an_older_layout_reads_back(row in row()) {
        let mut value = Vec::new();
        push_version(&mut value, &row, version_before(&row));
        prop_assert_eq!(decode_row(&encode_key(&row.key()), &value), Ok(row));
    }

    #[test]
    fn a_key_reads_back(row in row()) {
        prop_assert_eq!(decode_key(&encode_key(&row.key())), Ok(row.key()));
    }

    #[test]
    fn an_entry_reads_back(entry in entry()) {
        prop_assert_eq!(decode_entry(&encode_entry(&entry)), Ok(entry));
    }

    #[test]
    fn keys_and_entries_are_stored_in_their_order(
        rows in collection::vec(row(), 2), entries in collection::vec(entry(), 2),
    ) {
        let keys: Vec<RecordKey> = rows.iter().map(Row::key).collect();
        prop_assert_eq!(encode_key(&keys[0]).cmp(&encode_key(&keys[1])), keys[0].cmp(&keys[1]));
        let (one, other) = (&entries[0], &entries[1]);
        prop_assert_eq!(encode_entry(one).cmp(&encode_entry(other)), one.cmp(other));
    }

    #[test]
    fn a_record_cut_short_or_lengthened_is_refused(row in row(), cut in any::<prop::sample::Index>()) {
        let key = encode_key(&row.key());
        let mut value = encode_row(&row);
        let short = &value[..cut.index(value.len())];
        prop_assert!(decode_row(&key, short).is_err());
        value.push(0);
        prop_assert!(decode_row(&key, &value).is_err());
    }

    #[test]
    fn no_bytes_panic(
        family in 0u8..24, suffix in collection::vec(any::<u8>(), 0..24),
        value in collection::vec(any::<u8>(), 0..64),
    ) {
        let key = Key::new(Family(family), &suffix);
        let _ = decode_row(&key, &value);
        let _ = decode_entry(&key);
        // The same behind a version that is read.
        let _ = decode_row(&key, &[&[VERSION], value.as_slice()].concat());
    }
}

#[test]
fn a_newer_layout_is_refused_by_name() {
    let task = Task {
        id: "order-7".into(),
        address: "poll://any@workers".into(),
        version: 1,
        resumes: 0,
        resumed: Vec::new(),
        phase: Phase::Suspended,
    };
    let row = Row::Task(Arc::new(task));
    let mut value = encode_row(&row);
    value[0] = VERSION + 1;
    let refused = decode_row(&encode_key(&row.key()), &value).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "it is of layout 4, and this version reads up to 3: use a newer version"
    );
}

/// The layout is on disk: whoever changes it has to raise the version.
#[test]
fn layout_1_stays_as_it_is() {
    let record = PromiseRecord {
        id: "a".into(),
        state: PromiseState::Resolved,
        param: Arc::new(Value::of("p")),
        value: Arc::new(Value::default()),
        tags: Arc::new(Tags::from_iter([("t", "v")])),
        timeout_at: 64,
        created_at: -1,
        settled_at: Some(2),
    };
    let promise = Promise {
        record: Arc::new(record),
        awaiters: BTreeSet::from(["b".into()]),
        listeners: BTreeSet::from(["c".into()]),
        unheard: BTreeSet::new(),
        cascading: false,
    };
    let bytes = [
        &[1, 1 | 8 | 16 | 32, 1, 128, 1, 4][..],
        &[2, 1, b'p'],
        &[0],
        &[1, 1, b't', 1, b'v'],
        &[1, 1, b'b'],
        &[1, 1, b'c'],
    ]
    .concat();
    assert_eq!(encode_row(&Row::Promise(Arc::new(promise))), bytes);
    let due = Entry::Due(5, DueKind::Lease, "a".into());
    assert_eq!(encode_entry(&due).as_bytes(), [16, 128, 0, 0, 0, 0, 0, 0, 5, 4, b'a']);
    let ready = Entry::Ready("x".into(), "a".into());
    assert_eq!(encode_entry(&ready).as_bytes(), [17, b'x', 0, 1, b'a']);
}

/// It is written only where something of the extensions is stored, so that a store that never used
/// them can still be opened by a version that does not know them.
#[test]
fn layout_2_adds_to_layout_1() {
    let task = Task {
        id: "a".into(),
        address: "x".into(),
        version: 1,
        resumes: 2,
        resumed: vec!["b".into()],
        phase: Phase::Suspended,
    };
    let bytes = [2, 3 | 8, 2, 2, 1, b'x', 1, 1, b'b'];
    assert_eq!(encode_row(&Row::Task(Arc::new(task.clone()))), bytes);
    let task = Task { resumed: Vec::new(), ..task };
    assert_eq!(encode_row(&Row::Task(Arc::new(task))), [1, 3, 2, 2, 1, b'x']);
    let owned = Entry::Owned("x".into(), "x.1".into());
    assert_eq!(encode_entry(&owned).as_bytes(), b"\x14x\0\x01x.1");
}

/// It shortens the tags that most promises have, and them alone.
#[test]
fn layout_3_names_what_is_in_the_id() {
    let tags = [
        (tag::BRANCH, "order-7"),
        (tag::ORIGIN, "order"),
        (tag::PARENT, "order-8"),
        (tag::SCOPE, "global"),
        ("t", "order-7.1.2"),
    ];
    let record = PromiseRecord {
        id: "order-7.1".into(),
        state: PromiseState::Pending,
        param: Arc::new(Value::default()),
        value: Arc::new(Value::default()),
        tags: Arc::new(Tags::from_iter(tags)),
        timeout_at: 64,
        created_at: -1,
        settled_at: None,
    };
    let promise = Promise {
        record: Arc::new(record),
        awaiters: BTreeSet::new(),
        listeners: BTreeSet::new(),
        unheard: BTreeSet::new(),
        cascading: false,
    };
    let row = Row::Promise(Arc::new(promise));
    let bytes = [
        &[3, 0, 1, 128, 1, 0, 0][..],
        &[5, 2, 7, 0, 5, 5, 0, 6, 6, 1, b'8'],
        &[9, 0, 6],
        b"global",
        &[0, 1, b't', 9, 2, b'.', b'2'],
    ]
    .concat();
    assert_eq!(encode_row(&row), bytes);
    let key = encode_key(&row.key());
    assert_eq!(decode_row(&key, &bytes), Ok(row));
    // What is in the id is not written out, nor is the name of a known tag.
    for (at, other) in [(8, 12), (9, 10), (17, b'7')] {
        let mut bytes = bytes.clone();
        bytes[at] = other;
        assert!(decode_row(&key, &bytes).is_err(), "{other} at {at}");
    }
}

#[test]
fn each_number_of_a_tag_is_of_one_name() {
    let numbers = super::tags::NAMES.map(super::tags::number);
    assert_eq!(numbers.to_vec(), (1..=11).collect::<Vec<_>>());
}
