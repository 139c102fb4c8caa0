use abide::{Result, durable};

#[durable]
async fn print(value: impl std::fmt::Display) -> Result<()> {
    println!("{value}");
    Ok(())
}

#[durable]
async fn print_all(values: Vec<impl std::fmt::Display>) -> Result<()> {
    let _ = values.len();
    Ok(())
}

#[durable]
async fn count() -> impl Iterator<Item = u32> {
    0..3
}

fn main() {}
