use abide::{Result, durable};

#[durable]
fn charge(cents: u64) -> Result<u64> {
    Ok(cents)
}

fn main() {}
