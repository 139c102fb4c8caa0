use std::cell::Cell;

use super::{Known, Span, Tags};

/// Tags that are put together, in any order; the last of several with one name is kept.
#[derive(Default)]
pub(super) struct Builder {
    text: String,
    spans: Vec<Span>,
    /// Whether each name so far is greater than the one before it.
    ordered: bool,
}

/// The most memory that is kept from one builder to the next, in bytes of text.
const MAX_KEPT: usize = 1 << 10;

thread_local! {
    /// What the last builder of this thread has left: most tags fit into it.
    static KEPT: Cell<Builder> = const {
        Cell::new(Builder { text: String::new(), spans: Vec::new(), ordered: true })
    };
}

impl Builder {
    pub(super) fn new() -> Self {
        Builder { ordered: true, ..KEPT.take() }
    }

    /// Leaves the memory to the next one.
    fn leave(mut self) {
        if self.text.capacity().max(self.spans.capacity()) <= MAX_KEPT {
            self.text.clear();
            self.spans.clear();
            KEPT.set(self);
        }
    }

    /// Begins a tag.
    pub(super) fn name(&mut self, name: &str) {
        let known = Known::of(name);
        if known.is_none() {
            self.text.push_str(name);
        }
        let name_end = self.end();
        self.spans.push(Span { known, name_end, end: name_end });
    }

    /// Completes the tag that was begun.
    pub(super) fn value(&mut self, value: &str) {
        self.text.push_str(value);
        let end = self.end();
        self.spans.last_mut().expect("the name comes first").end = end;
        self.ordered &= match &*self.spans {
            [.., Span { known: Some(before), .. }, Span { known: Some(last), .. }] => before < last,
            [.., _, _] => {
                let last = self.spans.len() - 1;
                self.name_of(last - 1) < self.name_of(last)
            }
            _ => true,
        };
    }

    fn name_of(&self, index: usize) -> &str {
        super::name(&self.text, &self.spans, index)
    }

    fn end(&self) -> u32 {
        u32::try_from(self.text.len()).expect("the tags of one promise are far below 4 GiB")
    }

    pub(super) fn finish(self) -> Tags {
        if !self.ordered {
            return self.reordered();
        }
        let bits = self.spans.iter().filter_map(|span| span.known);
        let present = bits.fold(0, |bits, known| bits | known.bit());
        let tags = Tags { text: (*self.text).into(), spans: (*self.spans).into(), present };
        self.leave();
        tags
    }

    fn reordered(self) -> Tags {
        let mut order: Vec<usize> = (0..self.spans.len()).collect();
        // A stable order: the last of several with one name is the last of them still.
        order.sort_by_key(|index| self.name_of(*index));
        let mut ordered = Builder::new();
        for (at, index) in order.iter().enumerate() {
            let name = self.name_of(*index);
            if order.get(at + 1).is_some_and(|next| self.name_of(*next) == name) {
                continue;
            }
            ordered.name(name);
            ordered.value(super::value(&self.text, &self.spans, *index));
        }
        ordered.finish()
    }
}
