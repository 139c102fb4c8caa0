use abide_machine::{Phase, Task};
use abide_protocol::Id;

use super::{
    CodecError,
    wire::{Reader, put_list, put_signed, put_text, put_unsigned},
};

const WAITING: u8 = 0;
const OFFERED: u8 = 1;
const ACQUIRED: u8 = 2;
const SUSPENDED: u8 = 3;
const HALTED: u8 = 4;
const FULFILLED: u8 = 5;
/// What is left of the first byte for the phase.
const PHASE: u8 = RESUMED - 1;
const RESUMED: u8 = 1 << 3;

pub(super) fn encode(task: &Task, out: &mut Vec<u8>) {
    let resumed = if task.resumed.is_empty() || fault!(CodecDropsResumed) { 0 } else { RESUMED };
    let phase = match &task.phase {
        Phase::Pending { offered: false, .. } => WAITING,
        Phase::Pending { .. } if fault!(CodecDropsOffered) => WAITING,
        Phase::Pending { offered: true, .. } => OFFERED,
        Phase::Acquired { .. } => ACQUIRED,
        Phase::Suspended => SUSPENDED,
        Phase::Halted => HALTED,
        Phase::Fulfilled => FULFILLED,
    };
    out.push(phase | resumed);
    put_signed(out, task.version);
    put_unsigned(out, task.resumes);
    put_text(out, &task.address);
    if resumed != 0 {
        put_list(out, &task.resumed);
    }
    match &task.phase {
        Phase::Pending { due, .. } => put_signed(out, *due),
        Phase::Acquired { pid, ttl, expires } => {
            put_text(out, pid);
            put_signed(out, *ttl);
            put_signed(out, *expires);
        }
        Phase::Suspended | Phase::Halted | Phase::Fulfilled => {}
    }
}

pub(super) fn decode(id: Id, reader: &mut Reader<'_>) -> Result<Task, CodecError> {
    let first = reader.u8()?;
    let phase = first & PHASE;
    if first & !(PHASE | RESUMED) != 0 {
        return Err(CodecError::Malformed("a flag"));
    }
    Ok(Task {
        id,
        version: reader.signed()?,
        resumes: reader.unsigned()?,
        address: reader.text()?.into(),
        resumed: if first & RESUMED != 0 { reader.some_list()? } else { Vec::new() },
        phase: match phase {
            WAITING | OFFERED => {
                Phase::Pending { due: reader.signed()?, offered: phase == OFFERED }
            }
            ACQUIRED => Phase::Acquired {
                pid: reader.text()?.into(),
                ttl: reader.signed()?,
                expires: reader.signed()?,
            },
            SUSPENDED => Phase::Suspended,
            HALTED => Phase::Halted,
            FULFILLED => Phase::Fulfilled,
            _ => return Err(CodecError::Malformed("the phase")),
        },
    })
}
