//! An order as a saga: when a later step fails for good, the earlier ones are undone.
//!
//! ```sh
//! cargo run --example order_saga            # a card that is accepted
//! cargo run --example order_saga declined   # one that is not: the goods go back on the shelf
//! ```
//!
//! Kill it (Ctrl-C, or `kill -9`) between two lines and start it again with the same arguments: no
//! line is printed twice, unless it was killed in the very moment between printing and recording.
//! A saga needs no framework: it is `?`, `match` and the guarantee that this function gets to its
//! end. To order again, remove the directory `order_saga.abide`.

use std::time::Duration;

use abide::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Order {
    id: String,
    item: String,
    cents: u64,
    card: String,
}

/// Errors keep their type across calls, processes and restarts.
#[derive(Debug, Serialize, Deserialize)]
enum Failure {
    Declined { card: String },
    Abide(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Abide(error)
    }
}

#[durable]
async fn order(order: Order) -> Result<String, Failure> {
    reserve(order.clone()).await?;
    if let Err(failure) = charge(order.clone()).await {
        // The compensation is a durable call like any other: it will happen.
        unreserve(order).await?;
        return Err(failure);
    }
    let tracking = ship(order.clone()).await?;
    Ok(format!("{} is on its way as {tracking}", order.item))
}

#[durable]
async fn reserve(order: Order) -> Result<()> {
    takes_a_while().await;
    println!("{}: reserved one {}", order.id, order.item);
    Ok(())
}

#[durable]
async fn unreserve(order: Order) -> Result<()> {
    takes_a_while().await;
    println!("{}: put the {} back", order.id, order.item);
    Ok(())
}

// What fails here will not be better in a second: it is not retried.
#[durable(retry = Retry::never())]
async fn charge(order: Order) -> Result<(), Failure> {
    takes_a_while().await;
    if order.card == "declined" {
        println!("{}: the card was declined", order.id);
        return Err(Failure::Declined { card: order.card });
    }
    // `abide::id()` is the same in every attempt: the payment provider's idempotency key.
    let key = abide::id().unwrap_or_default();
    println!("{}: charged {} cents (key {key})", order.id, order.cents);
    Ok(())
}

#[durable]
async fn ship(order: Order) -> Result<String> {
    takes_a_while().await;
    println!("{}: shipped", order.id);
    Ok(format!("T-{}", order.id))
}

/// The outside world is slow.
async fn takes_a_while() {
    tokio::time::sleep(Duration::from_secs(1)).await;
}

#[tokio::main]
async fn main() -> Result<()> {
    let card = std::env::args().nth(1).unwrap_or_else(|| "valid".to_owned());
    let id = format!("order/{card}");
    let abide = Abide::open("order_saga.abide").await?;
    let item = "teapot".to_owned();
    let new = Order { id: id.clone(), item, cents: 2_500, card };
    match abide.run(&id, order(new)).await {
        Ok(done) => println!("{done}"),
        Err(failure) => println!("not ordered: {failure:?}"),
    }
    Ok(())
}
