use abide::{Result, durable};

#[durable]
async fn notify(id: u64) {
    let _ = id;
}

#[durable]
async fn charge(cents: u64) -> u64 {
    cents
}

fn main() {}
