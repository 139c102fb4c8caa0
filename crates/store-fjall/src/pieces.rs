use byteview::ByteView;
use fjall::{Keyspace, OwnedWriteBatch};

/// How large a piece becomes, unless a single write is larger.
const PIECE_BYTES: usize = 1 << 20;

/// Gathers writes whose keys and values share a piece of memory. Given one by one, the engine would
/// allocate each of them, and free them one by one; but what is committed together is in one
/// memtable, and goes with it.
pub(crate) struct Pieces<'a> {
    data: &'a Keyspace,
    batch: OwnedWriteBatch,
    bytes: Vec<u8>,
    spans: Vec<Span>,
}

/// Where a write is among the bytes: it starts where the one before it ends.
struct Span {
    key_end: usize,
    /// `None` deletes.
    value_end: Option<usize>,
}

impl<'a> Pieces<'a> {
    /// Gathers writes to `data` for a batch: so many, with about so many bytes.
    pub(crate) fn new(
        data: &'a Keyspace,
        batch: OwnedWriteBatch,
        writes: usize,
        bytes: usize,
    ) -> Self {
        let bytes = Vec::with_capacity(bytes.min(PIECE_BYTES));
        Pieces { data, batch, bytes, spans: Vec::with_capacity(writes) }
    }

    /// Stores a value where `prefix` and `key` say, or deletes what is there.
    pub(crate) fn push(&mut self, prefix: &[u8], key: &[u8], value: Option<&[u8]>) {
        let length = prefix.len() + key.len() + value.map_or(0, <[u8]>::len);
        if self.bytes.len() + length > PIECE_BYTES {
            self.hand_on();
        }
        self.bytes.extend_from_slice(prefix);
        self.bytes.extend_from_slice(key);
        let key_end = self.bytes.len();
        let value_end = value.map(|value| {
            self.bytes.extend_from_slice(value);
            self.bytes.len()
        });
        self.spans.push(Span { key_end, value_end });
    }

    /// The batch with all that was gathered, in order.
    pub(crate) fn finish(mut self) -> OwnedWriteBatch {
        self.hand_on();
        self.batch
    }

    fn hand_on(&mut self) {
        let piece = ByteView::new(&self.bytes);
        let mut start = 0;
        for Span { key_end, value_end } in self.spans.drain(..) {
            let key = piece.slice(start..key_end);
            match value_end {
                Some(end) => self.batch.insert(self.data, key, piece.slice(key_end..end)),
                None => self.batch.remove(self.data, key),
            }
            start = value_end.unwrap_or(key_end);
        }
        self.bytes.clear();
    }
}
