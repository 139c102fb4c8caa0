use abide::{Result, durable};

#[durable]
async fn greet(name: &str, tags: &[String], nested: Option<&u32>) -> Result<()> {
    let _ = (name, tags, nested);
    Ok(())
}

fn main() {}
