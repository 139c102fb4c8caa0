use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
};

use crate::support::{Abide, run};

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn one_line_says_where_it_listens_and_where_its_data_is() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let start = ["serve", "--port", "0", "--metrics-port", "0", "--data", data.to_str().unwrap()];
    let mut abide = Abide::start(&start);
    let said = abide.said();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.starts_with("abide listens on http://127.0.0.1:"), "{said}");
    assert!(said.trim_end().ends_with(&format!("data in {}", data.display())), "{said}");

    let metrics = said.split("metrics on http://").nth(1).unwrap();
    let metrics = metrics.split(['/', ',']).next().unwrap();
    assert!(get(metrics, "/metrics").starts_with("HTTP/1.1 200"), "{said}");
    let api = abide.url().strip_prefix("http://").unwrap().to_owned();
    assert!(get(&api, "/health").starts_with("HTTP/1.1 200"));
    assert!(get(&api, "/ready").starts_with("HTTP/1.1 200"));

    assert_eq!(abide.stop(), Some(0));
    assert_eq!(abide.said(), said, "it is quiet");
}

#[test]
fn dev_says_that_nothing_is_kept() {
    let abide = Abide::dev();
    assert!(abide.said().contains("data in memory only (--data DIR keeps it)"));
}

#[test]
fn what_was_written_is_there_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    for command in ["serve", "dev"] {
        let data = directory.path().join(command);
        let start =
            [command, "--port", "0", "--metrics-port", "off", "--data", data.to_str().unwrap()];
        let mut abide = Abide::start(&start);
        abide.run(&["promise", "create", "a", "--param", "1"]).exits(0);
        abide.kill();
        let mut abide = Abide::start(&start);
        abide.run(&["promise", "get", "a"]).exits(0).shows("param    1");
        assert_eq!(abide.stop(), Some(0));
        let abide = Abide::start(&start);
        abide.run(&["promise", "resolve", "a"]).exits(0);
    }
}

#[test]
fn a_second_server_on_the_same_data_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let abide = Abide::serve(directory.path());
    let data = directory.path().to_str().unwrap();
    let second = run(&["serve", "--port", "0", "--metrics-port", "off", "--data", data]).exits(1);
    second.says("in use by process").says(data).says("--data DIR");
    abide.run(&["promise", "create", "a"]).exits(0);
}

#[test]
fn a_port_in_use_names_the_option_that_helps() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let failed = run(&["dev", "--port", &port, "--metrics-port", "off"]).exits(1);
    failed.says(&format!("127.0.0.1:{port}")).says("another port by --port PORT");
    let failed = run(&["dev", "--port", "0", "--metrics-port", &port]).exits(1);
    failed.says(&format!("127.0.0.1:{port}")).says("--metrics-port PORT (or off)");
}

#[test]
fn data_that_is_no_directory_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "not a directory").unwrap();
    let file = file.to_str().unwrap();
    let failed = run(&["serve", "--port", "0", "--metrics-port", "off", "--data", file]).exits(1);
    failed.says("error: cannot open the data").says(file);
}

#[test]
fn data_of_a_newer_version_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let mut abide = Abide::serve(directory.path());
    assert_eq!(abide.stop(), Some(0));
    let format = directory.path().join("FORMAT");
    let newer = "abide store\nformat 9999\nshards 1\ncreated 0\n";
    std::fs::write(&format, newer).unwrap();
    let data = directory.path().to_str().unwrap();
    let failed = run(&["serve", "--port", "0", "--metrics-port", "off", "--data", data]).exits(1);
    failed.says("format 9999").says("use a newer version of Abide");
    assert_eq!(std::fs::read_to_string(format).unwrap(), newer);
}

#[test]
fn a_directory_of_other_things_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("FORMAT"), "something else").unwrap();
    let data = directory.path().to_str().unwrap();
    let failed = run(&["serve", "--port", "0", "--metrics-port", "off", "--data", data]).exits(1);
    failed.says("is not a complete store");
    let kept = std::fs::read_to_string(directory.path().join("FORMAT")).unwrap();
    assert_eq!(kept, "something else");
}

#[test]
fn debug_requests_need_the_option() {
    let body = |kind: &str| {
        format!(r#"{{"kind":"{kind}","head":{{"corrId":"1","version":"2026-04-01"}},"data":{{}}}}"#)
    };
    let post = |abide: &Abide, body: &str| {
        let address = abide.url().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let plain = Abide::dev();
    assert!(post(&plain, &body("debug.snap")).starts_with("HTTP/1.1 403"));
    let debug = Abide::start(&["dev", "--port", "0", "--metrics-port", "off", "--debug"]);
    assert!(post(&debug, &body("debug.snap")).starts_with("HTTP/1.1 200"));
}
