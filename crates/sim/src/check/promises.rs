//! A promise as its clients see it is a register that is written at most twice: by whoever creates
//! it, and by whoever settles it. What one client has been told, no other may be told less of
//! later.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use abide_machine::verdict;
use abide_protocol::{Id, PromiseRecord, PromiseState, RecordAction, Request, Value, tag};

use super::history::{Asked, History};
use crate::actor::Broken;

/// Nobody is told less of a promise than somebody was told before.
pub(super) const LINEAR: &str = "what is told of a promise never goes back";
/// Everybody is told of the same promise, and of the same settlement.
pub(super) const AGREED: &str = "all are told the same of a promise";
/// What is told was asked for, or is what a deadline comes to.
pub(super) const JUSTIFIED: &str = "a promise is what somebody made of it";

/// What somebody was told of a promise.
struct Told<'a> {
    began: u64,
    ended: u64,
    /// `None`: there was none.
    record: Option<&'a Arc<PromiseRecord>>,
    /// That it was created and settled as asked for, without the record.
    recorded: Option<&'a RecordAction>,
}

impl Told<'_> {
    fn rank(&self) -> u8 {
        match self.record {
            _ if self.recorded.is_some() => 2,
            Some(record) => {
                if record.is_pending() {
                    1
                } else {
                    2
                }
            }
            None => 0,
        }
    }
}

pub(super) fn check(history: &History) -> Vec<Broken> {
    let mut told: BTreeMap<&Id, Vec<Told>> = BTreeMap::new();
    for asked in &history.calls {
        let Some((ended, _)) = asked.ended else { continue };
        let began = asked.began;
        let mut tell = |id, record, recorded| {
            told.entry(id).or_default().push(Told { began, ended, record, recorded });
        };
        asked.told().for_each(|record| tell(&record.id, Some(record), None));
        asked.missed().into_iter().for_each(|id| tell(id, None, None));
        asked.recorded().into_iter().for_each(|data| tell(&data.create.id, None, Some(data)));
    }
    for (ended, record) in &history.messages {
        // It may have been on its way for long, but it tells of the end.
        let (began, record) = (*ended, Some(record));
        let told = told.entry(&record.expect("it is one").id).or_default();
        told.push(Told { began, ended: *ended, record, recorded: None });
    }
    let reclaimed = reclaimed(history);
    let mut makers: BTreeMap<&Id, Vec<&Asked>> = BTreeMap::new();
    for asked in &history.calls {
        let created = asked.creates().map(|create| &create.id);
        let settled = asked.settles().map(|settle| &settle.id);
        created.into_iter().chain(settled).for_each(|id| makers.entry(id).or_default().push(asked));
    }
    let mut found = Vec::new();
    for (id, told) in &mut told {
        let makers = makers.get(id).map_or(&[][..], Vec::as_slice);
        found.extend(told.iter().find_map(|told| justified(told, makers).err()));
        // One that was deleted may be created anew.
        if !reclaimed.iter().any(|name| id.is_or_extends(name)) {
            found.extend(agreed(told).err());
            found.extend(linear(id, told).err());
        }
    }
    found
}

/// What may have been deleted, with all below it.
pub(super) fn reclaimed(history: &History) -> BTreeSet<&Id> {
    let named = history.calls.iter().filter_map(|asked| match &asked.request {
        Request::TaskReclaim(data) => Some(&data.promises),
        _ => None,
    });
    named.flatten().collect()
}

fn linear(id: &Id, told: &mut [Told]) -> Result<(), Broken> {
    let mut by_end: Vec<(u64, u8)> = told.iter().map(|told| (told.ended, told.rank())).collect();
    by_end.sort_unstable();
    told.sort_by_key(|told| told.began);
    let (mut next, mut known) = (0, 0);
    for told in told.iter() {
        while next < by_end.len() && by_end[next].0 < told.began {
            known = known.max(by_end[next].1);
            next += 1;
        }
        if told.rank() < known {
            let names = ["absent", "pending", "settled"];
            let (was, is) = (names[usize::from(known)], names[usize::from(told.rank())]);
            let why = format!("{}, known to be {was}, is {is} for another", &**id);
            return Err(Broken::new(LINEAR, why));
        }
    }
    Ok(())
}

fn agreed(told: &[Told]) -> Result<(), Broken> {
    let records = || told.iter().filter_map(|told| told.record);
    let made = |record: &PromiseRecord| {
        let (param, tags) = (record.param.clone(), record.tags.clone());
        (param, tags, record.timeout_at, record.created_at)
    };
    let mut first = None;
    let mut settled: Option<&Arc<PromiseRecord>> = None;
    for record in records() {
        let made = made(record);
        if first.get_or_insert_with(|| made.clone()) != &made {
            return Err(Broken::new(AGREED, format!("{first:?}, but also {record:?}")));
        }
        if record.is_pending() {
            continue;
        }
        let settled = *settled.get_or_insert(record);
        if settled != record {
            return Err(Broken::new(AGREED, format!("{settled:?}, but also {record:?}")));
        }
    }
    for RecordAction { create, settle, .. } in told.iter().filter_map(|told| told.recorded) {
        let recorded = (create.param.clone(), create.tags.clone(), create.timeout_at);
        let as_made = first.as_ref().is_none_or(|(param, tags, timeout_at, _)| {
            recorded == (param.clone(), tags.clone(), *timeout_at)
        });
        let as_settled = settled.is_none_or(|settled| {
            settled.state == PromiseState::from(settle.state) && settled.value == settle.value
        });
        if !as_made || !as_settled {
            let why = format!("{create:?} is recorded with {settle:?}, but also {settled:?}");
            return Err(Broken::new(AGREED, why));
        }
    }
    Ok(())
}

fn justified(told: &Told, makers: &[&Asked]) -> Result<(), Broken> {
    let Some(record) = told.record else { return Ok(()) };
    let before = |asked: &&&Asked| asked.began <= told.ended;
    let created = makers.iter().filter(before).filter_map(|asked| asked.creates()).any(|create| {
        let same = create.id == record.id && create.timeout_at == record.timeout_at;
        same && create.param == record.param && create.tags == record.tags
    });
    if !created && record.tags.get(tag::SCHEDULE).is_none() {
        return Err(Broken::new(JUSTIFIED, format!("nobody has created {record:?}")));
    }
    let by_deadline = record.settled_at == Some(record.timeout_at)
        && record.state == verdict(&record.tags)
        && *record.value == Value::default();
    let by_owner = record.state == PromiseState::RejectedCanceled && record.tags.owner().is_some();
    let settled = || {
        makers.iter().filter(before).filter_map(|asked| asked.settles()).any(|settle| {
            let state = PromiseState::from(settle.state);
            settle.id == record.id && state == record.state && settle.value == record.value
        })
    };
    if record.is_pending() || by_deadline || by_owner || settled() {
        return Ok(());
    }
    Err(Broken::new(JUSTIFIED, format!("nobody has settled {record:?} like this")))
}
