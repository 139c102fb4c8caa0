use std::sync::Arc;

use abide_machine::Schedule;
use abide_protocol::{Id, ScheduleRecord};

use super::{
    CodecError,
    promise::{decode_value, encode_value},
    wire::{Reader, put_signed, put_tags, put_text},
};

const NEVER_RUN: u8 = 0;
const HAS_RUN: u8 = 1;

pub(super) fn encode(schedule: &Schedule, out: &mut Vec<u8>) {
    let record = &schedule.record;
    put_text(out, &record.cron);
    put_text(out, &record.promise_id);
    put_signed(out, record.promise_timeout);
    encode_value(&record.promise_param, out);
    put_tags(out, &record.promise_tags);
    put_signed(out, record.created_at);
    put_signed(out, record.next_run_at);
    match record.last_run_at {
        None => out.push(NEVER_RUN),
        Some(at) => {
            out.push(HAS_RUN);
            put_signed(out, at);
        }
    }
}

pub(super) fn decode(id: Id, reader: &mut Reader<'_>) -> Result<Schedule, CodecError> {
    let record = ScheduleRecord {
        id,
        cron: reader.text()?.to_owned(),
        promise_id: reader.text()?.to_owned(),
        promise_timeout: reader.signed()?,
        promise_param: Arc::new(decode_value(reader)?),
        promise_tags: Arc::new(reader.tags()?),
        created_at: reader.signed()?,
        next_run_at: reader.signed()?,
        last_run_at: match reader.u8()? {
            NEVER_RUN => None,
            HAS_RUN => Some(reader.signed()?),
            _ => return Err(CodecError::Malformed("a flag")),
        },
    };
    Ok(Schedule { record: Arc::new(record) })
}
