//! Attributes go where they belong.
#![deny(warnings, missing_docs)]

use std::time::Duration;

use abide::prelude::*;

/// Documented.
#[durable(
    name = "documented", version = 2, on = "workers", timeout = "1h",
    retry = Retry::exponential(Duration::from_secs(1), Duration::from_secs(9)).attempts(3)
)]
#[doc(alias = "noted")]
#[must_use]
pub async fn documented(
    #[allow(unused_variables)] unused: u32,
) -> Result<()> {
    #[allow(unused)]
    let nothing = ();
    Ok(())
}

/// Not compiled.
#[durable]
#[cfg(any())]
pub async fn left_out(x: NoSuchType) -> Result<()> {}

/// Not compiled either.
#[cfg(any())]
#[durable]
pub async fn left_out(x: NoSuchType) -> Result<()> {}

/// Nine arguments are many, and allowed.
#[durable]
#[allow(clippy::too_many_arguments, unused_variables)]
pub async fn many(
    a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8, j: u8, k: u8, l: u8, m: u8,
    n: u8, o: u8, p: u8, q: u8, r: u8, s: u8, t: u8,
) -> Result<(u8, u8)> {
    Ok((a, t))
}

/// Shouts.
#[durable]
#[expect(non_snake_case)]
pub async fn SHOUT(Text: String) -> Result<String> {
    Ok(Text.to_uppercase())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let abide = Abide::memory().await?;
    let many = many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20);
    assert_eq!(abide.run("many", many).await?, (1, 20));
    assert_eq!(abide.run("shout", SHOUT("a".into())).await?, "A");
    let _ = documented(1);
    Ok(())
}
