use abide_macros::durable;

type Result<T> = std::result::Result<T, String>;

#[durable]
async fn store<T: Into<String>>(value: T) -> Result<()> {
    let _ = value.into();
    Ok(())
}

fn main() {}
