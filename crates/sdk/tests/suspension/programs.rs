//! The programs, in terms of `wait`, `fail` and `pause`.

/// All of them, with an attribute for each.
macro_rules! programs {
    ($(#[$attribute:meta])*) => {
        $(#[$attribute])*
        pub(crate) async fn matches() -> Result<u32> {
            let mut sum = match wait(1, 5).await {
                Ok(n) if n > 1 => 1_000,
                Ok(n) => n,
                Err(_) => 2_000,
            };
            sum += match fail(2, 1).await {
                Ok(_) => 3_000,
                Err(error) if error.message() == "failure 2" => wait(20, 2).await?,
                Err(error) => return Err(error),
            };
            match (wait(3, 1).await, fail(4, 1).await) {
                (Ok(n), Err(_)) => sum += n,
                _ => sum += 4_000,
            }
            Ok(sum)
        }

        $(#[$attribute])*
        pub(crate) async fn defaults() -> Result<u32> {
            let mut sum = fail(1, 3).await.unwrap_or(7);
            sum += wait(1, 2).await.unwrap_or(1_000);
            sum += fail(2, 2).await.unwrap_or_default();
            sum += wait(3, 1).await.unwrap_or_else(|_| 2_000);
            sum += fail(4, 1).await.ok().map_or(30, |n| n + 3_000);
            sum += wait(5, 1).await.or(fail(6, 1).await).unwrap_or(4_000);
            Ok(sum)
        }

        $(#[$attribute])*
        pub(crate) async fn question_marks() -> Result<u32> {
            let first = wait(1, 1).await? + wait(2, 1).await?;
            let block: Result<u32> = async {
                let n = wait(3, 1).await?;
                fail(n, 1).await?;
                wait(1_000, 1).await
            }
            .await;
            let error = block.unwrap_err();
            let missing = async {
                let n = wait(4, 1).await.ok()?;
                (n > 4).then_some(n)
            }
            .await;
            if missing.is_none() {
                wait(first, 1).await?;
            }
            Err(error)
        }

        $(#[$attribute])*
        pub(crate) async fn if_let() -> Result<String> {
            let mut said = String::new();
            if let Err(error) = fail(1, 4).await {
                said += error.message();
            }
            if let Ok(n) = wait(2, 1).await
                && let Err(error) = fail(n, 1).await
            {
                said += error.message();
            }
            let Ok(n) = wait(3, 1).await else { return Ok(said + "nothing") };
            let Err(_) = fail(n, 1).await else { return Ok(said + "no failure") };
            while let Err(error) = fail(4, 1).await {
                said += error.message();
                if said.len() > 30 {
                    break;
                }
            }
            Ok(said)
        }

        $(#[$attribute])*
        pub(crate) async fn retries() -> Result<u32> {
            let mut attempts = 0;
            let got = 'again: loop {
                attempts += 1;
                for hours in [2, 1, 3] {
                    let n = if attempts < 3 { fail(attempts, hours).await } else { wait(9, 1).await };
                    match n {
                        Ok(n) => break 'again n,
                        Err(_) if hours == 1 => continue 'again,
                        Err(_) => pause(u64::from(attempts)).await?,
                    }
                }
                return wait(1_000, 1).await;
            };
            Ok(10 * attempts + got)
        }

        $(#[$attribute])*
        pub(crate) async fn cleans_up() -> Result<String> {
            let mut log = Vec::new();
            let work = async {
                log.push(wait(1, 1).await?);
                log.push(fail(2, 1).await?);
                Ok::<_, Error>(())
            };
            let done = work.await;
            log.push(wait(3, 1).await?);
            let said = done.map_or_else(|error| error.message().to_owned(), |()| "fine".to_owned());
            Ok(format!("{said} {log:?}"))
        }

        $(#[$attribute])*
        pub(crate) async fn concurrent_failures() -> Result<String> {
            let both = try_join!(wait(1, 5), fail(2, 3));
            let late = try_join!(fail(3, 9), async {
                if fail(4, 1).await.is_err() {
                    wait(5, 2).await?;
                }
                fail(6, 3).await
            });
            let waited = tokio::select! {
                biased;
                n = wait(7, 6) => n?,
                _ = pause(2) => fail(8, 1).await.unwrap_or(80),
            };
            Ok(format!("{} {} {waited}", both.unwrap_err().message(), late.unwrap_err().message()))
        }

        fn countdown(n: u32) -> std::pin::Pin<Box<dyn Future<Output = Result<u32>> + Send>> {
            Box::pin(async move {
                match n {
                    0 => fail(0, 1).await,
                    n => countdown(n - 1).await.or(wait(n, 1).await.map(|n| 10 * n)),
                }
            })
        }

        $(#[$attribute])*
        pub(crate) async fn boxed_recursion() -> Result<u32> {
            let halves = async |n: u32| wait(n / 2, 1).await;
            let mut n = countdown(4).await? + 54;
            while n > 1 {
                n = halves(n).await?;
            }
            Ok(n)
        }
    };
}

pub(crate) use programs;
