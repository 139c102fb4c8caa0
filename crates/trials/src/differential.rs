//! The same traffic to everything that keeps promises: answers and states are to be the same.
//!
//! A seed decides a script: requests that mostly hit something, batches, time that passes, restarts.
//! It is put to every contender, all on the debug surface, so that time and background work are the
//! script's. After each step the answers and a snapshot of the whole state are compared with those of
//! the first one. A further backend is one more line in that list.

mod contender;
mod http;
mod inline;
mod node;
mod script;
mod shrink;

use std::path::Path;

use abide_protocol::{Extensions, Millis, Request, Response, Tick};

use contender::{CONTENDERS, Contender, Setting};
use script::{RESTART, START, Step, Turn};

/// Puts the script of a seed to all contenders, whose files are in a directory below `scratch`.
///
/// # Errors
/// With the smallest script found for which they differ, and how.
pub fn check(seed: u64, scratch: &Path) -> Result<(), String> {
    // Three quarters of the scripts are of the protocol with all extensions, the others without.
    let extensions = if seed % 4 == 3 { Extensions::none() } else { Extensions::all() };
    let turns = script::of(seed, extensions);
    let Err(why) = compare(&turns, extensions, scratch) else { return Ok(()) };
    let (turns, why) = shrink::shrink(turns, why, |fewer| {
        let decided = script::is_decided(fewer, extensions);
        if decided { compare(fewer, extensions, scratch) } else { Ok(()) }
    });
    let lines: Vec<String> = turns.iter().map(Turn::to_string).collect();
    Err(format!("{why}, after:\n{}", lines.join("\n")))
}

/// How two of them differ, if any do.
fn compare(turns: &[Turn], extensions: Extensions, scratch: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("it cannot be tried: {error}");
    let home = tempfile::tempdir_in(scratch).map_err(failed)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(failed)?;
    runtime.block_on(async {
        let mut contenders = Vec::new();
        for (name, make) in CONTENDERS {
            let home = home.path().join(name.replace(' ', "-"));
            let mut contender = make(Setting { extensions, home }).await;
            begin(&mut *contender, START).await;
            contenders.push((*name, contender));
        }
        for turn in turns {
            let mut first: Option<(&str, Vec<Response>)> = None;
            for (name, contender) in &mut contenders {
                let answers = take(&mut **contender, turn).await;
                let Some((other, expected)) = &first else {
                    first = Some((name, answers));
                    continue;
                };
                if answers != *expected {
                    return Err(differs(other, expected, name, &answers));
                }
            }
        }
        for (_, contender) in contenders {
            contender.end().await;
        }
        Ok(())
    })
}

/// What of two lists of answers is not the same.
fn differs(one: &str, first: &[Response], other: &str, second: &[Response]) -> String {
    let pairs = first.iter().zip(second).enumerate();
    let what = pairs.filter(|(_, (first, second))| first != second).map(|(at, (first, second))| {
        format!("answer {at} of {one}: {first:?}\nanswer {at} of {other}: {second:?}")
    });
    let what: Vec<String> = what.collect();
    match what.is_empty() {
        true => format!("{one} gives {} answers and {other} {}", first.len(), second.len()),
        false => what.join("\n"),
    }
}

/// Stops what a contender does by itself, and moves its time to the script's.
async fn begin(contender: &mut dyn Contender, now: Millis) {
    contender.ask(vec![Request::DebugStart], now).await;
    tick(contender, now).await;
}

/// Fires everything that is due.
async fn tick(contender: &mut dyn Contender, now: Millis) -> Vec<Response> {
    contender.ask(vec![Request::DebugTick(Tick { time: now })], now).await
}

/// Takes one turn; the last answer is the state after it.
async fn take(contender: &mut dyn Contender, turn: &Turn) -> Vec<Response> {
    let mut answers = match &turn.step {
        Step::Ask(requests) => contender.ask(requests.clone(), turn.now).await,
        Step::Tick => Vec::new(),
        Step::Restart => {
            // Whoever begins again does at once what is due.
            let answers = tick(contender, turn.now - RESTART).await;
            contender.restart().await;
            begin(contender, turn.now).await;
            answers
        }
    };
    // What a settlement owes is done beside what follows: the state is that after it.
    tick(contender, turn.now).await;
    answers.extend(contender.ask(vec![Request::DebugSnap], turn.now).await);
    answers
}
