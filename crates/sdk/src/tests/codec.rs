//! Programs whose payloads are compressed and encrypted.

use std::time::Duration;

use abide_client::{Link, NodeLink};
use abide_protocol::{Body, PromiseRecord, PromiseSearch, Request};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use super::link::{Process, engine};
use crate::{
    Abide, ErrorKind,
    codec::{Compress, Encrypt, Key},
    prelude::*,
};

/// Nothing that is kept may say this, in any encoding.
const SECRET: &str = "the-secret";

fn key(id: &str) -> Key {
    Key::new(id, &[id.len() as u8 ^ id.as_bytes()[0]; 32]).unwrap()
}

fn with(abide: Abide, encrypt: Encrypt) -> Abide {
    abide.codec(Compress::default()).codec(encrypt)
}

#[derive(Debug, Serialize, Deserialize)]
enum Refused {
    Because(String),
    Other(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

#[durable]
async fn echo(text: String) -> Result<String> {
    Ok(text)
}

#[durable]
async fn refuse(text: String) -> Result<(), Refused> {
    Err(Refused::Because(text))
}

#[durable]
async fn secretive(text: String) -> Result<String> {
    let long = echo(text.repeat(1_000)).await?;
    let (a, b) = try_join!(echo(text.clone()), rpc::<String>("echo", (&text,)).on("default"))?;
    let Err(Refused::Because(c)) = refuse(text.clone()).retry(Retry::never()).await else {
        return Err(Error::permanent("it was not refused"));
    };
    let answer = promise::<String>().named("answer");
    let d = answer.await?;
    sleep(Duration::from_millis(1)).await?;
    Ok(format!("{} {a} {b} {c} {d}", long.len()))
}

async fn settle(abide: &Abide, id: &str, text: &str) {
    while abide.get::<String>(id).resolve(&text.to_owned()).await.is_err() {
        tokio::task::yield_now().await;
    }
}

async fn promises(node: &abide_node::Node) -> Vec<std::sync::Arc<PromiseRecord>> {
    let search =
        PromiseSearch { state: None, tags: Default::default(), limit: Some(1_000), cursor: None };
    let answer = NodeLink::new(node.clone()).call(Request::PromiseSearch(search)).await.unwrap();
    let Body::Promises { promises, .. } = answer.body else { panic!("{answer:?}") };
    promises
}

#[tokio::test]
async fn nothing_that_is_kept_shows_what_was_said() {
    let node = engine().await;
    let Process { abide, .. } = Process::start(&node, i64::MAX, true).await;
    let abide = with(abide, Encrypt::new(key("one")).required());
    let call = secretive(SECRET.to_owned());
    let (result, ()) = tokio::join!(abide.run("r", call), settle(&abide, "r:5", SECRET));
    assert_eq!(result.unwrap(), format!("10000 {SECRET} {SECRET} {SECRET} {SECRET}"));

    let kept = promises(&node).await;
    assert_eq!(kept.len(), 7);
    let mut payloads = 0;
    for promise in &kept {
        for value in [&promise.param, &promise.value] {
            let bytes = STANDARD.decode(value.data.as_deref().unwrap_or_default()).unwrap();
            payloads += usize::from(!bytes.is_empty());
            let said = format!("{value:?}{}", String::from_utf8_lossy(&bytes));
            assert!(!said.contains(SECRET), "{said}");
            assert!(!said.contains(&STANDARD.encode(SECRET)[..12]), "{said}");
        }
        // The fingerprint of one argument of a few is as good as the argument.
        let headers = promise.param.headers.as_ref().unwrap();
        if let Some(trace) = headers.get("abide:trace") {
            assert!(trace.contains(";a=0000000000000000;"), "{trace}");
        }
    }
    assert_eq!(payloads, 5 + 6, "arguments and results");
}

#[tokio::test]
async fn keys_are_rotated_in_the_middle_of_an_execution() {
    let node = engine().await;
    let finished = format!("10000 {SECRET} {SECRET} {SECRET} {SECRET}");
    // A process with the old key dies with each of its writes; one with the new key goes on.
    for writes in 2.. {
        let id = format!("rotated-{writes}");
        let Process { abide, link } = Process::start(&node, writes, true).await;
        let abide = with(abide, Encrypt::new(key("old")));
        let call = secretive(SECRET.to_owned());
        let answer = format!("{id}:5");
        let lived = tokio::select! {
            result = abide.run(&id, call) => { assert_eq!(result.unwrap(), finished); true }
            () = link.dead.notified() => false,
            () = async { settle(&abide, &answer, SECRET).await; std::future::pending().await } => false,
        };
        drop(abide);
        if lived {
            assert!(writes > 8, "{writes}");
            return;
        }
        let Process { abide, .. } = Process::start(&node, i64::MAX, true).await;
        let abide = with(abide, Encrypt::new(key("new")).reads(key("old")));
        let call = secretive(SECRET.to_owned());
        let (result, ()) = tokio::join!(abide.run(&id, call), settle(&abide, &answer, SECRET));
        assert_eq!(result.unwrap(), finished);
    }
}

#[tokio::test]
async fn a_value_that_cannot_be_read_halts_what_awaits_it_until_it_can() {
    let node = engine().await;
    let Process { abide, .. } = Process::start(&node, i64::MAX, true).await;
    let mine = with(abide.clone(), Encrypt::new(key("mine")));
    let theirs = with(abide.clone().group("theirs"), Encrypt::new(key("theirs")));
    let call = secretive(SECRET.to_owned());
    let (result, ()) = tokio::join!(mine.run("r", call), settle(&theirs, "r:5", SECRET));
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Payload, "codec_key"), "{error}");
    assert!(error.message().contains("\"theirs\""), "{error}");
    // It is halted, and nothing was recorded in the place of the value.
    assert_eq!(mine.run("r", secretive(SECRET.to_owned())).await.unwrap_err().code(), "halted");
    assert_eq!(theirs.get::<String>("r:5").await.unwrap(), SECRET);
    // Whoever waits from outside is told the same.
    assert_eq!(mine.get::<String>("r:5").await.unwrap_err().code(), "codec_key");
    drop(mine);

    let both = with(abide, Encrypt::new(key("mine")).reads(key("theirs")));
    both.get::<String>("r").resume().await.unwrap();
    let result = both.run("r", secretive(SECRET.to_owned())).await.unwrap();
    assert!(result.ends_with(SECRET), "{result}");
}

#[tokio::test]
async fn arguments_that_cannot_be_read_are_left_to_others() {
    let node = engine().await;
    let Process { abide, .. } = Process::start(&node, i64::MAX, true).await;
    let writer = with(abide.clone().group("writer"), Encrypt::new(key("k")));
    // A process of the group without the key takes it, and must not fail it.
    let keyless = abide.get::<String>("nothing");
    writer.start("left", echo(SECRET.to_owned()).on("default")).await.unwrap();
    let task = || Request::TaskGet(abide_protocol::TaskGet { id: "left".into() });
    let link = NodeLink::new(node.clone());
    loop {
        let task = link.call(task()).await.unwrap().task().cloned().unwrap();
        if task.state == abide_protocol::TaskState::Acquired {
            break;
        }
        tokio::task::yield_now().await;
    }
    let error = abide.start("left", echo(SECRET.to_owned())).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Payload, "codec_key"), "{error}");
    drop((keyless, abide));
    assert!(promises(&node).await[0].is_pending());

    let Process { abide, .. } = Process::start(&node, i64::MAX, true).await;
    let reader = with(abide, Encrypt::new(key("k")));
    assert_eq!(reader.get::<String>("left").await.unwrap(), SECRET);
    drop(writer);
}

#[durable]
async fn saving(text: String) -> Result<String> {
    let mut state = crate::saved(String::new()).await?;
    if state.is_empty() {
        state.push_str(&text);
        state.save().await?;
    }
    promise::<()>().named("go").await?;
    Ok(state.clone())
}

#[tokio::test]
async fn a_saved_state_is_hidden_and_one_that_cannot_be_read_halts_its_function() {
    let node = engine().await;
    let Process { abide, .. } = Process::start(&node, i64::MAX, true).await;
    // The arguments are in the clear, the state is not: the process was given its key meanwhile.
    let caller = abide.clone().group("caller");
    caller.start("s", saving(SECRET.to_owned()).on("default")).await.unwrap();
    let encrypted = with(abide, Encrypt::new(key("k")));
    let awaited = encrypted.get::<()>("s:2");
    while awaited.resolve(&()).await.is_err() {
        tokio::task::yield_now().await;
    }
    assert_eq!(encrypted.get::<String>("s").await.unwrap(), SECRET);
    let kept = promises(&node).await;
    let save = kept.iter().find(|promise| &*promise.id == "s:1").expect("its save point");
    let header = save.param.headers.as_ref().unwrap().get("abide:codec").unwrap();
    assert_eq!(header, "xchacha20poly1305;key=k");
    assert!(!format!("{save:?}").contains(&STANDARD.encode(SECRET)[..12]), "{save:?}");
    drop((encrypted, awaited, caller));

    // Suspended after its save point, it is taken on by a process without the key.
    let Process { abide, .. } = Process::start(&node, i64::MAX, true).await;
    let caller = abide.clone().group("caller");
    let encrypted = with(abide.clone(), Encrypt::new(key("k")));
    caller.start("t", saving(SECRET.to_owned()).on("default")).await.unwrap();
    let (link, started) = (NodeLink::new(node.clone()), encrypted.get::<String>("t"));
    let get = || Request::PromiseGet(abide_protocol::PromiseGet { id: "t:2".into() });
    while link.call(get()).await.unwrap().promise().is_none() {
        tokio::task::yield_now().await;
    }
    drop((encrypted, started, caller, abide));

    let Process { abide, .. } = Process::start(&node, i64::MAX, true).await;
    abide.get::<()>("t:2").resolve(&()).await.unwrap();
    let error = abide.get::<String>("t").await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Payload, "codec_key"), "{error}");
    drop(abide);

    let Process { abide, .. } = Process::start(&node, i64::MAX, true).await;
    let encrypted = with(abide, Encrypt::new(key("k")));
    let handle = encrypted.get::<String>("t");
    handle.resume().await.unwrap();
    assert_eq!(handle.await.unwrap(), SECRET);
}
