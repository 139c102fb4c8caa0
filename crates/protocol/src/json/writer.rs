use serde::{Serialize, Serializer, ser::Impossible};

use super::{Unfit, compound::Compound, plain};

/// What most messages fit into.
const ROOM: usize = 1 << 10;

/// A value as JSON.
///
/// # Panics
/// If it holds what no message of the protocol does: tuples, or variants with content.
pub(crate) fn write<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut out = Vec::with_capacity(ROOM);
    append(value, &mut out);
    out
}

/// Appends a value as JSON.
///
/// # Panics
/// As [`write`].
pub(crate) fn append<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) {
    value.serialize(Writer(out)).expect("strings, integers, lists and objects serialise");
}

/// Writes one value.
pub(super) struct Writer<'a>(pub(super) &'a mut Vec<u8>);

impl<'a> Writer<'a> {
    fn word(self, word: &str) -> Result<(), Unfit> {
        self.0.extend_from_slice(word.as_bytes());
        Ok(())
    }

    #[inline]
    fn integer(self, integer: impl itoa::Integer) -> Result<(), Unfit> {
        self.word(itoa::Buffer::new().format(integer))
    }

    fn open(self, bracket: u8, close: u8) -> Result<Compound<'a>, Unfit> {
        self.0.push(bracket);
        Ok(Compound::new(self.0, close))
    }
}

impl<'a> Serializer for Writer<'a> {
    type Ok = ();
    type Error = Unfit;
    type SerializeSeq = Compound<'a>;
    type SerializeTuple = Impossible<(), Unfit>;
    type SerializeTupleStruct = Impossible<(), Unfit>;
    type SerializeTupleVariant = Impossible<(), Unfit>;
    type SerializeMap = Compound<'a>;
    type SerializeStruct = Compound<'a>;
    type SerializeStructVariant = Impossible<(), Unfit>;

    fn serialize_str(self, text: &str) -> Result<(), Unfit> {
        if plain(text.as_bytes()) < text.len() {
            return serde_json::to_writer(self.0, text).map_err(|_| Unfit);
        }
        self.0.push(b'"');
        self.0.extend_from_slice(text.as_bytes());
        self.0.push(b'"');
        Ok(())
    }

    fn serialize_i64(self, integer: i64) -> Result<(), Unfit> {
        self.integer(integer)
    }

    fn serialize_u64(self, integer: u64) -> Result<(), Unfit> {
        self.integer(integer)
    }

    fn serialize_i8(self, integer: i8) -> Result<(), Unfit> {
        self.integer(integer)
    }

    fn serialize_i16(self, integer: i16) -> Result<(), Unfit> {
        self.integer(integer)
    }

    fn serialize_i32(self, integer: i32) -> Result<(), Unfit> {
        self.integer(integer)
    }

    fn serialize_u8(self, integer: u8) -> Result<(), Unfit> {
        self.integer(integer)
    }

    fn serialize_u16(self, integer: u16) -> Result<(), Unfit> {
        self.integer(integer)
    }

    fn serialize_u32(self, integer: u32) -> Result<(), Unfit> {
        self.integer(integer)
    }

    fn serialize_bool(self, value: bool) -> Result<(), Unfit> {
        self.word(if value { "true" } else { "false" })
    }

    fn serialize_none(self) -> Result<(), Unfit> {
        self.word("null")
    }

    fn serialize_unit(self) -> Result<(), Unfit> {
        self.word("null")
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unfit> {
        value.serialize(self)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Unfit> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unfit> {
        value.serialize(self)
    }

    fn serialize_f64(self, number: f64) -> Result<(), Unfit> {
        serde_json::to_writer(self.0, &number).map_err(|_| Unfit)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'a>, Unfit> {
        self.open(b'[', b']')
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Compound<'a>, Unfit> {
        self.open(b'{', b'}')
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Compound<'a>, Unfit> {
        self.open(b'{', b'}')
    }

    fn serialize_f32(self, _: f32) -> Result<(), Unfit> {
        Err(Unfit)
    }

    fn serialize_char(self, _: char) -> Result<(), Unfit> {
        Err(Unfit)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Unfit> {
        Err(Unfit)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unfit> {
        Err(Unfit)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Unfit> {
        Err(Unfit)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Unfit> {
        Err(Unfit)
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Unfit> {
        Err(Unfit)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unfit> {
        Err(Unfit)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Unfit> {
        Err(Unfit)
    }
}
