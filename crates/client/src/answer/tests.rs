use proptest::prelude::*;

use super::*;

/// What comes of bytes that arrive in pieces, cut at these places, before the connection ends.
fn received(bytes: &[u8], cuts: &[usize]) -> Result<(u16, Vec<u8>, bool), String> {
    let mut incoming = Incoming::default();
    // What was there before must not matter.
    incoming
        .room()
        .extend_from_slice(b"HTTP/1.1 404 Not Found\r\ntransfer-encoding: chunked\r\n\r\n1\r\n");
    assert_eq!(incoming.is_whole(false), Ok(false));
    incoming.clear();
    let (mut from, mut whole) = (0, false);
    for cut in cuts.iter().copied().chain([bytes.len()]) {
        incoming.room().extend_from_slice(&bytes[from..cut]);
        from = cut;
        whole = incoming.is_whole(false)?;
        if whole {
            break;
        }
    }
    assert!(whole || incoming.is_whole(true)?);
    let answer = incoming.answer().expect("it is whole");
    // What has not been read by then will be found by whoever uses the connection next.
    let keeps = answer.keeps && from == bytes.len();
    Ok((answer.status.as_u16(), answer.body.to_vec(), keeps))
}

const OK: &str = "HTTP/1.1 200 OK\r\n";

/// Answers, what their bodies are, and whether their connections can be used again.
fn answers() -> Vec<(String, u16, &'static str, bool)> {
    [
        ("content-length: 5\r\n\r\nhello", 200, "hello", true),
        ("Content-Length:5  \r\nConnection: keep-alive\r\n\r\nhello", 200, "hello", true),
        ("content-length: 5\r\ncontent-length: 5\r\n\r\nhello", 200, "hello", true),
        ("content-length: 0\r\n\r\n", 200, "", true),
        ("content-length: 5\r\nconnection: close\r\n\r\nhello", 200, "hello", false),
        ("content-length: 5\r\nConnection: foo, CLOSE\r\n\r\nhello", 200, "hello", false),
        ("\r\nuntil the end", 200, "until the end", false),
        ("transfer-encoding: chunked\r\n\r\n0\r\n\r\n", 200, "", true),
        ("transfer-encoding: Chunked\r\n\r\n5\r\nhello\r\nB;a=b\r\n, the world\r\n0\r\n\r\n", 200, "hello, the world", true),
        ("transfer-encoding: chunked\r\n\r\n00a \r\n0123456789\r\n0\r\nsum: 7\r\na: b\r\n\r\n", 200, "0123456789", true),
        // A length beside the chunks does not count.
        ("content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", 200, "hi", true),
    ]
    .map(|(rest, status, body, keeps)| (format!("{OK}{rest}"), status, body, keeps))
    .into_iter()
    .chain([
        ("HTTP/1.1 204 No Content\r\n\r\n".into(), 204, "", true),
        ("HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n".into(), 304, "", true),
        ("HTTP/1.0 502 Bad Gateway\r\ncontent-length: 2\r\n\r\nno".into(), 502, "no", false),
        ("HTTP/1.0 502 Bad Gateway\r\n\r\nno".into(), 502, "no", false),
        (
            format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\na: b\r\n\r\n{OK}content-length: 2\r\n\r\nhi"),
            200,
            "hi",
            true,
        ),
    ])
    .collect()
}

#[test]
fn answers_are_read_wherever_they_are_cut() {
    for (bytes, status, body, keeps) in answers() {
        let expected = Ok((status, body.as_bytes().to_vec(), keeps));
        let bytes = bytes.as_bytes();
        assert_eq!(received(bytes, &[]), expected);
        for cut in 0..bytes.len() {
            assert_eq!(received(bytes, &[cut]), expected, "cut at {cut}");
        }
        let everywhere: Vec<usize> = (1..bytes.len()).collect();
        assert_eq!(received(bytes, &everywhere), expected);
    }
}

#[test]
fn half_an_answer_is_none() {
    let closed = Err("the connection was closed before the answer was complete".to_owned());
    for (bytes, _, body, _) in answers() {
        let ends = bytes.find("\r\n\r\nuntil").or(bytes.find("\r\n\r\nno"));
        // An answer that ends with its connection is whole as soon as its head is.
        let ends =
            ends.filter(|_| !bytes.contains("content-length")).map_or(bytes.len(), |at| at + 4);
        for length in 0..ends {
            assert_eq!(
                received(&bytes.as_bytes()[..length], &[]),
                closed,
                "{length} of {bytes:?} {body}"
            );
        }
    }
}

#[test]
fn what_follows_an_answer_ends_the_connection() {
    for (bytes, status, body, keeps) in answers() {
        if !keeps {
            continue;
        }
        let more = format!("{bytes}HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        let expected = Ok((status, body.as_bytes().to_vec(), false));
        assert_eq!(received(more.as_bytes(), &[]), expected);
        // It need not come together with the answer.
        assert_eq!(received(more.as_bytes(), &[bytes.len()]), expected);
    }
}

#[test]
fn what_is_no_answer_is_said_to_be_none() {
    let too_large = MAX_RESPONSE_BYTES + 1;
    for (rest, reason) in [
        ("content-length: five\r\n\r\n".into(), "no number"),
        ("content-length: -5\r\n\r\n".into(), "no number"),
        ("content-length: 99999999999999999999999\r\n\r\n".into(), "no number"),
        ("content-length:\r\n\r\n".into(), "empty length"),
        ("content-length: 5\r\ncontent-length: 6\r\n\r\n".into(), "two lengths"),
        (format!("content-length: {too_large}\r\n\r\n"), "longer than 67108864 bytes"),
        ("transfer-encoding: gzip\r\n\r\n".into(), "not asked for"),
        ("transfer-encoding: gzip, chunked\r\n\r\n".into(), "not asked for"),
        ("transfer-encoding: chunked\r\n\r\nx\r\n".into(), "has no length"),
        ("transfer-encoding: chunked\r\n\r\n\r\n".into(), "has no length"),
        ("transfer-encoding: chunked\r\n\r\n5x\r\n".into(), "no length that can be read"),
        ("transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n".into(), "no length that can"),
        ("transfer-encoding: chunked\r\n\r\nfffffffffffffff\r\n".into(), "longer than 67108864"),
        (format!("transfer-encoding: chunked\r\n\r\n{too_large:x}\r\n"), "longer than 67108864"),
        ("transfer-encoding: chunked\r\n\r\n2\r\nhi!\r\n".into(), "does not end where it said"),
        ("transfer-encoding: chunked\r\n\r\n0\r\n\x01\r\n\r\n".into(), "no trailer"),
        (
            format!("transfer-encoding: chunked\r\n\r\n1;{}", "a".repeat(HEAD_BYTES)),
            "too long a line",
        ),
        (
            format!("transfer-encoding: chunked\r\n\r\n0\r\na: {}", "a".repeat(HEAD_BYTES)),
            "no trailer",
        ),
        (format!("a: {}", "a".repeat(HEAD_BYTES)), "longer than 65536 bytes"),
        ("a: b\r\n".repeat(HEADERS + 1), "not HTTP/1"),
    ] {
        let error = received(format!("{OK}{rest}").as_bytes(), &[]).unwrap_err();
        assert!(error.contains(reason), "{error}");
    }
    for (bytes, reason) in [
        ("HTTP/2 200 OK\r\n\r\n", "not HTTP/1"),
        ("SSH-2.0-OpenSSH\r\n", "not HTTP/1"),
        ("HTTP/1.1 20 OK\r\n\r\n", "not HTTP/1"),
        ("HTTP/1.1 000 OK\r\n\r\n", "no status"),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n", "another protocol"),
    ] {
        let error = received(bytes.as_bytes(), &[]).unwrap_err();
        assert!(error.contains(reason), "{bytes}: {error}");
    }
}

proptest! {
    #[test]
    fn chunks_make_up_the_body(
        chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..2_000), 0..8),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let mut bytes = format!("{OK}transfer-encoding: chunked\r\n\r\n").into_bytes();
        for chunk in &chunks {
            bytes.extend(format!("{:x}\r\n", chunk.len()).as_bytes());
            bytes.extend(chunk);
            bytes.extend(b"\r\n");
        }
        bytes.extend(b"0\r\n\r\n");
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
        cuts.sort_unstable();
        prop_assert_eq!(received(&bytes, &cuts), Ok((200, chunks.concat(), true)));
    }

    /// Whatever comes, it is an answer or it is not, and nothing breaks.
    #[test]
    fn anything_may_come(
        head in "(HTTP/1\\.[01] [0-9]{3} ?[a-z]{0,3}\r\n)?([a-z-]{1,3}: [a-z]{0,3}\r\n){0,2}(transfer-encoding: chunked\r\n|content-length: [0-9]{1,2}\r\n)?(\r\n)?",
        body in "([0-9a-f]{1,2}\r\n[a-z]{0,9}(\r\n)?){0,3}",
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
    ) {
        let bytes = format!("{head}{body}").into_bytes();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.sort_unstable();
        let (whole, cut) = (received(&bytes, &[]), received(&bytes, &cuts));
        let known = |read: &Result<(u16, Vec<u8>, bool), String>| {
            read.as_ref().map(|(status, body, _)| (*status, body.clone())).map_err(String::clone)
        };
        prop_assert_eq!(known(&whole), known(&cut));
    }
}
