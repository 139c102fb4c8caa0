use abide_protocol::{
    Envelope, Head, Id, Kind, Message, Request, Response, ResponseEnvelope, batch,
};

use super::{Node, System};

/// A node behind the wire codec: every request, answer and message is written and read, as by a
/// client and a server, without what carries the bytes.
#[derive(Default)]
pub(crate) struct Wire {
    pub(crate) node: Node,
}

impl Wire {
    fn serve(&mut self, envelope: &[u8]) -> Vec<u8> {
        let Envelope { head, request } =
            Envelope::from_json(envelope).expect("it was just written");
        let kind = request.kind();
        self.node.call(request).to_json(kind.as_str(), &head.corr_id)
    }

    fn serve_batch(&mut self, body: &[u8]) -> Vec<u8> {
        let mut answers = Vec::new();
        for envelope in batch::requests(body).expect("it was just written") {
            let Envelope { head, request } = envelope.expect("it was just written");
            let kind = request.kind();
            answers.push(if answers.is_empty() { b'[' } else { b',' });
            self.node.call(request).append_json(kind.as_str(), &head.corr_id, &mut answers);
        }
        answers.push(b']');
        answers
    }
}

fn write(request: Request) -> Vec<u8> {
    let head = Head { corr_id: "1".into(), ..Head::default() };
    Envelope { head, request }.to_json()
}

fn read(kind: Kind, answer: &[u8]) -> Response {
    ResponseEnvelope::from_json(kind, answer).expect("it was just written").response
}

fn array(members: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut array = vec![b'['];
    for member in members {
        if array.len() > 1 {
            array.push(b',');
        }
        array.extend(member);
    }
    array.push(b']');
    array
}

impl System for Wire {
    fn call(&mut self, request: Request) -> Response {
        let kind = request.kind();
        let answer = self.serve(&write(request));
        read(kind, &answer)
    }

    fn batch(&mut self, requests: Vec<Request>) -> Vec<Response> {
        let kinds: Vec<_> = requests.iter().map(Request::kind).collect();
        let body = array(requests.into_iter().map(write));
        let answers = self.serve_batch(&body);
        batch::responses(&kinds, &answers).expect("it was just written")
    }

    fn offers(&mut self) -> Vec<(Id, i64)> {
        let carry = |(id, version)| {
            let text = Message::Execute { id, version }.to_json("http://localhost:8001");
            match Message::from_json(&text) {
                Some(Message::Execute { id, version }) => (id, version),
                other => unreachable!("an offer was just written, and this is read: {other:?}"),
            }
        };
        self.node.offers().into_iter().map(carry).collect()
    }
}
