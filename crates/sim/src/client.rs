//! Clients and workers that speak the protocol, and do what chance tells them.

mod author;
mod governor;
mod habits;
mod hold;
mod laborer;
mod listener;
mod scheduler;
mod searcher;

use crate::{
    plan::{Dial, Plan},
    world::Member,
};
use author::Author;
use governor::Governor;
use habits::Habits;
use laborer::Laborer;
use listener::Listener;
pub(crate) use listener::TRUE;
use scheduler::Scheduler;
use searcher::Searcher;

/// The group of the workers that connect.
const WORKERS: &str = "w";

/// The group of the listeners that connect.
const LISTENERS: &str = "l";

/// Whoever takes part in a run.
pub(crate) fn members(plan: &Plan) -> Vec<Member> {
    let numbers = |dial| 0..plan.of(dial);
    let posted = |number: u32| number % 2 == 1;
    let mut targets = vec![format!("poll://any@{WORKERS}")];
    for number in numbers(Dial::Laborers) {
        targets.push(if posted(number) {
            format!("http://w{number}/")
        } else {
            format!("poll://any@{WORKERS}/{number}")
        });
    }
    let listening = |number: u32| {
        if posted(number) {
            format!("poll://uni@{LISTENERS}/{number}")
        } else {
            format!("http://l{number}/")
        }
    };
    let listeners = numbers(Dial::Listeners).map(listening).collect();
    let habits = Habits::new(plan, targets, listeners);
    let mut members = Vec::new();
    let mut member = |name: String, address: Option<String>, actor| {
        members.push(Member { actor, name, address });
    };
    for number in numbers(Dial::Authors) {
        let name = format!("author-{number}");
        member(name.clone(), None, Box::new(Author::new(name, habits.clone())));
    }
    for number in numbers(Dial::Laborers) {
        let name = format!("laborer-{number}");
        let address = posted(number).then(|| format!("http://w{number}/"));
        let connects = (!posted(number)).then(|| number.to_string());
        let laborer = Laborer::new(name.clone(), connects, habits.clone());
        member(name, address, Box::new(laborer));
    }
    for number in numbers(Dial::Listeners) {
        let address = listening(number);
        let connects = posted(number).then(|| number.to_string());
        let listener = Listener::new(address.clone(), connects, habits.clone());
        member(format!("listener-{number}"), Some(address), Box::new(listener));
    }
    for number in numbers(Dial::Schedulers) {
        let scheduler = Scheduler::new(number, habits.clone());
        member(format!("scheduler-{number}"), None, Box::new(scheduler));
    }
    for number in numbers(Dial::Searchers) {
        let name = format!("searcher-{number}");
        member(name, None, Box::new(Searcher::new(habits.clone())));
    }
    for number in numbers(Dial::Governors) {
        let name = format!("governor-{number}");
        member(name, None, Box::new(Governor::new(habits.clone())));
    }
    members
}
