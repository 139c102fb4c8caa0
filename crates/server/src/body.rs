use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Incoming;

/// How much of a body that is too long is read and thrown away, as a multiple of the limit.
/// Clients write the whole body before they look at the answer; hanging up in the middle of that
/// shows them a broken connection instead of the reason.
const DISCARD: usize = 16;

/// Why a body was not read.
pub(crate) enum Unread {
    TooLong,
    Broken,
}

/// Reads a whole body of at most `limit` bytes.
pub(crate) async fn read(mut body: Incoming, limit: usize) -> Result<Bytes, Unread> {
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    let mut length = 0usize;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Unread::Broken)?.into_data() else { continue };
        length += data.len();
        if length > limit.saturating_mul(DISCARD) {
            break;
        }
        if length > limit {
            continue;
        }
        // Most bodies are one frame, which is then passed on without a copy.
        if all.is_empty() && first.is_empty() {
            first = data;
            continue;
        }
        if all.is_empty() {
            all.extend_from_slice(&first);
        }
        all.extend_from_slice(&data);
    }
    match (length > limit, all.is_empty()) {
        (true, _) => Err(Unread::TooLong),
        (false, true) => Ok(first),
        (false, false) => Ok(all.freeze()),
    }
}
