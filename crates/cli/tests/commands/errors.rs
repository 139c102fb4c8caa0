use crate::support::{Abide, run, run_with};

/// A port on which nobody listens: it was free a moment ago.
fn nobody() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[test]
fn no_server_says_how_to_start_one() {
    let nobody = nobody();
    let failed = run(&["promise", "get", "a", "--url", &nobody]).exits(5);
    assert_eq!(failed.stdout, "");
    failed.says(&format!("no connection to {nobody}")).says("`abide dev`").says("ABIDE_URL");
}

#[test]
fn the_option_wins_over_the_environment() {
    let abide = Abide::dev();
    let env = [("ABIDE_URL", nobody())];
    let env = [(env[0].0, env[0].1.as_str())];
    run_with(&["promise", "search"], &env).exits(5);
    run_with(&["promise", "search", "--url", abide.url()], &env).exits(0);
}

#[test]
fn what_is_missing_exits_3() {
    let abide = Abide::dev();
    for (args, what) in [
        (&["promise", "get", "a"][..], "promise \"a\""),
        (&["promise", "get", "a", "--wait"], "promise \"a\""),
        (&["promise", "resolve", "a"], "promise \"a\""),
        (&["promise", "reject", "a"], "promise \"a\""),
        (&["promise", "cancel", "a"], "promise \"a\""),
        (&["task", "get", "a"], "task \"a\""),
        (&["task", "halt", "a"], "task \"a\""),
        (&["task", "continue", "a"], "task \"a\""),
        (&["schedule", "get", "a"], "schedule \"a\""),
        (&["schedule", "delete", "a"], "schedule \"a\""),
        (&["tree", "a"], "promise \"a\""),
        (&["tree", "a", "--watch"], "promise \"a\""),
    ] {
        let failed = abide.run(args).exits(3).says(&format!("error: there is no {what}\n"));
        assert_eq!(failed.stdout, "", "{args:?}");
    }
}

#[test]
fn a_wrong_command_line_exits_2_and_says_what_is_right() {
    for (args, said) in [
        (&["promise"][..], "Usage: abide promise <COMMAND>"),
        (&["promise", "resolve", "a", "--value", "hello"], r#"quote it for the shell: '"hello"'"#),
        (&["promise", "create", "a", "--timeout", "5"], "write it as 250ms, 5s, 90m or 24h"),
        (&["promise", "create", "a", "--tag", "x"], "write a tag as NAME=VALUE"),
        (&["promise", "search", "--limit", "0"], "0 is not in 1..=1000"),
        (&["promise", "search", "--state", "done"], "[possible values: pending, resolved"),
        (&["invoke", "a"], "--func <NAME>"),
        (&["tree", "a", "--interval", "1s"], "--watch"),
        (&["serve"], "--data <DIR>"),
        (&["dev", "--metrics-port", "none"], "write a port from 0 to 65535, or off"),
        (&["prommise"], "promise"),
        (&["promise", "get", "a", "--url", "localhost:8001"], "must begin with http://"),
    ] {
        run(args).exits(2).says(said);
    }
}

#[test]
fn what_is_no_server_is_said() {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").unwrap();
    });
    let failed = run(&["promise", "get", "a", "--url", &url]).exits(1);
    failed.says("does not answer as an Abide server").says("does the URL name");
    answer.join().unwrap();
}

#[test]
fn a_token_is_asked_for() {
    let start = ["dev", "--port", "0", "--metrics-port", "off", "--token", "secret"];
    let abide = Abide::start(&start);
    abide.run(&["promise", "search"]).exits(1).says("--token or ABIDE_TOKEN");
    abide.run(&["promise", "search", "--token", "wrong"]).exits(1);
    abide.run(&["promise", "search", "--token", "secret"]).exits(0);
    let env = [("ABIDE_URL", abide.url()), ("ABIDE_TOKEN", "secret")];
    run_with(&["promise", "search"], &env).exits(0);
}

#[test]
fn a_reader_that_went_away_is_no_failure() {
    let abide = Abide::dev();
    for n in 0..50 {
        abide.run(&["promise", "create", &format!("p{n}")]).exits(0);
    }
    let mut search = std::process::Command::new(env!("CARGO_BIN_EXE_abide"))
        .args(["promise", "search", "--limit", "1", "--all", "--json", "--url", abide.url()])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(search.stdout.take());
    let output = search.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn help_teaches_with_examples_and_exit_codes() {
    let help = run(&["--help"]).exits(0);
    help.shows("A first look:").shows("abide dev").shows("Exit codes:\n  0  done");
    for args in [
        &["dev", "--help"][..],
        &["serve", "--help"],
        &["invoke", "--help"],
        &["tree", "--help"],
        &["promise", "create", "--help"],
        &["task", "search", "--help"],
        &["schedule", "create", "--help"],
        &["completions", "--help"],
    ] {
        run(args).exits(0).shows("Example");
    }
}
