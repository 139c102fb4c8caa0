//! Worker processes of the SDK, as they ship, and the random programs that they execute.

mod groups;
mod judge;
mod process;

use abide::sim::Programs;

use crate::{
    chance::Chance,
    plan::{Dial, Plan},
    world::Member,
};
pub(crate) use judge::EXPLAINED;
use judge::Judge;
use process::Worker;
pub(crate) use process::{HALTED, SPINS};

/// The group of these processes.
const GROUP: &str = "sdk";

/// How many calls a program makes, about.
const SIZES: [usize; 4] = [1, 2, 3, 5];

/// How long a task stays with a process that is not heard of. Where everything takes long, a short
/// lease would be over before anything is done.
const LEASES: [i64; 3] = [2_000, 10_000, 30_000];

/// The processes of a run, and whoever has their programs executed and judges them.
pub(crate) fn members(plan: &Plan) -> Vec<Member> {
    let workers = plan.of(Dial::Workers);
    if workers == 0 {
        return Vec::new();
    }
    let mut chance = Chance::new(plan.programs);
    let names: &[&str] = if chance.once_in(3) { &["one", "two"] } else { &["one"] };
    let sizes: Vec<_> = names.iter().map(|name| (*name, *chance.one_of(&SIZES))).collect();
    let programs = Programs::random(chance.number(), &sizes);
    let slow = plan.of(Dial::Tiny) > 0 || plan.travel + plan.commit + plan.read >= 200;
    let lease = if slow { LEASES[2] } else { *chance.one_of(&LEASES) };
    let mut members = Vec::new();
    for number in 0..workers {
        // One of the programs may be begun by a worker, and not by somebody else.
        let begins = programs.ids().nth(number as usize).cloned().filter(|_| chance.once_in(2));
        let extensions = match chance.once_in(4) {
            true => abide_protocol::Extensions::none(),
            false => plan.config.timing.extensions,
        };
        let choices = abide::sim::Choices {
            group: GROUP.to_owned(),
            lease,
            concurrency: *chance.one_of(&[1, 2, 64]),
            warm: *chance.one_of(&[0, 1, 1_000]),
            extensions,
            drain: *chance.one_of(&[100, 5_000]),
            begins,
        };
        let worker = Worker::new(choices, programs.clone());
        let name = format!("worker-{number}");
        members.push(Member { actor: Box::new(worker), name, address: None });
    }
    for id in programs.ids() {
        let judge = Judge::new(id.clone(), programs.clone());
        let name = format!("judge-of-{}", &**id);
        members.push(Member { actor: Box::new(judge), name, address: None });
    }
    members
}
