use std::time::Duration;

use tokio::io::{AsyncWriteExt, DuplexStream, duplex};

use super::*;

const HI: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

fn connection(buffer: usize) -> (Connection<DuplexStream>, DuplexStream) {
    let (here, there) = duplex(buffer);
    (Connection::new(here, until()), there)
}

fn until() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

fn head(out: &mut Vec<u8>) {
    out.extend_from_slice(b"HEAD ");
}

#[tokio::test]
async fn a_request_goes_out_whole_however_little_is_taken_at_once() {
    for buffer in 1..12 {
        let (mut connection, mut there) = connection(buffer);
        let server = tokio::spawn(async move {
            let mut request = [0; 9];
            there.read_exact(&mut request).await.unwrap();
            there.write_all(HI).await.unwrap();
            (request, there)
        });
        let answer = connection.exchange(head, b"BODY", until()).await.unwrap();
        assert_eq!((answer.status.as_u16(), answer.body, answer.keeps), (200, &b"hi"[..], true));
        let (request, there) = server.await.unwrap();
        assert_eq!(&request, b"HEAD BODY");
        assert!(connection.is_quiet());
        drop(there);
        assert!(!connection.is_quiet());
    }
}

#[tokio::test]
async fn nothing_was_sent_if_the_connection_was_closed_before() {
    let (mut connection, there) = connection(100);
    drop(there);
    let failed = connection.exchange(head, b"BODY", until()).await.unwrap_err();
    assert!(matches!(failed, Failure::Unsent(_)), "{failed:?}");
}

#[tokio::test]
async fn what_became_of_half_a_request_is_unknown() {
    let (mut connection, mut there) = connection(7);
    let server = tokio::spawn(async move {
        let mut request = [0; 3];
        there.read_exact(&mut request).await.unwrap();
    });
    let failed = connection.exchange(head, b"BODY", until()).await.unwrap_err();
    assert!(matches!(failed, Failure::Broken(_)), "{failed:?}");
    server.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn every_exchange_has_its_own_time() {
    let (mut connection, mut there) = connection(100);
    let step = Duration::from_secs(20);
    let server = tokio::spawn(async move {
        let mut request = [0; 9];
        for _ in 0..4 {
            there.read_exact(&mut request).await.unwrap();
            tokio::time::sleep(step).await;
            there.write_all(HI).await.unwrap();
        }
        there.read_exact(&mut request).await.unwrap();
        std::future::pending::<()>().await;
    });
    for _ in 0..4 {
        connection.exchange(head, b"BODY", until()).await.unwrap();
    }
    let until = until();
    let failed = connection.exchange(head, b"BODY", until).await.unwrap_err();
    assert!(matches!(failed, Failure::Late), "{failed:?}");
    // Timers are exact to the millisecond.
    let late = Instant::now() - until;
    assert!(late < Duration::from_millis(2), "{late:?}");
    server.abort();
}
