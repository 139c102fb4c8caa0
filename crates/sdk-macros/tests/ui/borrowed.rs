use abide_macros::durable;

type Result<T> = std::result::Result<T, String>;

#[durable]
async fn greet(name: &str, tags: &[String], nested: Option<&u32>) -> Result<()> {
    let _ = (name, tags, nested);
    Ok(())
}

fn main() {}
