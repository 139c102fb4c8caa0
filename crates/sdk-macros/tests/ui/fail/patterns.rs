use abide::{Result, durable};

#[durable]
async fn pair((a, b): (u32, u32)) -> Result<u32> {
    Ok(a + b)
}

#[durable]
async fn ignored(_: u32) -> Result<()> {
    Ok(())
}

#[durable]
async fn by_reference(ref name: String) -> Result<usize> {
    Ok(name.len())
}

#[durable]
async fn sometimes(#[cfg(all())] name: String) -> Result<usize> {
    Ok(name.len())
}

fn main() {}
