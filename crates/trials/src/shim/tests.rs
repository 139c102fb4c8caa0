//! The shim in this test binary, started once more as the process under trial.

use std::{
    env, fs,
    io::{self, Read, Seek, Write},
    path::Path,
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

use super::{
    Calls, Fault, MARKS, Shim,
    recording::{Event, Recording},
};

const CHILD: &str = "ABIDE_SHIM_CHILD";

/// Not a test of its own: the process under trial. It does what the variable says.
#[test]
fn child() {
    let Some(task) = env::var_os(CHILD) else { return };
    let data = env::var("ABIDE_SHIM_UNDER").unwrap();
    let data = Path::new(&data);
    match task.to_str().unwrap() {
        "write" => write(data).unwrap(),
        "clock" => {
            println!("now {}", SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis());
        }
        "fail" => {
            let mut file = fs::File::create(data.join("a")).unwrap();
            let results: Vec<_> = (0..4)
                .map(|_| file.write_all(b"abcdef").map_err(|error| error.raw_os_error().unwrap()))
                .collect();
            println!("results {results:?}");
            println!("sync {:?}", file.sync_all().map_err(|error| error.raw_os_error().unwrap()));
        }
        task => panic!("{task}"),
    }
}

fn write(data: &Path) -> io::Result<()> {
    let mut marks = fs::OpenOptions::new().append(true).open(env::var(MARKS).unwrap())?;
    fs::create_dir(data.join("d"))?;
    let mut file =
        fs::OpenOptions::new().create_new(true).read(true).write(true).open(data.join("d/a"))?;
    file.write_all(b"one")?;
    file.sync_data()?;
    marks.write_all(b"acknowledged")?;
    file.rewind()?;
    file.write_all(b"T")?;
    file.set_len(2)?;
    fs::rename(data.join("d/a"), data.join("d/b"))?;
    fs::File::open(data.join("d"))?.sync_all()?;
    fs::OpenOptions::new().append(true).open(data.join("d/b"))?.write_all(b"!")?;
    let mut text = String::new();
    file.rewind()?;
    file.read_to_string(&mut text)?;
    assert_eq!(text, "Tn!");
    fs::remove_file(data.join("d/b"))?;
    fs::remove_dir(data.join("d"))?;
    fs::write(data.with_extension("outside"), b"not recorded")
}

/// What the process under trial prints.
fn run(
    task: &str,
    variables: impl IntoIterator<Item = (&'static str, std::ffi::OsString)>,
) -> String {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "shim::tests::child", "--nocapture"])
        .env(CHILD, task)
        .envs(variables)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

#[test]
fn a_recording_has_every_call_in_its_order() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    fs::create_dir(&data).unwrap();
    let shim = Shim::build(home.path()).unwrap();
    let (variables, log) = shim.recording_env(&data).unwrap();
    run("write", variables);
    let events = Recording::read(&log).unwrap().events;
    let Event::Create { file, .. } = events[1] else { panic!("{events:?}") };
    let data = data.canonicalize().unwrap();
    let path = |name| data.join(name);
    let expected = [
        Event::MakeDirectory { path: path("d") },
        Event::Create { path: path("d/a"), file },
        Event::Write { file, offset: 0, data: b"one".to_vec() },
        Event::Sync { file },
        Event::Mark("acknowledged".into()),
        Event::Write { file, offset: 0, data: b"T".to_vec() },
        Event::Truncate { file, length: 2 },
        Event::Rename { from: path("d/a"), to: path("d/b") },
        Event::SyncDirectory { path: path("d") },
        Event::Open { path: path("d/b"), file },
        Event::Write { file, offset: 2, data: b"!".to_vec() },
        Event::Unlink { path: path("d/b") },
        Event::RemoveDirectory { path: path("d") },
    ];
    assert_eq!(events, expected);
}

#[test]
fn the_clock_is_moved_both_ways() {
    let home = tempfile::tempdir().unwrap();
    let shim = Shim::build(home.path()).unwrap();
    for shift in [-86_400_500, 0, 3_600_700] {
        shim.shift_clock(shift).unwrap();
        let text = run("clock", shim.env(&home.path().join("data")));
        let said = text.lines().find_map(|line| line.split_once("now ")).unwrap().1;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        let expected = i128::try_from(now).unwrap() + i128::from(shift);
        let difference = said.parse::<i128>().unwrap() - expected;
        assert!(difference.abs() < 60_000, "{shift}: {difference}");
    }
}

#[test]
fn chosen_calls_fail_and_then_succeed_again() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    fs::create_dir(&data).unwrap();
    let shim = Shim::build(home.path()).unwrap();
    let fault =
        Fault { calls: Calls::WRITE.and(Calls::SYNC), errno: 28, after: 1, times: 1, short: true };
    shim.fail(&fault).unwrap();
    let text = run("fail", shim.env(&data));
    // The second write is cut in half, and the rest of it fails.
    assert!(text.contains("results [Ok(()), Err(28), Ok(()), Ok(())]"), "{text}");
    assert!(text.contains("sync Ok(())"), "{text}");
    assert_eq!(fs::read(data.join("a")).unwrap(), b"abcdefabcabcdefabcdef");
    assert_eq!(shim.failed().unwrap(), 1);

    shim.fail(&Fault::no_sync()).unwrap();
    let text = run("fail", shim.env(&data));
    assert!(text.contains("results [Ok(()), Ok(()), Ok(()), Ok(())]"), "{text}");
    assert!(text.contains("sync Err(5)"), "{text}");
    shim.heal().unwrap();
    assert!(run("fail", shim.env(&data)).contains("sync Ok(())"));
    assert_eq!(shim.failed().unwrap(), 1);
}
