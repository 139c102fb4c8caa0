use abide::durable;

#[durable]
struct Charge {
    cents: u64,
}

trait Shop {
    #[durable]
    async fn charge(cents: u64) -> abide::Result<()>;
}

fn main() {}
