use abide::{Result, durable};

#[derive(Clone)]
struct Pool;

#[durable]
async fn by_reference(#[state] pool: &Pool) -> Result<()> {
    let _ = pool;
    Ok(())
}

#[durable]
async fn of_any_type(#[state] pool: impl Clone) -> Result<()> {
    let _ = pool;
    Ok(())
}

#[durable]
async fn by_name(#[state("pool")] pool: Pool) -> Result<()> {
    let _ = pool;
    Ok(())
}

#[durable]
async fn twice(#[state] #[state] pool: Pool) -> Result<()> {
    let _ = pool;
    Ok(())
}

fn main() {}
