use abide_protocol::Kind;

use crate::lanes::{MESSAGE_BYTES, MESSAGE_REQUESTS};

/// What most requests fit into.
const USUAL_BYTES: usize = 512;

/// Requests that go in one message, as it is sent: the members of an array.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Bundle {
    kinds: Vec<Kind>,
    body: Vec<u8>,
}

impl Bundle {
    /// Bundles requests, in order, each as full as a message may be. `write` appends a request.
    pub(crate) fn all<R>(
        requests: &[R],
        kind: impl Fn(&R) -> Kind,
        mut write: impl FnMut(&R, &mut Vec<u8>),
    ) -> Vec<Bundle> {
        let mut bundles = Vec::with_capacity(1);
        let room = (requests.len() * USUAL_BYTES).min(MESSAGE_BYTES);
        let mut bundle =
            Bundle { kinds: Vec::with_capacity(requests.len()), body: Vec::with_capacity(room) };
        for request in requests {
            let before = bundle.body.len();
            bundle.body.push(b',');
            write(request, &mut bundle.body);
            // With the bracket that closes it.
            let is_full =
                bundle.kinds.len() == MESSAGE_REQUESTS || bundle.body.len() >= MESSAGE_BYTES;
            if before > 0 && is_full {
                let body = bundle.body.split_off(before);
                bundles.push(
                    std::mem::replace(&mut bundle, Bundle { kinds: Vec::new(), body }).close(),
                );
            }
            bundle.kinds.push(kind(request));
        }
        if !bundle.kinds.is_empty() {
            bundles.push(bundle.close());
        }
        bundles
    }

    /// Makes an array of members each of which follows a comma.
    fn close(mut self) -> Self {
        self.body[0] = b'[';
        self.body.push(b']');
        self
    }

    /// Adds the requests of another bundle after those of this one.
    pub(crate) fn append(&mut self, other: &Bundle) {
        self.kinds.extend_from_slice(&other.kinds);
        let end = self.body.len() - 1;
        self.body[end] = b',';
        self.body.extend_from_slice(&other.body[1..]);
    }

    /// The kinds of the requests.
    pub(crate) fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// The array.
    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bundles of requests that are so many bytes long, with the comma or bracket before them.
    fn bundles(lengths: &[usize]) -> Vec<Bundle> {
        let write = |length: &usize, out: &mut Vec<u8>| out.resize(out.len() + length - 1, b'7');
        Bundle::all(lengths, |_| Kind::PromiseGet, write)
    }

    #[test]
    fn requests_are_divided_where_a_message_is_full() {
        let sizes = |lengths: &[usize]| {
            bundles(lengths).iter().map(|bundle| bundle.kinds().len()).collect::<Vec<_>>()
        };
        assert_eq!(sizes(&[]), [0; 0]);
        assert_eq!(sizes(&[10; 2_500]), [1_024, 1_024, 452]);
        let half = MESSAGE_BYTES / 2;
        assert_eq!(sizes(&[half, half - 1, half, half, 2 * MESSAGE_BYTES, 2, 2]), [2, 1, 1, 1, 2]);
    }

    #[test]
    fn a_bundle_is_an_array_however_it_came_about() {
        let mut bundle = bundles(&[3, 2]).remove(0);
        assert_eq!(bundle.body(), b"[77,7]");
        for lengths in [&[4][..], &[2, 2]] {
            bundle.append(&bundles(lengths)[0]);
        }
        assert_eq!(bundle.body(), b"[77,7,777,7,7]");
        assert_eq!(bundle.kinds().len(), 5);
    }

    #[test]
    fn no_bundle_that_could_be_divided_is_larger_than_a_message() {
        for lengths in [vec![MESSAGE_BYTES / 7 - 3; 40], vec![MESSAGE_BYTES / 1_024; 3_000]] {
            let bundles = bundles(&lengths);
            assert!(bundles.len() > 2);
            for bundle in bundles {
                assert!(bundle.body().len() <= MESSAGE_BYTES, "{}", bundle.body().len());
            }
        }
    }
}
