//! Whether a request goes through hyper cannot be told from the answers.

use proptest::{prelude::*, sample::Index};
use tokio::runtime::Builder;

use super::*;
use crate::connection::with_hyper;

/// What requests begin with.
const LINES: &[&str] = &[
    "POST / HTTP/1.1",
    "POST / HTTP/1.1",
    "POST / HTTP/1.1",
    "POST /batch HTTP/1.1",
    "POST /?q HTTP/1.1",
    "POST / HTTP/1.0",
    "POST /nowhere HTTP/1.1",
    "POST http://t/ HTTP/1.1",
    "GET / HTTP/1.1",
    "GET /health HTTP/1.1",
    "\r\nPOST / HTTP/1.1",
    "POST  / HTTP/1.1",
    "POST /",
    "post / HTTP/1.1",
];

/// What heads may hold beside the length.
const HEADERS: &[&str] = &[
    "host: t\r\n",
    "Content-Type: application/json\r\n",
    "authorization: Bearer secret\r\n",
    "authorization:Bearer  wrong\r\n",
    "connection: keep-alive\r\n",
    "connection: close\r\n",
    "expect: 100-continue\r\n",
    "origin: http://localhost\r\n",
    "origin: http://evil.example\r\n",
    "upgrade: h2c\r\n",
    "content-length: 2\r\n",
    "transfer-encoding: chunked\r\n",
    "x: \u{e4}\r\n",
    "x\r\n",
    "x:\0\r\n",
    "x: y\n",
    " folded\r\n",
];

fn request() -> impl Strategy<Value = Vec<u8>> {
    let envelope = String::from_utf8(get()).unwrap();
    let envelope = envelope.split_once("\r\n\r\n").unwrap().1.to_owned();
    let authorized = envelope.replace(r#""corrId""#, r#""auth":"secret","corrId""#);
    let batch = format!("[{authorized},{{}},{envelope}]");
    let body = prop_oneof![
        4 => Just(authorized),
        2 => Just(envelope),
        2 => Just(batch),
        1 => Just(String::new()),
        1 => Just("{}".to_owned()),
        1 => Just("x".repeat(REQUEST_BYTES + 1)),
    ];
    let headers = prop::collection::vec(prop::sample::select(HEADERS), 0..3);
    // By how much the length is wrong: mostly not at all.
    let wrong = prop_oneof![20 => Just(0), 1 => -3..3i32];
    (prop::sample::select(LINES), headers, body, wrong).prop_map(|(line, headers, body, wrong)| {
        let length = (body.len() as i32 + wrong).max(0);
        let headers = headers.concat();
        format!("{line}\r\n{headers}content-length: {length}\r\n\r\n{body}").into()
    })
}

/// Sends the pieces, one after the other, and reads until the server hangs up.
async fn exchange((mut client, task): (DuplexStream, JoinHandle<()>), pieces: &[&[u8]]) -> String {
    for piece in pieces {
        // The server may have hung up.
        let _ = client.write_all(piece).await;
        sleep(Duration::from_millis(1)).await;
    }
    let said = said(&mut client).await;
    task.await.unwrap();
    match said.contains("the body did not arrive within") {
        // Hyper closes the connection then as well, and does not say so.
        true => said.replace("connection: close\r\n", ""),
        false => said,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_answers_are_those_of_hyper(
        requests in prop::collection::vec(request(), 1..5),
        cuts in prop::collection::vec(any::<Index>(), 0..4),
    ) {
        let sent = requests.concat();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(sent.len())).collect();
        cuts.extend([0, sent.len()]);
        cuts.sort();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &sent[cut[0]..cut[1]]).collect();
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
        let (ours, theirs) = runtime.unwrap().block_on(async {
            let served = Served::new(Some("secret")).await;
            let ours = exchange(served.connect(), &pieces).await;
            let (client, server) = duplex(PIPE);
            let hyper = with_hyper(
                server,
                served.routes.clone(),
                served.intake(),
                served.close.subscribe(),
            );
            let task = tokio::spawn(async { drop(hyper.await) });
            (ours, exchange((client, task), &pieces).await)
        });
        prop_assert_eq!(ours, theirs, "{:?}", String::from_utf8_lossy(&sent));
    }
}
