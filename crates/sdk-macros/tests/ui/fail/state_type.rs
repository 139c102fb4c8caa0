use std::cell::Cell;

use abide::{Result, durable};

struct Unique;

#[durable]
async fn unclonable(#[state] unique: Unique) -> Result<()> {
    let _ = unique;
    Ok(())
}

#[durable]
async fn unshared(#[state] cell: Cell<u32>) -> Result<()> {
    let _ = cell;
    Ok(())
}

fn main() {}
