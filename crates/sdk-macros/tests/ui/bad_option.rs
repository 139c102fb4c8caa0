use abide_macros::durable;

type Result<T> = std::result::Result<T, String>;

#[durable(timeout = "soon")]
async fn one() -> Result<()> {
    Ok(())
}

#[durable(group = "workers")]
async fn two() -> Result<()> {
    Ok(())
}

fn main() {}
