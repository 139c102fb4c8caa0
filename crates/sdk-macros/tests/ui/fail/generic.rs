use abide::{Result, durable};

#[durable]
async fn store<T: Into<String>>(value: T) -> Result<()> {
    let _ = value.into();
    Ok(())
}

#[durable]
async fn sized<const N: usize>(values: [u8; N]) -> Result<()> {
    let _ = values;
    Ok(())
}

#[durable]
async fn borrow<'a>(name: std::borrow::Cow<'a, str>) -> Result<()> {
    let _ = name;
    Ok(())
}

#[durable]
async fn bounded(name: String) -> Result<()>
where
    String: Send,
{
    let _ = name;
    Ok(())
}

fn main() {}
