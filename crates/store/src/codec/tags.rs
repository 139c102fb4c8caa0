//! The tags of a promise. What they say of its lineage is mostly in its id already: a name that the
//! protocol knows is a number, and a value is how far it is the beginning of the id, and the rest.

use std::borrow::Cow;

use abide_protocol::{Tags, tag};

use super::{
    CodecError,
    wire::{Order, Reader, put_text, put_unsigned},
};

/// A name that has no number follows as a text.
const UNKNOWN: u8 = 0;

/// The names that have numbers. Their places are on disk: they are never changed.
pub(super) const NAMES: [&str; 11] = [
    tag::OWNER,
    tag::BRANCH,
    tag::DELAY,
    tag::EXTERNAL,
    tag::ORIGIN,
    tag::PARENT,
    tag::PREFIX,
    tag::SCHEDULE,
    tag::SCOPE,
    tag::TARGET,
    tag::TIMER,
];

/// Whether tags are written like this. Others gain nothing by it.
pub(super) fn are_known(tags: &Tags) -> bool {
    tags.iter().any(|(name, _)| number(name) != UNKNOWN)
}

pub(super) fn encode(tags: &Tags, id: &str, out: &mut Vec<u8>) {
    put_unsigned(out, tags.len() as u64);
    for (name, value) in tags.iter() {
        let number = number(name);
        out.push(number);
        if number == UNKNOWN {
            put_text(out, name);
        }
        let shared = shared(id, value);
        put_unsigned(out, shared as u64);
        put_text(out, &value[shared..]);
    }
}

pub(super) fn decode(id: &str, reader: &mut Reader<'_>) -> Result<Tags, CodecError> {
    let mut order = Order::default();
    let count = reader.unsigned()?;
    (0..count).map(|_| Ok((order.next(decode_name(reader)?)?, decode_value(id, reader)?))).collect()
}

fn decode_name<'a>(reader: &mut Reader<'a>) -> Result<&'a str, CodecError> {
    let known = reader.u8()?;
    if known == UNKNOWN {
        let name = reader.text()?;
        return if number(name) == UNKNOWN {
            Ok(name)
        } else {
            Err(CodecError::Malformed("a tag"))
        };
    }
    NAMES.get(usize::from(known) - 1).copied().ok_or(CodecError::Malformed("a tag"))
}

fn decode_value<'v, 'a: 'v>(
    id: &'v str,
    reader: &mut Reader<'a>,
) -> Result<Cow<'v, str>, CodecError> {
    let length = usize::try_from(reader.unsigned()?).map_err(|_| CodecError::Length)?;
    let beginning = id.get(..length).ok_or(CodecError::Malformed("a tag"))?;
    let rest = reader.text()?;
    let value = match (beginning, rest) {
        ("", rest) => Cow::Borrowed(rest),
        (beginning, "") => Cow::Borrowed(beginning),
        _ => Cow::Owned([beginning, rest].concat()),
    };
    if shared(id, &value) == length { Ok(value) } else { Err(CodecError::Malformed("a tag")) }
}

pub(super) fn number(name: &str) -> u8 {
    let place = match name {
        tag::OWNER => 0,
        tag::BRANCH => 1,
        tag::DELAY => 2,
        tag::EXTERNAL => 3,
        tag::ORIGIN => 4,
        tag::PARENT => 5,
        tag::PREFIX => 6,
        tag::SCHEDULE => 7,
        tag::SCOPE => 8,
        tag::TARGET => 9,
        tag::TIMER => 10,
        _ => return UNKNOWN,
    };
    place + 1
}

/// How much of the beginning of a value is that of the id, in whole characters.
fn shared(id: &str, value: &str) -> usize {
    let same = id.bytes().zip(value.bytes()).take_while(|(one, other)| one == other).count();
    value.floor_char_boundary(same)
}
