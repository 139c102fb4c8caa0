use super::parts;
use crate::{
    CallbackAction, CreateAction, FenceAction, Kind, PromiseCreate, PromiseSettle, RecordAction,
    SettleAction,
    action::RECORD,
    json::{Read, Reader, Unfit, Write, close, field, readable},
};

/// What is read of the head of a request within another.
#[derive(Default)]
struct InnerHead {
    corr_id: Option<String>,
}

readable!(InnerHead { corr_id: "corrId" optional, });

/// Reads a request within another, whose data its kind tells.
fn read<'de, T>(
    reader: &mut Reader<'de>,
    read_data: impl FnOnce(&str, String, &mut Reader<'de>) -> Result<T, Unfit>,
) -> Result<T, Unfit> {
    parts::read_parts(reader, InnerHead::read, |kind, head, reader| {
        read_data(
            kind.ok_or(Unfit)?,
            head.and_then(|head| head.corr_id).unwrap_or_default(),
            reader,
        )
    })
}

macro_rules! inner {
    ($name:ident, $field:ident, $kind:path) => {
        impl<'de> Read<'de> for $name {
            fn read(reader: &mut Reader<'de>) -> Result<Self, Unfit> {
                read(reader, |kind, corr_id, reader| match Kind::parse(kind) {
                    Some($kind) => Ok($name { corr_id, $field: Read::read(reader)? }),
                    _ => Err(Unfit),
                })
            }
        }

        impl Write for $name {
            fn write(&self, out: &mut Vec<u8>) {
                parts::write_inner($kind.as_str(), &self.corr_id, &self.$field, out);
            }
        }
    };
}

inner!(CreateAction, create, Kind::PromiseCreate);
inner!(SettleAction, settle, Kind::PromiseSettle);
inner!(CallbackAction, callback, Kind::PromiseRegisterCallback);

impl<'de> Read<'de> for FenceAction {
    fn read(reader: &mut Reader<'de>) -> Result<Self, Unfit> {
        read(reader, |kind, corr_id, reader| match Kind::parse(kind) {
            Some(Kind::PromiseCreate) => {
                let create = Read::read(reader)?;
                Ok(FenceAction::Create(CreateAction { corr_id, create }))
            }
            Some(Kind::PromiseSettle) => {
                let settle = Read::read(reader)?;
                Ok(FenceAction::Settle(SettleAction { corr_id, settle }))
            }
            None if kind == RECORD => {
                Ok(FenceAction::Record(RecordAction::new(corr_id, Read::read(reader)?)))
            }
            _ => Err(Unfit),
        })
    }
}

impl Write for RecordAction {
    fn write(&self, out: &mut Vec<u8>) {
        parts::write_inner(RECORD, &self.corr_id, &Recorded(&self.create, &self.settle), out);
    }
}

/// The data of either request, as one object.
struct Recorded<'a>(&'a PromiseCreate, &'a PromiseSettle);

impl Write for Recorded<'_> {
    fn write(&self, out: &mut Vec<u8>) {
        let Recorded(create, settle) = self;
        let start = out.len();
        field(",\"id\":", &create.id, out);
        field(",\"timeoutAt\":", &create.timeout_at, out);
        field(",\"param\":", &create.param, out);
        field(",\"tags\":", &create.tags, out);
        field(",\"state\":", &settle.state, out);
        field(",\"value\":", &settle.value, out);
        close(start, out);
    }
}

impl Write for FenceAction {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            FenceAction::Create(action) => action.write(out),
            FenceAction::Settle(action) => action.write(out),
            FenceAction::Record(action) => action.write(out),
        }
    }
}
