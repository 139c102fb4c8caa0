use super::{Known, Span, Tags};

/// Tags that are put together, in any order; the last of several with one name is kept.
#[derive(Default)]
pub(super) struct Builder {
    text: String,
    spans: Vec<Span>,
    /// Whether each name so far is greater than the one before it.
    ordered: bool,
}

/// Room for the text of the tags that an SDK writes.
const TEXT: usize = 128;

/// Room for as many tags.
const COUNT: usize = 8;

impl Builder {
    pub(super) fn new() -> Self {
        let (text, spans) = (String::with_capacity(TEXT), Vec::with_capacity(COUNT));
        Builder { text, spans, ordered: true }
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
        if self.spans.is_empty() {
            return Tags::default();
        }
        if !self.ordered {
            return self.reordered();
        }
        let bits = self.spans.iter().filter_map(|span| span.known);
        let present = bits.fold(0, |bits, known| bits | known.bit());
        Tags { text: self.text.into(), spans: self.spans.into(), present }
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
