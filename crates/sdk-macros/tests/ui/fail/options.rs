use abide::{Result, durable};

#[durable(timeout = "soon")]
async fn no_span() -> Result<()> {
    Ok(())
}

#[durable(timeout = 90)]
async fn no_unit() -> Result<()> {
    Ok(())
}

#[durable(timeout = "0s")]
async fn no_time() -> Result<()> {
    Ok(())
}

#[durable(group = "workers")]
async fn group() -> Result<()> {
    Ok(())
}

#[durable(retries = 3)]
async fn unknown() -> Result<()> {
    Ok(())
}

#[durable(version = 1, version = 2)]
async fn twice() -> Result<()> {
    Ok(())
}

#[durable(version = 0)]
async fn version_zero() -> Result<()> {
    Ok(())
}

#[durable(version = "2")]
async fn version_text() -> Result<()> {
    Ok(())
}

#[durable(name = "")]
async fn nameless() -> Result<()> {
    Ok(())
}

#[durable(on = workers)]
async fn unquoted() -> Result<()> {
    Ok(())
}

#[durable("charge")]
async fn bare() -> Result<()> {
    Ok(())
}

#[durable(version)]
async fn valueless() -> Result<()> {
    Ok(())
}

#[durable(version = 2 name = "x")]
async fn commaless() -> Result<()> {
    Ok(())
}

#[durable(retry = 3)]
async fn retry_number() -> Result<()> {
    Ok(())
}

fn main() {}
