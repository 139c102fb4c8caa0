use std::{
    io::{self, BufRead, Write},
    path::PathBuf,
    process::ExitCode,
    thread,
};

use serde::Serialize;
use tokio::sync::mpsc;

use super::{Fault, Order, Ready, Reply, Subject, Unsupported, load};

/// The whole of a driver's `main`: starts the system in the directory that `--dir DIR` names, and
/// serves it until stdin ends. Other options are the driver's own; it reads them where it likes.
pub async fn run<S: Subject, F: Future<Output = Result<S, Fault>>>(
    start: impl FnOnce(PathBuf) -> F,
) -> ExitCode {
    let outcome = async { serve(start(directory(std::env::args())?).await?).await };
    match outcome.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            // Whoever waits for the system to be up learns here why it never will be.
            let _ = say(&Reply::Failed(fault.to_string()));
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}

/// Says that the system is up, carries out orders until stdin ends, and stops the system.
///
/// # Errors
/// When stdout is closed or the system cannot be stopped.
pub async fn serve<S: Subject>(mut subject: S) -> Result<(), Fault> {
    let mut ready = subject.ready();
    say(&Up { ready: &ready })?;
    let mut lines = lines();
    let mut number = 0u64;
    while let Some(line) = lines.recv().await {
        if line.trim().is_empty() {
            continue;
        }
        number += 1;
        let reply = match serde_json::from_str(&line) {
            Ok(order) => carry_out(&mut subject, &order, &format!("j{number}")).await,
            Err(error) => Reply::Failed(format!("{line} is no order: {error}")),
        };
        // Before the reply, so that whoever reads it knows whose processes to look at.
        let now = subject.ready();
        if now != ready {
            ready = now;
            say(&Up { ready: &ready })?;
        }
        say(&reply)?;
    }
    subject.stop().await
}

/// Says that what a job needs is made, and that it is measured from now on: what was made before is
/// no cost of the job. Only [`Subject::measure`] has a use for it.
///
/// # Errors
/// When stdout is closed.
pub fn begin() -> Result<(), Fault> {
    say(&Begun { begun: true })
}

/// The line that says that it is measured from now on.
#[derive(Serialize)]
struct Begun {
    begun: bool,
}

/// The line that says that a system is up.
#[derive(Serialize)]
struct Up<'a> {
    ready: &'a Ready,
}

async fn carry_out<S: Subject>(subject: &mut S, order: &Order, prefix: &str) -> Reply {
    let measured = async {
        match subject.measure(order, prefix).await? {
            Some(answer) => Ok(answer),
            None => load(subject, order, prefix).await,
        }
    };
    match measured.await {
        Ok(answer) => Reply::Answer(answer),
        Err(fault) => match fault.downcast::<Unsupported>() {
            Ok(unsupported) => Reply::Unsupported(unsupported.to_string()),
            Err(fault) => Reply::Failed(fault.to_string()),
        },
    }
}

fn say(line: &impl Serialize) -> Result<(), Fault> {
    let mut text = serde_json::to_string(line)?;
    text.push('\n');
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}

/// The lines of stdin. A thread reads them, which is left alone at the end.
fn lines() -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel(1);
    thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            if sender.blocking_send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

fn directory(mut arguments: impl Iterator<Item = String>) -> Result<PathBuf, Fault> {
    let mut found = arguments.find_map(|argument| match argument.as_str() {
        "--dir" => Some(None),
        _ => argument.strip_prefix("--dir=").map(|path| Some(path.to_owned())),
    });
    let path = found.take().and_then(|path| path.or_else(|| arguments.next()));
    let path = PathBuf::from(path.ok_or("name an empty directory: --dir DIR")?);
    std::fs::create_dir_all(&path)?;
    if std::fs::read_dir(&path)?.next().is_some() {
        return Err(format!("{} is not empty", path.display()).into());
    }
    Ok(path.canonicalize()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(arguments: &[&str]) -> Result<PathBuf, Fault> {
        directory(arguments.iter().map(|argument| (*argument).to_owned()))
    }

    #[test]
    fn a_driver_has_an_empty_directory() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("new");
        let text = path.to_str().unwrap();
        assert_eq!(
            given(&["driver", "--other", "--dir", text]).unwrap(),
            path.canonicalize().unwrap()
        );
        assert!(given(&["driver", &format!("--dir={text}")]).is_ok());
        std::fs::write(path.join("data"), "").unwrap();
        assert!(given(&["driver", "--dir", text]).unwrap_err().to_string().contains("not empty"));
        assert!(given(&["driver"]).is_err());
        assert!(given(&["driver", "--dir"]).is_err());
    }
}
