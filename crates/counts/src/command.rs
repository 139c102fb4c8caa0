//! The command line.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
    thread,
};

use clap::{Parser, Subcommand};

use crate::{
    comparison::{Comparison, TOLERATED},
    record::{Record, made_here},
    script::{SCRIPTS, Script},
    valgrind,
};

/// Counts the instructions of fixed scripts and compares them with the recorded ones
///
/// Each script takes Abide through a fixed piece of work, in one thread, without a clock, a file or
/// chance, so that it takes as many instructions on every machine. `machine/...` is the protocol's
/// state machine alone; `engine/...` adds the shard, the record codec and a store in memory;
/// `served/...` adds the wire codec on both sides; `sdk/...` is a worker with the engine in its
/// process; `wire` and `records` are the two codecs alone.
#[derive(Parser, Debug)]
#[command(
    name = "scripts/instructions",
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  \
        scripts/instructions                          compare all; fails past 5 percent\n  \
        scripts/instructions engine/life              compare one\n  \
        scripts/instructions --profile engine/life    see which functions its instructions are in\n  \
        scripts/instructions --write                  record all; say why in the commit message"
)]
struct Arguments {
    /// The scripts to count; all if none is named
    scripts: Vec<String>,
    /// Record the counts instead of comparing them
    #[arg(long)]
    write: bool,
    /// Tell which functions the instructions of the scripts are in
    #[arg(long, conflicts_with = "write")]
    profile: bool,
    /// The file with the recorded counts
    #[arg(long, value_name = "FILE", default_value = "docs/performance/instructions.txt")]
    file: PathBuf,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Go through one script: what is counted
    #[command(hide = true)]
    Run { script: String, rounds: u64 },
}

/// Does what the command line says; the error is what to tell.
///
/// # Errors
/// When a count is too high, or there is none.
pub(crate) fn run() -> Result<(), String> {
    let arguments = Arguments::parse();
    if let Some(Command::Run { script, rounds }) = &arguments.command {
        find(script)?.run(*rounds);
        return Ok(());
    }
    let named = arguments.scripts.iter().map(|name| find(name)).collect::<Result<Vec<_>, _>>()?;
    let all = named.is_empty();
    let scripts = if all { SCRIPTS.iter().collect() } else { named };
    if arguments.profile {
        return profile(&scripts);
    }
    let recorded = read(&arguments.file)?;
    let here = made_here();
    if !arguments.write && recorded.architecture() != std::env::consts::ARCH {
        let (theirs, ours) = (recorded.architecture(), std::env::consts::ARCH);
        println!("The counts were recorded on {theirs}: on {ours} nothing can be compared.");
        return Ok(());
    }
    let counted = count(&scripts)?;
    let comparison = Comparison::new(&recorded.counts, &counted);
    print!("{comparison}");
    if arguments.write {
        return write(&arguments.file, recorded, counted, here);
    }
    if recorded.made_by != here {
        println!("\nRecorded by {},\ncounted by  {here}: that alone may differ.", recorded.made_by);
    }
    judge(&comparison, if all { gone(&recorded) } else { Vec::new() })
}

fn find(name: &str) -> Result<&'static Script, String> {
    let names = || SCRIPTS.iter().map(|script| script.name).collect::<Vec<_>>().join(", ");
    Script::find(name).ok_or_else(|| format!("there is no script {name:?}, but: {}", names()))
}

fn profile(scripts: &[&Script]) -> Result<(), String> {
    for script in scripts {
        let file = valgrind::profile(script, &std::env::temp_dir())?;
        println!("callgrind_annotate {}", file.display());
    }
    Ok(())
}

fn read(file: &Path) -> Result<Record, String> {
    match fs::read_to_string(file) {
        Ok(text) => Record::parse(&text).map_err(|why| format!("{}: {why}", file.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Ok(Record { made_by: made_here(), ..Record::default() })
        }
        Err(error) => Err(format!("{}: {error}", file.display())),
    }
}

/// Counts scripts side by side: what one takes does not depend on another.
fn count(scripts: &[&Script]) -> Result<Vec<(String, u64)>, String> {
    let todo = Mutex::new(scripts.iter().enumerate());
    let next = || todo.lock().expect("nobody panics with it").next();
    let work = || {
        let mut counted = Vec::new();
        while let Some((place, script)) = next() {
            eprintln!("counting {}", script.name);
            counted.push((place, script.name.to_owned(), valgrind::count(script)?));
        }
        Ok::<_, String>(counted)
    };
    let threads = thread::available_parallelism().map_or(1, Into::into);
    let parts: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().expect("a failure is told")).collect()
    });
    let mut counted = Vec::new();
    for part in parts {
        counted.extend(part?);
    }
    counted.sort();
    Ok(counted.into_iter().map(|(_, name, count)| (name, count)).collect())
}

fn write(
    file: &Path,
    recorded: Record,
    counted: Vec<(String, u64)>,
    made_by: String,
) -> Result<(), String> {
    let mut counts = recorded.counts;
    counts.extend(counted);
    counts.retain(|name, _| Script::find(name).is_some());
    let directory = file.parent().map_or(Ok(()), fs::create_dir_all);
    let written = directory.and_then(|()| fs::write(file, Record { made_by, counts }.print()));
    written.map_err(|error| format!("{}: {error}", file.display()))?;
    println!("\nRecorded in {}: say why in the commit message.", file.display());
    Ok(())
}

/// What is recorded and not counted any more.
fn gone(recorded: &Record) -> Vec<&str> {
    let names = recorded.counts.keys().map(String::as_str);
    names.filter(|name| Script::find(name).is_none()).collect()
}

fn judge(comparison: &Comparison, gone: Vec<&str>) -> Result<(), String> {
    let (above, below, new) = (comparison.above(), comparison.below(), comparison.new_ones());
    if !below.is_empty() {
        println!("\nLess than recorded by more than {TOLERATED} percent: {}.", below.join(", "));
        println!("To hold on to it, record it: scripts/instructions --write");
    }
    let mut wrong = Vec::new();
    if let Some(first) = above.first() {
        wrong.push(format!(
            "More instructions than recorded, by more than {TOLERATED} percent: {}.\n\
             Find out where they are:       scripts/instructions --profile {first}\n\
             If that is what it takes:      scripts/instructions --write, and say why in the \
             commit message.",
            above.join(", "),
        ));
    }
    if !new.is_empty() || !gone.is_empty() {
        wrong.push(format!(
            "The scripts are not those that are recorded (new: {}; gone: {}): \
             scripts/instructions --write",
            list(&new),
            list(&gone)
        ));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

fn list(names: &[&str]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
