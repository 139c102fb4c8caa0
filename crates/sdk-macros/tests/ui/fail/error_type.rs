use abide::durable;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Declined;

type ShopResult<T> = Result<T, Declined>;

#[durable]
async fn text() -> Result<u32, String> {
    Ok(1)
}

#[durable]
async fn own() -> Result<u32, Declined> {
    Ok(1)
}

#[durable]
async fn by_alias() -> ShopResult<u32> {
    Ok(1)
}

#[durable]
async fn io() -> std::io::Result<u32> {
    Ok(1)
}

#[durable]
async fn not_a_result() -> Declined {
    Declined
}

fn main() {}
