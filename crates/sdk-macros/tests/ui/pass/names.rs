//! Functions of any name, anywhere.
#![deny(warnings)]

use abide::prelude::*;

/// Names that the expansion might use itself.
#[durable]
async fn body(inputs: u32) -> Result<u32> {
    run(inputs).await
}

#[durable]
async fn run(body: u32) -> Result<u32> {
    Ok(body + call() + FUNCTION + arguments())
}

fn call() -> u32 {
    1
}

fn arguments() -> u32 {
    1
}

const FUNCTION: u32 = 1;

#[durable]
async fn r#type(r#match: u32) -> Result<u32> {
    let r#fn = r#match;
    Ok(r#fn)
}

#[durable]
async fn recursive(n: u32) -> Result<u32> {
    if n == 0 { Ok(0) } else { Ok(recursive(n - 1).await? + 1) }
}

mod shop {
    pub(crate) mod till {
        use abide::{Result, durable};

        #[durable(name = "till/open")]
        pub(in crate::shop) async fn open(mut float: u64) -> Result<u64> {
            float += 1;
            Ok(float)
        }

        /// Nobody here calls it; others do, by its name.
        #[durable(name = "till/close")]
        async fn close() -> Result<()> {
            Ok(())
        }
    }

    pub(crate) fn opened() -> abide::Call<u64> {
        till::open(1)
    }
}

struct Shop;

impl Shop {
    #[durable]
    async fn order(id: u64) -> Result<u64> {
        if id == 0 { Shop::order(1).await } else { Ok(id) }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    #[durable]
    async fn inner(n: u32) -> Result<u32> {
        #[durable]
        async fn innermost(n: u32) -> Result<u32> {
            Ok(n * 2)
        }
        innermost(n).await
    }

    let abide = Abide::memory().await?;
    assert_eq!(abide.run("body", body(1)).await?, 4);
    assert_eq!(abide.run("type", r#type(2)).await?, 2);
    assert_eq!(abide.run("by-name", by_name()).await?, 3);
    assert_eq!(abide.run("recursive", recursive(3)).await?, 3);
    assert_eq!(abide.run("open", shop::opened()).await?, 2);
    assert_eq!(abide.run("order", Shop::order(0)).await?, 1);
    assert_eq!(abide.run("inner", inner(4)).await?, 8);
    Ok(())
}

/// A raw identifier is called by its plain name.
#[durable]
async fn by_name() -> Result<u32> {
    rpc::<u32>("type", (3,)).on("default").await
}
