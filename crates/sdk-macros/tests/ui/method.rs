use abide_macros::durable;

type Result<T> = std::result::Result<T, String>;

struct Shop;

impl Shop {
    #[durable]
    async fn order(&self, id: u64) -> Result<u64> {
        Ok(id)
    }
}

fn main() {}
