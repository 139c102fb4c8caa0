use abide_macros::durable;

type Result<T> = std::result::Result<T, String>;

#[durable]
fn charge(cents: u64) -> Result<u64> {
    Ok(cents)
}

fn main() {}
