//! Running a program over the real combinators, in terms of `wait` and `spawn`.

/// The interpreter.
macro_rules! interpreter {
    () => {
        fn mix(a: u64, b: u64) -> u64 {
            (a.rotate_left(7) ^ b).wrapping_mul(0x0100_0000_01b3) & 0xffff_ffff
        }

        /// The value of a failure, where it is handled.
        fn handled(value: Result<u64>) -> u64 {
            value.unwrap_or_else(|error| 7 + error.message().len() as u64)
        }

        /// Runs a program.
        pub(crate) fn run(
            node: &Node,
        ) -> std::pin::Pin<Box<dyn Future<Output = Result<u64>> + Send + '_>> {
            Box::pin(interpret(node))
        }

        async fn interpret(node: &Node) -> Result<u64> {
            use futures_util::{StreamExt, stream};
            match node {
                Node::Wait(one) => wait(one).await,
                Node::Seq(nodes) => {
                    let mut value = 1;
                    for (i, node) in nodes.iter().enumerate() {
                        // Some failures are handled, some end the function.
                        value = match run(node).await {
                            Err(error) if i % 2 == 0 => mix(value, handled(Err(error))),
                            done => mix(value, done?),
                        };
                    }
                    Ok(value)
                }
                Node::Join(both) => {
                    let (a, b) = tokio::join!(run(&both[0]), run(&both[1]));
                    Ok(mix(handled(a), handled(b)))
                }
                Node::TryJoin(both) => {
                    let (a, b) = tokio::try_join!(run(&both[0]), run(&both[1]))?;
                    Ok(mix(a, b))
                }
                Node::JoinAll(all) => {
                    let all = futures_util::future::join_all(all.iter().map(run)).await;
                    Ok(all.into_iter().map(handled).fold(2, mix))
                }
                Node::TryJoinAll(all) => {
                    let all = futures_util::future::try_join_all(all.iter().map(run)).await?;
                    Ok(all.into_iter().fold(3, mix))
                }
                Node::Select([a, b], then) => {
                    let (value, then) = tokio::select! {
                        biased;
                        a = wait(a) => (handled(a), &then[0]),
                        b = wait(b) => (handled(b) + 1, &then[1]),
                    };
                    Ok(mix(value, run(then).await?))
                }
                Node::SelectRandomly([a, b], then) => {
                    let (value, then) = tokio::select! {
                        a = wait(a) => (handled(a), &then[0]),
                        b = wait(b) => (handled(b) + 1, &then[1]),
                    };
                    Ok(mix(value, run(then).await?))
                }
                Node::Buffered(many, waits) => {
                    let values = stream::iter(waits).map(wait).buffer_unordered(*many);
                    Ok(values.fold(4, async |sum, value| mix(sum, handled(value))).await)
                }
                Node::Unordered(each) => {
                    let mut all: stream::FuturesUnordered<_> = each
                        .iter()
                        .map(|(first, then)| async move { (wait(first).await, then) })
                        .collect();
                    let mut sum = 5;
                    while let Some((value, then)) = all.next().await {
                        sum = mix(sum, handled(value));
                        sum = mix(sum, run(then).await?);
                    }
                    Ok(sum)
                }
                Node::Pinned { pinned, minutes, times } => {
                    let mut pinned = std::pin::pin!(wait(pinned));
                    let mut sum = 6;
                    for _ in 0..*times {
                        let timer = Wait::Sleep(*minutes);
                        tokio::select! {
                            biased;
                            value = &mut pinned => return Ok(mix(sum, value?)),
                            value = wait(&timer) => sum = mix(sum, value?),
                        }
                    }
                    Ok(sum)
                }
                Node::Spawn(first, rest) => {
                    let spawned = spawn(first);
                    let rest = handled(run(rest).await);
                    Ok(mix(rest, spawned.await?))
                }
                Node::Lock(first, then) => {
                    let lock = tokio::sync::Mutex::new(8);
                    let branch = async |first: &Wait, then: &Node| {
                        let value = handled(wait(first).await);
                        let mut sum = lock.lock().await;
                        *sum = mix(*sum, value);
                        *sum = mix(*sum, handled(run(then).await));
                    };
                    tokio::join!(branch(&first[0], &then[0]), branch(&first[1], &then[1]));
                    Ok(lock.into_inner())
                }
                Node::Channel(three) => {
                    let (sender, receiver) = tokio::sync::oneshot::channel();
                    let left = async {
                        let value = handled(run(&three[0]).await);
                        sender.send(value).expect("it is received");
                        run(&three[1]).await
                    };
                    let right = async {
                        let value = receiver.await.expect("it is sent");
                        Result::Ok(mix(value, handled(run(&three[2]).await)))
                    };
                    let (left, right) = tokio::join!(left, right);
                    Ok(mix(handled(left), handled(right)))
                }
                Node::If(three) => {
                    let value = handled(run(&three[0]).await);
                    run(&three[1 + (value % 2) as usize]).await
                }
            }
        }
    };
}

pub(crate) use interpreter;
