//! What is written and read, and nothing else.

use abide_machine::{Row, entries};
use abide_protocol::{Envelope, Head, Request, Response};
use abide_store::codec::{decode_entry, decode_row, encode_entry, encode_key, encode_row};

use crate::{
    requests::{acquire, begin, create_call, create_step, fulfill, invoke, settle_step, suspend},
    script::Round,
    systems::{Machine, Node, System},
};

/// What a server does of the wire: requests are read, answers are written.
pub(crate) fn wire() -> Round {
    let mut node = Node::default();
    let mut requests = vec![begin("workflow")];
    for step in 1..=10 {
        let child = format!("workflow:{step}");
        requests.push(create_step("workflow", 1, &child));
        requests.push(settle_step("workflow", 1, &child));
    }
    requests.extend([fulfill("workflow", 1), invoke("task"), acquire("task", 0)]);
    let said: Vec<(Vec<u8>, Request, Response)> = requests
        .into_iter()
        .map(|request| {
            let head = Head { corr_id: "1".into(), ..Head::default() };
            let envelope = Envelope { head, request: request.clone() }.to_json();
            let response = node.call(request.clone());
            super::done(&response);
            (envelope, request, response)
        })
        .collect();
    Box::new(move |_| {
        for (envelope, request, response) in &said {
            let read = Envelope::from_json(envelope).expect("it was just written");
            assert_eq!(read.request.kind(), request.kind());
            let answer = response.to_json(request.kind().as_str(), &read.head.corr_id);
            assert!(answer.len() > envelope.len() / 2, "an answer tells something");
        }
    })
}

/// The records of a workflow that waits for a hundred calls, and their index entries: written and
/// read.
pub(crate) fn records() -> Round {
    let mut machine = Machine::default();
    super::done(&machine.call(begin("workflow")));
    let calls: Vec<_> = (1..=100).map(|call| format!("workflow:{call}")).collect();
    for call in &calls {
        super::done(&machine.call(create_call("workflow", 1, call)));
    }
    super::done(&machine.call(suspend("workflow", 1, &calls)));
    let rows: Vec<Row> = machine.rows().collect();
    assert_eq!(rows.len(), 202, "a promise and a task each");
    Box::new(move |_| {
        for row in &rows {
            let key = encode_key(&row.key());
            let read = decode_row(&key, &encode_row(row)).expect("it was just written");
            assert_eq!(read.key(), row.key());
            for entry in entries(row) {
                let read = decode_entry(&encode_entry(&entry)).expect("it was just written");
                assert_eq!(read, entry);
            }
        }
    })
}
