//! The node as a whole: requests in, messages out, over stores that behave and stores that fail.

mod support;

use abide_node::{Asked, Config, Node};
use abide_protocol::{Body, Message, PromiseState, Status, TaskState};
use support::{Flaky, acquire, create, fulfill, get, listen, memory, node, settle, targeted};

#[tokio::test]
async fn a_task_goes_through_its_life() {
    let node = node(memory()).await;
    let mut worker = node.connect("workers", "w1");
    let created = node.call(targeted("a", "poll://any@workers")).await;
    assert_eq!(created.status, Status::Ok);
    let message = worker.next().await.unwrap();
    assert_eq!(message, Message::Execute { id: "a".into(), version: 0 });
    let claim = node.call(acquire("a", 0)).await;
    assert_eq!(claim.task().unwrap().state, TaskState::Acquired);
    let done = node.call(fulfill("a", 1)).await;
    assert_eq!(done.promise().unwrap().state, PromiseState::Resolved);
    node.close().await;
}

#[tokio::test]
async fn a_worker_that_connects_late_is_offered_what_waits() {
    let node = node(memory()).await;
    for index in 0..10 {
        node.call(targeted(&format!("a{index}"), "poll://any@workers/w9")).await;
    }
    let mut worker = node.connect("workers", "w1");
    for index in 0..10 {
        let message = worker.next().await.unwrap();
        assert_eq!(message, Message::Execute { id: format!("a{index}").into(), version: 0 });
    }
}

#[tokio::test]
async fn a_listener_hears_exactly_once_it_takes_the_message() {
    let store = memory();
    let first = node(store.clone()).await;
    first.call(create("a")).await;
    first.call(listen("a", "poll://uni@clients/c1")).await;
    first.call(settle("a")).await;
    // Nobody has taken it, so it outlives the node.
    first.close().await;
    let second = node(store.clone()).await;
    let mut client = second.connect("clients", "c1");
    let Some(Message::Unblock { promise }) = client.next().await else { panic!("no unblock") };
    assert_eq!(promise.state, PromiseState::Resolved);
    second.close().await;
    assert_eq!(client.next().await, None);
    // It was taken, so it is gone.
    let third = node(store).await;
    let mut client = third.connect("clients", "c1");
    third.call(get("a")).await;
    assert_eq!(client.try_next(), None);
    third.close().await;
}

#[tokio::test]
async fn what_a_member_leaves_unread_goes_to_another() {
    let node = node(memory()).await;
    let first = node.connect("workers", "w1");
    node.call(targeted("a", "poll://any@workers/w1")).await;
    let mut second = node.connect("workers", "w2");
    drop(first);
    let message = second.next().await.unwrap();
    assert_eq!(message, Message::Execute { id: "a".into(), version: 0 });
}

#[tokio::test]
async fn an_unread_unblock_is_delivered_to_the_next_subscription() {
    let node = node(memory()).await;
    let first = node.connect("clients", "c1");
    node.call(create("a")).await;
    node.call(listen("a", "poll://uni@clients/c1")).await;
    node.call(settle("a")).await;
    drop(first);
    let mut second = node.connect("clients", "c1");
    assert!(matches!(second.next().await, Some(Message::Unblock { .. })));
}

#[tokio::test]
async fn a_message_whose_receipt_is_not_signed_is_delivered_again() {
    let node = node(memory()).await;
    let mut client = node.connect("clients", "c1");
    node.call(create("a")).await;
    node.call(listen("a", "poll://uni@clients/c1")).await;
    node.call(settle("a")).await;
    for _ in 0..2 {
        let (message, receipt) = client.next_with_receipt().await.unwrap();
        assert!(matches!(message, Message::Unblock { .. }));
        assert!(receipt.is_some());
    }
    let (_, receipt) = client.next_with_receipt().await.unwrap();
    receipt.unwrap().taken();
    node.call(targeted("b", "poll://uni@clients/c1")).await;
    let (message, receipt) = client.next_with_receipt().await.unwrap();
    assert_eq!(message, Message::Execute { id: "b".into(), version: 0 });
    assert!(receipt.is_none());
}

#[tokio::test]
async fn a_member_that_does_not_read_is_passed_over() {
    let config = Config { queue: 2, ..Config::default() };
    let node = Node::open(memory(), config).await.unwrap();
    let mut busy = node.connect("workers", "busy");
    let mut idle = node.connect("workers", "idle");
    for index in 0..4 {
        // They prefer the one that does not read; what does not fit there goes to the other.
        node.call(targeted(&format!("a{index}"), "poll://any@workers/busy")).await;
    }
    let read = |subscription: &mut abide_node::Subscription| {
        let mut ids = Vec::new();
        while let Some(Message::Execute { id, .. }) = subscription.try_next() {
            ids.push(id.to_string());
        }
        ids
    };
    assert_eq!(
        (read(&mut busy), read(&mut idle)),
        (vec!["a0".to_owned(), "a1".to_owned()], vec!["a2".to_owned(), "a3".to_owned()],)
    );
    for index in 4..8 {
        node.call(targeted(&format!("a{index}"), "poll://any@workers")).await;
    }
    assert_eq!((read(&mut busy).len(), read(&mut idle).len()), (2, 2), "they take turns");
}

#[tokio::test]
async fn a_refused_push_is_pushed_again_until_it_is_taken() {
    let node = node(memory()).await;
    let mut pushes = node.pushes();
    node.call(create("a")).await;
    node.call(listen("a", "http://localhost:1/hook")).await;
    node.call(settle("a")).await;
    for _ in 0..3 {
        let push = pushes.next().await.unwrap();
        assert_eq!(&*push.address, "http://localhost:1/hook");
        push.refused();
    }
    pushes.next().await.unwrap().taken();
    node.call(get("a")).await;
    drop(pushes);
    let mut pushes = node.pushes();
    node.call(targeted("b", "http://localhost:1/hook")).await;
    let push = pushes.next().await.unwrap();
    assert_eq!(push.message, Message::Execute { id: "b".into(), version: 0 });
}

#[tokio::test]
async fn a_timer_fires_by_itself() {
    let node = node(memory()).await;
    let mut client = node.connect("clients", "c1");
    node.call(support::timer("sleep", 20)).await;
    node.call(listen("sleep", "poll://uni@clients/c1")).await;
    let Some(Message::Unblock { promise }) = client.next().await else { panic!("no unblock") };
    assert_eq!(promise.state, PromiseState::Resolved);
    assert_eq!(promise.settled_at, Some(promise.timeout_at));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_calls_at_once_are_all_answered() {
    for store in [memory(), support::slow()] {
        let node = node(store.clone()).await;
        let calls = (0..500).map(|index| {
            let node = node.clone();
            tokio::spawn(async move {
                let id = format!("a{index}");
                assert_eq!(node.call(create(&id)).await.status, Status::Ok);
                assert_eq!(node.call(settle(&id)).await.status, Status::Ok);
                node.call(get(&id)).await
            })
        });
        for call in calls.collect::<Vec<_>>() {
            let response = call.await.unwrap();
            assert_eq!(response.promise().unwrap().state, PromiseState::Resolved);
        }
        node.close().await;
        let node = support::node(store).await;
        for index in 0..500 {
            let response = node.call(get(&format!("a{index}"))).await;
            assert_eq!(response.promise().unwrap().state, PromiseState::Resolved);
        }
    }
}

#[tokio::test]
async fn what_is_asked_for_together_is_written_together_and_answered_to_each() {
    let (flaky, opener) = Flaky::new();
    let node = support::node_with(opener).await;
    let requests = (0..100).map(|index| create(&format!("a{index}")));
    let requests = requests.chain([get("none"), support::tick(5)]);
    let (asked, answers): (Vec<_>, Vec<_>) =
        requests.map(|request| Asked::new(request, None)).unzip();
    node.call_each(asked).await;
    for (index, answer) in answers.into_iter().enumerate() {
        let response = answer.await;
        match index {
            0..100 => assert_eq!(response.promise().unwrap().id.as_str(), format!("a{index}")),
            100 => assert_eq!(response.status, Status::NotFound),
            _ => assert_eq!(response.status, Status::Forbidden),
        }
    }
    assert_eq!(flaky.commits(), 1);
    // Each by itself: what one comes to is nothing to the others.
    let (taken, first) = Asked::new(create("a0"), None);
    let (lost, second) = Asked::new(settle("a0"), None);
    drop(lost);
    node.call_each([taken]).await;
    assert_eq!(first.await.status, Status::Ok);
    assert_eq!(second.await.status, Status::Unavailable);
    node.close().await;
    let (late, answer) = Asked::new(get("a0"), None);
    node.call_each([late]).await;
    assert_eq!(answer.await.status, Status::Unavailable);
}

#[tokio::test]
async fn a_failed_commit_is_answered_503_and_the_store_is_opened_again() {
    let (flaky, opener) = Flaky::new();
    let node = support::node_with(opener).await;
    assert_eq!(node.call(create("a")).await.status, Status::Ok);
    flaky.fail_commits(1);
    assert_eq!(node.call(create("b")).await.status, Status::Unavailable);
    // A client that tries again finds the store open before long.
    while node.call(create("c")).await.status == Status::Unavailable {
        tokio::task::yield_now().await;
    }
    assert_eq!((flaky.opened(), flaky.most_open()), (2, 1));
    assert_eq!(node.call(get("a")).await.status, Status::Ok);
    assert_eq!(node.call(get("b")).await.status, Status::NotFound);
    assert_eq!(node.call(get("c")).await.status, Status::Ok);
    node.close().await;
}

#[tokio::test]
async fn a_connection_outlives_the_failure_of_the_store() {
    let (flaky, opener) = Flaky::new();
    let node = support::node_with(opener).await;
    let mut worker = node.connect("workers", "w1");
    node.call(targeted("a", "poll://any@workers")).await;
    assert!(matches!(worker.next().await, Some(Message::Execute { .. })));
    flaky.fail_commits(3);
    assert_eq!(node.call(create("b")).await.status, Status::Unavailable);
    // Whatever was pending is offered by the shard that was opened instead.
    let message = worker.next().await.unwrap();
    assert_eq!(message, Message::Execute { id: "a".into(), version: 0 });
    node.close().await;
    assert_eq!(worker.next().await, None);
}

#[tokio::test]
async fn a_store_that_cannot_be_read_is_answered_503() {
    let (flaky, opener) = Flaky::new();
    let node = support::node_with(opener).await;
    flaky.fail_loads(1);
    assert_eq!(node.call(get("a")).await.status, Status::Unavailable);
    while node.call(get("a")).await.status == Status::Unavailable {
        tokio::task::yield_now().await;
    }
    assert_eq!(node.call(get("a")).await.status, Status::NotFound);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_finishes_the_calls_in_progress_and_takes_no_more() {
    let store = support::slow();
    let node = node(store.clone()).await;
    let calls: Vec<_> = (0..100)
        .map(|index| {
            let node = node.clone();
            tokio::spawn(async move { node.call(create(&format!("a{index}"))).await.status })
        })
        .collect();
    node.close().await;
    assert!(!node.is_ready());
    let mut done = Vec::new();
    for (index, call) in calls.into_iter().enumerate() {
        match call.await.unwrap() {
            Status::Ok => done.push(index),
            Status::Unavailable => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(node.call(create("late")).await.status, Status::Unavailable);
    let node = support::node(store).await;
    for index in done {
        assert_eq!(node.call(get(&format!("a{index}"))).await.status, Status::Ok);
    }
    assert_eq!(node.call(get("late")).await.status, Status::NotFound);
}

#[tokio::test]
async fn dropping_the_last_handle_ends_the_streams_and_lets_go_of_the_store() {
    let store = memory();
    let node = node(store.clone()).await;
    let mut worker = node.connect("workers", "w1");
    let other = node.clone();
    drop(node);
    assert_eq!(other.call(create("a")).await.status, Status::Ok);
    drop(other);
    assert_eq!(worker.next().await, None);
}

#[tokio::test]
async fn the_debug_surface_is_served_when_it_is_asked_for() {
    let plain = node(memory()).await;
    assert_eq!(plain.call(support::tick(5)).await.status, Status::Forbidden);
    let node = support::debug_node().await;
    for request in [support::DEBUG_START, support::DEBUG_RESET] {
        assert_eq!(node.call(request).await.status, Status::Ok);
    }
    let at = |time| Some(time);
    assert_eq!(node.call_at(support::timer_at("sleep", 100), at(10)).await.status, Status::Ok);
    let before = node.call_at(get("sleep"), at(99)).await;
    assert_eq!(before.promise().unwrap().state, PromiseState::Pending);
    assert_eq!(node.call_at(support::tick(100), at(100)).await.status, Status::Ok);
    let snapshot = node.call_at(support::DEBUG_SNAP, at(100)).await;
    let Body::Snapshot(snapshot) = snapshot.body else { panic!("{snapshot:?}") };
    assert_eq!(snapshot.promises[0].state, PromiseState::Resolved);
    assert_eq!(snapshot.promise_timeouts, []);
    assert_eq!(node.call(support::DEBUG_RESET).await.status, Status::Ok);
    assert_eq!(node.call_at(get("sleep"), at(0)).await.status, Status::NotFound);
}

#[tokio::test]
async fn requests_of_a_batch_take_effect_in_their_order() {
    let node = node(memory()).await;
    let batch = |ids: std::ops::Range<u32>| {
        let each = |n| {
            let id = format!("p{n}");
            [get(&id), create(&id), settle(&id), get(&id)]
        };
        ids.flat_map(each).map(|request| (request, None)).collect::<Vec<_>>()
    };
    // Two at once, on different promises.
    let (first, second) =
        tokio::join!(node.call_all(batch(0..200)), node.call_all(batch(200..300)));
    for answers in first.chunks(4).chain(second.chunks(4)) {
        let statuses = [0, 1, 2, 3].map(|n: usize| answers[n].status);
        assert_eq!(statuses, [Status::NotFound, Status::Ok, Status::Ok, Status::Ok]);
        assert_eq!(answers[3].promise().unwrap().state, PromiseState::Resolved);
    }
    assert!(node.call_all(Vec::new()).await.is_empty());
    node.close().await;
    let answers = node.call_all(batch(0..10)).await;
    assert!(answers.iter().all(|answer| answer.status == Status::Unavailable), "{answers:?}");
    assert_eq!(answers.len(), 40);
}

/// Whatever is done with an answer, those of others are given.
#[tokio::test]
async fn who_panics_over_an_answer_keeps_nobody_from_theirs() {
    let node = node(memory()).await;
    let panics = Asked::then(create("a"), None, |_| panic!("over an answer"));
    let (asked, answer) = Asked::new(create("b"), None);
    node.call_each([panics, asked]).await;
    assert_eq!(answer.await.status, Status::Ok);
    node.call_all_then(vec![(create("c"), None)], |_| panic!("over the answers")).await;
    assert_eq!(node.call(get("c")).await.status, Status::Ok);
    node.close().await;
}

#[tokio::test]
async fn after_a_request_without_room_the_rest_of_a_batch_is_not_taken_in() {
    let limits = abide_node::Limits { calls: 5, ..abide_node::Limits::default() };
    let config = Config { limits, ..Config::default() };
    // A quick one would have room again before all are called.
    let node = Node::open(support::slow(), config).await.unwrap();
    let batch = (0..20).map(|n| (create(&format!("p{n}")), None)).collect();
    let answers = node.call_all(batch).await;
    let taken = answers.iter().take_while(|answer| answer.status == Status::Ok).count();
    assert!((5..20).contains(&taken), "{taken}");
    for (n, answer) in answers.iter().enumerate().skip(taken) {
        assert_eq!(answer.status, Status::TooManyRequests, "{n}");
        assert_eq!(node.call(get(&format!("p{n}"))).await.status, Status::NotFound, "{n}");
    }
    node.close().await;
}
