use abide::{Result, durable};

#[durable]
async unsafe fn trusted() -> Result<()> {
    Ok(())
}

#[durable]
async extern "C" fn exported() -> Result<()> {
    Ok(())
}

#[durable]
const fn computed() -> Result<()> {
    Ok(())
}

fn main() {}
